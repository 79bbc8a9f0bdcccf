import { KIB } from "../units.ts";
import type { HostProfile } from "./profiles.ts";
import type { Quantity } from "./provenance.ts";
import { exact, q, recalled } from "./quantity.ts";

// Windows, queues, prefetchers and clears of Intel cores; hosts spread what is theirs.

/** The quantities of a core that a host may share with others of its kind. */
export type CoreValues = {
  readonly [K in keyof HostProfile as Quantity extends NonNullable<HostProfile[K]> ? K : never]?: Quantity;
};

/** Intel's L2 streamer stays inside 4 KiB, which is 64 struct pages; text of the optimisation manual, quoted. */
const STREAM_PAGE = q(4 * KIB, "S", "intel-opt", { range: [4 * KIB, 4 * KIB], note: "stream at most 20 lines ahead" });
const HALVED = recalled(0.5, [0.5, 0.5], "statically halved when both threads run");
const NOT_SERIAL_KNOWN = q(0.3, "R", "assumed", {
  range: [0.05, 1],
  note: "no text says whether locked operations serialise misses on this core",
});

export const haswellCore = {
  l1Cycles: recalled(4, [4, 4]),
  reorderBufferMicroOps: recalled(192, [192, 192]),
  reorderBufferSiblingShare: HALVED,
  nrL1MissBuffers: recalled(10, [10, 10]),
  streamPageBytes: STREAM_PAGE,
  lockedSerialShare: q(1, "V", "schweizer", {
    range: [0.8, 1],
    note: "'the design of atomics prevents any instruction-level parallelism even if there are no dependencies'",
  }),
  nrPageWalkers: recalled(1, [1, 2]),
} satisfies CoreValues;

export const broadwellCore = {
  ...haswellCore,
  nrPageWalkers: recalled(2, [2, 2]),
  clearGBps: q(5.25, "C", "vfio-clear", {
    range: [4.7, 5.8],
    note: "0.80 us a 4 KiB page of 1.02 us a fault and pin, less the start-up",
  }),
} satisfies CoreValues;

export const skylakeCore = {
  l1Cycles: q(4, "V", "il"),
  l2Cycles: q(14, "V", "il"),
  llcNs: q(22.6, "C", "il", { range: [22, 27], note: "75 cycles at 3.31 GHz, 10 cores; a larger mesh is slower" }),
  atomicCycles: q(18, "V", "il", { range: [18, 23], note: "18 latency, one each 23 when repeated" }),
  reorderBufferMicroOps: exact(224, "downs"),
  reorderBufferSiblingShare: HALVED,
  nrL1MissBuffers: recalled(12, [12, 12]),
  nrL2MissBuffers: recalled(48, [32, 48]),
  adjacentLineShare: q(0.02, "C", "il", {
    range: [0.01, 0.8],
    note: "pair ratio 0.99 on a desktop part; the manual says every pair is completed, server defaults were not read",
  }),
  streamPageBytes: STREAM_PAGE,
  lockedSerialShare: NOT_SERIAL_KNOWN,
  clearInCacheGBps: q(107, "C", "il", {
    range: [80, 160],
    note: "43 bytes a cycle in L1 at turbo; two thirds of it in L2",
  }),
  nrPageWalkers: recalled(2, [2, 2]),
} satisfies CoreValues;

