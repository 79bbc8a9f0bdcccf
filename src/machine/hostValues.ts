import { exact, q, recalled } from "./quantity.ts";

// Buffer counts, ways and most cycle counts are recalled (level R) and marked so: no public page of the
// makers was readable. The 12 line fill buffers of Skylake-SP agree with a measured 12.5 lines in flight.

export const KIB = 1024;
export const MIB = 1024 * 1024;

/** CPI of a workload until it is calibrated. */
export const CPI = q(1, "R", "assumed", { range: [0.5, 1.5] });

/** x86 locked read-modify-write on a line in L1. */
export const LOCKED_CYCLES = recalled(20, [17, 24], "18 to 20 on Intel since Haswell, 17 to 20 on Zen");
export const STLB_1536 = recalled(1536, [1536, 1536]);
export const PAGE_WALK = recalled(12, [6, 30], "the last level of the walk hits L2 or LLC");
export const PREFETCHED_LINES = recalled(20, [14, 40], "L2 queue of 48, of which one stream fills about half");

/** Until a family has calibration rows of its own: the middle of those that have. */
export const MEMMAP_CPI_POOLED = q(0.68, "C", "memmap-rows", {
  range: [0.45, 1.05],
  note: "geometric mean and spread of the fitted families 0.47, 0.64, 1.03",
});
export const fitted = (value: number, note: string, spread = 0.1) =>
  q(value, "C", "memmap-rows", { range: [value * (1 - spread), value * (1 + spread)], note, fitted: true });
export const GUEST_PAGE = q(300, "R", "assumed", {
  range: [150, 1600],
  note: "216 and 293 fitted where the host backs with 2 MiB pages or backed before, 1550 where it backs 4 KiB",
});

export const BULK_STORE_HOLD = q(2.05, "C", "nvsl", { range: [1.7, 2.5], note: "as fitted on Cascade Lake" });

export const threads = (nr: number) => exact(nr, "recall");
