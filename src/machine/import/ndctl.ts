import { InputError } from "../../errors.ts";
import { formatBytes } from "../../units.ts";
import { type JsonObject, parseDocuments, visitObjects } from "./json.ts";
import { lineOf, nodeOf, sizeOf } from "./jsonFacts.ts";
import { readLsmemJson } from "./lsmem.ts";
import { type DeviceFacts, emptyMeasurements, type FormatId, type Measurements } from "./measured.ts";
import type { TextSource } from "./text.ts";

type JsonTool = "cxl list" | "daxctl list" | "ndctl list" | "lsmem -J";
const FORMAT: Readonly<Record<JsonTool, FormatId>> = {
  "cxl list": "cxl-list",
  "daxctl list": "daxctl-list",
  "ndctl list": "ndctl-list",
  "lsmem -J": "lsmem",
};

/**
 * Reads the JSON of `cxl list`, `daxctl list`, `ndctl list` (any selection, with or without -u, nested in each other)
 * and `lsmem -J`: memory devices, regions, namespaces and dax devices, their capacity, node and blocks. None of them
 * prints a latency or a bandwidth; QoS classes are opaque. A size of 0 and an object that is disabled are facts.
 *
 * @error InputError for broken JSON (with its line), sizes and nodes that are none, and JSON of another kind
 */
export function parseToolJson(source: TextSource): Measurements {
  if (source.text.trim() === "") throw new InputError({ what: "is empty", where: source.file, expected: "JSON" });
  const documents = parseDocuments(source);
  const tools = new Set<JsonTool>();
  const others = new Map<string, number>();
  const facts = emptyMeasurements("cxl-list", source.file);
  const devices: DeviceFacts[] = [];
  visitObjects(documents, (object, around) => {
    const tool = toolOf(object, around);
    if (tool !== undefined) tools.add(tool);
    const read = deviceOf(source, object, around, facts.notes);
    if (read !== undefined) devices.push(read);
    else if (Array.isArray(object["memory"])) readLsmemJson(source, object, facts);
    else
      for (const kind of OTHER_KINDS)
        if (typeof object[kind] === "string") others.set(kind, (others.get(kind) ?? 0) + 1);
  });
  const isEmpty = documents.length > 0 && documents.every((one) => Array.isArray(one) && one.length === 0);
  if (tools.size === 0 && !isEmpty) refuseOther(source);
  const names = [...tools];
  const name = names.join(" and ") || "cxl list, daxctl list or ndctl list";
  const into = { ...facts, format: FORMAT[names[0] ?? "cxl list"], devices: mergedDevices(devices, facts.notes) };
  if (devices.length === 0 && into.listed.length === 0) into.notes.push(nothingIn(name, others));
  if (documents.length > 1) into.notes.push(`${documents.length} JSON documents in one file, read as one`);
  if (devices.length > 0) into.notes.push(`${name} prints no latency and no bandwidth, and not where the memmap lies`);
  return into;
}

const OTHER_KINDS = ["bus", "port", "endpoint", "decoder", "dimm"] as const;

function nothingIn(tool: string, others: ReadonlyMap<string, number>): string {
  const counts = [...others].map(
    ([kind, count]) => `${count} ${kind}${count === 1 ? "" : kind === "bus" ? "es" : "s"}`,
  );
  const next = tool === "cxl list" ? "; next: cxl list -MR, daxctl list -RD" : "";
  return `${tool}: no memory device, region or dax device in it${counts.length === 0 ? "" : ` (${counts.join(", ")})`}${next}`;
}

/** By the key that only this tool prints. */
function toolOf(object: JsonObject, around: readonly JsonObject[]): JsonTool | undefined {
  const has = (key: string): boolean => typeof object[key] === "string";
  if (around.some((outer) => toolOf(outer, []) !== undefined)) return undefined;
  if (has("memdev") || has("region") || has("decoder") || has("port") || has("endpoint") || has("bus"))
    return "cxl list";
  if (["memdevs", "regions", "decoders", "ports", "endpoints", "buses"].some((key) => Array.isArray(object[key]))) {
    // ndctl list groups regions too, and names each by "dev".
    const first = [object["regions"]].flat().find((one) => typeof one === "object" && one !== null) as
      | JsonObject
      | undefined;
    if (first === undefined || !("dev" in first)) return "cxl list";
  }
  if (has("dev") || ["namespaces", "dimms"].some((key) => Array.isArray(object[key]))) return "ndctl list";
  if (has("chardev") || isDaxRegion(object)) return "daxctl list";
  if (Array.isArray(object["memory"]) && source(object)) return "lsmem -J";
  return undefined;
  function source(one: JsonObject): boolean {
    return JSON.stringify((one["memory"] as unknown[])[0] ?? null).includes('"range"');
  }
}

