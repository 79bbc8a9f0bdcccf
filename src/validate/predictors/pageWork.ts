import type { Dependence } from "../../cost/exposure.ts";
import { type KernelVersion, kernelVersion } from "../../linux/version.ts";
import type { Quantity } from "../../machine/provenance.ts";
import { q } from "../../machine/quantity.ts";

/** What an operation does for each page, or each folio, besides waiting for struct pages. */
export interface Work {
  /** Of user and kernel; a `rep` instruction counts once. */
  readonly instructions?: Quantity;
  /** Cycles on Zen 4 with struct pages in L2, where time was measured and instructions were not recorded. */
  readonly zen4Cycles?: Quantity;
  readonly bytesSet?: number;
  readonly bytesCopied?: number;
  /** Lines of struct pages, the first touch of each. */
  readonly structPageLines?: number;
}

/** An operation on mapped, cached or free pages. */
export interface PageOperation {
  readonly perPage: Work;
  /** Once for each folio, whatever its size. */
  readonly perFolio: Work;
  /** Whether the address of a struct page is known before the one before has come. */
  readonly dependence: Dependence;
  /** 4 KiB pages of its folios where the row does not state them. @default 1 */
  readonly folioPages?: number;
  /** Data is moved between two NUMA nodes. */
  readonly betweenNodes?: boolean;
  readonly source: string;
}

/** Measured with `zen4-vm`'s clock of 3.7 GHz: ns a page with struct pages in L2. */
const hotNs = (ns: number, spread = 0.15): Quantity =>
  q(ns * 3.7, "M", "zen4-vm", {
    range: [ns * 3.7 * (1 - spread), ns * 3.7 * (1 + spread)],
    note: `${ns} ns at 3.7 GHz`,
  });
const read = (instructions: number, low: number, high: number): Quantity =>
  q(instructions, "R", "recall", { range: [low, high], note: "kernel source read, not recorded" });

const ONE_LINE = { structPageLines: 1 };
const measured = (ns: number, dependence: Dependence = "independent"): PageOperation => ({
  perPage: {},
  perFolio: { zen4Cycles: hotNs(ns), ...ONE_LINE },
  dependence,
  source: "hot time of the operation on a Zen 4 guest, 6.18",
});

/** Executed by a guest of 6.12 for each page, all of the call shared out (test/live/measure); 6.1 in the range. */
const executed = (instructions: number, dependence: Dependence, source: string): PageOperation => ({
  perPage: {},
  perFolio: {
    instructions: q(instructions, "C", "recordings", {
      range: [0.85 * instructions, 1.15 * instructions],
      note: "counted by the recorder's plugin",
    }),
    ...ONE_LINE,
  },
  dependence,
  source,
});

/** From here on fork counts folios and batches them; before, one reference and one map count a page. Recalled. */
const FORK_FOLIOS = kernelVersion(6, 6);
/** wl_fault_64m_x2, 6.12: 5,056 instructions between faults, of which 4,096 were the bytes of one clear. */
const FAULT = q(960, "C", "memmap-rows", {
  range: [850, 1200],
  note: "recorded faults, the bytes of the clear left out",
});
const PIN = read(110, 80, 160);
const UNPIN = read(60, 40, 90);

/** Operations by the names that `model.operation` of a row carries; `undefined` where none is known. */
export function pageOperation(name: string, kernel: KernelVersion): PageOperation | undefined {
  return name === "fork" ? forkOf(kernel) : PAGE_OPERATIONS[name];
}

function forkOf(kernel: KernelVersion): PageOperation {
  if (kernel >= FORK_FOLIOS) return measured(58);
  return {
    perPage: { instructions: read(90, 60, 140), ...ONE_LINE },
    perFolio: {},
    dependence: "independent",
    source: "mm/memory.c copy_one_pte: one reference and one map count a page; page tables with it",
  };
}

export const PAGE_OPERATIONS: Readonly<Record<string, PageOperation>> = {
  fork: forkOf(FORK_FOLIOS),
  "pagemap-scan-control": { ...measured(11.2), perFolio: { zen4Cycles: hotNs(11.2) } },
  "pagemap-scan-file": measured(31.5),
  "pagemap-read": measured(23.4),
  "move-pages-query": measured(143.5),
  "gup-get-put": measured(68.7),
  "madv-cold": measured(38.3),
  "tmpfs-unmap": measured(150),
  "tmpfs-map": measured(254),
  pin: {
    perPage: { instructions: read(8, 5, 20) },
    perFolio: { instructions: PIN, ...ONE_LINE },
    dependence: "independent",
    source: "mm/gup.c gup_fast_pte_range, gup_fast_pmd_leaf: one reference a folio, pages[] filled a page",
  },
  unpin: {
    perPage: { instructions: read(6, 4, 15) },
    perFolio: { instructions: UNPIN, ...ONE_LINE },
    dependence: "unknown",
    source: "mm/gup.c unpin_user_pages",
  },
  "uring-pin": executed(315, "independent", "io_uring/rsrc.c io_sqe_buffer_register, mm/gup.c pin_user_pages"),
  "uring-unpin": executed(88, "unknown", "io_uring/rsrc.c io_buffer_unmap, mm/gup.c unpin_user_page"),
  "madv-free": executed(129, "independent", "mm/madvise.c madvise_free_pte_range, of pages already free to go"),
  "mincore-file": executed(286, "unknown", "mm/mincore.c mincore_page, mm/filemap.c filemap_get_entry"),
  "child-exit": executed(309, "unknown", "mm/memory.c zap_pte_range, of pages that the parent maps too"),
  "anon-fault": {
    perPage: { ...ONE_LINE, bytesSet: 4096 },
    perFolio: { instructions: FAULT },
    dependence: "dependent",
    source: "recorded faults of 6.12; free pages are reached through the list",
  },
  "fault-clear-pin": {
    perPage: { ...ONE_LINE, bytesSet: 4096 },
    perFolio: { instructions: q(FAULT.value + PIN.value, "C", "memmap-rows", { range: [930, 1360] }) },
    dependence: "dependent",
    source: "anon-fault and pin",
  },
  "thp-fault": {
    perPage: { instructions: read(10, 6, 16), structPageLines: 1, bytesSet: 4096 },
    perFolio: { instructions: read(4000, 2500, 8000) },
    folioPages: 512,
    dependence: "independent",
    source: "mm/huge_memory.c do_huge_pmd_anonymous_page; prep_compound_page writes every tail in order",
  },
  "cow-fault": {
    perPage: { bytesCopied: 4096 },
    perFolio: { instructions: read(1300, 1000, 1800), structPageLines: 2 },
    dependence: "dependent",
    source: "mm/memory.c wp_page_copy",
  },
  "anon-unmap": {
    perPage: {},
    perFolio: { instructions: read(350, 250, 500), ...ONE_LINE },
    dependence: "unknown",
    source: "mm/memory.c zap_pte_range, mm/swap.c folios_put_refs, free_unref_folios",
  },
  migrate: {
    perPage: { instructions: read(150, 80, 300), bytesCopied: 4096 },
    perFolio: { instructions: read(2300, 1600, 3200), structPageLines: 2 },
    dependence: "unknown",
    betweenNodes: true,
    source: "mm/migrate.c do_pages_move, migrate_pages_batch: isolate, unmap, flush, copy, remap, put back",
  },
};
