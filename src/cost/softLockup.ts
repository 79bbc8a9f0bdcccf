import { type KernelVersion, kernelVersion } from "../linux/version.ts";

/** The watchdog reports a CPU that has not scheduled for 2 x watchdog_thresh (10 s): kernel/watchdog.c. */
export const SOFT_LOCKUP_NS = 20e9;

/** Pages of one pageblock on x86_64 with 4 KiB pages. */
const PAGEBLOCK_PAGES = 512;

interface Cadence {
  readonly from: KernelVersion;
  /** Struct pages that are initialised between two scheduling points; Infinity: the whole call. */
  readonly nrPages: number;
  readonly source: string;
}

/** memmap_init_zone() and its successors: when a long initialisation lets others run. */
const INIT_CADENCE: readonly Cadence[] = [
  {
    from: kernelVersion(2, 6),
    nrPages: Number.POSITIVE_INFINITY,
    source: "memmap_init_zone: no scheduling point",
  },
  {
    from: kernelVersion(4, 14),
    nrPages: PAGEBLOCK_PAGES,
    source: "9b6e63cbf85b (mm, page_alloc: add scheduling point to memmap_init_zone): cond_resched at each pageblock",
  },
];

export interface SoftLockup {
  /** Struct pages between two scheduling points, of `nrPages` initialised in one call. */
  readonly stretchPages: number;
  readonly stretchNs: number;
  readonly interval: readonly [number, number];
  /** Against the watchdog: never below its threshold, possible when the interval reaches it. */
  readonly verdict: "no" | "possible" | "yes";
  /** Bytes of 4 KiB pages that one call can initialise before the watchdog reports; Infinity with a cadence. */
  readonly limitBytes: number;
  readonly source: string;
}

/**
 * The longest stretch without a scheduling point while one call initialises `nrPages` struct pages.
 *
 * @param perPage ns of one struct page with its 90 % interval
 */
export function softLockup(
  kernel: KernelVersion,
  nrPages: number,
  perPage: { readonly value: number; readonly interval: readonly [number, number] },
): SoftLockup {
  const cadence = INIT_CADENCE.findLast(({ from }) => from <= kernel) ?? INIT_CADENCE[0]!;
  const stretchPages = Math.min(nrPages, cadence.nrPages);
  const stretchNs = stretchPages * perPage.value;
  const interval = [stretchPages * perPage.interval[0], stretchPages * perPage.interval[1]] as const;
  const bounded = cadence.nrPages * perPage.interval[1] < SOFT_LOCKUP_NS;
  return {
    stretchPages,
    stretchNs,
    interval,
    verdict: interval[0] > SOFT_LOCKUP_NS ? "yes" : interval[1] > SOFT_LOCKUP_NS ? "possible" : "no",
    limitBytes: bounded ? Number.POSITIVE_INFINITY : (SOFT_LOCKUP_NS / perPage.value) * 4096,
    source: cadence.source,
  };
}
