import { moreLoads } from "../6.16/recipes.ts";
import { RECIPES_6_18 } from "../6.18/recipes.ts";
import { type KernelRecipes, renamed, type StepTable } from "../table.ts";
import { huge72 } from "./huge.ts";

// Linux 7.2 (Debian 7.2.12): 6.18 and what changed. Fault, unmap, fork and tmpfs are recorded.

const NAMES = {
  // mm/memory.c: unmap_page_range() is called of whole VMAs through it
  unmap_page_range: "__zap_vma_range",
  __lruvec_stat_mod_folio: "lruvec_stat_mod_folio",
  free_page_and_swap_cache: "free_folio_and_swap_cache",
};

const ANON_RMAP =
  "folio_add_new_anon_rmap:4/5 __folio_mod_stat:1/0 lruvec_stat_mod_folio:2/0 folio_add_new_anon_rmap:1/0";
/** mm/folio.c folio_add_lru: in a fault the folio is marked accessed, so that it goes to the second generation. */
const ADD_LRU = "folio_add_lru:3/0 folio_mark_accessed:6/1";
/** mm/folio.c folio_batch_move_lru: folio_ref_freeze() tells dead folios apart. */
const FREEZE = "folio_batch_move_lru:1/1";

const BASE = locked(renamed(RECIPES_6_18.steps, NAMES));

/** include/linux/memcontrol.h folio_lruvec_lock: asks the folio once more. */
function locked(steps: StepTable): StepTable {
  const more = (rows: string) => rows.replace(/(folio_lruvec_lock(?:_irqsave|_irq)?):2\/0/g, "$1:3/0");
  return Object.fromEntries(
    Object.entries(steps).map(([name, { cite, rows }]) => [name, { cite, rows: more(rows) }]),
  ) as StepTable;
}

const ANON = {
  anonFault: {
    cite: "mm/memory.c do_anonymous_page, map_anon_folio_pte_nopf",
    rows:
      "self vma_alloc_folio_noprof:1/1 charge_memcg:1/1 do_anonymous_page:3/1 map_anon_folio_pte_nopf:2/1 " + ANON_RMAP,
  },
  folioAddLru: { cite: "mm/folio.c folio_add_lru", rows: `self ${ADD_LRU} __folio_batch_add_and_move:2/1` },
  folioAddLruFull: {
    cite: "mm/folio.c folio_add_lru, batch full",
    rows: `self ${ADD_LRU} __folio_batch_add_and_move:1/1`,
  },
  lruAddFirst: {
    cite: "mm/folio.c folio_batch_move_lru, folio_lruvec_relock_irqsave",
    rows: `self ${FREEZE} folio_lruvec_lock_irqsave:3/0`,
  },
  lruAddAgain: {
    cite: "mm/folio.c folio_batch_move_lru: same lruvec",
    rows: `self ${FREEZE} folio_batch_move_lru:2/0`,
  },
  lruAddAnon: {
    cite: "include/linux/mm_inline.h lru_gen_folio_seq: referenced",
    rows: moreLoads("lruAddAnon", BASE, 2),
  },
  thpAddLru: { cite: "include/linux/mm_inline.h lru_gen_folio_seq: referenced", rows: moreLoads("thpAddLru", BASE, 2) },
  unchargeFirst: { cite: "mm/memcontrol.c uncharge_folio: first of a memcg", rows: "self uncharge_folio:4/1" },
  unchargeAgain: { cite: "mm/memcontrol.c uncharge_folio", rows: "self uncharge_folio:3/1" },
  prepareAnon: {
    cite: "mm/page_alloc.c free_unref_folios, __free_pages_prepare: private is cleared again",
    rows: "self free_unref_folios:15/4",
  },
  prepareCache: {
    cite: "mm/page_alloc.c free_unref_folios, __free_pages_prepare: private is cleared again",
    rows: "self free_unref_folios:15/3",
  },
  forkShared: {
    cite: "mm/memory.c copy_present_ptes, folio_try_dup_anon_rmap_pte: hugetlb is asked inline",
    rows: "self copy_page_range:10/2",
  },
  forkExclusive: { cite: "mm/memory.c copy_present_ptes: clears PG_anon_exclusive", rows: "self copy_page_range:11/3" },
  cowCheck: { cite: "mm/memory.c do_wp_page: hugetlb is asked inline", rows: "self do_wp_page:14/1" },
  cowRmap: { cite: "mm/memory.c wp_page_copy: new page mapped", rows: `self ${ANON_RMAP}` },
  cowReuse: {
    cite: "mm/memory.c wp_can_reuse_anon_folio: nobody else maps it any more",
    rows: "self do_wp_page:18/2 folio_move_anon_rmap:0/1 folio_unlock:1/1 folio_xchg_last_cpupid:2/1",
  },
} satisfies Partial<StepTable>;

const FILE = {
  shmemWritten: {
    cite: "mm/shmem.c shmem_write_begin, shmem_write_end; mm/filemap.c generic_perform_write",
    rows: BASE.shmemWritten.rows.replace("generic_perform_write:2/0", "generic_perform_write:3/0"),
  },
} satisfies Partial<StepTable>;

export const RECIPES_7_2: KernelRecipes = {
  kernel: "7.2",
  sizes: RECIPES_6_18.sizes,
  steps: { ...BASE, ...ANON, ...FILE, ...huge72(BASE) },
};
