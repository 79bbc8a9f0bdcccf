import { readdirSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { InputError } from "../../errors.ts";
import {
  emptyMeasurements,
  factsOfNode,
  type Measured,
  type Measurements,
  type MemoryPath,
  pathBetween,
} from "./measured.ts";
import { addTiers } from "./memoryTier.ts";
import { attribute, content, exists, numbered, rangeList, sizeFile } from "./sysfsFiles.ts";
import { decode, MAX_BANDWIDTH_MB_PER_S, MAX_LATENCY_NS, MAX_NODE, MB_PER_S, readBounded } from "./text.ts";

/**
 * Reads what the kernel exports of HMAT and CDAT below `root` (normally `/`): access coordinates of each node, CXL
 * regions, memory-side caches and memory tiers.
 *
 * HMAT tables hold picoseconds (revision 2) or a tenth of the base unit (revision 1); the kernel has already turned
 * them into ns (drivers/acpi/numa/hmat.c, hmat_normalize), and CDAT's picoseconds too (drivers/cxl/core/cdat.c), so
 * every latency file is ns. Bandwidth files are MB/s by the ABI text and by ACPI (numaperf.rst says MiB/s, 4.9 % more).
 *
 * A file that is missing or 0 is a value that firmware does not give.
 *
 * @param alone that no other file can give the speed
 * @error InputError naming the file that is empty or no number, and when no node has coordinates and nothing else may
 */
export function readSysfs(root: string, alone = true): Measurements {
  const into = emptyMeasurements("sysfs", root);
  if (!exists(root)) throw new InputError({ what: "no such directory", where: root, example: "--sysfs-root /" });
  const nodeRoot = join(root, "sys/devices/system/node");
  for (const node of numbered(nodeRoot, "node")) {
    readCoordinates(into, join(nodeRoot, `node${node}`), node);
    readNodeFacts(into, join(nodeRoot, `node${node}`), node);
    readMemorySideCache(into, join(nodeRoot, `node${node}`, "memory_side_cache"), node);
  }
  readBlockSize(into, join(root, "sys/devices/system/memory/block_size_bytes"));
  readBlocks(into, nodeRoot);
  readRegions(into, join(root, "sys/bus/cxl/devices"), join(root, "sys/bus/dax/devices"));
  readDax(into, join(root, "sys/bus/dax/devices"));
  readTiers(into, join(root, "sys/devices/virtual/memory_tiering"));
  addTiers(into);
  if (into.paths.length === 0 && !alone) into.notes.push("no node has access coordinates here");
  if (into.paths.length === 0 && alone) {
    throw new InputError({
      what: "no node has access coordinates: the firmware gives no HMAT, or this is a virtual machine",
      where: nodeRoot,
      expected: "nodeN/access0/initiators/read_latency",
      example: "altmap profiles import mlc.txt   (the text of Intel MLC), or altmap calibrate",
    });
  }
  if (into.paths.length > 0) into.notes.push("HMAT and CDAT values are rated by firmware, not measured");
  return into;
}

/**
 * access0 = the best initiator of any kind, access1 = the best with CPUs (which is what a kernel's own accesses see):
 * access1 wins where both exist.
 */
function readCoordinates(into: Measurements, nodeDir: string, node: number): void {
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
    Object.assign(path, coordinates(into, dir, how));
  }
}

/** NR_CPUS_DEFAULT of CONFIG_MAXSMP on x86_64. */
const MAX_CPU = 8191;
const coordinateFiles = ["read_latency", "write_latency", "read_bandwidth", "write_bandwidth"] as const;

/** The four files of one set of access coordinates. */
function coordinates(
  into: Measurements,
  dir: string,
  how: string,
): Pick<MemoryPath, "readLatencyNs" | "writeLatencyNs" | "readBandwidth" | "writeBandwidth"> {
  const read = (name: string, limit: number, unit: number): Measured | undefined =>
    attribute(join(dir, name), limit, unit, how, into);
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
    const text = decode(readBounded(cpulist)).trim();
    const count = text === "" ? 0 : rangeList(text, cpulist, MAX_CPU).length;
    factsOfNode(into, node).cpus = { count, at: { file: cpulist, line: 1 } };
  }
  const meminfo = join(nodeDir, "meminfo");
  const total = exists(meminfo) ? /^Node \d+ MemTotal:\s+(\d{1,15}) kB$/m.exec(decode(readBounded(meminfo))) : null;
  if (total) {
    factsOfNode(into, node).sizeBytes = { value: Number(total[1]) * 1024, at: { file: meminfo }, how: "MemTotal" };
  }
}

