import { type KernelRecipes, listAddHead, listAddTail, listDel } from "./recipes.ts";
import { MIGRATION_6_1 } from "./recipes61Migration.ts";

// Linux 6.1 (Debian 6.1.192, x86_64, CONFIG_DEBUG_LIST, MEMCG, no DEBUG_VM, classic LRU: LRU_GEN not enabled).
// Counts are what that build does, inlining included; the citation names the source function.

const DEL = "__list_del_entry_valid";
const ADD = "__list_add_valid";
const PAGE_ALLOC = "mm/page_alloc.c";

export const RECIPES_6_1: KernelRecipes = {
  kernel: "6.1",
  sizes: {
    folioBatch: 15,
    releaseLockBatch: 32,
    gatherBundle: 8,
    gatherBatch: 510,
    gatherBatches: 19,
    freeBatch: 0,
    activates: true,
    migratesInBatches: false,
    reclaimBatch: 32,
    thpFreedAtOnce: true,
  },
  steps: {
    refillRemove: {
      cite: `${PAGE_ALLOC} __rmqueue_smallest, del_page_from_free_list`,
      rows: `${listDel(DEL, "rmqueue_bulk")} | self rmqueue_bulk:1/4`,
    },
    refillSplit: {
      cite: `${PAGE_ALLOC} expand: upper half to the head of the next lower list`,
      rows: `next ${ADD}:1/0 rmqueue_bulk:0/1 | self rmqueue_bulk:1/4`,
    },
    refillCheck: { cite: `${PAGE_ALLOC} check_pcp_refill`, rows: "self rmqueue_bulk:0/1 check_new_pages:5/0" },
    refillCheckTail: { cite: `${PAGE_ALLOC} check_new_pages`, rows: "self check_new_pages:5/0" },
    refillLink: { cite: `${PAGE_ALLOC} rmqueue_bulk`, rows: listAddTail(ADD, "rmqueue_bulk") },
    pcpTake: { cite: `${PAGE_ALLOC} __rmqueue_pcplist`, rows: listDel(DEL, "get_page_from_freelist") },
    pcpPrep: { cite: `${PAGE_ALLOC} post_alloc_hook`, rows: "self get_page_from_freelist:1/5" },
    pcpPrepTail: { cite: `${PAGE_ALLOC} check_new_pcp: off`, rows: "" },
    pcpAdd: { cite: `${PAGE_ALLOC} free_unref_page_commit`, rows: listAddHead(ADD, "free_unref_page_commit") },
    drainTake: {
      cite: `${PAGE_ALLOC} free_pcppages_bulk, bulkfree_pcp_prepare`,
      rows: `self free_pcppages_bulk:1/0 | ${listDel(DEL, "free_pcppages_bulk")} | self free_pcppages_bulk:5/2`,
    },
    mergePeekBusy: { cite: `${PAGE_ALLOC} page_is_buddy: no buddy`, rows: "self __free_one_page:1/0" },
    mergePeekFree: { cite: `${PAGE_ALLOC} page_is_buddy: buddy of some order`, rows: "self __free_one_page:2/0" },
    mergeMatch: { cite: `${PAGE_ALLOC} page_is_buddy: zone id`, rows: "self __free_one_page:1/0" },
    mergeRemove: {
      cite: `${PAGE_ALLOC} del_page_from_free_list`,
      rows: `${listDel(DEL, "__free_one_page")} | self __free_one_page:1/4`,
    },
    mergeDone: { cite: `${PAGE_ALLOC} set_buddy_order`, rows: "self __free_one_page:1/2" },
    insertHead: { cite: `${PAGE_ALLOC} add_to_free_list`, rows: listAddHead(ADD, "__free_one_page") },
    insertTail: { cite: `${PAGE_ALLOC} add_to_free_list_tail`, rows: listAddTail(ADD, "__free_one_page") },
    anonFault: {
      cite: "mm/memory.c do_anonymous_page",
      rows:
        "self _compound_head:1/0 charge_memcg:2/1 __cgroup_throttle_swaprate:1/0 __handle_mm_fault:1/1 " +
        "page_add_new_anon_rmap:4/2 __mod_lruvec_page_state:4/0 __page_set_anon_rmap:3/3 " +
        "lru_cache_add_inactive_or_unevictable:1/0",
    },
    folioAddLru: { cite: "mm/swap.c folio_add_lru", rows: "self folio_add_lru:2/1" },
    folioAddLruFull: { cite: "mm/swap.c folio_add_lru, batch full", rows: "self folio_add_lru:1/1" },
    lruAddFirst: { cite: "mm/swap.c folio_batch_move_lru", rows: "self folio_lruvec_lock_irqsave:2/0" },
    lruAddAgain: { cite: "mm/swap.c folio_batch_move_lru: same lruvec", rows: "self folio_batch_move_lru:2/0" },
    lruAddAnon: { cite: "mm/swap.c lru_add_fn", rows: lruAdd() },
    lruAddCache: { cite: "mm/swap.c lru_add_fn", rows: lruAdd() },
    lruAddPut: { cite: "mm/swap.c release_pages: the batch's reference", rows: "self release_pages:3/1" },
    zapLast: {
      cite: "mm/memory.c zap_pte_range, last mapping",
      rows:
        "self _compound_head:1/0 unmap_page_range:1/0 _compound_head:1/0 unmap_page_range:1/0 lock_page_memcg:1/0 " +
        "folio_memcg_lock.part.0:1/0 page_remove_rmap:3/1 __mod_lruvec_page_state:4/0 page_remove_rmap:2/0 " +
        "unlock_page_memcg:1/0 folio_memcg_unlock:1/0 unmap_page_range:3/0",
    },
    zapShared: {
      cite: "mm/memory.c zap_pte_range, mapped elsewhere too",
      rows:
        "self _compound_head:1/0 unmap_page_range:1/0 _compound_head:1/0 unmap_page_range:1/0 lock_page_memcg:1/0 " +
        "folio_memcg_lock.part.0:1/0 page_remove_rmap:3/1 unlock_page_memcg:1/0 folio_memcg_unlock:1/0 " +
        "unmap_page_range:3/0",
    },
    swapFree: { cite: "mm/swap_state.c free_swap_cache", rows: "self free_swap_cache:3/0" },
    putShared: { cite: "mm/swap.c release_pages: not the last reference", rows: "self release_pages:3/1" },
    releaseFirst: {
      cite: "mm/swap.c release_pages: takes the lruvec lock",
      rows: "self release_pages:5/1 folio_lruvec_lock_irqsave:2/0 release_pages:3/0",
    },
    releaseAgain: { cite: "mm/swap.c release_pages: lock held", rows: "self release_pages:10/1" },
    releaseRemove: { cite: "mm/swap.c release_pages, lruvec_del_folio", rows: lruRemove(6) },
    releaseRemoveCache: { cite: "mm/swap.c release_pages, lruvec_del_folio", rows: lruRemove(7) },
    releaseLink: { cite: "mm/swap.c release_pages: pages_to_free", rows: listAddHead(ADD, "release_pages") },
    unchargeFirst: {
      cite: "mm/memcontrol.c uncharge_folio: first of a memcg",
      rows: "self uncharge_folio:4/1 __mem_cgroup_uncharge_list:1/0",
    },
    unchargeAgain: {
      cite: "mm/memcontrol.c uncharge_folio",
      rows: "self uncharge_folio:3/1 __mem_cgroup_uncharge_list:1/0",
    },
    prepareAnon: {
      cite: `${PAGE_ALLOC} free_unref_page_prepare: mapping set`,
      rows: "self free_unref_page_list:1/0 free_pcp_prepare:5/3 free_unref_page_list:0/1",
    },
    prepareCache: {
      cite: `${PAGE_ALLOC} free_unref_page_prepare: mapping null`,
      rows: "self free_unref_page_list:1/0 free_pcp_prepare:5/2 free_unref_page_list:0/1",
    },
    unlink: {
      cite: `${PAGE_ALLOC} free_unref_page_list, second loop`,
      rows: `self free_unref_page_list:2/0 | ${listDel(DEL, "free_unref_page_list")} | self free_unref_page_list:1/2`,
    },
    forkShared: {
      cite: "mm/memory.c copy_present_pte, page_try_dup_anon_rmap",
      rows:
        "self _compound_head:1/0 copy_page_range:1/0 _compound_head:1/0 copy_page_range:3/2 _compound_head:1/0 " +
        "copy_page_range:1/0",
    },
    forkExclusive: {
      cite: "mm/memory.c copy_present_pte: clears PG_anon_exclusive",
      rows:
        "self _compound_head:1/0 copy_page_range:1/0 _compound_head:1/0 copy_page_range:4/3 _compound_head:1/0 " +
        "copy_page_range:1/0",
    },
    cowCheck: {
      cite: "mm/memory.c do_wp_page",
      rows: "self _compound_head:1/0 do_wp_page:7/0 _compound_head:1/0 do_wp_page:1/1 _compound_head:1/0 do_wp_page:1/0",
    },
    cowAlloc: {
      cite: "mm/memory.c wp_page_copy: new page",
      rows: "self _compound_head:1/0 charge_memcg:2/1 __cgroup_throttle_swaprate:1/0 wp_page_copy:1/1",
    },
    cowCopy: { cite: "mm/memory.c wp_page_copy: old page", rows: "self _compound_head:1/0 wp_page_copy:1/0" },
    cowRmap: {
      cite: "mm/memory.c wp_page_copy: new page mapped",
      rows:
        "self page_add_new_anon_rmap:4/2 __mod_lruvec_page_state:4/0 __page_set_anon_rmap:3/3 " +
        "lru_cache_add_inactive_or_unevictable:1/0",
    },
    cowDrop: {
      cite: "mm/memory.c wp_page_copy: old page unmapped",
      rows:
        "self lock_page_memcg:1/0 folio_memcg_lock.part.0:1/0 page_remove_rmap:3/1 unlock_page_memcg:1/0 " +
        "folio_memcg_unlock:1/0 _compound_head:1/0 put_page:1/1 free_swap_cache:3/0 _compound_head:1/0 put_page:1/1",
    },
    shmemAlloc: {
      cite: "mm/shmem.c shmem_get_folio_gfp, shmem_add_to_page_cache",
      rows:
        "self shmem_alloc_and_acct_folio:2/2 shmem_get_folio_gfp:2/1 shmem_add_to_page_cache:9/3 charge_memcg:2/1 " +
        "__cgroup_throttle_swaprate:1/0 shmem_add_to_page_cache:1/0 __mod_lruvec_page_state:8/0",
    },
    shmemAddLru: { cite: "mm/swap.c folio_add_lru", rows: "self folio_add_lru:2/1" },
    shmemAddLruFull: { cite: "mm/swap.c folio_add_lru, batch full", rows: "self folio_add_lru:1/1" },
    shmemWritten: {
      cite: "mm/shmem.c shmem_write_begin, shmem_write_end",
      rows:
        "self shmem_get_folio_gfp:3/0 PageHeadHuge:1/0 shmem_write_begin:2/0 shmem_write_end:6/1 set_page_dirty:1/0 " +
        "folio_mapping:4/0 folio_mark_dirty:1/0 noop_dirty_folio:2/1 unlock_page:1/0 folio_unlock:1/1 " +
        "shmem_write_end:2/1",
    },
    shmemRead: {
      cite: "mm/shmem.c shmem_file_read_iter",
      rows:
        "self __filemap_get_folio:4/2 shmem_get_folio_gfp:1/0 folio_unlock:1/1 PageHeadHuge:1/0 " +
        "shmem_file_read_iter:2/0",
    },
    shmemReadInactive: {
      cite: "mm/swap.c folio_mark_accessed: to the activate batch",
      rows: "self folio_mark_accessed:4/0 folio_activate:5/1",
    },
    shmemReadInactiveFull: {
      cite: "mm/swap.c folio_mark_accessed: fills the activate batch",
      rows: "self folio_mark_accessed:4/0 folio_activate:4/1",
    },
    shmemReadPending: {
      cite: "mm/swap.c __lru_cache_activate_folio: still in the add batch",
      rows: "self folio_mark_accessed:6/2 workingset_activation:4/0",
    },
    shmemReadActive: {
      cite: "mm/swap.c folio_mark_accessed: sets PG_referenced",
      rows: "self folio_mark_accessed:3/1",
    },
    shmemReadDone: { cite: "mm/shmem.c shmem_file_read_iter: folio_put", rows: "self shmem_file_read_iter:1/1" },
    activateFirst: {
      cite: "mm/swap.c folio_batch_move_lru",
      rows: "self folio_batch_move_lru:1/1 folio_lruvec_lock_irqsave:2/0",
    },
    activateAgain: { cite: "mm/swap.c folio_batch_move_lru: same lruvec", rows: "self folio_batch_move_lru:3/1" },
    activateMove: {
      cite: "mm/swap.c folio_activate_fn",
      rows:
        `self folio_activate_fn:6/0 lru_gen_del_folio.constprop.0:1/0 | ${listDel(DEL, "folio_activate_fn")} | ` +
        "self folio_activate_fn:6/3 lru_gen_add_folio:3/0 folio_activate_fn:2/0 | " +
        `${listAddHead(ADD, "folio_activate_fn")} folio_batch_move_lru:1/1`,
    },
    activatePut: {
      cite: "mm/swap.c folio_mark_accessed after folio_activate",
      rows: "self folio_mark_accessed:1/1 workingset_activation:4/0",
    },
    truncateFind: { cite: "mm/filemap.c find_lock_entries", rows: "self find_lock_entries:7/2" },
    truncateFolio: {
      cite: "mm/truncate.c truncate_inode_folio",
      rows:
        "self shmem_undo_range:1/0 truncate_inode_folio:1/0 folio_mapped:2/0 folio_mapping:4/0 " +
        "truncate_cleanup_folio:2/0 folio_mapping:4/0 __folio_cancel_dirty:1/1 truncate_cleanup_folio:1/1 " +
        "filemap_remove_folio:2/0 __filemap_remove_folio:1/0 folio_mapped:2/0 PageHeadHuge:1/0 " +
        "filemap_unaccount_folio:1/0 __mod_lruvec_page_state:4/0 filemap_unaccount_folio:1/0 " +
        "__mod_lruvec_page_state:4/0 filemap_unaccount_folio:2/0 __filemap_remove_folio:1/0 PageHeadHuge:1/0 " +
        "__filemap_remove_folio:3/1 filemap_free_folio:2/1 folio_unlock:1/1",
    },
    thpTake: { cite: `${PAGE_ALLOC} prep_compound_head`, rows: "self get_page_from_freelist:2/5" },
    thpTakeTail: { cite: `${PAGE_ALLOC} check of a new page: done at refill`, rows: "" },
    thpPrepHead: { cite: `${PAGE_ALLOC} prep_compound_page: with thpTake`, rows: "" },
    thpPrepTail: { cite: `${PAGE_ALLOC} prep_compound_tail`, rows: "self get_page_from_freelist:0/3" },
    thpFault: {
      cite: "mm/huge_memory.c prep_transhuge_page, __do_huge_pmd_anonymous_page",
      rows:
        "tail1 get_page_from_freelist:0/5 | self get_page_from_freelist:0/1 | tail1 prep_transhuge_page:0/1 | " +
        "tail2 prep_transhuge_page:0/2 | self do_huge_pmd_anonymous_page:1/0 charge_memcg:1/0 | " +
        "tail1 charge_memcg:1/0 | self charge_memcg:1/1 __cgroup_throttle_swaprate:1/0 " +
        "do_huge_pmd_anonymous_page:1/1 page_add_new_anon_rmap:2/0 | tail1 page_add_new_anon_rmap:1/0 | " +
        "self page_add_new_anon_rmap:2/1 | tail1 page_add_new_anon_rmap:0/2 | self __mod_lruvec_page_state:8/0 " +
        "__page_set_anon_rmap:3/3 lru_cache_add_inactive_or_unevictable:1/0 folio_add_lru:2/1",
    },
    thpAddLru: {
      cite: "mm/swap.c lru_add_fn: folio_nr_pages reads the first tail",
      rows:
        "self lru_add_fn:2/1 | tail1 lru_add_fn:1/0 | self folio_mapping:4/0 lru_add_fn:4/0 lru_gen_add_folio:3/0 " +
        `lru_add_fn:2/0 | tail1 lru_add_fn:1/0 | ${listAddHead(ADD, "lru_add_fn")} folio_batch_move_lru:1/1`,
    },
    thpMapped: { cite: "mm/huge_memory.c: nothing after the LRU batch", rows: "" },
    thpZap: {
      cite: "mm/huge_memory.c zap_huge_pmd, mm/rmap.c page_remove_anon_compound_rmap",
      rows:
        "self lock_page_memcg:1/0 folio_memcg_lock.part.0:1/0 page_remove_rmap:2/0 | tail1 page_remove_rmap:1/1 | " +
        "self PageHuge:2/0 | tail1 PageHuge:1/0 | self page_remove_rmap:1/0 | tail1 page_remove_rmap:1/0 | " +
        "self __mod_lruvec_page_state:4/0 | tail1 page_remove_rmap:1/1 | self page_remove_rmap:1/0 | " +
        "tail1 page_remove_rmap:1/0 | self __mod_lruvec_page_state:4/0 unlock_page_memcg:1/0 folio_memcg_unlock:1/0 " +
        "zap_huge_pmd:2/0",
    },
    thpReleaseFirst: {
      cite: "mm/swap.c release_pages, __page_cache_release",
      rows:
        "self release_pages:4/1 PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self release_pages:1/0 " +
        "folio_lruvec_lock_irqsave:2/0 __page_cache_release.part.0:3/0",
    },
    thpReleaseAgain: {
      cite: "mm/swap.c release_pages, __page_cache_release",
      rows:
        "self release_pages:4/1 PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 | self release_pages:1/0 " +
        "folio_lruvec_lock_irqsave:2/0 __page_cache_release.part.0:3/0",
    },
    thpRelease: {
      cite: "mm/swap.c __page_cache_release",
      rows:
        `self lru_gen_del_folio.constprop.0:1/0 | ${listDel(DEL, "__page_cache_release.part.0")} | ` +
        "self __page_cache_release.part.0:0/2 | tail1 __page_cache_release.part.0:1/0 | " +
        "self __page_cache_release.part.0:4/3",
    },
    thpUncharge: {
      cite: "mm/page_alloc.c destroy_large_folio, mm/huge_memory.c free_transhuge_page",
      rows:
        "tail1 destroy_large_folio:1/0 | self free_transhuge_page:4/0 | tail2 free_transhuge_page:1/0 | " +
        "self free_compound_page:1/0 __mem_cgroup_uncharge:1/0 uncharge_folio:3/0 | tail1 uncharge_folio:1/0 | " +
        "self uncharge_folio:1/1 free_compound_page:1/0 | tail1 free_compound_page:1/0 | self free_pcp_prepare:4/0",
    },
    thpFreeTail1: { cite: `${PAGE_ALLOC} free_pages_prepare`, rows: "self free_pcp_prepare:7/5" },
    thpFreeTail2: { cite: `${PAGE_ALLOC} free_pages_prepare`, rows: "self free_pcp_prepare:5/3" },
    thpFreeTail3: { cite: `${PAGE_ALLOC} free_pages_prepare`, rows: "self free_pcp_prepare:5/3" },
    thpFreeTail: { cite: `${PAGE_ALLOC} free_pages_prepare`, rows: "self free_pcp_prepare:5/3" },
    thpFreeHead: { cite: `${PAGE_ALLOC} free_unref_page`, rows: "self free_pcp_prepare:4/3 free_unref_page:1/1" },
    gupPin: {
      cite: "mm/gup.c follow_page_pte, try_grab_page",
      rows: "self try_grab_page:5/1 mark_page_accessed:1/0 folio_mark_accessed:2/1",
    },
    gupNext: { cite: "mm/gup.c gup_folio_next", rows: "self unpin_user_pages:1/0" },
    gupUnpin: { cite: "mm/gup.c gup_put_folio", rows: "self gup_put_folio:3/1" },
    ...MIGRATION_6_1,
  },
};

function lruAdd(): string {
  return (
    "self lru_add_fn:2/1 folio_mapping:4/0 lru_add_fn:4/0 lru_gen_add_folio:3/0 lru_add_fn:2/0 | " +
    `${listAddHead(ADD, "lru_add_fn")} folio_batch_move_lru:1/1`
  );
}

function lruRemove(loads: number): string {
  return `self lru_gen_del_folio.constprop.0:1/0 | ${listDel(DEL, "release_pages")} | self release_pages:${loads}/5`;
}
