import { InputError } from "../../errors.ts";
import { type DeviceFacts, emptyMeasurements, type Measurements, type SourceLine } from "./measured.ts";
import { MAX_NODE, quote, type TextSource, whereOf } from "./text.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** `cxl list` nests memdevs in endpoints in ports in buses: 64 is far beyond any of it. */
const MAX_DEPTH = 64;

/**
 * Reads `cxl list` JSON (any selection, with or without -u): memory devices and regions, their capacity and node.
 * `cxl list` prints no latency and no bandwidth; QoS classes are opaque and only noted.
 *
 * @error InputError for broken JSON (with its line), sizes that are none, and JSON without any memdev or region
 */
export function parseCxlList(source: TextSource): Measurements {
  const into = emptyMeasurements("cxl-list", source.file);
  visitObjects(parseJson(source), (object) => {
    if (typeof object["memdev"] === "string") into.devices.push(memdevFacts(source, object, object["memdev"]));
    else if (typeof object["region"] === "string" && "size" in object) {
      into.devices.push(regionFacts(source, object, object["region"]));
    }
  });
  requireDevices(into, "cxl list", "a memdev or a region");
  into.notes.push("cxl list prints no latency and no bandwidth");
  return into;
}

/**
 * Reads `daxctl list` JSON: dax devices, their capacity, target node and mode.
 *
 * @error as parseCxlList
 */
export function parseDaxctlList(source: TextSource): Measurements {
  const into = emptyMeasurements("daxctl-list", source.file);
  visitObjects(parseJson(source), (object) => {
    const chardev = object["chardev"];
    if (typeof chardev !== "string") return;
    const at = lineOf(source, "chardev", chardev);
    const node = nodeOf(object, "target_node", at);
    const mode = typeof object["mode"] === "string" ? object["mode"] : "mode not given";
    const blocks =
      typeof object["total_memblocks"] === "number"
        ? `, ${object["online_memblocks"] ?? "?"} of ${object["total_memblocks"]} memory blocks online`
        : "";
    into.devices.push({
      kind: "dax",
      id: chardev,
      ...sizeOf(object, "size", at, "daxctl list size"),
      ...(node === undefined ? {} : { node }),
      detail: `${mode}${blocks}`,
      at,
    });
  });
  requireDevices(into, "daxctl list", "a dax device");
  into.notes.push("daxctl list prints no latency, no bandwidth, and not where the memmap lies");
  return into;
}

export function looksLikeCxlList(source: TextSource): boolean {
  return (
    looksLikeJson(source) &&
    /"(memdev|region|decoder|bus|port|endpoint)s?"\s*:/.test(source.text) &&
    !looksLikeDaxctlList(source)
  );
}

export function looksLikeDaxctlList(source: TextSource): boolean {
  return looksLikeJson(source) && /"chardev"\s*:/.test(source.text) && !/"memdev"\s*:/.test(source.text);
}

