import { ANON_6_1 } from "../6.1/anon.ts";
import { listAddHead, listDel, type StepTable } from "../table.ts";

// Linux 6.12: anonymous memory, LRU lists, freeing in batches.

const DEL = "__list_del_entry_valid_or_report";
const ADD = "__list_add_valid_or_report";
const PAGE_ALLOC = "mm/page_alloc.c";
const LRU_DEL = "lru_gen_del_folio.constprop.0";
const RELEASE = "__page_cache_release.part.0";

export const ANON_6_12 = {
  ...ANON_6_1,
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
  cowReuse: {
    cite: "mm/memory.c wp_can_reuse_anon_folio: nobody else maps it any more",
    rows:
      "self do_wp_page:2/0 PageHuge:2/0 do_wp_page:12/1 folio_move_anon_rmap:0/1 folio_unlock:1/1 PageHuge:2/0 " +
      "do_wp_page:2/1 folio_xchg_last_cpupid:2/1",
  },
  fileCow: {
    cite: "mm/memory.c do_cow_fault: a private copy of a file's page, which lies elsewhere",
    rows:
      "self vma_alloc_folio_noprof:1/0 __mem_cgroup_charge:1/1 __folio_throttle_swaprate:1/0 do_fault:1/1 " +
      "finish_fault:3/1 folio_add_new_anon_rmap:5/5 __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0 " +
      "folio_add_new_anon_rmap:1/0",
  },
  execArguments: {
    cite: "fs/exec.c copy_strings, copy_string_kernel: program name, environment and arguments, pinned each",
    rows:
      "self follow_page_pte:3/0 try_grab_folio:6/3 mark_page_accessed:3/0 folio_mark_accessed:14/3 " +
      "copy_string_kernel:2/1 __check_object_size:24/0 copy_strings.isra.0:4/2",
  },
  execStack: { cite: "fs/exec.c setup_arg_pages, mprotect_fixup", rows: "self can_change_pte_writable:5/0" },
  gupPin: {
    cite: "mm/gup.c follow_page_pte, try_grab_folio",
    rows: "self follow_page_pte:1/0 try_grab_folio:4/1 mark_page_accessed:1/0 folio_mark_accessed:4/1",
  },
  gupNext: { cite: "mm/gup.c gup_folio_next", rows: "self gup_folio_next:1/0" },
} satisfies Partial<StepTable>;

function lruAdd(loads: number): string {
  return (
    `self lru_add:2/1 folio_mapping:4/0 lru_add:4/0 lru_gen_add_folio:${loads}/1 | ` +
    `${listAddHead(ADD, "lru_gen_add_folio")} folio_batch_move_lru:1/1`
  );
}

function lruRemove(): string {
  return `self ${LRU_DEL}:6/1 | ${listDel(DEL, LRU_DEL)} | self ${LRU_DEL}:0/2 ${RELEASE}:5/3`;
}
