import { listAddHead, listDel, type StepTable } from "../table.ts";

// Linux 6.1: transparent huge pages.

const DEL = "__list_del_entry_valid";
const ADD = "__list_add_valid";
const PAGE_ALLOC = "mm/page_alloc.c";

export const HUGE_6_1 = {
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
} satisfies Partial<StepTable>;
