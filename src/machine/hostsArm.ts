import { KIB, MIB } from "../units.ts";
import { CLEAR_ASSUMED, CPI, GUEST_PAGE, MEMMAP_CPI_POOLED, PREFETCHED_LINES } from "./hostValues.ts";
import type { HostProfile } from "./profiles.ts";
import { exact, q, recalled } from "./quantity.ts";

// Arm servers. The recordings that instruction counts come from are of x86_64: their prices here are as rough as that.

const NO_SIBLING = exact(1, "recall");
/** Cores without SMT, LLC and DRAM as published; what none publishes is recalled. */
const neoverseN1: HostProfile = {
  id: "neoverse-n1",
  description: "Graviton 2 or Altra (Neoverse N1), 64 cores, 32 MiB LLC",
  family: "neoverse-n1",
  year: 2019,
  architecture: "arm64",
  nrCores: recalled(64, [64, 128]),
  nrThreadsPerCore: exact(1, "recall"),
  clockGHz: q(2.5, "V", "cc-g3", { range: [2.5, 3], note: "Graviton 2; Altra 3.0; no turbo" }),
  l1Bytes: exact(64 * KIB, "aws-gs"),
  l1Ways: recalled(4, [4, 4]),
  l1Cycles: q(4, "V", "cc-g3"),
  l2Bytes: exact(MIB, "aws-gs"),
  l2Ways: recalled(8, [8, 8]),
  l2Cycles: q(13, "C", "cc-g3", { note: "two more than Graviton 3's, taken as 11" }),
  llcBytes: exact(32 * MIB, "aws-gs"),
  llcWays: recalled(16, [16, 16]),
  llcNs: q(33, "V", "cc-spr", { note: "similar to Sapphire Rapids (Altra)" }),
  nrLinesInFlight: recalled(20, [14, 20]),
  nrStreamLinesInFlight: PREFETCHED_LINES,
  atomicCycles: q(13, "C", "downs-conc", { note: "5.3 ns an uncontended atomic add at 2.5 GHz, loop included" }),
  cpi: CPI,
  memmapCpi: MEMMAP_CPI_POOLED,
  nrStlbEntries: exact(1280, "cc-n1"),
  stlbHitCycles: q(5, "V", "cc-n1"),
  pageWalkNs: recalled(24, [6, 36]),
  reorderBufferMicroOps: q(124, "V", "downs", { range: [124, 128] }),
  reorderBufferSiblingShare: NO_SIBLING,
  nrL1MissBuffers: recalled(20, [20, 20]),
  nrL2MissBuffers: recalled(46, [46, 46]),
  clearGBps: CLEAR_ASSUMED,
  guestPageNs: GUEST_PAGE,
  localDram: "dram-ddr4-3200-n1",
};

const neoverseV1: HostProfile = {
  ...neoverseN1,
  id: "neoverse-v1",
  description: "Graviton 3 (Neoverse V1), 64 cores, 32 MiB LLC",
  family: "neoverse-v1",
  year: 2021,
  nrCores: recalled(64, [64, 64]),
  clockGHz: recalled(2.6, [2.6, 2.6]),
  l1Cycles: q(4, "V", "cc-g3"),
  l2Cycles: recalled(11, [10, 13], "two less than N1; the number is in a figure"),
  reorderBufferMicroOps: q(256, "V", "llvm", { range: [256, 512], note: "512 with fused nops" }),
  nrLinesInFlight: recalled(32, [20, 48], "not found"),
  nrStlbEntries: recalled(2048, [2048, 2048]),
  localDram: "dram-ddr5-graviton3",
};

const graviton4: HostProfile = {
  ...neoverseV1,
  id: "neoverse-v2-graviton4",
  description: "Graviton 4 (Neoverse V2), 96 cores, 36 MiB LLC",
  family: "neoverse-v2",
  year: 2023,
  nrCores: recalled(96, [96, 96]),
  clockGHz: q(2.8, "V", "cc-v2", { range: [2.7, 2.8] }),
  l1Cycles: q(4, "V", "cc-v2"),
  l2Bytes: exact(2 * MIB, "cc-v2"),
  l2Ways: exact(8, "jiegec"),
  l2Cycles: q(11, "V", "cc-v2", { range: [10, 11] }),
  llcBytes: exact(36 * MIB, "cc-v2"),
  llcWays: recalled(12, [12, 16]),
  llcNs: q(25, "V", "cc-v2"),
  nrStreamLinesInFlight: q(50, "C", "cc-grace", { range: [40, 60], note: "28 GB/s of one core x 114.1 ns / 64" }),
  nrStlbEntries: exact(2048, "cc-v2"),
  stlbHitCycles: q(5, "V", "cc-v2", { range: [5, 6] }),
  reorderBufferMicroOps: exact(320, "llvm"),
  nrL2MissBuffers: q(96, "V", "cc-v2", { range: [92, 96] }),
  remoteDramNs: q(256.6, "C", "cc-v2", { note: "142.5 more than local" }),
  localDram: "dram-ddr5-5600-graviton4",
};

const grace: HostProfile = {
  ...graviton4,
  id: "neoverse-v2-grace",
  description: "Grace (Neoverse V2), 72 cores, 114 MiB LLC",
  nrCores: exact(72, "cc-grace"),
  clockGHz: q(3.44, "V", "cc-grace", { range: [3.1, 3.44] }),
  l2Bytes: q(MIB, "V", "mess", { range: [MIB, MIB] }),
  llcBytes: exact(114 * MIB, "cc-grace"),
  llcNs: q(38.2, "V", "cc-x6", { range: [36, 42] }),
  nrStreamLinesInFlight: q(66, "C", "cc-grace", { range: [50, 75], note: "21 GB/s of one core x 200 ns / 64" }),
  remoteDramNs: recalled(400, [320, 500], "not found"),
  localDram: "dram-lpddr5-grace",
};

const ampereOne: HostProfile = {
  ...neoverseN1,
  id: "ampereone",
  description: "AmpereOne, 192 cores, 64 MiB LLC",
  family: "ampereone",
  year: 2023,
  nrCores: recalled(192, [96, 192]),
  clockGHz: q(3, "V", "cc-a1", { range: [3, 3.7], note: "no turbo" }),
  l1Bytes: exact(64 * KIB, "cc-a1"),
  l1Ways: exact(4, "cc-a1"),
  l1Cycles: q(4, "V", "cc-a1"),
  l2Bytes: exact(2 * MIB, "cc-a1"),
  l2Cycles: q(11, "V", "cc-a1"),
  llcBytes: recalled(64 * MIB, [64 * MIB, 64 * MIB]),
  llcNs: q(38, "V", "cc-a1"),
  atomicCycles: recalled(15, [8, 30]),
  reorderBufferMicroOps: exact(192, "llvm"),
  nrL2MissBuffers: exact(48, "cc-a1"),
  nrPageWalkers: exact(8, "cc-a1"),
  localDram: "dram-ddr5-ampereone",
};

/** Arm hosts, oldest first. */
export const armHosts: readonly HostProfile[] = [neoverseN1, neoverseV1, graviton4, grace, ampereOne];
