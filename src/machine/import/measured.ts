// What a measurement file says, in one neutral shape: nothing is added to what the file holds, and each value
// remembers the line it came from. `toProfiles.ts` turns it into profiles.

/** A line of a file the user gave; `line` counts from 1 and is absent for one-value files and binary tables. */
export interface SourceLine {
  readonly file: string;
  readonly line?: number;
}

/** One number of the file. `how` says what was measured, in the tool's own terms. */
export interface Measured {
  readonly value: number;
  readonly at: SourceLine;
  readonly how: string;
}

/** One row of a loaded-latency table. */
export interface LoadedPoint {
  readonly bytesPerSecond: number;
  readonly ns: number;
  readonly at: SourceLine;
}

/**
 * Memory of node `target` as the CPUs of node `initiator` see it. Tools that do not name nodes leave both out:
 * such a path belongs to the memory that the user ran the tool on.
 */
export interface MemoryPath {
  readonly initiator?: number;
  readonly target?: number;
  /** What the path belongs to when it is no node: `region0`. */
  readonly label?: string;
  readLatencyNs?: Measured | undefined;
  writeLatencyNs?: Measured | undefined;
  /** Bytes per second with all the threads the tool used. */
  readBandwidth?: Measured | undefined;
  writeBandwidth?: Measured | undefined;
  /** Bytes per second of mixed traffic: `r3w1`, `r2w1`, `r1w1`, `triad`. */
  readonly mixedBandwidth: Record<string, Measured>;
  loaded?: LoadedPoint[];
}

/** What is known of one NUMA node besides its speed. */
export interface NodeFacts {
  readonly node: number;
  cpus?: { readonly count: number; readonly at: SourceLine };
  sizeBytes?: Measured;
  /** The tool has no size for it: "<not available>". */
  sizeUnknown?: boolean;
  /** `/sys/devices/virtual/memory_tiering/memory_tierN`: smaller is faster. */
  tier?: Measured;
  /** ACPI SLIT distance from each node; 255 is "unreachable" by ACPI and yet common for CXL. */
  distanceFrom?: Record<number, Measured>;
  memorySideCache?: { readonly sizeBytes: Measured; readonly lineBytes?: Measured };
}

/** A memory device, region, dax device or namespace: capacity and node, never a latency. */
export interface DeviceFacts {
  readonly kind: "cxl-memdev" | "cxl-region" | "dax" | "dax-region" | "namespace";
  readonly id: string;
  /** Absent when the tool says 0, or nothing: an object that is idle. */
  readonly sizeBytes?: Measured;
  readonly node?: number;
  readonly detail: string;
  readonly at: SourceLine;
  /** Memory blocks that dax/kmem made of it. */
  readonly nrBlocks?: number;
  /** Told of the device and of no use to a profile: `movable false`. */
  readonly unused?: readonly string[];
}

/** Memory that a tool lists block by block, of one node or of all. */
export interface ListedMemory {
  readonly node: number | undefined;
  readonly bytes: number;
  readonly at: SourceLine;
}

/** A latency-by-size curve of a pointer chase (lat_mem_rd). */
export interface ChaseCurve {
  readonly strideBytes: number;
  readonly at: SourceLine;
  readonly points: readonly { readonly bytes: number; readonly ns: number; readonly at: SourceLine }[];
}

export interface Measurements {
  readonly format: FormatId;
  readonly file: string;
  readonly paths: MemoryPath[];
  readonly nodes: NodeFacts[];
  readonly devices: DeviceFacts[];
  readonly chaseCurves: ChaseCurve[];
  /** Memory block size of the machine, where a file states it. */
  memoryBlock?: Measured;
  readonly listed: ListedMemory[];
  /** Facts of the run that colour every value (prefetchers on, random or sequential, MiB or MB). */
  readonly notes: string[];
}

export const formatIds = [
  "mlc",
  "multichase",
  "multiload",
  "lat-mem-rd",
  "cxl-list",
  "daxctl-list",
  "ndctl-list",
  "lsmem",
  "lstopo",
  "numactl",
  "sysfs",
] as const;
export type FormatId = (typeof formatIds)[number];

/** Nothing measured yet. */
export function emptyMeasurements(format: FormatId, file: string): Measurements {
  return { format, file, paths: [], nodes: [], devices: [], chaseCurves: [], listed: [], notes: [] };
}

/** The path between two nodes, made when it is new. */
export function pathBetween(into: Measurements, initiator?: number, target?: number): MemoryPath {
  const known = into.paths.find((path) => path.initiator === initiator && path.target === target);
  if (known) return known;
  const path: MemoryPath = {
    ...(initiator === undefined ? {} : { initiator }),
    ...(target === undefined ? {} : { target }),
    mixedBandwidth: {},
  };
  into.paths.push(path);
  return path;
}

/** The facts of a node, made when it is new. */
export function factsOfNode(into: Measurements, node: number): NodeFacts {
  const known = into.nodes.find((facts) => facts.node === node);
  if (known) return known;
  const facts: NodeFacts = { node };
  into.nodes.push(facts);
  return facts;
}
