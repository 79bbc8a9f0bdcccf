import { RECIPES_6_12 } from "../6.12/recipes.ts";
import { type KernelRecipes, renamed, type StepTable } from "../table.ts";

// Linux 6.16 (Debian 6.16.12): 6.12 and what changed. Recorded are fault, unmap, fork, tmpfs, slabs and page tables beside
// them; steps of huge pages, hugetlbfs, migration and reclaim are 6.12's with the names of functions that moved.

const PAGE_ALLOC = "mm/page_alloc.c";
const PCP = "__rmqueue_pcplist";

/** Pages are frozen until the caller of the allocator sets their count; see ALLOCATOR below. */
const NAMES = {
  free_unref_page_commit: "free_frozen_page_commit",
  free_unref_page: "__free_frozen_pages",
  // mm/memcontrol.c: charge_memcg() is no longer inlined in __mem_cgroup_charge()
  __mem_cgroup_charge: "charge_memcg",
  "slab_update_freelist.constprop.0.isra.0": "slab_update_freelist.isra.0",
  ___pte_free_tlb: "tlb_remove_table_rcu",
  try_to_steal_block: "try_to_claim_block",
};
/** mm/swapfile.c: returns before it looks at the folio where no device throttles. */
const GONE = ["__folio_throttle_swaprate"];

const ANON_RMAP =
  "folio_add_new_anon_rmap:4/5 __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 folio_add_new_anon_rmap:1/0";

const BASE = renamed(RECIPES_6_12.steps, NAMES, GONE);

const ALLOCATOR = {
  pcpPrep: {
    cite: `${PAGE_ALLOC} check_new_pages, post_alloc_hook: the count is the caller's`,
    rows: `self ${PCP}:6/2 get_page_from_freelist:1/1 post_alloc_hook:0/1`,
  },
  compoundPrep: {
    cite: `${PAGE_ALLOC} post_alloc_hook, prep_compound_page: the count is the caller's`,
    rows: "self get_page_from_freelist:1/0 post_alloc_hook:0/1 prep_compound_page:1/1",
  },
  prepareAnon: {
    cite: `${PAGE_ALLOC} free_unref_folios, free_pages_prepare: mapping set, private not cleared`,
    rows: "self free_unref_folios:15/3",
  },
  prepareCache: {
    cite: `${PAGE_ALLOC} free_unref_folios, free_pages_prepare: mapping null, private not cleared`,
    rows: "self free_unref_folios:14/2",
  },
  tableTake: {
    cite: "mm/memory.c, arch/x86/mm/pgtable.c pte_alloc_one; alloc_pages_noprof sets the count",
    rows: "self alloc_pages_noprof:0/1 pte_alloc_one:2/2 __lruvec_stat_mod_folio:2/0",
  },
} satisfies Partial<StepTable>;

const ANON = {
  anonFault: {
    cite: "mm/memory.c do_anonymous_page; mm/mempolicy.c vma_alloc_folio_noprof sets the count",
    rows: `self vma_alloc_folio_noprof:1/1 charge_memcg:1/1 do_anonymous_page:4/2 ${ANON_RMAP}`,
  },
  lruAddAnon: { cite: "include/linux/mm_inline.h lru_gen_add_folio", rows: moreLoads("lruAddAnon", BASE, 1) },
  lruAddCache: { cite: "include/linux/mm_inline.h lru_gen_add_folio", rows: moreLoads("lruAddCache", BASE, 1) },
  thpAddLru: { cite: "include/linux/mm_inline.h lru_gen_add_folio", rows: moreLoads("thpAddLru", BASE, 1) },
  forkShared: {
    cite: "mm/memory.c copy_present_ptes, folio_try_dup_anon_rmap_pte",
    rows: "self copy_page_range:6/1 PageHuge:2/0 copy_page_range:2/1",
  },
  forkExclusive: {
    cite: "mm/memory.c copy_present_ptes: clears PG_anon_exclusive",
    rows: "self copy_page_range:6/1 PageHuge:2/0 copy_page_range:3/2",
  },
  cowAlloc: {
    cite: "mm/memory.c wp_page_copy: new page",
    rows: "self vma_alloc_folio_noprof:1/1 charge_memcg:1/1 do_wp_page:1/1",
  },
  cowRmap: { cite: "mm/memory.c wp_page_copy: new page mapped", rows: `self ${ANON_RMAP}` },
  cowDrop: {
    cite: "mm/memory.c wp_page_copy: old page unmapped, folio_put inlined",
    rows: "self folio_remove_rmap_ptes:2/1 do_wp_page:1/1 free_swap_cache:2/0 do_wp_page:1/1",
  },
  fileCow: {
    cite: "mm/memory.c do_cow_fault: a private copy of a file's page, which lies elsewhere",
    rows: `self vma_alloc_folio_noprof:1/1 charge_memcg:1/1 do_fault:1/1 finish_fault:3/1 ${ANON_RMAP}`,
  },
} satisfies Partial<StepTable>;

