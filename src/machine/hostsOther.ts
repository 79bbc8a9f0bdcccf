import { KIB, MIB } from "../units.ts";
import { CLEAR_ASSUMED, CPI, GUEST_PAGE, MEMMAP_CPI_POOLED, PREFETCHED_LINES } from "./hostValues.ts";
import type { HostProfile } from "./profiles.ts";
import { exact, q, recalled } from "./quantity.ts";

// POWER and z. Their lines are longer than the 64 bytes that altmap counts, and most of what it needs is published
// nowhere: asked for by name only, and as rough as their evidence levels say.

const power9: HostProfile = {
  id: "power9",
  description: "POWER9 (SMT4 core), 24 cores, 10 MiB LLC a core; 128-byte lines are counted as two of 64",
  family: "power9",
  year: 2017,
  architecture: "ppc64",
  nrCores: recalled(24, [16, 24]),
  nrThreadsPerCore: exact(4, "recall"),
  clockGHz: recalled(2.8, [2.3, 3.2]),
  turboGHz: recalled(3.8, [3.3, 4]),
  l1Bytes: exact(32 * KIB, "jiegec"),
  l1Ways: recalled(8, [8, 8]),
  l1Cycles: q(4, "V", "jiegec", { range: [4, 5] }),
  l2Bytes: exact(512 * KIB, "jiegec"),
  l2Ways: exact(8, "jiegec"),
  l2Cycles: recalled(15, [12, 18]),
  llcBytes: q(10 * MIB, "V", "jiegec", {
    range: [10 * MIB, 110 * MIB],
    note: "a core's own; neighbours' are reachable",
  }),
  llcWays: exact(20, "jiegec"),
  llcNs: recalled(28, [20, 40]),
  nrLinesInFlight: recalled(12, [8, 16], "load miss queue: not found"),
  nrStreamLinesInFlight: PREFETCHED_LINES,
  atomicCycles: recalled(30, [20, 60]),
  cpi: CPI,
  memmapCpi: MEMMAP_CPI_POOLED,
  nrStlbEntries: recalled(1024, [1024, 1024]),
  pageWalkNs: recalled(30, [10, 60]),
  reorderBufferMicroOps: q(256, "V", "jiegec", { range: [256, 256], note: "completion table of an SMT4 core" }),
  reorderBufferSiblingShare: recalled(0.5, [0.25, 0.5], "shared by up to four threads"),
  lineBytes: exact(128, "jiegec"),
  clearGBps: CLEAR_ASSUMED,
  guestPageNs: GUEST_PAGE,
  localDram: "dram-power9",
};

const power10: HostProfile = {
  ...power9,
  id: "power10",
  description: "POWER10 (SMT8 core), 15 cores, 8 MiB LLC a core; 128-byte lines are counted as two of 64",
  family: "power10",
  year: 2021,
  nrCores: recalled(15, [10, 15]),
  nrThreadsPerCore: exact(8, "recall"),
  clockGHz: recalled(3.5, [2.75, 4]),
  turboGHz: recalled(4, [3.9, 4.1]),
  l1Cycles: q(6, "V", "llvm", { note: "load pipe" }),
  l2Bytes: recalled(2 * MIB, [2 * MIB, 2 * MIB]),
  l2Cycles: recalled(14, [12, 18]),
  llcBytes: q(8 * MIB, "S", "p10-redpaper", { range: [8 * MIB, 120 * MIB], note: "the local part of 120 MiB" }),
  llcWays: recalled(16, [16, 16]),
  reorderBufferMicroOps: recalled(512, [512, 512]),
  nrL2MissBuffers: q(96, "S", "p10-redpaper", { note: "L3 prefetch machines of a core" }),
  lineBytes: recalled(128, [128, 128]),
  localDram: "dram-power10",
};

const z15: HostProfile = {
  ...power9,
  id: "z15",
  description: "z15, 12 cores a chip, 256 MiB L3, L4 960 MiB (not modelled); 256-byte lines are counted as four of 64",
  family: "z15",
  year: 2019,
  architecture: "s390x",
  nrCores: recalled(12, [10, 12]),
  nrThreadsPerCore: exact(2, "recall"),
  clockGHz: q(5.2, "V", "wp-z15", { range: [4.5, 5.2] }),
  turboGHz: q(5.2, "V", "wp-z15", { range: [4.5, 5.2] }),
  l1Bytes: exact(128 * KIB, "wp-z15"),
  l1Cycles: recalled(4, [4, 4]),
  l2Bytes: q(4 * MIB, "V", "wp-z15", { range: [4 * MIB, 4 * MIB], note: "data" }),
  l2Cycles: recalled(20, [8, 24]),
  llcBytes: exact(256 * MIB, "wp-z15"),
  llcWays: recalled(32, [32, 32]),
  llcNs: recalled(11, [8, 20]),
  reorderBufferMicroOps: q(180, "C", "wikichip-z15", { note: "60 groups of up to 3 micro-ops" }),
  reorderBufferSiblingShare: recalled(0.5, [0.5, 1], "not found"),
  lineBytes: recalled(256, [256, 256]),
  localDram: "dram-z15",
};

const z16: HostProfile = {
  ...z15,
  id: "z16",
  description:
    "z16 (Telum), 8 cores a chip, 224 MiB virtual L3 of its neighbours' L2; 256-byte lines are counted as four",
  family: "z16",
  year: 2022,
  nrCores: recalled(8, [8, 8]),
  clockGHz: q(5.2, "S", "cc-telum", { range: [4.6, 5.5], note: "5.5 is Telum II" }),
  turboGHz: q(5.2, "S", "cc-telum", { range: [4.6, 5.5], note: "5.5 is Telum II" }),
  l2Bytes: q(32 * MIB, "V", "cc-telum", { range: [32 * MIB, 32 * MIB] }),
  l2Cycles: recalled(19.8, [17, 22], "3.8 ns"),
  llcBytes: q(224 * MIB, "V", "cc-telum", { range: [224 * MIB, 224 * MIB] }),
  llcNs: recalled(12, [10, 16]),
  reorderBufferMicroOps: recalled(224, [128, 512], "not found"),
  localDram: "dram-z16",
};

/** POWER and z hosts. */
export const otherHosts: readonly HostProfile[] = [power9, power10, z15, z16];
