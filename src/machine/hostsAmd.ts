import { KIB, MIB } from "../units.ts";
import { zen1Core, zen2Core, zen3Core, zen4Core, zen5Core } from "./coresAmd.ts";
import {
  BULK_STORE_HOLD,
  CPI,
  fitted,
  GUEST_PAGE,
  MEMMAP_CPI_POOLED,
  PAGE_WALK,
  PREFETCHED_LINES,
  threads,
} from "./hostValues.ts";
import type { HostProfile } from "./profiles.ts";
import { exact, q, recalled } from "./quantity.ts";

const zen1: HostProfile = {
  id: "zen1",
  description: "EPYC 7551 (Zen), 32 cores in four dies",
  family: "zen1",
  year: 2017,
  nrCores: recalled(32, [32, 32]),
  nrThreadsPerCore: threads(2),
  ...zen1Core,
  l1Bytes: exact(32 * KIB, "il"),
  l1Ways: exact(8, "il"),
  l2Ways: exact(8, "il"),
  nrStreamLinesInFlight: PREFETCHED_LINES,
  bulkStoreHold: BULK_STORE_HOLD,
  cpi: CPI,
  pageWalkNs: PAGE_WALK,
  clockGHz: exact(2, "oci-shapes"),
  turboGHz: q(3, "V", "oci-shapes", { range: [2.55, 3] }),
  l2Bytes: exact(512 * KIB, "il"),
  llcBytes: q(8 * MIB, "V", "il", { range: [8 * MIB, 8 * MIB], note: "a core complex" }),
  llcWays: exact(16, "il"),
  nrStlbEntries: exact(1536, "il"),
  memmapCpi: fitted(0.4713, "padata rows, EPYC 7551 guests, one thread; nested paging as assumed"),
  guestPageNs: GUEST_PAGE,
  localDram: "dram-ddr4-2666-zen1",
};

const zen2: HostProfile = {
  ...zen1,
  ...zen2Core,
  id: "zen2",
  description: "Rome, EPYC 7742 (Zen 2), 64 cores, 16 MiB LLC a complex",
  family: "zen2",
  year: 2019,
  nrCores: recalled(64, [64, 64]),
  clockGHz: exact(2.25, "il"),
  turboGHz: recalled(3.4, [3.2, 3.4]),
  llcBytes: exact(16 * MIB, "il"),
  memmapCpi: MEMMAP_CPI_POOLED,
  localDram: "dram-ddr4-3200-zen2",
};

const zen3: HostProfile = {
  ...zen2,
  ...zen3Core,
  id: "zen3",
  description: "Milan, EPYC 7003 (Zen 3), 64 cores, 32 MiB LLC a complex",
  family: "zen3",
  year: 2021,
  nrCores: recalled(64, [64, 64]),
  clockGHz: q(2.55, "V", "oci-shapes", { range: [2.25, 2.8], note: "EPYC 7J13" }),
  turboGHz: q(3.5, "V", "oci-shapes", { range: [3.2, 3.6] }),
  llcBytes: exact(32 * MIB, "il"),
  memmapCpi: MEMMAP_CPI_POOLED,
  localDram: "dram-ddr4-3200-zen3",
};

const zen4: HostProfile = {
  ...zen3,
  ...zen4Core,
  id: "zen4",
  description: "Genoa, EPYC 9224 (Zen 4), 24 cores, 64 MiB LLC in 16 MiB or 32 MiB complexes",
  family: "zen4",
  year: 2022,
  nrCores: recalled(24, [24, 24]),
  clockGHz: recalled(2.5, [2.4, 2.5], "2.4 for the 9654"),
  turboGHz: q(3.7, "S", "zhl", { range: [3.5, 3.7], note: "9654" }),
  l1Bytes: q(32 * KIB, "M", "zen4-vm", { range: [32 * KIB, 32 * KIB] }),
  l2Bytes: q(MIB, "M", "zen4-vm", { range: [MIB, MIB] }),
  llcBytes: q(32 * MIB, "M", "zen4-vm", { range: [16 * MIB, 32 * MIB], note: "one core complex" }),
  nrStreamLinesInFlight: q(75, "C", "mxp-genoa", { range: [40, 76], note: "45 GB/s x 107.5 ns / 64, prefetch on" }),
  memmapCpi: MEMMAP_CPI_POOLED,
  remoteDramNs: q(200.7, "V", "mxp-genoa", { range: [200, 234], note: "120 more than local on another part" }),
  localDram: "dram-ddr5-genoa-9224",
};

const bergamo: HostProfile = {
  ...zen4,
  id: "bergamo",
  description: "Bergamo, EPYC 9754 (Zen 4c), 128 cores, 16 MiB LLC a complex",
  year: 2023,
  nrCores: recalled(128, [112, 128]),
  clockGHz: recalled(2.25, [2.2, 2.25]),
  turboGHz: q(3.1, "V", "cc-v2"),
  llcBytes: exact(16 * MIB, "il"),
  llcNs: q(18, "V", "cc-v2"),
  localDram: "dram-ddr5-genoa-9354p",
};

const zen5: HostProfile = {
  ...zen4,
  ...zen5Core,
  id: "zen5",
  description: "Turin, EPYC 9005 (Zen 5), 64 cores, 32 MiB LLC a complex",
  family: "zen5",
  year: 2024,
  nrCores: recalled(64, [32, 128]),
  clockGHz: q(2.7, "V", "oci-shapes", { range: [2.4, 3.3], note: "EPYC 9J45" }),
  turboGHz: q(4.1, "V", "oci-shapes", { range: [3.7, 5] }),
  l1Bytes: exact(48 * KIB, "il"),
  l1Ways: exact(12, "il"),
  l2Ways: exact(16, "il"),
  llcBytes: exact(32 * MIB, "il"),
  remoteDramNs: q(310, "C", "cc-uma", { range: [290, 320], note: "220 on average over both sockets" }),
  localDram: "dram-ddr5-6000-zen5",
};

/** AMD hosts, oldest first. */
export const amdHosts: readonly HostProfile[] = [zen1, zen2, zen3, zen4, bergamo, zen5];