export const sunnyCove = {
  l1Cycles: q(5, "V", "llvm"),
  l2Cycles: q(14, "C", "cc-spr", { note: "two less than Sapphire Rapids' 16" }),
  llcNs: q(25, "C", "cc-spr", { range: [23, 26], note: "Sapphire Rapids' 33 ns is about 33 % more" }),
  atomicCycles: q(20, "V", "il", { range: [18, 20], note: "20 latency, one each 18 when repeated" }),
  nrStlbEntries: exact(2048, "il"),
  nrStlbHugeEntries: exact(1024, "il"),
  nrLinesInFlight: q(12, "S", "cpunews", { range: [10, 12] }),
  reorderBufferMicroOps: q(352, "V", "downs", { range: [352, 352] }),
  reorderBufferSiblingShare: HALVED,
  nrL1MissBuffers: q(12, "S", "cpunews", { range: [12, 12] }),
  nrL2MissBuffers: recalled(48, [48, 48]),
  streamPageBytes: STREAM_PAGE,
  lockedSerialShare: NOT_SERIAL_KNOWN,
  clearGBps: q(9.2, "C", "arora", {
    range: [8, 12.4],
    note: "8.76 page at a time (7.9 to 8.8) and 11.8 several at a time, faults of 2 MiB with turbo off, less the start-up",
  }),
  clearInCacheGBps: q(120, "C", "il", { range: [90, 200], note: "62 bytes a cycle in L1; two thirds of it in L2" }),
} satisfies CoreValues;

export const goldenCove = {
  l1Cycles: q(5, "V", "jiegec"),
  l2Cycles: q(16, "V", "cc-spr"),
  llcNs: q(33, "V", "cc-spr", { range: [29, 33], note: "29 where clustered" }),
  atomicCycles: q(17.9, "V", "il", { note: "a client part of the same core" }),
  nrStlbEntries: exact(2048, "jiegec"),
  nrStlbHugeEntries: q(1024, "V", "jiegec", { range: [1024, 1024] }),
  stlbHitCycles: q(7, "V", "cc-spr"),
  pageWalkNs: q(24, "C", "spr-anchors", {
    range: [12, 30],
    note: "259 against 208 cycles a load with 4 KiB and 2 MiB pages, tables in L2 or LLC",
  }),
  nrPageWalkers: q(4, "V", "perfbook", { range: [4, 4] }),
  nrLinesInFlight: q(9, "V", "spr-anchors", { range: [8, 10], note: "reached by random loads; 16 documented" }),
  nrStreamLinesInFlight: q(29, "V", "spr-anchors", { range: [27, 45], note: "at least; L2 has 48" }),
  reorderBufferMicroOps: q(512, "V", "jiegec", { range: [512, 512] }),
  reorderBufferSiblingShare: q(0.5, "V", "perfbook", { range: [0.5, 0.5], note: "partitioned between threads" }),
  nrL1MissBuffers: q(16, "V", "perfbook", { range: [16, 16] }),
  nrL2MissBuffers: q(48, "V", "perfbook", { range: [48, 48] }),
  streamTrainingLines: q(4, "V", "jiegec", {
    range: [3, 5],
    note: "the L1 stride prefetcher: three accesses, steady after five",
  }),
  streamPageBytes: STREAM_PAGE,
  lockedSerialShare: NOT_SERIAL_KNOWN,
  clearInCacheGBps: q(155, "C", "il", {
    range: [110, 230],
    note: "61 bytes a cycle in L1 at turbo; two thirds of it in L2",
  }),
} satisfies CoreValues;

export const redwoodCove = {
  ...goldenCove,
  l1Cycles: q(5, "V", "cc-x6"),
  l2Cycles: q(16, "V", "cc-x6"),
  llcNs: q(33.25, "V", "cc-x6", { range: [33.25, 57.6], note: "own tile; 57.6 on the next" }),
  atomicCycles: recalled(18, [17, 24], "as Golden Cove"),
  nrLinesInFlight: q(9, "S", "spr-anchors", { range: [8, 16], note: "taken from Golden Cove" }),
  nrStreamLinesInFlight: q(41, "C", "cc-x6", { range: [29, 48], note: "just below 20 GB/s x 131.4 ns / 64" }),
  reorderBufferSiblingShare: recalled(0.5, [0.5, 0.5], "partitioned as Golden Cove"),
  nrL1MissBuffers: recalled(16, [16, 16]),
  nrL2MissBuffers: recalled(48, [48, 48]),
  streamPageBytes: q(2048 * KIB, "S", "jiegec", {
    range: [4 * KIB, 2048 * KIB],
    note: "has a next-page prefetcher with TLB refill",
  }),
} satisfies CoreValues;
