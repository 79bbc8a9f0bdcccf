import { listAddHead, listDel, type StepTable } from "../table.ts";

// Linux 6.1: anonymous memory, LRU lists, freeing in batches.

const DEL = "__list_del_entry_valid";
const ADD = "__list_add_valid";
const PAGE_ALLOC = "mm/page_alloc.c";

export const ANON_6_1 = {
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
  cowReuse: {
    cite: "mm/memory.c wp_can_reuse_anon_folio, mm/rmap.c page_move_anon_rmap: nobody else maps it any more",
    rows: "self _compound_head:1/0 do_wp_page:12/1 page_move_anon_rmap:2/2 folio_unlock:1/1 page_cpupid_xchg_last:2/1",
  },
  fileCow: {
    cite: "mm/memory.c do_cow_fault: a private copy of a file's page, which lies elsewhere",
    rows:
      "self _compound_head:1/0 charge_memcg:2/1 __cgroup_throttle_swaprate:1/0 do_fault:1/1 page_add_new_anon_rmap:4/2 " +
      "__mod_lruvec_page_state:4/0 __page_set_anon_rmap:3/3 lru_cache_add_inactive_or_unevictable:1/0",
  },
  execArguments: {
    cite: "fs/exec.c copy_strings, copy_string_kernel: program name, environment and arguments, pinned each",
    rows:
      "self try_grab_page:9/3 mark_page_accessed:3/0 folio_mark_accessed:10/4 copy_string_kernel:2/1 " +
      "workingset_activation:4/0 __check_object_size:24/0 copy_strings.isra.0:4/2",
  },
  execStack: { cite: "fs/exec.c setup_arg_pages, mprotect_fixup", rows: "self change_protection:3/0" },
  gupPin: {
    cite: "mm/gup.c follow_page_pte, try_grab_page",
    rows: "self try_grab_page:5/1 mark_page_accessed:1/0 folio_mark_accessed:2/1",
  },
  gupNext: { cite: "mm/gup.c gup_folio_next", rows: "self unpin_user_pages:1/0" },
  gupUnpin: { cite: "mm/gup.c gup_put_folio", rows: "self gup_put_folio:3/1" },
} satisfies Partial<StepTable>;

function lruAdd(): string {
  return (
    "self lru_add_fn:2/1 folio_mapping:4/0 lru_add_fn:4/0 lru_gen_add_folio:3/0 lru_add_fn:2/0 | " +
    `${listAddHead(ADD, "lru_add_fn")} folio_batch_move_lru:1/1`
  );
}

function lruRemove(loads: number): string {
  return `self lru_gen_del_folio.constprop.0:1/0 | ${listDel(DEL, "release_pages")} | self release_pages:${loads}/5`;
}
