/** Accesses by one kernel function, as recordings list them. */
export interface FunctionAccesses {
  readonly name: string;
  readonly count: number;
}

export type LockName = "zone->lock" | "lru_lock";

/** Functions that run under a lock that all CPUs of a node share; names of 6.1 and 6.12, mm/page_alloc.c and mm/swap.c. */
const HELD_BY: Readonly<Record<LockName, readonly string[]>> = {
  "zone->lock": [
    "rmqueue_bulk",
    "check_new_pages",
    "__rmqueue",
    "__rmqueue_smallest",
    "__rmqueue_fallback",
    "expand",
    "page_del_and_expand",
    "__free_one_page",
    "free_pcppages_bulk",
    "free_one_page",
    "move_freepages_block",
    "steal_suitable_fallback",
    "__isolate_free_page",
  ],
  lru_lock: [
    "lru_add_fn",
    "lru_add",
    "lru_gen_add_folio",
    "lru_gen_del_folio",
    "folio_activate_fn",
    "lru_activate",
    "lru_deactivate_file_fn",
    "lru_lazyfree_fn",
    "lru_move_tail_fn",
    "__page_clear_lru_flags",
    "__folio_clear_lru_flags",
    "isolate_lru_folios",
    "move_folios_to_lru",
  ],
};

/** Struct page accesses while a lock is held once: pcp batches of 63 pages, folio batches of 15, 3 to 4 accesses each. */
const ACCESSES_PER_HOLD: Readonly<Record<LockName, number>> = { "zone->lock": 190, lru_lock: 50 };

/** What of a workload's work on hot-added struct pages is done under one lock. */
export interface LockUse {
  readonly lock: LockName;
  /** Share of all accesses to hot-added struct pages. */
  readonly share: number;
  readonly accesses: number;
  readonly holds: number;
}

/**
 * Splits the accesses of a recording by the lock they are made under. Which of them missed the caches is not recorded
 * by function, so the waiting is split in the same shares.
 */
export function lockUses(byFunction: readonly FunctionAccesses[]): LockUse[] {
  const total = byFunction.reduce((sum, { count }) => sum + count, 0);
  return (Object.keys(HELD_BY) as LockName[]).map((lock) => {
    const names = new Set(HELD_BY[lock]);
    const accesses = byFunction.reduce((sum, { name, count }) => sum + (names.has(name) ? count : 0), 0);
    return { lock, share: total > 0 ? accesses / total : 0, accesses, holds: accesses / ACCESSES_PER_HOLD[lock] };
  });
}
