import type { LoadedCurve } from "../machine/profiles.ts";

/** One draw of a device: plain numbers, ready to price with. */
export interface DeviceDraw {
  readonly id: string;
  readonly idleReadNs: number;
  readonly sequentialReadNs: number;
  /** Time that one byte read occupies the device, all its ways busy. */
  readonly readNsPerByte: number;
  /** Time that one byte written in address order occupies it. */
  readonly writeNsPerByte: number;
  /** The same past the caches: non-temporal and bulk stores. */
  readonly streamWriteNsPerByte: number;
  /** Share of scattered write-backs that the device's buffer fails to combine, and how much it holds. */
  readonly uncombinedWriteShare: number;
  readonly writeBufferBytes: number;
  /** Media lines per 64-byte line, and how many writers the device keeps apart. */
  readonly mediaLines: number;
  readonly nrWriteStreams: number;
  readonly writeAcceptedNs: number;
  readonly flushNs: number;
  readonly curve: LoadedCurve | undefined;
}

/** One draw of a host. Cycles are already nanoseconds. */
export interface HostDraw {
  readonly id: string;
  /** Nominal clock, in whose cycles latencies of caches are stated. */
  readonly clockGHz: number;
  /** With one core busy: one thread that initialises struct pages, one workload. */
  readonly turboGHz: number;
  readonly nrCores: number;
  readonly cpi: number;
  /** What a system call and a page fault take beyond their instructions. */
  readonly syscallEntryNs: number;
  readonly faultEntryNs: number;
  readonly memmapCpi: number;
  readonly l1Ns: number;
  readonly l2Ns: number;
  readonly llcNs: number;
  readonly atomicCycles: number;
  readonly bulkStoreHold: number;
  readonly nrLinesInFlight: number;
  readonly nrStreamLinesInFlight: number;
  readonly nrStlbEntries: number;
  /** Those that hold 2 MiB pages. */
  readonly nrStlbHugeEntries: number;
  readonly pageWalkNs: number;
  readonly guestPageNs: number;
  /** Instructions up to which misses share a latency, and the time in which they execute. */
  readonly windowInstructions: number;
  readonly windowNs: number;
  /** Of each bucket of distances: see `bucketShares`. */
  readonly bucketShares: Float64Array;
  /** Between misses at an even pace (0) and at random (1). */
  readonly unevenPace: number;
  /** Share of misses behind which the window is filled. */
  readonly hiddenShare: number;
  /** Where misses whose addresses' origin is not known lie between independent (0) and dependent (1). */
  readonly dependence: number;
  /** Of touches of a line whose neighbour just missed, the share that finds it brought. */
  readonly adjacentLineShare: number;
  /** Misses before a stream prefetcher runs ahead, and after how many bytes it does so anew. */
  readonly streamTrainingLines: number;
  readonly streamPageBytes: number;
  /** Share of a miss behind a locked operation that cannot overlap the miss before. */
  readonly lockedSerialShare: number;
}

/** One draw of clearing and copying pages on one memory: bytes a ns, and the start of each. */
export interface StreamedDraw {
  readonly clearGBps: number;
  readonly clearInCacheGBps: number;
  readonly clearStartNs: number;
  readonly copyGBps: number;
  readonly copyInCacheGBps: number;
  readonly copyStartNs: number;
}
