import { InputError } from "../errors.ts";
import { readCxlWindows, readDaxFacts } from "./daxFacts.ts";
import type { Inspection } from "./inspection.ts";
import { architectureOf, readKernelFacts } from "./kernelFacts.ts";
import { type BlockFacts, type NodeInspection, readBlocks, readNodes } from "./nodes.ts";
import { readPools } from "./pools.ts";
import { reasonsOf } from "./reasons.ts";
import { numberAt, type SystemTree, textAt } from "./systemTree.ts";
import { readZones } from "./zones.ts";

/** Without these something is not said. */
const WANTED = [
  "proc/version",
  "proc/zoneinfo",
  "proc/buddyinfo",
  "proc/meminfo",
  "sys/devices/system/memory/block_size_bytes",
  "sys/module/memory_hotplug/parameters/memmap_on_memory",
];

/**
 * Reads a machine without root: everything is optional, but one of its two folders must be there.
 *
 * @error InputError for a tree that is no machine's, and for files that hold what no kernel writes, naming the file
 */
export function inspect(tree: SystemTree): Inspection {
  if (tree.list("proc").length === 0 && tree.list("sys").length === 0) {
    throw new InputError({
      what: "holds neither proc/ nor sys/ of a machine",
      where: tree.name,
      expected: "a folder or archive laid out as the machine's /: proc/zoneinfo, sys/devices/system/memory/...",
      example: "altmap inspect --capture machine.tar   (on the machine), then --root machine.tar",
    });
  }
  const zones = readZones(tree);
  const pageBytes = pageBytesOf(tree, zones);
  const kernel = readKernelFacts(tree);
  const dax = readDaxFacts(tree);
  const memoryBlockBytes = numberAt(tree, "sys/devices/system/memory/block_size_bytes", 16) ?? null;
  if (memoryBlockBytes !== null && (memoryBlockBytes < 1024 ** 2 || !Number.isInteger(Math.log2(memoryBlockBytes)))) {
    throw new InputError({
      what: `a memory block of ${memoryBlockBytes} bytes is impossible`,
      where: `${tree.name}/sys/devices/system/memory/block_size_bytes`,
      expected: "a power of two, hexadecimal without 0x",
      example: "8000000",
    });
  }
  const blocks: readonly BlockFacts[] = readBlocks(tree, memoryBlockBytes ?? 0);
  const architecture = architectureOf(tree, pageBytes);
  const nodes = readNodes(tree, {
    zones,
    blocks,
    dax,
    kernel,
    pageBytes,
    architecture,
    blockBytes: memoryBlockBytes ?? 128 * 1024 ** 2,
  });
  const facts = { kernel, architecture, pageBytes, memoryBlockBytes, nodes, dax };
  return {
    root: tree.name,
    ...facts,
    cpus: cpusOf(tree, nodes),
    cxlWindows: readCxlWindows(tree),
    pools: readPools(tree),
    reasons: reasonsOf(facts),
    missing: WANTED.filter((path) => textAt(tree, path) === undefined),
  };
}

/** The kernel does not export its page size where files are: MemTotal in KiB over managed pages is it. */
function pageBytesOf(tree: SystemTree, zones: ReturnType<typeof readZones>): number {
  const managed = zones.reduce((sum, { managedPages }) => sum + managedPages, 0);
  const total = Number(/^MemTotal:\s+(\d{1,15}) kB/m.exec(textAt(tree, "proc/meminfo") ?? "")?.[1] ?? 0);
  if (managed === 0 || total === 0) return 4096;
  const ratio = (1024 * total) / managed;
  // MemTotal and zoneinfo are not read at one moment.
  return [4096, 16384, 65536].find((bytes) => ratio > 0.75 * bytes && ratio < 1.5 * bytes) ?? 4096;
}

function cpusOf(tree: SystemTree, nodes: readonly NodeInspection[]): number | null {
  const listed = nodes.reduce((sum, { cpus }) => sum + cpus, 0);
  const said = (textAt(tree, "proc/cpuinfo")?.match(/^processor\s*:/gm) ?? []).length;
  return listed || said || null;
}
