import { decimals } from "../units.ts";
import type { CoreValues } from "./coresIntel.ts";
import { exact, q, recalled } from "./quantity.ts";

// Windows, queues, prefetchers and clears of AMD cores; hosts spread what is theirs.

const HALVED = recalled(0.5, [0.5, 0.5], "halved by SMT");
const HALVED_READ = q(0.5, "V", "llvm", { range: [0.5, 0.5], note: "statically halved in SMT mode" });
/** Pair ratio r of a random chase inside a page: half of its loads touch a pair again, so the share is 2 (1 - r). */
const pairs = (ratio: number, where: string) =>
  q(Number(decimals(2 * (1 - ratio), 2)), "C", "il", { note: `2 (1 - ${ratio}): pair ratio of ${where}` });
const inL1 = (bytesACycle: number, turboGHz: number, low = 0.6) =>
  q(Math.round(0.8 * bytesACycle * turboGHz), "C", "il", {
    range: [low * bytesACycle * turboGHz, bytesACycle * turboGHz],
    note: `${bytesACycle} bytes a cycle in L1 at ${turboGHz} GHz; four fifths of it in L2; nine tenths were measured on Zen 3`,
  });
const LOCKS_OVERLAP = q(0.05, "M", "zen4-vm", {
  range: [0.01, 0.2],
  note: "paths with one or two locked operations expose what a path with a plain read does",
});
const LOCKS_NOT_KNOWN = q(0.3, "R", "assumed", {
  range: [0.05, 1],
  note: "a locked add takes 2.5 times Zen 4's cycles; no text says whether it serialises misses",
});

export const zen1Core = {
  l1Cycles: q(4, "V", "il"),
  l2Cycles: q(17, "V", "il"),
  llcNs: q(13.9, "C", "il", { range: [13.9, 16], note: "48 cycles at 3.49 GHz; 16 at 3.0" }),
  atomicCycles: q(19.6, "V", "il"),
  nrLinesInFlight: q(22, "V", "cc-zen5hc", {
    range: [16, 22],
    note: "documented; Zen 4 reaches three quarters of its own",
  }),
  reorderBufferMicroOps: exact(192, "downs"),
  reorderBufferSiblingShare: HALVED,
  nrL1MissBuffers: exact(22, "cc-zen5hc"),
  adjacentLineShare: pairs(0.63, "Ryzen 5 1500X"),
  lockedSerialShare: LOCKS_NOT_KNOWN,
  clearInCacheGBps: inL1(14, 3),
  nrPageWalkers: q(2, "V", "anand-zen3", { range: [2, 2] }),
} satisfies CoreValues;

export const zen2Core = {
  ...zen1Core,
  l2Cycles: q(12, "V", "il"),
  llcNs: q(22, "C", "il", { range: [13, 22], note: "50 cycles at 2.25 GHz, turbo off" }),
  atomicCycles: q(17.7, "V", "il"),
  nrStlbEntries: exact(2048, "il"),
  stlbHitCycles: q(7, "V", "cc-n1"),
  reorderBufferMicroOps: exact(224, "downs"),
  adjacentLineShare: q(0.74, "C", "il", { range: [0.4, 0.8], note: "between Zen 1 and Zen 3, not measured itself" }),
  clearInCacheGBps: inL1(29.6, 3.4),
} satisfies CoreValues;

