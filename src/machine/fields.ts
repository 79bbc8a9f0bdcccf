import type { Dimension } from "./units.ts";

/** A quantity of a profile: its key in code, its key in YAML, what it measures. */
export interface Field {
  readonly key: string;
  readonly yaml: string;
  readonly dimension: Dimension;
  readonly required: boolean;
  /** A number that a standard fixes: it has no range unless one is stated. Measured sizes have one. */
  readonly isExact: boolean;
}

const EXACT: ReadonlySet<string> = new Set(["mediaLineBytes", "lineBytes", "capacityBytes", "memoryBlockBytes"]);

const field = (key: string, yaml: string, dimension: Dimension, required = true): Field => ({
  key,
  yaml,
  dimension,
  required,
  isExact: EXACT.has(key),
});

/** In the order in which profiles are written and shown. */
export const DEVICE_FIELDS: readonly Field[] = [
  field("capacityBytes", "capacity", "size", false),
  field("memoryBlockBytes", "memoryBlock", "size", false),
  field("idleReadNs", "idleReadLatency", "latency"),
  field("sequentialReadNs", "sequentialReadLatency", "latency", false),
  field("readGBps", "readBandwidth", "bandwidth"),
  field("writeGBps", "writeBandwidth", "bandwidth", false),
  field("mixedGBps", "mixedBandwidth", "bandwidth", false),
  field("writeAcceptedNs", "writeAcceptedLatency", "latency", false),
  field("flushNs", "flushLatency", "latency", false),
  field("mediaLineBytes", "mediaLine", "size"),
  field("writeBufferBytes", "writeBuffer", "size", false),
  field("uncombinedWriteShare", "uncombinedWriteShare", "ratio", false),
  field("nrWriteStreams", "writeStreams", "count", false),
  field("clearGBps", "clearBandwidth", "bandwidth", false),
];

export const HOST_FIELDS: readonly Field[] = [
  field("nrCores", "cores", "count"),
  field("nrThreadsPerCore", "threadsPerCore", "count"),
  field("clockGHz", "clock", "clock"),
  field("turboGHz", "turboClock", "clock", false),
  field("l1Bytes", "l1Size", "size"),
  field("l1Ways", "l1Ways", "count"),
  field("l1Cycles", "l1Latency", "cycles", false),
  field("l2Bytes", "l2Size", "size"),
  field("l2Ways", "l2Ways", "count"),
  field("l2Cycles", "l2Latency", "cycles"),
  field("llcBytes", "llcSize", "size"),
  field("llcWays", "llcWays", "count"),
  field("llcNs", "llcLatency", "latency"),
  field("nrLinesInFlight", "linesInFlight", "count"),
  field("nrStreamLinesInFlight", "streamLinesInFlight", "count"),
  field("bulkStoreHold", "bulkStoreHold", "ratio", false),
  field("atomicCycles", "atomicLatency", "cycles"),
  field("cpi", "cpi", "ratio"),
  field("memmapCpi", "memmapCpi", "ratio"),
  field("nrStlbEntries", "stlbEntries", "count"),
  field("pageWalkNs", "pageWalk", "latency"),
  field("reorderBufferMicroOps", "reorderBuffer", "count", false),
  field("reorderBufferSiblingShare", "reorderBufferSiblingShare", "share", false),
  field("microOpsPerInstruction", "microOpsPerInstruction", "ratio", false),
  field("nrL1MissBuffers", "l1MissBuffers", "count", false),
  field("nrL2MissBuffers", "l2MissBuffers", "count", false),
  field("adjacentLineShare", "adjacentLineShare", "share", false),
  field("streamTrainingLines", "streamTrainingLines", "count", false),
  field("streamPageBytes", "streamPage", "size", false),
  field("lockedSerialShare", "lockedSerialShare", "share", false),
  field("clearGBps", "clearBandwidth", "bandwidth", false),
  field("clearInCacheGBps", "clearInCacheBandwidth", "bandwidth", false),
  field("clearStartNs", "clearStart", "latency", false),
  field("syscallEntryNs", "syscallEntry", "latency", false),
  field("faultEntryNs", "faultEntry", "latency", false),
  field("copyGBps", "copyBandwidth", "bandwidth", false),
  field("copyInCacheGBps", "copyInCacheBandwidth", "bandwidth", false),
  field("copyStartNs", "copyStart", "latency", false),
  field("stlbHitCycles", "stlbHitLatency", "cycles", false),
  field("nrStlbHugeEntries", "stlbHugeEntries", "count", false),
  field("nrPageWalkers", "pageWalkers", "count", false),
  field("remoteDramNs", "remoteDramLatency", "latency", false),
  field("lineBytes", "line", "size", false),
  field("guestPageNs", "guestPage", "latency", false),
];
