import { type KernelVersion, kernelVersion } from "../linux/version.ts";

/** How a pass meets the lines of the memmap it works on. */
export type LineAccess =
  /** Plain stores or locked updates in address order: each line is fetched for ownership, evicted later. */
  | "stream-update"
  /** Lines the same pass has just brought into the cache. */
  | "cached"
  /** `rep stos` over a large range: whole lines, no fetch, each buffer held until memory took the line. */
  | "bulk-store"
  /** One line here and there, the next known only when this one has come. */
  | "scattered";

/** One walk over struct pages. Counts are per struct page that the pass touches. */
export interface Pass {
  readonly name: string;
  readonly instructions: number;
  /** Cycles besides instructions x CPI: microcode start-up of `rep stos` on one struct page. */
  readonly extraCycles?: number;
  /** Locked read-modify-writes; they do not overlap each other. */
  readonly atomics?: number;
  readonly access: LineAccess;
  /** Lines of other memory written in order meanwhile (a pages[] array), always in DRAM. */
  readonly otherLines?: number;
}

/** A kernel operation on struct pages. */
export interface Recipe {
  readonly operation: PublishedOperation;
  readonly passes: readonly Pass[];
  /** 4 KiB pages for each struct page touched: 512 when only heads of 2 MiB are. @default 1 */
  readonly pagesPerStructPage?: number;
  /** Passes follow each other block by block, so other threads' passes overlap with one's own. */
  readonly interleaved?: boolean;
  /** Worker threads split the range in chunks (padata), of which each takes about this many. */
  readonly chunksPerThread?: number;
  /** What each number rests on. */
  readonly source: string;
}

export const PUBLISHED_OPERATIONS = [
  "deferred-init",
  "boot-memmap-init",
  "zone-device-init",
  "zone-device-init-compound",
  "hotplug-init",
  "online-free",
  "offline-scan",
  "bulk-store",
  "gup-get",
  "gup-pin",
  "gup-put",
  "gup-unpin",
  "gup-get-compound",
  "gup-pin-compound",
  "gup-put-compound",
  "gup-unpin-compound",
] as const;
export type PublishedOperation = (typeof PUBLISHED_OPERATIONS)[number];

/** 5470dea49f53, 0e56acae4b4d: eight plain stores instead of memset, MAX_ORDER pages at a time. Recalled: 5.2. */
const INIT_REFACTOR = kernelVersion(5, 2);
/** f7f99100d8d9: from here init zeroes the struct page; before, sparse_init had zeroed the whole vmemmap. */
const INIT_ZEROES = kernelVersion(4, 15);
/** Between 6.1 and 6.12 init was inlined: 40 instructions a page became 25 in the recordings. Assumed 6.8. */
const INIT_INLINED = kernelVersion(6, 8);

/** `rep stosq` on 64 bytes: start-up of the microcode. Recalled: about 30 to 35 cycles. */
const REP_STOS_CYCLES = 32;
/** pfn_valid, early_pfn_in_nid and update_defer_init of every pfn. Counted by reading 4.13; assumed. */
const PFN_CHECKS = 30;

/** `__init_single_page` with its loop: instructions a page in the recordings of 6.1 (39.8) and 6.12 (25.1). */
function initPass(kernel: KernelVersion, perPfnChecks: boolean): Pass {
  const stores = kernel >= INIT_INLINED ? 25 : 40;
  const zeroing = kernel < INIT_REFACTOR && kernel >= INIT_ZEROES ? { extraCycles: REP_STOS_CYCLES } : {};
  const checks = perPfnChecks && kernel < INIT_REFACTOR ? PFN_CHECKS : 0;
  return { name: "init", instructions: stores + checks, access: "stream-update", ...zeroing };
}

/** `__free_pages_core` and the checks of `__free_pages_ok`: 7 + 18 instructions in 6.1, 7 + 26 in 6.12. */
function freePass(kernel: KernelVersion, access: LineAccess, perPfnChecks = false): Pass {
  const checks = perPfnChecks && kernel < INIT_REFACTOR ? PFN_CHECKS : 0;
  return { name: "free", instructions: (kernel >= INIT_INLINED ? 33 : 25) + checks, access };
}

