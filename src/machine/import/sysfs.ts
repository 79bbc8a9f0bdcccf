import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import {
  emptyMeasurements,
  factsOfNode,
  type Measured,
  type Measurements,
  type MemoryPath,
  pathBetween,
} from "./measured.ts";
import { MAX_BANDWIDTH_MB_PER_S, MAX_LATENCY_NS, MAX_NODE, MB_PER_S, quote, readBounded } from "./text.ts";

/**
 * Reads what the kernel exports of HMAT and CDAT below `root` (normally `/`): access coordinates of each node, CXL
 * regions, memory-side caches and memory tiers.
 *
 * HMAT tables hold picoseconds (revision 2) or a tenth of the base unit (revision 1); the kernel has already turned
 * them into ns (drivers/acpi/numa/hmat.c, hmat_normalize), and CDAT's picoseconds too (drivers/cxl/core/cdat.c), so
 * every latency file is ns. Bandwidth files are MB/s by the ABI text and by ACPI (numaperf.rst says MiB/s, 4.9 % more).
 *
 * @error InputError naming the file that is missing, empty or no number, and when no node has coordinates
 */
export function readSysfs(root: string, partial: boolean): Measurements {
  const into = emptyMeasurements("sysfs", root);
  if (!exists(root)) throw new InputError({ what: "no such directory", where: root, example: "--sysfs-root /" });
  const nodeRoot = join(root, "sys/devices/system/node");
  for (const node of numbered(nodeRoot, "node")) {
    readCoordinates(into, join(nodeRoot, `node${node}`), node, partial);
    readNodeFacts(into, join(nodeRoot, `node${node}`), node);
    readMemorySideCache(into, join(nodeRoot, `node${node}`, "memory_side_cache"), node);
  }
  readRegions(into, join(root, "sys/bus/cxl/devices"), partial);
  readTiers(into, join(root, "sys/devices/virtual/memory_tiering"));
  if (into.paths.length === 0) {
    throw new InputError({
      what: "no node has access coordinates: the firmware gives no HMAT, or this is a virtual machine",
      where: nodeRoot,
      expected: "nodeN/access0/initiators/read_latency",
      example: "altmap profiles import mlc.txt   (the text of Intel MLC), or altmap calibrate",
    });
  }
  into.notes.push("HMAT and CDAT values are rated by firmware, not measured");
  return into;
}

/**
 * access0 = the best initiator of any kind, access1 = the best with CPUs (which is what a kernel's own accesses see):
 * access1 wins where both exist.
 */
function readCoordinates(into: Measurements, nodeDir: string, node: number, partial: boolean): void {
  for (const access of [0, 1]) {
    const dir = join(nodeDir, `access${access}`, "initiators");
    if (!exists(dir)) continue;
    if (!coordinateFiles.some((name) => exists(join(dir, name)))) {
      into.notes.push(`${dir} has no values: unknown`);
      continue;
    }
    const initiators = numbered(dir, "node");
    const initiator = initiators[0];
    if (access === 1) {
      const best = into.paths.findIndex((path) => path.target === node);
      if (best >= 0) into.paths.splice(best, 1);
    }
    const path = pathBetween(into, initiator, node);
    const how = `HMAT access${access}, initiator ${initiators.map((n) => `node ${n}`).join(", ") || "not linked"}`;
    Object.assign(path, coordinates(into, dir, how, partial));
  }
}

/** NR_CPUS_DEFAULT of CONFIG_MAXSMP on x86_64. */
const MAX_CPU = 8191;
const coordinateFiles = ["read_latency", "write_latency", "read_bandwidth", "write_bandwidth"] as const;

/**
 * The four files of one set of access coordinates. The kernel writes 0 and leaves files out where firmware is
 * silent: a set with some values and not the others is refused, or kept as it is when the user asks for parts.
 */
function coordinates(
  into: Measurements,
  dir: string,
  how: string,
  partial: boolean,
): Pick<MemoryPath, "readLatencyNs" | "writeLatencyNs" | "readBandwidth" | "writeBandwidth"> {
  const read = (name: string, limit: number, unit: number): Measured | undefined => {
    const file = join(dir, name);
    if (exists(file) || !partial) return attribute(file, limit, unit, how, into, partial);
    into.notes.push(`${file} is missing: unknown`);
    return undefined;
  };
  return {
    readLatencyNs: read("read_latency", MAX_LATENCY_NS, 1),
    writeLatencyNs: read("write_latency", MAX_LATENCY_NS, 1),
    readBandwidth: read("read_bandwidth", MAX_BANDWIDTH_MB_PER_S, MB_PER_S),
    writeBandwidth: read("write_bandwidth", MAX_BANDWIDTH_MB_PER_S, MB_PER_S),
  };
}

