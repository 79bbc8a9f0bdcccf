import { HUGE_6_1 } from "../6.1/huge.ts";
import { listAddHead, listDel, type StepTable } from "../table.ts";

// Linux 6.12: transparent huge pages.

const DEL = "__list_del_entry_valid_or_report";
const ADD = "__list_add_valid_or_report";
const PAGE_ALLOC = "mm/page_alloc.c";
const LRU_DEL = "lru_gen_del_folio.constprop.0";
const RELEASE = "__page_cache_release.part.0";

export const HUGE_6_12 = {
  ...HUGE_6_1,
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
    cite: "mm/huge_memory.c deferred_split_folio: every new huge page is queued",
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
} satisfies Partial<StepTable>;

function thpRelease(lock: string, loads: number): string {
  return (
    "self folios_put_refs:4/1 | tail1 folios_put_refs:2/0 | tail2 folios_put_refs:1/0 | " +
    "self __folio_unqueue_deferred_split:3/0 | tail2 __folio_unqueue_deferred_split:1/0 | " +
    "tail1 __folio_unqueue_deferred_split:1/0 | " +
    `tail2 ${DEL}:2/0 | prev ${DEL}:1/0 | next ${DEL}:1/0 | tail2 __folio_unqueue_deferred_split:2/0 | ` +
    "next __folio_unqueue_deferred_split:0/1 | prev __folio_unqueue_deferred_split:0/1 | " +
    `tail2 __folio_unqueue_deferred_split:0/2 | self folios_put_refs:1/0 ${lock} ${RELEASE}:${loads}/0`
  );
}