function isDaxRegion(object: JsonObject): boolean {
  return typeof object["id"] === "number" && ("devices" in object || "available_size" in object) && "size" in object;
}

function deviceOf(
  source: TextSource,
  object: JsonObject,
  around: readonly JsonObject[],
  notes: string[],
): DeviceFacts | undefined {
  const text = (key: string): string | undefined =>
    typeof object[key] === "string" ? (object[key] as string) : undefined;
  const [memdev, region, chardev, dev] = [text("memdev"), text("region"), text("chardev"), text("dev")];
  // A mapping of a region names a memdev and has nothing of its own.
  if (memdev !== undefined && !("position" in object)) return memdevFacts(source, object, memdev);
  if (region !== undefined && text("decoder") === undefined) return regionFacts(source, object, region);
  if (chardev !== undefined) return daxFacts(source, object, chardev);
  if (isDaxRegion(object)) return daxRegionFacts(source, object, around, notes);
  if (dev?.startsWith("namespace")) return namespaceFacts(source, object, dev);
  if (dev?.startsWith("region")) return ndRegionFacts(source, object, dev, notes);
  return undefined;
}

function memdevFacts(source: TextSource, object: JsonObject, id: string): DeviceFacts {
  const at = lineOf(source, "memdev", id);
  const ram = sizeOf(object, "ram_size", at, "cxl list ram_size").sizeBytes;
  const pmem = sizeOf(object, "pmem_size", at, "cxl list pmem_size").sizeBytes;
  const node = nodeOf(object, "numa_node", at);
  const parts = [
    ...(ram === undefined ? [] : ["volatile"]),
    ...(pmem === undefined ? [] : [ram === undefined ? "persistent" : `and ${formatBytes(pmem.value)} persistent`]),
    ...(ram === undefined && pmem === undefined ? ["no size given, or 0"] : []),
    ...(object["state"] === "disabled" ? ["disabled"] : []),
  ];
  const size = ram ?? pmem;
  return {
    kind: "cxl-memdev",
    id,
    ...(size === undefined ? {} : { sizeBytes: size }),
    // numa_node of a memdev is the node of the PCI device; the memory's own node comes from its region's dax device.
    ...(node === undefined ? {} : { node }),
    detail: parts.join(", "),
    at,
  };
}

function regionFacts(source: TextSource, object: JsonObject, id: string): DeviceFacts {
  const at = lineOf(source, "region", id);
  const ways = object["interleave_ways"];
  const size = sizeOf(object, "size", at, "cxl list region size");
  const parts = [
    typeof ways === "number" ? `interleaved over ${ways}` : "interleave not given",
    ...(size.sizeBytes === undefined ? ["no size: not set up"] : []),
    ...(object["state"] === "disabled" || object["decode_state"] === "reset" ? ["disabled"] : []),
  ];
  return { kind: "cxl-region", id, ...size, detail: parts.join(", "), at };
}

function daxFacts(source: TextSource, object: JsonObject, chardev: string): DeviceFacts {
  const at = lineOf(source, "chardev", chardev);
  const node = nodeOf(object, "target_node", at);
  const size = sizeOf(object, "size", at, "daxctl list size");
  const total = object["total_memblocks"];
  const nrBlocks = typeof total === "number" && Number.isInteger(total) && total > 0 ? total : undefined;
  const parts = [
    typeof object["mode"] === "string" ? object["mode"] : "mode not given",
    ...(typeof total === "number" ? [`${object["online_memblocks"] ?? "?"} of ${total} memory blocks online`] : []),
    ...(size.sizeBytes === undefined ? ["size 0: no memory given to it"] : []),
    ...(object["state"] === "disabled" ? ["disabled"] : []),
  ];
  const unused = ["align", "movable"].flatMap((key) => (key in object ? [`${key} ${String(object[key])}`] : []));
  return {
    kind: "dax",
    id: chardev,
    ...size,
    ...(node === undefined ? {} : { node }),
    ...(nrBlocks === undefined ? {} : { nrBlocks }),
    detail: parts.join(", "),
    unused,
    at,
  };
}