/**
 * What `operation` does to struct pages in `kernel`.
 *
 * Instruction counts are those of the recordings of 6.1 and 6.12 (instructions between touches of one
 * pass); older kernels take 6.1's, plus what the version table above adds. GUP was not recorded: its
 * counts are of the loops as read in 5.15, locked operations in full.
 */
export function recipeOf(operation: PublishedOperation, kernel: KernelVersion): Recipe {
  const recorded = "recordings of 6.1 and 6.12, kernel version table";
  switch (operation) {
    case "deferred-init":
      return {
        operation,
        passes: [initPass(kernel, true), freePass(kernel, kernel < INIT_REFACTOR ? "stream-update" : "cached", true)],
        interleaved: kernel >= INIT_REFACTOR,
        chunksPerThread: 4,
        source: `${recorded}; mm/page_alloc.c deferred_init_memmap, padata load_balance_factor`,
      };
    case "boot-memmap-init":
      return { operation, passes: [initPass(kernel, true)], source: `${recorded}; memmap_init_zone` };
    case "zone-device-init":
      return {
        operation,
        // pgmap, zone_device_data, the reserved bit and the pageblock check come on top of a plain init.
        passes: [{ ...initPass(kernel, false), instructions: initPass(kernel, false).instructions + 8 }],
        source: `${recorded}; memmap_init_zone_device`,
      };
    case "zone-device-init-compound":
      return {
        ...recipeOf("zone-device-init", kernel),
        operation,
        // 5.19, vmemmap deduplication of device-dax: the tails of 2 MiB share all but two pages of vmemmap.
        pagesPerStructPage: 512 / 128,
        source: `${recorded}; mm/mm_init.c memmap_init_compound, compound_nr_pages`,
      };
    case "hotplug-init":
      return {
        operation,
        passes: [initPass(kernel, false)],
        source: `${recorded}; memmap_init_range`,
      };
    case "online-free":
      return { operation, passes: [freePass(kernel, "stream-update")], source: recorded };
    case "offline-scan":
      return {
        operation,
        passes: [{ name: "scan", instructions: 15, access: "stream-update" }],
        source: recorded,
      };
    case "bulk-store":
      return {
        operation,
        passes: [{ name: "rep stos", instructions: 0, access: "bulk-store" }],
        source: "page_init_poison, sparse_init: memset of whole sections",
      };
    default:
      return gupRecipe(operation);
  }
}

/** Device-dax mapped by 2 MiB; one call takes 512 pages. Locked: refcount, PG_referenced when getting. */
function gupRecipe(operation: PublishedOperation): Recipe {
  const pin = operation.includes("pin");
  const put = operation.startsWith("gup-put") || operation.startsWith("gup-unpin");
  // A pin also moves a per-cpu counter (NR_FOLL_PIN_*): an unlocked cmpxchg and its preamble.
  const counting = pin ? { instructions: 20, extraCycles: 10 } : { instructions: 0, extraCycles: 0 };
  if (!operation.endsWith("compound")) {
    return {
      operation,
      passes: [
        {
          name: put ? "drop one reference a page" : "take one reference a page",
          instructions: (put ? 20 : 25) + counting.instructions,
          extraCycles: counting.extraCycles,
          atomics: put ? 1 : 2,
          access: "stream-update",
          otherLines: 8 / 64,
        },
      ],
      source: "mm/gup.c __gup_device_huge, 5.14; instructions read, not recorded",
    };
  }
  return {
    operation,
    passes: [
      {
        name: "fill pages[] and take one reference a head",
        // Six instructions a page in record_subpages, and a walk of the page table a call.
        instructions: 512 * 6 + 200 + counting.instructions,
        extraCycles: counting.extraCycles,
        atomics: put ? 1 : 2,
        access: "scattered",
        otherLines: (512 * 8) / 64,
      },
    ],
    pagesPerStructPage: 512,
    source: "mm/gup.c record_subpages, try_grab_compound_head, 5.15; instructions read, not recorded",
  };
}
