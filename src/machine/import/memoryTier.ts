import { factsOfNode, type Measurements, type MemoryPath } from "./measured.ts";
import { MB_PER_S } from "./text.ts";

/** The abstract distance of DRAM, and how much of it one tier spans (include/linux/memory-tiers.h, 6.12). */
const DRAM_DISTANCE = 576;
const TIER_SPAN = 128;

/** What firmware says of a memory: ns and MB/s, as the kernel keeps it. */
export interface Coordinates {
  readonly readNs: number;
  readonly writeNs: number;
  readonly readMBps: number;
  readonly writeMBps: number;
}

/**
 * The memory tier that the kernel gives a memory by its coordinates and those of DRAM: as far from DRAM as it is slower,
 * read and write latency together, and narrower.
 *
 * @source mm/memory-tiers.c mt_perf_to_adistance (6.12): whole numbers, divided in this order; tiers 30, 66, 120 on
 *   recorded machines
 */
export function memoryTierOf(memory: Coordinates, dram: Coordinates): number {
  const byLatency = Math.floor((DRAM_DISTANCE * (memory.readNs + memory.writeNs)) / (dram.readNs + dram.writeNs));
  const distance = Math.floor((byLatency * (dram.readMBps + dram.writeMBps)) / (memory.readMBps + memory.writeMBps));
  return Math.floor(distance / TIER_SPAN);
}

/** All four values, or none: the kernel makes no tier of a part. */
function coordinatesOf(path: MemoryPath): Coordinates | undefined {
  const { readLatencyNs, writeLatencyNs, readBandwidth, writeBandwidth } = path;
  if (!readLatencyNs || !writeLatencyNs || !readBandwidth || !writeBandwidth) return undefined;
  return {
    readNs: readLatencyNs.value,
    writeNs: writeLatencyNs.value,
    readMBps: readBandwidth.value / MB_PER_S,
    writeMBps: writeBandwidth.value / MB_PER_S,
  };
}

/**
 * The tier of each memory-only node by its coordinates: where the kernel has none to show, as for memory that is not
 * onlined, and beside the kernel's where they differ.
 */
export function addTiers(into: Measurements): void {
  const cpus = (node: number): number => into.nodes.find((facts) => facts.node === node)?.cpus?.count ?? 0;
  // The kernel takes the first node with CPUs that has coordinates (mt_set_default_dram_perf).
  const ofDram = into.paths.filter(({ target }) => target !== undefined && cpus(target) > 0).map(coordinatesOf);
  const dram = ofDram.find((found) => found !== undefined);
  if (dram === undefined) return;
  for (const path of into.paths) {
    const { target } = path;
    const memory = coordinatesOf(path);
    if (target === undefined || cpus(target) > 0 || memory === undefined) continue;
    const facts = factsOfNode(into, target);
    const value = memoryTierOf(memory, dram);
    const how = "memory tier by read and write latency and bandwidth, as mt_perf_to_adistance() has it";
    if (facts.tier === undefined) facts.tier = { value, at: { file: into.file }, how };
    else if (facts.tier.value !== value)
      into.notes.push(
        `node ${target} is in memory tier ${facts.tier.value}; its latencies and bandwidths give ${value}`,
      );
  }
}