/** A region without devices is memory that nobody has asked for yet. */
function daxRegionFacts(
  source: TextSource,
  object: JsonObject,
  around: readonly JsonObject[],
  notes: string[],
): DeviceFacts | undefined {
  const at = lineOf(source, "id", Number(object["id"]));
  const { sizeBytes } = sizeOf(object, "size", at, "daxctl list region size");
  const devices = Array.isArray(object["devices"]) ? object["devices"].length : 0;
  const free = sizeOf(object, "available_size", at, "daxctl list available_size").sizeBytes;
  if (devices > 0 || sizeBytes === undefined) return undefined;
  const tool = around.length === 0 ? "daxctl list" : "the dax region in it";
  notes.push(
    `${tool}: a region of ${formatBytes(sizeBytes.value)} (id ${String(object["id"])}) whose devices are not created yet` +
      `${free === undefined ? "" : `, ${formatBytes(free.value)} free`}; next: daxctl create-device -r ${String(object["id"])}, then daxctl list again`,
  );
  return { kind: "dax-region", id: `dax_region${String(object["id"])}`, sizeBytes, detail: "no devices yet", at };
}

/** modes: raw, sector, fsdax, devdax (memory and dax in old ndctl); raw with size 0 is an unused seed. */
function namespaceFacts(source: TextSource, object: JsonObject, id: string): DeviceFacts {
  const at = lineOf(source, "dev", id);
  const size = sizeOf(object, "size", at, "ndctl list size");
  const parts = [
    typeof object["mode"] === "string" ? `mode ${object["mode"]}` : "mode not given",
    ...(size.sizeBytes === undefined ? ["size 0: idle"] : []),
    ...(object["state"] === "disabled" ? ["disabled"] : []),
  ];
  const unused = ["map", "align"].flatMap((key) => (key in object ? [`${key} ${String(object[key])}`] : []));
  return { kind: "namespace", id, ...size, detail: parts.join(", "), unused, at };
}

function ndRegionFacts(source: TextSource, object: JsonObject, id: string, notes: string[]): undefined {
  const at = lineOf(source, "dev", id);
  const { sizeBytes } = sizeOf(object, "size", at, "ndctl list region size");
  const free = sizeOf(object, "available_size", at, "ndctl list available_size").sizeBytes;
  if (sizeBytes === undefined || free?.value !== sizeBytes.value) return undefined;
  notes.push(
    `ndctl list: ${id} of ${formatBytes(sizeBytes.value)} has no namespace yet; next: ndctl create-namespace -m devdax -r ${id}`,
  );
  return undefined;
}

/** The same device of two documents, or nested in two places, is one: the later state holds. */
function mergedDevices(devices: readonly DeviceFacts[], notes: string[]): DeviceFacts[] {
  const byId = new Map<string, DeviceFacts>();
  for (const device of devices) {
    const key = `${device.kind} ${device.id}`;
    const before = byId.get(key);
    if (before !== undefined && before.sizeBytes?.value !== device.sizeBytes?.value) {
      notes.push(`${device.id} is listed more than once: the last (line ${device.at.line ?? 1}) taken`);
    }
    byId.set(key, { ...before, ...device });
  }
  return [...byId.values()];
}

function refuseOther(source: TextSource): never {
  const key = /"([A-Za-z_][\w-]{0,30})"\s*:/.exec(source.text)?.[1];
  throw new InputError({
    what: `is JSON but holds nothing of cxl list, daxctl list, ndctl list or lsmem -J${key === undefined ? "" : ` (its first key is "${key}")`}`,
    where: source.file,
    expected: "a memdev, a region, a dax device, a namespace or a list of memory blocks",
    example: "daxctl list -RD > dax.json; altmap profiles import mlc.txt dax.json",
  });
}
