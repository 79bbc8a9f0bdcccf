import { hosts } from "../hosts.ts";
import type { Measured, Measurements, MemoryPath } from "./measured.ts";
import { whereOf } from "./text.ts";

/**
 * Row activation and column access of DRAM, tRCD + tCL: 13.75 + 13.75 ns. JESD79-4 speed bins DDR4-3200AA (22-22-22)
 * and like it from DDR3-1600 to DDR5-4800; no faster bin goes below 12.5 + 12.5.
 */
const DRAM_ROW_READ_NS = 25;

/**
 * ns below which no read reached memory: it first misses the last-level cache, and then opens a row. The cache is the
 * fastest of all host profiles.
 */
export const MEMORY_FLOOR_NS = Math.min(...hosts.map((host) => host.llcNs.value)) + DRAM_ROW_READ_NS;

/** Bytes of one load: a single chase already moves as much in each latency. */
const LINE_BYTES = 64;
/** Lines that one core of the narrowest host profile keeps in flight. */
const FEWEST_LINES = Math.min(...hosts.map((host) => host.nrLinesInFlight.value));

/**
 * Sets aside, with a note each, what no memory can have: latencies below `MEMORY_FLOOR_NS` (a run that stayed in the
 * caches, or an emulator's table), and bandwidths below what one load at a time moves.
 */
export function setAsideImpossible(files: readonly Measurements[]): Measurements[] {
  return files.map((file) => {
    const notes = [...file.notes];
    return { ...file, paths: file.paths.map((path) => possiblePath(path, file.format === "sysfs", notes)), notes };
  });
}

/**
 * The path without what cannot be. Bandwidths are judged by the latency that the path states; without one they stay.
 *
 * @param rated that firmware claims the values
 * @param notes gets a line for each value that is set aside
 */
export function possiblePath(path: MemoryPath, rated: boolean, notes: string[]): MemoryPath {
  const cause = rated ? "values that an emulator made up?" : "a run that stayed in the caches?";
  const ns = path.readLatencyNs === undefined ? undefined : Math.max(path.readLatencyNs.value, MEMORY_FLOOR_NS);
  const latency = (measured: Measured | undefined): Measured | undefined => {
    if (measured === undefined || measured.value >= MEMORY_FLOOR_NS) return measured;
    notes.push(
      `${whereOf(measured.at)}: ${measured.value} ns is below the host's caches and a DRAM row (${MEMORY_FLOOR_NS} ns): ${cause} Not taken`,
    );
    return undefined;
  };
  const bandwidth = (measured: Measured | undefined): Measured | undefined => {
    const floor = ns === undefined ? 0 : (LINE_BYTES / ns) * 1e9;
    if (measured === undefined || measured.value >= floor) return measured;
    notes.push(
      `${whereOf(measured.at)}: ${gbps(measured.value)} GB/s is less than one load at a time moves (64 bytes in ${ns} ns: ${gbps(floor)} GB/s): ${rated ? cause : "another unit?"} Not taken`,
    );
    return undefined;
  };
  const loaded = path.loaded?.filter((point) => point.ns >= MEMORY_FLOOR_NS);
  const dropped = (path.loaded?.length ?? 0) - (loaded?.length ?? 0);
  if (dropped > 0) notes.push(`${dropped} loaded latencies below ${MEMORY_FLOOR_NS} ns: ${cause} Not taken`);
  const mixed = Object.entries(path.mixedBandwidth).flatMap(([mix, measured]) => {
    const kept = bandwidth(measured);
    return kept === undefined ? [] : [[mix, kept] as const];
  });
  return {
    ...path,
    readLatencyNs: latency(path.readLatencyNs),
    writeLatencyNs: latency(path.writeLatencyNs),
    readBandwidth: bandwidth(path.readBandwidth),
    writeBandwidth: bandwidth(path.writeBandwidth),
    mixedBandwidth: Object.fromEntries(mixed),
    ...(loaded === undefined ? {} : { loaded }),
  };
}

/** A note on a bandwidth that one core alone exceeds: possible, and rarely meant. */
export function noteSlow(path: MemoryPath, notes: string[]): void {
  const { readLatencyNs: latency, readBandwidth: read } = path;
  if (latency === undefined || read === undefined) return;
  const oneCore = (FEWEST_LINES * LINE_BYTES * 1e9) / latency.value;
  if (read.value >= oneCore) return;
  notes.push(
    `${whereOf(read.at)}: ${gbps(read.value)} GB/s is less than one core draws at ${latency.value} ns (${gbps(oneCore)} GB/s): a very slow device, or another unit`,
  );
}

function gbps(bytesPerSecond: number): number {
  return Number((bytesPerSecond / 1e9).toPrecision(3));
}