const FILE = {
  shmemAlloc: {
    cite: "mm/shmem.c shmem_get_folio_gfp, shmem_alloc_and_add_folio; folio_alloc_mpol_noprof sets the count",
    rows:
      "self folio_alloc_mpol_noprof:1/1 shmem_alloc_and_add_folio:2/2 charge_memcg:1/1 " +
      "shmem_add_to_page_cache:7/3 shmem_update_stats:1/0 __lruvec_stat_mod_folio:4/0",
  },
  shmemWritten: {
    cite: "mm/shmem.c shmem_write_begin, shmem_write_end; mm/filemap.c generic_perform_write",
    rows:
      "self shmem_get_folio_gfp:2/1 shmem_write_begin:2/0 generic_perform_write:2/0 shmem_write_end:3/1 " +
      "folio_mapping:4/0 folio_mark_dirty:1/0 noop_dirty_folio:2/1 folio_unlock:1/1 shmem_write_end:1/1",
  },
  shmemRead: {
    cite: "mm/shmem.c shmem_file_read_iter: asks for the folio's size",
    rows: "self filemap_get_entry:2/1 shmem_get_folio_gfp:3/1 folio_unlock:1/1 shmem_file_read_iter:4/0",
  },
  truncateFind: { cite: "mm/filemap.c find_lock_entries", rows: "self find_lock_entries:7/2" },
  truncateFolio: {
    cite: "mm/truncate.c truncate_inode_folio, truncate_cleanup_folio; filemap_free_folio inlined",
    rows:
      "self truncate_inode_folio:1/0 truncate_cleanup_folio:2/0 folio_mapping:4/0 truncate_cleanup_folio:2/0 " +
      "folio_mapping:4/0 __folio_cancel_dirty:1/1 filemap_remove_folio:2/0 __filemap_remove_folio:1/0 " +
      "filemap_unaccount_folio:4/0 __lruvec_stat_mod_folio:2/0 filemap_unaccount_folio:1/0 " +
      "__lruvec_stat_mod_folio:2/0 filemap_unaccount_folio:2/0 __filemap_remove_folio:4/1 " +
      "filemap_remove_folio:2/1 folio_unlock:1/1",
  },
  fileAdd: {
    cite: "mm/readahead.c page_cache_ra_unbounded, mm/filemap.c filemap_add_folio; not recorded, the count is the caller's",
    rows: BASE.fileAdd.rows.replace("folio_alloc_noprof:1/0", "folio_alloc_noprof:1/1"),
  },
} satisfies Partial<StepTable>;

/** A step whose lru_gen_add_folio() reads its folio `more` times more. */
export function moreLoads(step: "lruAddAnon" | "lruAddCache" | "thpAddLru", steps: StepTable, more: number): string {
  return steps[step].rows.replace(/lru_gen_add_folio:(\d+)\/1/, (_, loads) => `lru_gen_add_folio:${+loads + more}/1`);
}

export const RECIPES_6_16: KernelRecipes = {
  kernel: "6.16",
  sizes: RECIPES_6_12.sizes,
  steps: { ...BASE, ...ALLOCATOR, ...ANON, ...FILE },
};
