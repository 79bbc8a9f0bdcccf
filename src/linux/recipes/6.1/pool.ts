import type { StepTable } from "../table.ts";

// Linux 6.1: the pool of huge pages of hugetlbfs grows and is used, with or without optimized vmemmap.

const UNCHARGE = "__hugetlb_cgroup_uncharge_folio.part.0";
const COMMIT = "__hugetlb_cgroup_commit_charge.part.0";

export const POOL_6_1 = {
  poolAlloc: {
    cite: "mm/hugetlb.c alloc_buddy_huge_page, mm/page_alloc.c prep_compound_page",
    rows:
      "tail1 get_page_from_freelist:0/5 | self get_page_from_freelist:0/1 alloc_buddy_huge_page.isra.0:1/1 " +
      "alloc_fresh_huge_page:1/0",
  },
  poolCollect: {
    cite: "mm/hugetlb.c remove_hugetlb_page: to a list of its own",
    rows: "next __list_add_valid:1/0 __nr_hugepages_store_common:0/1 | self __nr_hugepages_store_common:0/2",
  },
  poolVmemmap: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize: not tried",
    rows: "",
  },
  poolVmemmapSplit: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize: one pass in this version",
    rows: "",
  },
  poolVmemmapSplitRefused: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize: one pass in this version",
    rows: "",
  },
  poolOptimize: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize: SetHPageVmemmapOptimized",
    rows: "self hugetlb_vmemmap_optimize:1/1",
  },
  poolCopy: {
    cite: "mm/hugetlb_vmemmap.c copy_page: the page of struct pages to a new one",
    rows: "sub copy_page:8/0",
  },
  poolNewPage: {
    cite: "mm/hugetlb_vmemmap.c vmemmap_remap_free: no new page in this version",
    rows: "",
  },
  poolOptimized: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize: with poolOptimize",
    rows: "",
  },
  poolRefused: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize: PageVmemmapSelfHosted of the page that holds the struct pages",
    rows: "sub hugetlb_vmemmap_optimize:1/0",
  },
  poolPrep: {
    cite: "mm/hugetlb.c __prep_new_huge_page",
    rows:
      "tail1 __prep_new_huge_page:0/1 | self __prep_new_huge_page:1/2 | tail1 __prep_new_huge_page:0/1 | self " +
      "__prep_new_huge_page:2/0 | tail1 __prep_new_huge_page:1/0 | tail2 __prep_new_huge_page:0/1 | self " +
      "__prep_new_huge_page:2/0 | tail1 __prep_new_huge_page:1/0 | tail3 __prep_new_huge_page:0/1 | self " +
      "free_huge_page:2/0 | tail1 free_huge_page:1/0 | self free_huge_page:1/0 | tail1 free_huge_page:1/1 | " +
      `self free_huge_page:4/3 ${UNCHARGE}:1/0 | tail1 ` +
      `${UNCHARGE}:1/0 | tail2 ${UNCHARGE}:1/0 | self ` +
      `${UNCHARGE}:1/0 | tail1 ${UNCHARGE}:1/0 | tail3 ` +
      `${UNCHARGE}:1/0 | self free_huge_page:1/0`,
  },
  poolPrepFake: {
    cite: "mm/hugetlb.c __prep_new_huge_page, include/linux/page-flags.h page_fixed_fake_head",
    rows:
      "tail1 __prep_new_huge_page:0/1 | self __prep_new_huge_page:2/2 | tail1 __prep_new_huge_page:1/1 | self " +
      "__prep_new_huge_page:2/0 | tail1 __prep_new_huge_page:1/0 | self __prep_new_huge_page:1/0 | tail1 " +
      "__prep_new_huge_page:1/0 | tail2 __prep_new_huge_page:0/1 | self __prep_new_huge_page:2/0 | tail1 " +
      "__prep_new_huge_page:1/0 | self __prep_new_huge_page:1/0 | tail1 __prep_new_huge_page:1/0 | tail3 " +
      "__prep_new_huge_page:0/1 | self free_huge_page:2/0 | tail1 free_huge_page:1/0 | self free_huge_page:1/0 " +
      "| tail1 free_huge_page:1/0 | self free_huge_page:1/0 | tail1 free_huge_page:1/1 | self " +
      `free_huge_page:4/3 ${UNCHARGE}:1/0 | tail1 ` +
      `${UNCHARGE}:1/0 | tail2 ${UNCHARGE}:1/0 | self ` +
      `${UNCHARGE}:1/0 | tail1 ${UNCHARGE}:1/0 | tail3 ` +
      `${UNCHARGE}:1/0 | self free_huge_page:1/0`,
  },
  poolDel: {
    cite: "mm/hugetlb.c enqueue_huge_page: list_move",
    rows:
      "self enqueue_huge_page:1/0 __list_del_entry_valid:2/0 | prev __list_del_entry_valid:1/0 | next " +
      "__list_del_entry_valid:1/0 | self enqueue_huge_page:2/0 | next enqueue_huge_page:0/1 | prev " +
      "enqueue_huge_page:0/1",
  },
  poolAdd: {
    cite: "mm/hugetlb.c enqueue_huge_page: list_move",
    rows: "next __list_add_valid:1/0 enqueue_huge_page:0/1 | self enqueue_huge_page:1/3",
  },
  poolTake: {
    cite: "mm/hugetlb.c dequeue_huge_page_node_exact: list_move",
    rows:
      "self dequeue_huge_page_nodemask:1/0 __list_del_entry_valid:2/0 | prev __list_del_entry_valid:1/0 | next " +
      "__list_del_entry_valid:1/0 | self dequeue_huge_page_nodemask:2/0 | next dequeue_huge_page_nodemask:0/1 | " +
      "prev dequeue_huge_page_nodemask:0/1",
  },
  poolActive: {
    cite: "mm/hugetlb.c dequeue_huge_page_node_exact: list_move",
    rows: "next __list_add_valid:1/0 dequeue_huge_page_nodemask:0/1 | self dequeue_huge_page_nodemask:1/4",
  },
  poolFault: {
    cite: "mm/hugetlb.c alloc_huge_page, hugetlb_no_page, hugetlb_wp",
    rows:
      `self alloc_huge_page:2/1 ${COMMIT}:2/0 | tail1 ` +
      `${COMMIT}:1/0 | tail2 ${COMMIT}:0/1 | self ` +
      `${COMMIT}:1/0 alloc_huge_page:1/0 | tail1 alloc_huge_page:0/1 | self ` +
      "hugetlb_fault:1/1 _compound_head:1/0 hugetlb_fault:2/2 | tail1 hugepage_add_new_anon_rmap:0/2 | self " +
      "hugepage_add_new_anon_rmap:3/3 hugetlb_wp:1/0 __page_mapcount:4/0 | tail1 __page_mapcount:2/0 | self " +
      "_compound_head:1/0 hugetlb_wp:2/0 hugetlb_fault:1/1 unlock_page:1/0 folio_unlock:1/1",
  },
  poolFaultFake: {
    cite: "mm/hugetlb.c alloc_huge_page, hugetlb_no_page, hugetlb_wp: with fake heads",
    rows:
      `self alloc_huge_page:3/1 | tail1 alloc_huge_page:1/0 | self ${COMMIT}:2/0 | ` +
      `tail1 ${COMMIT}:1/0 | self ${COMMIT}:1/0 | tail1 ` +
      `${COMMIT}:1/0 | tail2 ${COMMIT}:0/1 | self ` +
      `${COMMIT}:1/0 alloc_huge_page:2/0 | tail1 alloc_huge_page:1/1 | self ` +
      "hugetlb_fault:1/1 _compound_head:2/0 | tail1 _compound_head:1/0 | self hugetlb_fault:2/2 | tail1 " +
      "hugepage_add_new_anon_rmap:0/2 | self hugepage_add_new_anon_rmap:2/0 | tail1 " +
      "hugepage_add_new_anon_rmap:1/0 | self hugepage_add_new_anon_rmap:2/3 hugetlb_wp:1/0 __page_mapcount:3/0 " +
      "| tail1 __page_mapcount:1/0 | self __page_mapcount:3/0 | tail1 __page_mapcount:3/0 | self " +
      "_compound_head:2/0 | tail1 _compound_head:1/0 | self hugetlb_wp:2/0 hugetlb_fault:1/1 unlock_page:2/0 | " +
      "tail1 unlock_page:1/0 | self folio_unlock:1/1",
  },
  poolZap: {
    cite: "mm/hugetlb.c __unmap_hugepage_range, mm/rmap.c page_remove_rmap",
    rows:
      "self set_page_dirty:1/0 folio_mapping:3/0 folio_mark_dirty:2/1 lock_page_memcg:1/0 " +
      "folio_memcg_lock.part.0:1/0 page_remove_rmap:2/0 | tail1 page_remove_rmap:1/1 | self PageHuge:2/0 | " +
      "tail1 PageHuge:1/0 | self unlock_page_memcg:1/0 folio_memcg_unlock:1/0",
  },
  poolZapFake: {
    cite: "mm/hugetlb.c __unmap_hugepage_range, mm/rmap.c page_remove_rmap: with fake heads",
    rows:
      "self set_page_dirty:2/0 | tail1 set_page_dirty:1/0 | self folio_mapping:3/0 folio_mark_dirty:2/1 " +
      "lock_page_memcg:2/0 | tail1 lock_page_memcg:1/0 | self folio_memcg_lock.part.0:1/0 page_remove_rmap:2/0 " +
      "| tail1 page_remove_rmap:1/0 | self page_remove_rmap:1/0 | tail1 page_remove_rmap:1/1 | self " +
      "PageHuge:3/0 | tail1 PageHuge:2/0 | self unlock_page_memcg:2/0 | tail1 unlock_page_memcg:1/0 | self " +
      "folio_memcg_unlock:1/0",
  },
  poolSwap: {
    cite: "mm/swap_state.c free_swap_cache",
    rows: "self free_swap_cache:2/0",
  },
  poolSwapFake: {
    cite: "mm/swap_state.c free_swap_cache: with fake heads",
    rows: "self free_swap_cache:2/0 | tail1 free_swap_cache:1/0 | self free_swap_cache:1/0",
  },
  poolPut: {
    cite: "mm/hugetlb.c free_huge_page",
    rows:
      "self release_pages:4/1 PageHeadHuge:1/0 | tail1 PageHeadHuge:1/0 destroy_large_folio:1/0 | self " +
      "free_huge_page:2/0 | tail1 free_huge_page:1/0 | self free_huge_page:1/0 | tail1 free_huge_page:1/1 | " +
      `self free_huge_page:5/4 ${UNCHARGE}:1/0 | tail1 ` +
      `${UNCHARGE}:1/0 | tail2 ${UNCHARGE}:1/0 | self ` +
      `${UNCHARGE}:1/0 | tail2 ${UNCHARGE}:0/1 | self ` +
      `${UNCHARGE}:2/0 | tail1 ${UNCHARGE}:1/0 | tail3 ` +
      `${UNCHARGE}:1/0 | self free_huge_page:1/0`,
  },
  poolPutFake: {
    cite: "mm/hugetlb.c free_huge_page: with fake heads",
    rows:
      "self release_pages:2/0 | tail1 release_pages:1/0 | self release_pages:3/1 PageHeadHuge:2/0 | tail1 " +
      "PageHeadHuge:2/0 destroy_large_folio:1/0 | self free_huge_page:2/0 | tail1 free_huge_page:1/0 | self " +
      "free_huge_page:1/0 | tail1 free_huge_page:1/0 | self free_huge_page:1/0 | tail1 free_huge_page:1/1 | " +
      `self free_huge_page:5/4 ${UNCHARGE}:1/0 | tail1 ` +
      `${UNCHARGE}:1/0 | tail2 ${UNCHARGE}:1/0 | self ` +
      `${UNCHARGE}:1/0 | tail2 ${UNCHARGE}:0/1 | self ` +
      `${UNCHARGE}:2/0 | tail1 ${UNCHARGE}:1/0 | tail3 ` +
      `${UNCHARGE}:1/0 | self free_huge_page:1/0`,
  },
} satisfies Partial<StepTable>;
