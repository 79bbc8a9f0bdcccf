import type { HostProfile } from "./profiles.ts";
import { exact, q, recalled } from "./quantity.ts";

// Buffer counts, ways and most cycle counts are recalled (level R) and marked so: no public page of the
// makers was readable. The 12 line fill buffers of Skylake-SP agree with a measured 12.5 lines in flight.

const KIB = 1024;
const MIB = 1024 * 1024;

/** CPI of a workload until it is calibrated. */
const CPI = q(1, "R", "assumed", { range: [0.5, 1.5] });

/** x86 locked read-modify-write on a line in L1. */
const LOCKED_CYCLES = recalled(20, [17, 24], "18 to 20 on Intel since Haswell, 17 to 20 on Zen");
const STLB_1536 = recalled(1536, [1536, 1536]);
const PAGE_WALK = recalled(12, [6, 30], "the last level of the walk hits L2 or LLC");
const PREFETCHED_LINES_INTEL = recalled(20, [14, 40], "L2 queue of 48, of which one stream fills about half");

/** Until a family has calibration rows of its own: the middle of those that have. */
const MEMMAP_CPI_POOLED = q(0.8, "C", "memmap-rows", {
  range: [0.45, 1.2],
  note: "middle and spread of the fitted families 0.47, 0.64, 1.03, 1.15",
});
const fitted = (value: number, note: string, spread = 0.1) =>
  q(value, "C", "memmap-rows", { range: [value * (1 - spread), value * (1 + spread)], note, fitted: true });
const GUEST_FIRST_TOUCH = q(300, "R", "assumed", {
  range: [150, 1600],
  note: "150 to 400 when the host backs guests with 2 MiB pages, 1600 with 4 KiB pages",
});

const BULK_STORE_HOLD = q(2.05, "C", "nvsl", { range: [1.7, 2.5], note: "as fitted on Cascade Lake" });

const threads = (nr: number) => exact(nr, "recall");

const haswell: HostProfile = {
  id: "haswell",
  description: "Haswell-EP, Xeon E5-2699 v3, 18 cores, 45 MiB LLC",
  family: "haswell",
  year: 2014,
  nrCores: exact(18, "fdio-hsw"),
  nrThreadsPerCore: threads(2),
  clockGHz: exact(2.3, "fdio-hsw"),
  turboGHz: recalled(3.6, [2.8, 3.6], "one core 3.6, all cores 2.8"),
  l1Bytes: recalled(32 * KIB, [32 * KIB, 32 * KIB]),
  l1Ways: recalled(8, [8, 8]),
  l2Bytes: recalled(256 * KIB, [256 * KIB, 256 * KIB]),
  l2Ways: recalled(8, [8, 8]),
  l2Cycles: recalled(12),
  llcBytes: recalled(45 * MIB, [45 * MIB, 45 * MIB]),
  llcWays: recalled(20, [20, 20]),
  llcNs: recalled(20),
  nrLinesInFlight: recalled(10, [10, 10]),
  nrStreamLinesInFlight: PREFETCHED_LINES_INTEL,
  bulkStoreHold: BULK_STORE_HOLD,
  atomicCycles: LOCKED_CYCLES,
  cpi: CPI,
  memmapCpi: fitted(1.028, "padata rows, E5-2699 v3 bare metal, one thread"),
  nrStlbEntries: recalled(1024, [1024, 1024]),
  pageWalkNs: PAGE_WALK,
  guestFirstTouchNs: fitted(1550, "padata rows, E5-2699 v3 guest of 14 GB, one thread"),
  localDram: "dram-ddr4-2133-hsw",
};

const broadwell: HostProfile = {
  ...haswell,
  id: "broadwell",
  description: "Broadwell-EP, Xeon E5-2699C v4, 22 cores, 55 MiB LLC",
  family: "broadwell",
  year: 2016,
  nrCores: recalled(22, [22, 22]),
  clockGHz: exact(2.2, "memmap-rows"),
  llcBytes: recalled(55 * MIB, [55 * MIB, 55 * MIB]),
  nrStlbEntries: STLB_1536,
  guestFirstTouchNs: fitted(216, "padata rows, E5-2699C v4 guest, one thread; CPI taken from Haswell", 0.3),
  memmapCpi: q(1.028, "C", "memmap-rows", { note: "Haswell's: no bare-metal row of its own" }),
  localDram: "dram-ddr4-2400-bdx",
};

const haswellEx: HostProfile = {
  ...haswell,
  id: "haswell-ex-8s",
  description: "Haswell-EX, Xeon E7-8895 v3, eight sockets",
  clockGHz: exact(2.6, "memmap-rows"),
  turboGHz: recalled(3.5, [2.6, 3.5]),
  localDram: "dram-haswell-ex-8s",
};