/** CPUs (an empty cpulist is a memory-only node) and size of a node; both files are there on every kernel. */
function readNodeFacts(into: Measurements, nodeDir: string, node: number): void {
  const cpulist = join(nodeDir, "cpulist");
  if (exists(cpulist)) {
    const text = readBounded(cpulist).toString("utf8").trim();
    const count = text === "" ? 0 : rangeList(text, cpulist, MAX_CPU).length;
    factsOfNode(into, node).cpus = { count, at: { file: cpulist, line: 1 } };
  }
  const meminfo = join(nodeDir, "meminfo");
  const total = exists(meminfo)
    ? /^Node \d+ MemTotal:\s+(\d{1,15}) kB$/m.exec(readBounded(meminfo).toString("utf8"))
    : null;
  if (total) {
    factsOfNode(into, node).sizeBytes = { value: Number(total[1]) * 1024, at: { file: meminfo }, how: "MemTotal" };
  }
}

/** `/sys/bus/cxl/devices/regionZ/access1`: latency of the worst member, bandwidth of all together (since 6.9). */
function readRegions(into: Measurements, cxlRoot: string, partial: boolean): void {
  for (const region of numbered(cxlRoot, "region")) {
    const dir = join(cxlRoot, `region${region}`);
    const size = exists(join(dir, "size")) ? hexOrDecimal(join(dir, "size")) : undefined;
    into.devices.push({
      kind: "cxl-region",
      id: `region${region}`,
      ...(size === undefined ? {} : { sizeBytes: size }),
      detail: "CXL region",
      at: { file: dir },
    });
    const access = exists(join(dir, "access1")) ? "access1" : "access0";
    if (!exists(join(dir, access))) continue;
    const how = `CXL region${region} ${access} (CDAT + HMAT, worst member)`;
    const path = { label: `region${region}`, mixedBandwidth: {} };
    into.paths.push(Object.assign(path, coordinates(into, join(dir, access), how, partial)));
  }
}

/** `memory_tierN/nodelist` holds a list such as `0` or `2-3` (the ABI text names the file `nodes`). */
function readTiers(into: Measurements, tierRoot: string): void {
  for (const tier of numbered(tierRoot, "memory_tier", 1e9)) {
    const dir = join(tierRoot, `memory_tier${tier}`);
    const file = join(dir, exists(join(dir, "nodelist")) ? "nodelist" : "nodes");
    for (const node of rangeList(content(file), file, MAX_NODE)) {
      factsOfNode(into, node).tier = { value: tier, at: { file }, how: "memory tier" };
    }
  }
}

function readMemorySideCache(into: Measurements, dir: string, node: number): void {
  const index = numbered(dir, "index")[0];
  if (index === undefined) return;
  const size = attribute(join(dir, `index${index}`, "size"), 2 ** 53, 1, "memory-side cache", into, true);
  if (size !== undefined) factsOfNode(into, node).memorySideCache = { sizeBytes: size };
}

/** One sysfs attribute: an unsigned decimal, 0 for unknown. */
function attribute(
  file: string,
  limit: number,
  unit: number,
  how: string,
  into: Measurements,
  partial: boolean,
): Measured | undefined {
  const text = content(file);
  if (text === "0" && partial) {
    into.notes.push(`${file} is 0: unknown`);
    return undefined;
  }
  if (text === "0") {
    throw new InputError({
      what: "is 0, which means that the firmware does not say",
      where: file,
      expected: "a value above 0, or --partial to go on without it",
    });
  }
  const value = /^\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) {
    throw new InputError({ what: `${quote(text)} is not an unsigned decimal`, where: file, example: "110" });
  }
  if (value > limit) {
    const picoseconds = limit === MAX_LATENCY_NS ? ": picoseconds? The kernel's files are ns" : "";
    throw new InputError({ what: `${value} cannot be right${picoseconds}`, where: file, expected: `at most ${limit}` });
  }
  return { value: value * unit, at: { file, line: 1 }, how };
}

function hexOrDecimal(file: string): Measured {
  const text = content(file);
  const value = /^(0x[0-9a-f]{1,13}|\d{1,16})$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0))
    throw new InputError({ what: `${quote(text)} is not a size`, where: file, example: "0x2000000000" });
  return { value, at: { file, line: 1 }, how: "CXL region size" };
}

/** @error InputError when the file is missing or empty */
function content(file: string): string {
  const text = readBounded(file).toString("utf8").trim();
  if (text === "") throw new InputError({ what: "is empty", where: file, expected: "one value and a newline" });
  return text;
}

/** `0`, `2-3,5`: node lists and CPU lists. */
function rangeList(text: string, file: string, limit: number): number[] {
  const nodes: number[] = [];
  for (const part of text.split(",")) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    const first = Number(range?.[1] ?? Number.NaN);
    const last = Number(range?.[2] ?? range?.[1] ?? Number.NaN);
    if (!(first <= last && last <= limit)) {
      throw new InputError({
        what: `${quote(text)} is not a list of numbers and ranges`,
        where: file,
        example: "0 or 2-3,5",
      });
    }
    for (let node = first; node <= last; node++) nodes.push(node);
  }
  return nodes;
}

/** The numbers N of entries `<prefix>N` of a directory, ascending; none when there is no such directory. */
function numbered(dir: string, prefix: string, limit = MAX_NODE): number[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  return names
    .map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : ""))
    .filter((text) => /^\d{1,9}$/.test(text) && Number(text) <= limit)
    .map(Number)
    .sort((a, b) => a - b);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
