import { exact, q, recalled } from "./quantity.ts";

// Buffer counts, ways and most cycle counts are recalled (level R) and marked so: no public page of the
// makers was readable. The 12 line fill buffers of Skylake-SP agree with a measured 12.5 lines in flight.

/** CPI of a workload until it is calibrated. */
export const CPI = q(1, "R", "assumed", { range: [0.5, 1.5] });

/** x86 locked read-modify-write on a line in L1. */
export const LOCKED_CYCLES = recalled(20, [17, 24], "18 to 20 on Intel since Haswell, 17 to 20 on Zen");
export const STLB_1536 = recalled(1536, [1536, 1536]);
export const PAGE_WALK = recalled(24, [6, 30], "24 on Sapphire Rapids, tables in L2 or LLC; a cold table adds a miss");
/** Clearing 4 KiB pages where no rate of the host is known. */
export const CLEAR_ASSUMED = q(9.5, "C", "assumed", {
  range: [5, 15],
  note: "geometric middle and spread of Broadwell 5.3, Ice Lake 9.2, Milan 13 and Genoa 13.6",
});
export const PREFETCHED_LINES = recalled(20, [14, 40], "L2 queue of 48, of which one stream fills about half");

/** Until a family has calibration rows of its own: the middle of those that have. */
export const MEMMAP_CPI_POOLED = q(0.68, "C", "memmap-rows", {
  range: [0.45, 1.05],
  note: "no timed row of this family: geometric mean and spread of those that have, 0.47, 0.64, 0.68, 1.03",
});
/** Intel since Skylake: what the rows of Skylake (0.64) and Ice Lake (0.56 to 0.84) allow. */
export const MEMMAP_CPI_AFTER_SKYLAKE = q(0.66, "C", "memmap-rows", {
  range: [0.55, 0.84],
  note: "no timed row of this family: middle and spread of its two predecessors, Skylake 0.64 and Ice Lake 0.68",
});
/**
 * @param spread either way: rows of the same family from another source lie 2 % (Duyck, after) and 12 % (Tatashin) off
 * the value that the rows of the fit give
 */
export const fitted = (value: number, note: string, spread = 0.13) =>
  q(value, "C", "memmap-rows", { range: [value * (1 - spread), value * (1 + spread)], note, fitted: true });
export const GUEST_PAGE = q(300, "R", "assumed", {
  range: [150, 1600],
  note: "216 and 293 fitted where the host backs with 2 MiB pages or backed before, 1550 where it backs 4 KiB",
});

export const BULK_STORE_HOLD = q(2.05, "C", "nvsl", { range: [1.7, 2.5], note: "as fitted on Cascade Lake" });

/** Threads a core, recalled. */
export const threads = (nr: number) => exact(nr, "recall");