const skylake8167m: HostProfile = {
  id: "skylake-8167m",
  description: "Skylake-SP, Xeon Platinum 8167M (a cloud part), 26 cores, 35.75 MiB LLC",
  family: "skylake-sp",
  year: 2017,
  nrCores: exact(26, "memmap-rows"),
  nrThreadsPerCore: threads(2),
  clockGHz: exact(2, "oci-shapes"),
  turboGHz: q(2.4, "V", "oci-shapes", { range: [2, 2.4] }),
  l1Bytes: exact(32 * KIB, "nvsl"),
  l1Ways: recalled(8, [8, 8]),
  l2Bytes: exact(MIB, "nvsl"),
  l2Ways: recalled(16, [16, 16]),
  l2Cycles: q(14, "V", "anand-rome"),
  llcBytes: recalled(26 * 1.375 * MIB, [16 * MIB, 26 * 1.375 * MIB], "1.375 MiB a core"),
  llcWays: recalled(11, [11, 11]),
  llcNs: q(17, "C", "anand-rome", { note: "46 cycles at 2.7 GHz" }),
  nrLinesInFlight: q(12, "C", "nvsl", { range: [10, 12.5], note: "7.86 GB/s x 101.5 ns / 64 = 12.5, prefetch off" }),
  nrStreamLinesInFlight: PREFETCHED_LINES_INTEL,
  bulkStoreHold: BULK_STORE_HOLD,
  atomicCycles: LOCKED_CYCLES,
  cpi: CPI,
  memmapCpi: fitted(0.637, "padata rows, Xeon 8167M bare metal, one thread"),
  nrStlbEntries: STLB_1536,
  pageWalkNs: PAGE_WALK,
  guestFirstTouchNs: GUEST_FIRST_TOUCH,
  localDram: "dram-ddr4-2666-skx",
};

const skylake: HostProfile = {
  ...skylake8167m,
  id: "skylake-sp",
  description: "Skylake-SP, Xeon Platinum 8180, 28 cores, 38.5 MiB LLC",
  nrCores: exact(28, "fdio-skx"),
  clockGHz: recalled(2.5, [2.1, 2.7]),
  turboGHz: recalled(3.7, [3.2, 3.8]),
  llcBytes: q(28 * 1.375 * MIB, "V", "anand-rome", { range: [22 * MIB, 28 * 1.375 * MIB] }),
};

const cascadeLake: HostProfile = {
  ...skylake,
  id: "cascade-lake",
  description: "Cascade Lake, Xeon Platinum 8260, 24 cores, 35.75 MiB LLC",
  year: 2019,
  nrCores: exact(24, "nvsl"),
  clockGHz: q(2.4, "R", "recall", { range: [2.2, 2.7], note: "2.2 in the engineering sample of the Optane study" }),
  turboGHz: recalled(3.9, [3.1, 3.9]),
  bulkStoreHold: fitted(2.05, "non-temporal rows of the Optane study, one thread"),
  localDram: "dram-ddr4-2933-clx",
};

const iceLake: HostProfile = {
  ...skylake8167m,
  id: "ice-lake-sp",
  description: "Ice Lake-SP, Xeon Platinum 8358, 32 cores, 48 MiB LLC",
  family: "ice-lake-sp",
  year: 2021,
  nrCores: recalled(32, [32, 32]),
  clockGHz: exact(2.6, "oci-shapes"),
  turboGHz: q(3.4, "V", "oci-shapes", { range: [3, 3.4] }),
  l1Bytes: recalled(48 * KIB, [48 * KIB, 48 * KIB]),
  l1Ways: recalled(12, [12, 12]),
  l2Bytes: q(1280 * KIB, "S", "spr-press", { range: [1280 * KIB, 1280 * KIB] }),
  l2Ways: recalled(20, [20, 20]),
  l2Cycles: recalled(14),
  llcBytes: recalled(48 * MIB, [48 * MIB, 48 * MIB]),
  llcWays: recalled(12, [12, 12]),
  llcNs: recalled(21),
  nrLinesInFlight: recalled(12),
  memmapCpi: fitted(1.151, "rebinding rows of a guest on Ice Lake, so nested paging is in it", 0.2),
  guestFirstTouchNs: GUEST_FIRST_TOUCH,
  localDram: "dram-ddr4-3200-icx",
};