export function looksLikeJson(source: TextSource): boolean {
  return /^\s*[[{]/.test(source.text);
}

function memdevFacts(source: TextSource, object: JsonObject, id: string): DeviceFacts {
  const at = lineOf(source, "memdev", id);
  const key = "ram_size" in object ? "ram_size" : "pmem_size";
  const node = nodeOf(object, "numa_node", at);
  const state = object["state"] === "disabled" ? ", disabled" : "";
  return {
    kind: "cxl-memdev",
    id,
    ...sizeOf(object, key, at, `cxl list ${key}`),
    // numa_node of a memdev is the node of the PCI device; the memory's own node comes from its region's dax device.
    ...(node === undefined ? {} : { node }),
    detail: `${key === "ram_size" ? "volatile" : "persistent"}${state}`,
    at,
  };
}

function regionFacts(source: TextSource, object: JsonObject, id: string): DeviceFacts {
  const at = lineOf(source, "region", id);
  const ways = object["interleave_ways"];
  return {
    kind: "cxl-region",
    id,
    ...sizeOf(object, "size", at, "cxl list region size"),
    detail: typeof ways === "number" ? `interleaved over ${ways}` : "interleave not given",
    at,
  };
}

/** A plain integer, or with -u `256.00 MiB (268.44 MB)` (rounded to two decimals by the tool). */
function sizeOf(object: JsonObject, key: string, at: SourceLine, how: string): Pick<DeviceFacts, "sizeBytes"> {
  const given = object[key];
  if (given === undefined) return {};
  const human = typeof given === "string" ? /^(\d{1,6}(?:\.\d{1,3})?) (KiB|MiB|GiB|TiB|PiB)\b/.exec(given) : null;
  const power = ["KiB", "MiB", "GiB", "TiB", "PiB"].indexOf(human?.[2] ?? "") + 1;
  const value = human ? Math.round(Number(human[1]) * 1024 ** power) : given;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value <= 0) {
    throw new InputError({
      what: `${key} ${quote(JSON.stringify(given) ?? "?")} is not a size`,
      where: whereOf(at),
      expected: "bytes, or the form of -u",
      example: '"size":"128.00 GiB (137.44 GB)"',
    });
  }
  return { sizeBytes: { value, at, how: human ? `${how}, rounded by -u` : how } };
}

function nodeOf(object: JsonObject, key: string, at: SourceLine): number | undefined {
  const node = object[key];
  if (node === undefined || node === -1) return undefined;
  if (typeof node !== "number" || !Number.isInteger(node) || node < 0 || node > MAX_NODE) {
    throw new InputError({
      what: `${key} ${quote(JSON.stringify(node) ?? "?")} is not a NUMA node`,
      where: whereOf(at),
    });
  }
  return node;
}

/** The line that names the object; JSON.parse keeps none. */
function lineOf(source: TextSource, key: string, id: string): SourceLine {
  const line = source.lines.find(({ text }) => text.includes(`"${key}"`) && text.includes(JSON.stringify(id)));
  return line === undefined ? { file: source.file } : { file: source.file, line: line.number };
}

function requireDevices(into: Measurements, tool: string, what: string): void {
  if (into.devices.length > 0) return;
  throw new InputError({ what: `is JSON but holds not ${what}`, where: into.file, expected: `the output of ${tool}` });
}

function parseJson(source: TextSource): unknown {
  if (source.text.trim() === "") throw new InputError({ what: "is empty", where: source.file, expected: "JSON" });
  try {
    return JSON.parse(source.text) as unknown;
  } catch {
    const { offset, cutShort } = whereJsonBreaks(source.text);
    throw new InputError({
      what: cutShort ? "the JSON ends before it is complete: cut short?" : "is not JSON here",
      where: `${source.file}:${source.text.slice(0, offset).split("\n").length}`,
      expected: "the unchanged output of cxl list or daxctl list",
    });
  }
}

const JSON_TOKEN = /\s+|[[\]{},:]|"(?:[^"\\\x00-\x1f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

/** JSON.parse does not always say where it failed: the first byte that begins no token, or the end of the text. */
function whereJsonBreaks(text: string): { readonly offset: number; readonly cutShort: boolean } {
  let depth = 0;
  JSON_TOKEN.lastIndex = 0;
  for (let offset = 0; offset < text.length; offset = JSON_TOKEN.lastIndex) {
    const token = JSON_TOKEN.exec(text)?.[0];
    if (token === undefined) return { offset, cutShort: /^"[^"\n]*$/.test(text.slice(offset)) };
    if (token === "[" || token === "{") depth++;
    if (token === "]" || token === "}") depth--;
    if (depth === 0 && /\S/.test(text.slice(JSON_TOKEN.lastIndex, JSON_TOKEN.lastIndex + 1))) {
      return { offset: JSON_TOKEN.lastIndex, cutShort: false };
    }
  }
  return { offset: text.trimEnd().length, cutShort: depth > 0 };
}

/** Calls `visit` for every object, outer first: tools nest, wrap or unwrap one-element lists as they like. */
function visitObjects(value: unknown, visit: (object: JsonObject) => void, depth = 0): void {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) visitObjects(item, visit, depth + 1);
    return;
  }
  const object = value as JsonObject;
  visit(object);
  for (const inner of Object.values(object)) visitObjects(inner, visit, depth + 1);
}