/**
 * `/sys/bus/cxl/devices/regionZ/accessM`: latency of the worst member, bandwidth of all together (since 6.9). They are
 * those of the region's node, which has them too up to 6.12 and no more in 7.3: the region's access0 comes first.
 */
function readRegions(into: Measurements, cxlRoot: string, daxRoot: string): void {
  for (const region of numbered(cxlRoot, "region")) {
    const dir = join(cxlRoot, `region${region}`);
    const size = exists(join(dir, "size")) ? sizeFile(join(dir, "size"), "CXL region size") : undefined;
    into.devices.push({
      kind: "cxl-region",
      id: `region${region}`,
      ...(size === undefined ? {} : { sizeBytes: size }),
      detail: size === undefined ? "CXL region without size: not set up" : "CXL region",
      at: { file: dir },
    });
    const access = ["access0", "access1"].find((name) => exists(join(dir, name)));
    if (access === undefined) continue;
    const how = `CXL region${region} ${access} (CDAT + HMAT, worst member)`;
    const found = coordinates(into, join(dir, access), how);
    const node = nodeOfRegion(daxRoot, region);
    const known = node === undefined ? undefined : into.paths.find(({ target }) => target === node);
    const own: MemoryPath =
      node === undefined ? { label: `region${region}`, mixedBandwidth: {} } : { target: node, mixedBandwidth: {} };
    if (known === undefined) into.paths.push(Object.assign(own, found));
    else Object.assign(known, Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)));
  }
}

/** The node of the dax device that lies in a region (`.../region0/dax_region0/dax0.0`); undefined without one. */
function nodeOfRegion(daxRoot: string, region: number): number | undefined {
  const isIn = (path: string): boolean => exists(path) && realpathSync(path).includes(`/region${region}/`);
  const id = daxDevices(daxRoot).find((name) => isIn(join(daxRoot, name)));
  const file = id === undefined ? undefined : join(daxRoot, id, "target_node");
  const node = file !== undefined && exists(file) ? Number(content(file)) : -1;
  return node >= 0 && node <= MAX_NODE ? node : undefined;
}

/** `/sys/bus/dax/devices/daxX.Y`: size, target node, and where its driver is to put the memmap (since 6.8). */
function readDax(into: Measurements, daxRoot: string): void {
  for (const id of daxDevices(daxRoot)) {
    const dir = join(daxRoot, id);
    const size = exists(join(dir, "size")) ? sizeFile(join(dir, "size"), "dax device size") : undefined;
    const node = exists(join(dir, "target_node")) ? Number(content(join(dir, "target_node"))) : -1;
    const driver = exists(join(dir, "driver")) ? basename(realpathSync(join(dir, "driver"))) : "no driver";
    const unused = ["memmap_on_memory", "align"].flatMap((name) =>
      exists(join(dir, name)) ? [`${name} ${content(join(dir, name))}`] : [],
    );
    into.devices.push({
      kind: "dax",
      id,
      ...(size === undefined ? {} : { sizeBytes: size }),
      ...(node >= 0 && node <= MAX_NODE ? { node } : {}),
      detail: size === undefined ? `${driver}, size 0: no memory given to it` : driver,
      unused,
      at: { file: dir },
    });
  }
}

function daxDevices(daxRoot: string): string[] {
  return exists(daxRoot)
    ? readdirSync(daxRoot)
        .filter((name) => /^dax\d{1,9}\.\d{1,9}$/.test(name))
        .sort()
    : [];
}

/** Hexadecimal without 0x (drivers/base/memory.c, block_size_bytes_show). */
function readBlockSize(into: Measurements, file: string): void {
  if (!exists(file)) return;
  const text = content(file);
  const value = /^[0-9a-f]{1,13}$/i.test(text) ? Number.parseInt(text, 16) : 0;
  if (value > 0) into.memoryBlock = { value, at: { file, line: 1 }, how: "memory block size" };
}

/** The memory blocks of each node, online or not: `nodeN/memoryM` links to block M (register_mem_block_under_node). */
function readBlocks(into: Measurements, nodeRoot: string): void {
  const { memoryBlock } = into;
  if (memoryBlock === undefined) return;
  for (const node of numbered(nodeRoot, "node")) {
    const dir = join(nodeRoot, `node${node}`);
    const nrBlocks = numbered(dir, "memory", 1e9).length;
    if (nrBlocks > 0) into.listed.push({ node, bytes: nrBlocks * memoryBlock.value, at: { file: dir } });
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
  const size = attribute(join(dir, `index${index}`, "size"), 2 ** 53, 1, "memory-side cache", into);
  if (size !== undefined) factsOfNode(into, node).memorySideCache = { sizeBytes: size };
}