const sapphireRapids: HostProfile = {
  ...iceLake,
  id: "sapphire-rapids",
  description: "Sapphire Rapids, Xeon Platinum 8462Y+, 32 cores, 60 MiB LLC",
  family: "sapphire-rapids",
  year: 2023,
  nrCores: exact(32, "fdio-spr-hw"),
  clockGHz: exact(2.8, "fdio-spr-hw"),
  turboGHz: recalled(4.1, [3.6, 4.1]),
  l1Bytes: exact(48 * KIB, "fdio-spr-hw"),
  l2Bytes: exact(2 * MIB, "fdio-spr-hw"),
  l2Ways: recalled(16, [16, 16]),
  l2Cycles: recalled(15),
  llcBytes: exact(60 * MIB, "fdio-spr-hw"),
  llcWays: recalled(15, [15, 15]),
  llcNs: recalled(33),
  nrLinesInFlight: recalled(16),
  nrStreamLinesInFlight: recalled(32, [16, 48], "L2 queue of 48"),
  nrStlbEntries: recalled(2048, [2048, 2048]),
  memmapCpi: MEMMAP_CPI_POOLED,
  localDram: "dram-ddr5-4800-spr",
};

const zen1: HostProfile = {
  ...haswell,
  id: "zen1",
  description: "EPYC 7551 (Zen), 32 cores in four dies",
  family: "zen1",
  year: 2017,
  nrCores: recalled(32, [32, 32]),
  clockGHz: exact(2, "oci-shapes"),
  turboGHz: q(3, "V", "oci-shapes", { range: [2.55, 3] }),
  l2Bytes: recalled(512 * KIB, [512 * KIB, 512 * KIB]),
  llcBytes: recalled(8 * MIB, [8 * MIB, 8 * MIB], "8 MiB a core complex"),
  llcWays: recalled(16, [16, 16]),
  llcNs: recalled(15),
  nrLinesInFlight: recalled(22),
  nrStlbEntries: STLB_1536,
  memmapCpi: fitted(0.4713, "padata rows, EPYC 7551 guests, one thread; first touch as assumed"),
  guestFirstTouchNs: GUEST_FIRST_TOUCH,
  localDram: "dram-ddr4-2666-zen1",
};

const zen3: HostProfile = {
  ...zen1,
  id: "zen3",
  description: "Milan, EPYC 7003 (Zen 3), 64 cores, 32 MiB LLC a complex",
  family: "zen3",
  year: 2021,
  nrCores: recalled(64, [64, 64]),
  clockGHz: q(2.55, "V", "oci-shapes", { range: [2.25, 2.8], note: "EPYC 7J13" }),
  turboGHz: q(3.5, "V", "oci-shapes", { range: [3.2, 3.6] }),
  llcBytes: recalled(32 * MIB, [32 * MIB, 32 * MIB]),
  nrLinesInFlight: recalled(24),
  nrStlbEntries: recalled(2048, [2048, 2048]),
  memmapCpi: MEMMAP_CPI_POOLED,
  localDram: "dram-ddr4-3200-zen3",
};

const genoa: HostProfile = {
  ...zen1,
  id: "zen4",
  description: "Genoa, EPYC 9224 (Zen 4), 24 cores, 64 MiB LLC in 16 MiB or 32 MiB complexes",
  family: "zen4",
  year: 2022,
  nrCores: recalled(24, [24, 24]),
  clockGHz: recalled(2.5, [2.5, 2.5]),
  turboGHz: recalled(3.7, [3.5, 3.7]),
  l1Bytes: q(32 * KIB, "M", "zen4-vm", { range: [32 * KIB, 32 * KIB] }),
  l2Bytes: q(MIB, "M", "zen4-vm", { range: [MIB, MIB] }),
  l2Cycles: recalled(14),
  llcBytes: q(32 * MIB, "M", "zen4-vm", { range: [16 * MIB, 32 * MIB], note: "one core complex" }),
  llcNs: recalled(14, undefined, "50 cycles"),
  nrLinesInFlight: recalled(24),
  nrStreamLinesInFlight: q(75, "C", "mxp-genoa", { range: [40, 76], note: "45 GB/s x 107.5 ns / 64, prefetch on" }),
  nrStlbEntries: recalled(3072, [3072, 3072]),
  memmapCpi: MEMMAP_CPI_POOLED,
  localDram: "dram-ddr5-genoa-9224",
};

/** Every built-in host. */
export const hosts: readonly HostProfile[] = [
  haswell,
  haswellEx,
  broadwell,
  skylake8167m,
  skylake,
  cascadeLake,
  iceLake,
  sapphireRapids,
  zen1,
  zen3,
  genoa,
];

/** The bare-metal x86_64 server of the default scenario. */
export const defaultHost: HostProfile = sapphireRapids;
