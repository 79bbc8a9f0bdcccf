import { type KernelRecipes, listAddHead, listAddTail, listDel } from "./recipes.ts";
import { MIGRATION_6_12 } from "./recipes612Migration.ts";

// Linux 6.12 (Debian 6.12.117, x86_64, CONFIG_DEBUG_LIST, MEMCG, no DEBUG_VM, multi-gen LRU enabled).
// Counts are what that build does, inlining included; the citation names the source function.

const DEL = "__list_del_entry_valid_or_report";
const ADD = "__list_add_valid_or_report";
const PAGE_ALLOC = "mm/page_alloc.c";
const PCP = "__rmqueue_pcplist";
const LRU_DEL = "lru_gen_del_folio.constprop.0";
const RELEASE = "__page_cache_release.part.0";

export const RECIPES_6_12: KernelRecipes = {
  kernel: "6.12",
  sizes: {
    folioBatch: 31,
    releaseLockBatch: 0,
    // Encoded pages keep one slot of each batch for a length (mm/mmu_gather.c __tlb_remove_folio_pages_size).
    gatherBundle: 7,
    gatherBatch: 509,
    gatherBatches: 19,
    freeBatch: 31,
    activates: false,
    migratesInBatches: true,
    reclaimBatch: 64,
    thpFreedAtOnce: false,
  },
  steps: {
    refillRemove: {
      cite: `${PAGE_ALLOC} __rmqueue_smallest, page_del_and_expand`,
      rows: `${listDel(DEL, PCP)} | self ${PCP}:1/4`,
    },
    refillSplit: {
      cite: `${PAGE_ALLOC} expand: upper half to the head of the next lower list`,
      rows: `next ${ADD}:1/0 ${PCP}:0/1 | self ${PCP}:1/4`,
    },
    refillCheck: { cite: `${PAGE_ALLOC} rmqueue_bulk: pages are checked when taken`, rows: "" },
    refillCheckTail: { cite: `${PAGE_ALLOC} rmqueue_bulk: pages are checked when taken`, rows: "" },
    refillLink: { cite: `${PAGE_ALLOC} rmqueue_bulk`, rows: listAddTail(ADD, PCP) },
    pcpTake: { cite: `${PAGE_ALLOC} __rmqueue_pcplist`, rows: listDel(DEL, PCP) },
    pcpPrep: {
      cite: `${PAGE_ALLOC} check_new_pages, post_alloc_hook`,
      rows: `self ${PCP}:6/2 get_page_from_freelist:1/3`,
    },
    pcpPrepTail: { cite: `${PAGE_ALLOC} check_new_pages`, rows: `self ${PCP}:6/0` },
    pcpAdd: { cite: `${PAGE_ALLOC} free_unref_page_commit`, rows: listAddHead(ADD, "free_unref_page_commit") },
    drainTake: {
      cite: `${PAGE_ALLOC} free_pcppages_bulk`,
      rows: `${listDel(DEL, "free_pcppages_bulk")} | self free_pcppages_bulk:0/2`,
    },
    mergePeekBusy: { cite: `${PAGE_ALLOC} page_is_buddy: no buddy`, rows: "self __free_one_page:1/0" },
    mergePeekFree: { cite: `${PAGE_ALLOC} page_is_buddy: buddy of some order`, rows: "self __free_one_page:2/0" },
    mergeMatch: { cite: `${PAGE_ALLOC} page_is_buddy: zone id`, rows: "self __free_one_page:1/0" },
    mergeRemove: {
      cite: `${PAGE_ALLOC} __del_page_from_free_list`,
      rows: `${listDel(DEL, "__free_one_page")} | self __free_one_page:1/4`,
    },
    mergeDone: { cite: `${PAGE_ALLOC} set_buddy_order`, rows: "self __free_one_page:1/2" },
    insertHead: { cite: `${PAGE_ALLOC} __add_to_free_list`, rows: listAddHead(ADD, "__free_one_page") },
    insertTail: { cite: `${PAGE_ALLOC} __add_to_free_list, tail`, rows: listAddTail(ADD, "__free_one_page") },
    anonFault: {
      cite: "mm/memory.c do_anonymous_page",
      rows:
        "self vma_alloc_folio_noprof:1/0 __mem_cgroup_charge:1/1 __folio_throttle_swaprate:1/0 do_anonymous_page:4/2 " +
        "folio_add_new_anon_rmap:5/5 __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 folio_add_new_anon_rmap:1/0",
    },
    folioAddLru: { cite: "mm/swap.c folio_add_lru", rows: "self folio_add_lru:2/1 __folio_batch_add_and_move:2/1" },
    folioAddLruFull: {
      cite: "mm/swap.c folio_add_lru, batch full",
      rows: "self folio_add_lru:2/1 __folio_batch_add_and_move:1/1",
    },
    lruAddFirst: { cite: "mm/swap.c folio_batch_move_lru", rows: "self folio_lruvec_lock_irqsave:2/0" },
    lruAddAgain: { cite: "mm/swap.c folio_batch_move_lru: same lruvec", rows: "self folio_batch_move_lru:2/0" },
    lruAddAnon: { cite: "mm/swap.c lru_add: youngest generation", rows: lruAdd(11) },
    lruAddCache: { cite: "mm/swap.c lru_add: an older generation", rows: lruAdd(13) },
    lruAddPut: { cite: "mm/swap.c folios_put_refs: the batch's reference", rows: "self folios_put_refs:2/1" },
    zapLast: {
      cite: "mm/memory.c zap_present_ptes, last mapping",
      rows: "self unmap_page_range:3/0 folio_remove_rmap_ptes:3/1 __lruvec_stat_mod_folio:2/0 unmap_page_range:2/0",
    },
    zapShared: {
      cite: "mm/memory.c zap_present_ptes, mapped elsewhere too",
      rows: "self unmap_page_range:3/0 folio_remove_rmap_ptes:2/1 unmap_page_range:2/0",
    },
    swapFree: {
      cite: "mm/swap_state.c free_pages_and_swap_cache",
      rows: "self free_pages_and_swap_cache:1/0 free_swap_cache:2/0",
    },
    putShared: { cite: "mm/swap.c folios_put_refs: not the last reference", rows: "self folios_put_refs:2/1" },
    releaseFirst: {
      cite: "mm/swap.c folios_put_refs: takes the lruvec lock",
      rows: `self folios_put_refs:5/1 folio_lruvec_lock_irqsave:2/0 ${RELEASE}:3/0`,
    },
    releaseAgain: { cite: "mm/swap.c folios_put_refs: lock held", rows: `self folios_put_refs:5/1 ${RELEASE}:5/0` },
    releaseRemove: { cite: "mm/swap.c __page_cache_release, lruvec_del_folio", rows: lruRemove() },
    releaseRemoveCache: { cite: "mm/swap.c __page_cache_release, lruvec_del_folio", rows: lruRemove() },
    releaseLink: { cite: "mm/swap.c folios_put_refs: the batch is an array", rows: "" },
    unchargeFirst: { cite: "mm/memcontrol.c uncharge_folio: first of a memcg", rows: "self uncharge_folio:5/1" },
    unchargeAgain: { cite: "mm/memcontrol.c uncharge_folio", rows: "self uncharge_folio:4/1" },
    prepareAnon: {
      cite: `${PAGE_ALLOC} free_unref_folios, free_pages_prepare: mapping set`,
      rows: "self free_unref_folios:15/4",
    },
    prepareCache: {
      cite: `${PAGE_ALLOC} free_unref_folios, free_pages_prepare: mapping null`,
      rows: "self free_unref_folios:14/3",
    },
    unlink: { cite: `${PAGE_ALLOC} free_unref_folios, second loop`, rows: "self free_unref_folios:2/1" },
    forkShared: {
      cite: "mm/memory.c copy_present_ptes, folio_try_dup_anon_rmap_pte",
      rows: "self copy_page_range:5/1 PageHuge:2/0 copy_page_range:2/1",
    },
    forkExclusive: {
      cite: "mm/memory.c copy_present_ptes: clears PG_anon_exclusive",
      rows: "self copy_page_range:5/1 PageHuge:2/0 copy_page_range:3/2",
    },
    cowCheck: { cite: "mm/memory.c do_wp_page", rows: "self do_wp_page:2/0 PageHuge:2/0 do_wp_page:10/1" },
    cowAlloc: {
      cite: "mm/memory.c wp_page_copy: new page",
      rows: "self vma_alloc_folio_noprof:1/0 __mem_cgroup_charge:1/1 __folio_throttle_swaprate:1/0 do_wp_page:1/1",
    },
    cowCopy: { cite: "mm/memory.c wp_page_copy: old page", rows: "self do_wp_page:1/0" },
    cowRmap: {
      cite: "mm/memory.c wp_page_copy: new page mapped",
      rows: "self folio_add_new_anon_rmap:5/5 __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 folio_add_new_anon_rmap:1/0",
    },
    cowDrop: {
      cite: "mm/memory.c wp_page_copy: old page unmapped",
      rows: "self folio_remove_rmap_ptes:2/1 folio_put:1/1 free_swap_cache:2/0 folio_put:1/1",
    },
    shmemAlloc: {
      cite: "mm/shmem.c shmem_get_folio_gfp, shmem_alloc_and_add_folio",
      rows:
        "self folio_alloc_mpol_noprof:1/0 shmem_alloc_and_add_folio:2/2 __mem_cgroup_charge:1/1 " +
        "shmem_add_to_page_cache:7/3 __folio_throttle_swaprate:1/0 shmem_update_stats:1/0 __lruvec_stat_mod_folio:4/0",
    },
    shmemAddLru: {
      cite: "mm/swap.c folio_add_lru: not faulted in",
      rows: "self folio_add_lru:1/0 __folio_batch_add_and_move:2/1",
    },
    shmemAddLruFull: {
      cite: "mm/swap.c folio_add_lru: not faulted in, batch full",
      rows: "self folio_add_lru:1/0 __folio_batch_add_and_move:1/1",
    },
    shmemWritten: {
      cite: "mm/shmem.c shmem_write_begin, shmem_write_end",
      rows:
        "self shmem_get_folio_gfp:2/1 shmem_write_begin:2/0 generic_perform_write:3/0 shmem_write_end:3/1 " +
        "folio_mapping:4/0 folio_mark_dirty:1/0 noop_dirty_folio:2/1 folio_unlock:1/1 shmem_write_end:1/1",
    },
    shmemRead: {
      cite: "mm/shmem.c shmem_file_read_iter",
      rows: "self filemap_get_entry:3/1 shmem_get_folio_gfp:3/1 folio_unlock:1/1 shmem_file_read_iter:2/0",
    },
    shmemReadInactive: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
    shmemReadInactiveFull: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
    shmemReadPending: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
    shmemReadActive: { cite: "mm/swap.c folio_inc_refs", rows: "self folio_mark_accessed:5/1" },
    shmemReadDone: { cite: "mm/shmem.c shmem_file_read_iter: folio_put", rows: "self shmem_file_read_iter:1/1" },
    activateFirst: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
    activateAgain: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
    activateMove: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
    activatePut: { cite: "multi-gen LRU: a read moves nothing", rows: "" },
    truncateFind: { cite: "mm/filemap.c find_lock_entries", rows: "self find_lock_entries:8/2" },
    truncateFolio: {
      cite: "mm/truncate.c truncate_inode_folio",
      rows:
        "self truncate_inode_folio:1/0 truncate_cleanup_folio:2/0 folio_mapping:4/0 truncate_cleanup_folio:2/0 " +
        "folio_mapping:4/0 __folio_cancel_dirty:1/1 truncate_cleanup_folio:1/1 filemap_remove_folio:2/0 " +
        "__filemap_remove_folio:1/0 filemap_unaccount_folio:4/0 __lruvec_stat_mod_folio:2/0 " +
        "filemap_unaccount_folio:1/0 __lruvec_stat_mod_folio:2/0 filemap_unaccount_folio:2/0 " +
        "__filemap_remove_folio:4/1 filemap_free_folio:2/1 folio_unlock:1/1",
    },
    thpTake: { cite: `${PAGE_ALLOC} check_new_pages: the head`, rows: `self ${PCP}:6/2` },
    thpTakeTail: { cite: `${PAGE_ALLOC} check_new_pages`, rows: `self ${PCP}:6/0` },
    thpPrepHead: {
      cite: `${PAGE_ALLOC} post_alloc_hook, prep_compound_page`,
      rows: "self get_page_from_freelist:1/2 prep_compound_page:1/1",
    },
    thpPrepTail: { cite: `${PAGE_ALLOC} prep_compound_tail`, rows: "self prep_compound_page:0/3" },
    thpFault: {
      cite: "mm/huge_memory.c __do_huge_pmd_anonymous_page",
      rows:
        "self prep_compound_page:1/0 | tail1 prep_compound_page:1/6 | tail2 prep_compound_page:0/2 | " +
        "self get_page_from_freelist:0/1 vma_alloc_folio_noprof:1/0 | tail1 vma_alloc_folio_noprof:1/1 | " +
        "self do_huge_pmd_anonymous_page:1/0 __mem_cgroup_charge:1/0 | tail1 __mem_cgroup_charge:1/0 | " +
        "self __mem_cgroup_charge:0/1 __folio_throttle_swaprate:1/0 folio_zero_user:1/0 | tail1 folio_zero_user:1/0 | " +
        "self do_huge_pmd_anonymous_page:1/1 folio_add_new_anon_rmap:1/0 | tail1 folio_add_new_anon_rmap:1/0 | " +
        "self folio_add_new_anon_rmap:4/3 | tail1 folio_add_new_anon_rmap:1/3 | self folio_add_new_anon_rmap:1/1 " +
        "__folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 " +
        "folio_add_new_anon_rmap:1/0 | tail1 folio_add_new_anon_rmap:1/0 | self folio_add_lru:2/1 " +
        "__folio_batch_add_and_move:2/1",
    },
    thpAddLru: {
      cite: "mm/swap.c lru_add: folio_nr_pages reads the first tail",
      rows:
        "self lru_add:2/1 | tail1 lru_add:1/0 | self folio_mapping:4/0 lru_add:4/0 lru_gen_add_folio:11/1 | " +
        `tail1 lru_gen_add_folio:1/0 | ${listAddHead(ADD, "lru_gen_add_folio")} folio_batch_move_lru:1/1`,
    },
    thpMapped: {
      cite: "mm/huge_memory.c deferred_split_folio: every new huge page is queued (its list lies in DRAM or tail 2)",
      rows:
        "self deferred_split_folio:3/0 | tail1 deferred_split_folio:1/0 | self deferred_split_folio:2/0 | " +
        "tail2 deferred_split_folio:1/2 | self deferred_split_folio:1/0",
    },
    thpZap: {
      cite: "mm/huge_memory.c zap_huge_pmd, mm/rmap.c folio_remove_rmap_pmd",
      rows:
        "self zap_huge_pmd:1/0 | tail1 folio_remove_rmap_pmd:3/3 | self folio_remove_rmap_pmd:1/0 | " +
        "tail1 folio_remove_rmap_pmd:1/0 | self __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 __folio_mod_stat:1/0 " +
        "__lruvec_stat_mod_folio:2/0 zap_huge_pmd:1/0 | tail1 zap_huge_pmd:1/0 | self zap_huge_pmd:1/0",
    },
    thpReleaseFirst: { cite: "mm/swap.c folios_put_refs", rows: thpRelease("folio_lruvec_lock_irqsave:2/0", 3) },
    thpReleaseAgain: { cite: "mm/swap.c folios_put_refs: lock held", rows: thpRelease("", 5) },
    thpRelease: {
      cite: "mm/swap.c __page_cache_release",
      rows: `self ${LRU_DEL}:6/1 | tail1 ${LRU_DEL}:1/0 | ${listDel(DEL, LRU_DEL)} | self ${LRU_DEL}:0/2 ${RELEASE}:5/3`,
    },
    thpUncharge: {
      cite: "mm/memcontrol.c uncharge_folio",
      rows:
        "self uncharge_folio:2/0 | tail1 uncharge_folio:1/0 | self uncharge_folio:4/0 | tail2 uncharge_folio:1/0 | " +
        "self uncharge_folio:0/1",
    },
    thpFreeTail1: {
      cite: `${PAGE_ALLOC} free_pages_prepare`,
      rows: "self free_unref_folios:1/1 free_tail_page_prepare:6/2 free_unref_folios:6/1",
    },
    thpFreeTail2: {
      cite: `${PAGE_ALLOC} free_tail_page_prepare`,
      rows: "self free_tail_page_prepare:3/2 free_unref_folios:6/1",
    },
    thpFreeTail3: {
      cite: `${PAGE_ALLOC} free_tail_page_prepare: tail 3`,
      rows: "self free_tail_page_prepare:2/2 free_unref_folios:6/1",
    },
    thpFreeTail: {
      cite: `${PAGE_ALLOC} free_tail_page_prepare`,
      rows: "self free_tail_page_prepare:3/2 free_unref_folios:6/1",
    },
    thpFreeHead: { cite: `${PAGE_ALLOC} free_unref_folios`, rows: "self free_unref_folios:9/4" },
    gupPin: {
      cite: "mm/gup.c follow_page_pte, try_grab_folio",
      rows: "self follow_page_pte:1/0 try_grab_folio:4/1 mark_page_accessed:1/0 folio_mark_accessed:4/1",
    },
    gupNext: { cite: "mm/gup.c gup_folio_next", rows: "self gup_folio_next:1/0" },
    gupUnpin: { cite: "mm/gup.c gup_put_folio", rows: "self gup_put_folio:3/1" },
    ...MIGRATION_6_12,
  },
};

function lruAdd(loads: number): string {
  return (
    `self lru_add:2/1 folio_mapping:4/0 lru_add:4/0 lru_gen_add_folio:${loads}/1 | ` +
    `${listAddHead(ADD, "lru_gen_add_folio")} folio_batch_move_lru:1/1`
  );
}

function lruRemove(): string {
  return `self ${LRU_DEL}:6/1 | ${listDel(DEL, LRU_DEL)} | self ${LRU_DEL}:0/2 ${RELEASE}:5/3`;
}

function thpRelease(lock: string, loads: number): string {
  return (
    "self folios_put_refs:4/1 | tail1 folios_put_refs:2/0 | tail2 folios_put_refs:1/0 | " +
    "self __folio_unqueue_deferred_split:3/0 | tail2 __folio_unqueue_deferred_split:1/0 | " +
    "tail1 __folio_unqueue_deferred_split:1/0 | " +
    `tail2 ${DEL}:2/0 __folio_unqueue_deferred_split:2/2 | self folios_put_refs:1/0 ${lock} ${RELEASE}:${loads}/0`
  );
}