export const zen3Core = {
  ...zen1Core,
  l1Cycles: q(4, "V", "llvm"),
  l2Cycles: q(12, "V", "cc-spr"),
  llcNs: q(13.4, "C", "cc-spr", { range: [13.4, 14.6], note: "47 cycles at 3.5 GHz; 14.6 at 3.23" }),
  atomicCycles: q(6.5, "V", "il", { range: [6.5, 7.5] }),
  nrStlbEntries: exact(2048, "il"),
  nrLinesInFlight: q(24, "V", "cc-zen5hc", { range: [18, 24], note: "documented; Zen 4 reaches 18 to 20 of as many" }),
  reorderBufferMicroOps: exact(256, "llvm"),
  reorderBufferSiblingShare: HALVED_READ,
  nrL1MissBuffers: exact(24, "cc-zen5hc"),
  nrL2MissBuffers: recalled(48, [48, 48]),
  adjacentLineShare: pairs(0.62, "Ryzen 5900X"),
  lockedSerialShare: q(0.05, "S", "zen4-vm", { range: [0.01, 0.3], note: "as Zen 4, whose locked add is as short" }),
  clearGBps: q(13, "C", "arora", {
    range: [11.8, 16],
    note: "page at a time 11.8 to 14.6, boost off, faults of 2 MiB; 13.7 for 4 KiB alone; less the start-up",
  }),
  clearInCacheGBps: q(93, "M", "zen3-vm", {
    range: [70, 115],
    note: "63 ns a page with its start-up; 29 bytes a cycle in L1",
  }),
  clearStartNs: q(20, "M", "zen3-vm", { range: [10, 29], note: "rep stosb of 64 to 4096 bytes" }),
  copyGBps: q(7.2, "C", "zen3-vm", {
    range: [4.7, 9.1],
    note: "rep movsq takes 1.5 to 2.4 times a clear; 4.7 measured on a busy guest, pages at random",
  }),
  copyInCacheGBps: q(40, "M", "zen3-vm", { range: [33, 46], note: "111 ns a page with its start-up" }),
  copyStartNs: q(9, "M", "zen3-vm", { range: [5, 20] }),
  nrPageWalkers: q(6, "V", "anand-zen3", { range: [6, 6] }),
} satisfies CoreValues;

export const zen4Core = {
  ...zen3Core,
  l2Cycles: q(14, "V", "cc-zen4"),
  llcNs: q(13.2, "C", "cc-zen4", { range: [13.2, 18], note: "49 cycles at 3.7 GHz; 18 on Bergamo at 3.1" }),
  atomicCycles: q(7.4, "V", "il", { range: [7.4, 7.7] }),
  nrStlbEntries: exact(3072, "il"),
  stlbHitCycles: q(7, "V", "cc-genoax", { range: [7, 8] }),
  nrLinesInFlight: q(18.2, "C", "dramhit", { range: [18, 19.8], note: "occupied by random loads; 24 documented" }),
  reorderBufferMicroOps: exact(320, "llvm"),
  adjacentLineShare: pairs(0.64, "7995WX"),
  lockedSerialShare: LOCKS_OVERLAP,
  clearGBps: q(13.6, "C", "raghu25", {
    range: [7, 15],
    note: "12.7 page at a time, fault included, less the start-up; 7 (pages at random) to 11 on a busy Zen 3 guest",
  }),
  clearInCacheGBps: q(93, "S", "zen3-vm", { range: [70, 115], note: "as on Zen 3; 31 bytes a cycle in L1" }),
  clearStartNs: q(20, "S", "zen3-vm", { range: [10, 29], note: "as on Zen 3" }),
  copyGBps: q(7.2, "S", "zen3-vm", { range: [4.7, 9.1], note: "as on Zen 3" }),
  copyInCacheGBps: q(40, "S", "zen3-vm", { range: [33, 46], note: "as on Zen 3" }),
  copyStartNs: q(9, "S", "zen3-vm", { range: [5, 20], note: "as on Zen 3" }),
  nrPageWalkers: recalled(6, [6, 6]),
} satisfies CoreValues;

export const zen5Core = {
  ...zen4Core,
  l1Cycles: q(4, "V", "jiegec"),
  l2Cycles: q(14, "V", "jiegec"),
  llcNs: recalled(14, [12, 20], "as desktop at a lower clock; no number found"),
  atomicCycles: q(19.7, "V", "il"),
  nrStlbEntries: exact(4096, "jiegec"),
  stlbHitCycles: q(7, "V", "jiegec", { range: [4, 11] }),
  nrLinesInFlight: q(48, "R", "recall", {
    range: [24, 124],
    note: "124 documented, 24 before; L2's queue is not published",
  }),
  reorderBufferMicroOps: exact(448, "llvm"),
  nrL1MissBuffers: exact(124, "cc-zen5hc"),
  nrL2MissBuffers: recalled(96, [48, 124], "not published; now the limit of random misses"),
  adjacentLineShare: q(0.7, "S", "il", { range: [0.3, 0.8], note: "as Zen 4, not measured itself" }),
  lockedSerialShare: LOCKS_NOT_KNOWN,
  clearGBps: q(13.6, "S", "raghu25", { range: [8, 18], note: "Zen 4's; no rate of this core was found" }),
  clearInCacheGBps: inL1(62, 4.4),
} satisfies CoreValues;
