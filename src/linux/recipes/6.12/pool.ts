import { POOL_6_1 } from "../6.1/pool.ts";
import type { StepTable } from "../table.ts";

// Linux 6.12: the pool of huge pages of hugetlbfs grows and is used, with or without optimized vmemmap.

const UNCHARGE = "__hugetlb_cgroup_uncharge_folio.part.0";
const ADD = "__list_add_valid_or_report";
const DEL = "__list_del_entry_valid_or_report";

export const POOL_6_12 = {
  ...POOL_6_1,
  poolAlloc: {
    cite: "mm/hugetlb.c alloc_buddy_hugetlb_folio, init_new_hugetlb_folio",
    rows:
      "self prep_compound_page:1/0 | tail1 prep_compound_page:1/6 | tail2 prep_compound_page:0/2 | self " +
      "get_page_from_freelist:0/1 __folio_alloc_noprof:1/0 | tail1 __folio_alloc_noprof:1/1 " +
      "alloc_buddy_hugetlb_folio.isra.0:1/1 | self alloc_buddy_hugetlb_folio.isra.0:1/1 " +
      "alloc_pool_huge_folio:1/1 | tail3 alloc_pool_huge_folio:0/1 | self alloc_pool_huge_folio:0/1 | tail3 " +
      "alloc_pool_huge_folio:0/1 | self alloc_pool_huge_folio:0/1 | tail3 alloc_pool_huge_folio:0/1",
  },
  poolCollect: {
    cite: "mm/hugetlb.c set_max_huge_pages: to a list of its own",
    rows: `next ${ADD}:1/0 __nr_hugepages_store_common:0/1 | self __nr_hugepages_store_common:0/2`,
  },
  poolVmemmap: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize_folios: not tried",
    rows: "self vmemmap_should_optimize_folio:1/0 hugetlb_vmemmap_optimize_folios:1/0",
  },
  poolVmemmapSplit: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_split_folio",
    rows: "self vmemmap_should_optimize_folio:1/0 hugetlb_vmemmap_optimize_folios:1/0",
  },
  poolVmemmapSplitRefused: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_split_folio, vmemmap_pmd_entry: PageVmemmapSelfHosted",
    rows: "self vmemmap_should_optimize_folio:1/0 | sub vmemmap_pmd_entry:1/0 | self hugetlb_vmemmap_optimize_folios:1/0",
  },
  poolOptimize: {
    cite: "mm/hugetlb_vmemmap.c __hugetlb_vmemmap_optimize_folio",
    rows: "self vmemmap_should_optimize_folio:1/0 __hugetlb_vmemmap_optimize_folio:2/1",
  },
  poolNewPage: {
    cite: "mm/hugetlb_vmemmap.c vmemmap_remap_pte: the new page of struct pages",
    rows: `self __hugetlb_vmemmap_optimize_folio:0/2 ${DEL}:2/0 vmemmap_remap_pte:2/2`,
  },
  poolOptimized: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_optimize_folios",
    rows: "self hugetlb_vmemmap_optimize_folios:1/0",
  },
  poolRefused: {
    cite: "mm/hugetlb_vmemmap.c vmemmap_pmd_entry: PageVmemmapSelfHosted of the page that holds the struct pages; all undone",
    rows: "sub vmemmap_pmd_entry:1/0 | self __hugetlb_vmemmap_optimize_folio:1/1 hugetlb_vmemmap_optimize_folios:1/0",
  },
  poolPrep: {
    cite: "mm/hugetlb.c prep_and_add_allocated_folios",
    rows: "self prep_and_add_allocated_folios:2/0",
  },
  poolPrepFake: {
    cite: "mm/hugetlb.c prep_and_add_allocated_folios",
    rows: "self prep_and_add_allocated_folios:2/0",
  },
  poolDel: {
    cite: "mm/hugetlb.c enqueue_hugetlb_folio: list_move",
    rows:
      `self enqueue_hugetlb_folio:1/0 ${DEL}:2/0 | prev ` +
      `${DEL}:1/0 | next ${DEL}:1/0 | self ` +
      "enqueue_hugetlb_folio:2/0 | next enqueue_hugetlb_folio:0/1 | prev enqueue_hugetlb_folio:0/1",
  },
  poolAdd: {
    cite: "mm/hugetlb.c enqueue_hugetlb_folio: list_move",
    rows: `next ${ADD}:1/0 enqueue_hugetlb_folio:0/1 | self enqueue_hugetlb_folio:1/3`,
  },
  poolTake: {
    cite: "mm/hugetlb.c dequeue_hugetlb_folio_node_exact: list_move",
    rows:
      `self dequeue_hugetlb_folio_nodemask:1/0 ${DEL}:2/0 | prev ` +
      `${DEL}:1/0 | next ${DEL}:1/0 | self ` +
      "dequeue_hugetlb_folio_nodemask:2/0 | next dequeue_hugetlb_folio_nodemask:0/1 | prev " +
      "dequeue_hugetlb_folio_nodemask:0/1",
  },
  poolActive: {
    cite: "mm/hugetlb.c dequeue_hugetlb_folio_node_exact: list_move",
    rows: `next ${ADD}:1/0 dequeue_hugetlb_folio_nodemask:0/1 | self dequeue_hugetlb_folio_nodemask:1/4`,
  },
  poolFault: {
    cite: "mm/hugetlb.c alloc_hugetlb_folio, hugetlb_no_page, hugetlb_wp",
    rows:
      "self alloc_hugetlb_folio:1/1 hugetlb_cgroup_commit_charge:1/0 | tail3 hugetlb_cgroup_commit_charge:0/1 " +
      "alloc_hugetlb_folio:0/1 | self folio_zero_user:1/0 | tail1 folio_zero_user:1/0 | self hugetlb_fault:2/2 " +
      "| tail1 hugetlb_add_new_anon_rmap:0/2 | self hugetlb_add_new_anon_rmap:2/4 hugetlb_wp:2/0 | tail1 " +
      "hugetlb_wp:1/0 | self hugetlb_wp:5/0 hugetlb_fault:1/1 folio_unlock:1/1",
  },
  poolFaultFake: {
    cite: "mm/hugetlb.c alloc_hugetlb_folio, hugetlb_no_page, hugetlb_wp: with fake heads",
    rows:
      "self alloc_hugetlb_folio:1/1 hugetlb_cgroup_commit_charge:1/0 | tail3 hugetlb_cgroup_commit_charge:0/1 " +
      "alloc_hugetlb_folio:0/1 | self folio_zero_user:1/0 | tail1 folio_zero_user:1/0 | self hugetlb_fault:2/2 " +
      "| tail1 hugetlb_add_new_anon_rmap:0/2 | self hugetlb_add_new_anon_rmap:2/4 hugetlb_wp:2/0 | tail1 " +
      "hugetlb_wp:1/0 | self hugetlb_wp:1/0 | tail1 hugetlb_wp:1/0 | self hugetlb_wp:3/0 | tail1 hugetlb_wp:1/0 " +
      "| self hugetlb_wp:3/0 | tail1 hugetlb_wp:1/0 | self hugetlb_wp:1/0 hugetlb_fault:1/1 folio_unlock:1/1",
  },
  poolZap: {
    cite: "mm/hugetlb.c __unmap_hugepage_range",
    rows:
      "self set_page_dirty:1/0 folio_mapping:3/0 folio_mark_dirty:2/1 __unmap_hugepage_range:1/0 | tail1 " +
      "__unmap_hugepage_range:2/2 | self __unmap_hugepage_range:2/0 | tail1 __unmap_hugepage_range:1/0 | self " +
      "__unmap_hugepage_range:4/1",
  },
  poolZapFake: {
    cite: "mm/hugetlb.c __unmap_hugepage_range: with fake heads",
    rows:
      "self set_page_dirty:2/0 | tail1 set_page_dirty:1/0 | self folio_mapping:3/0 folio_mark_dirty:2/1 " +
      "__unmap_hugepage_range:2/0 | tail1 __unmap_hugepage_range:3/2 | self __unmap_hugepage_range:2/0 | tail1 " +
      "__unmap_hugepage_range:1/0 | self __unmap_hugepage_range:1/0 | tail1 __unmap_hugepage_range:1/0 | self " +
      "__unmap_hugepage_range:2/0 | tail1 __unmap_hugepage_range:1/0 | self __unmap_hugepage_range:3/0 | tail1 " +
      "__unmap_hugepage_range:1/0 | self __unmap_hugepage_range:1/1",
  },
  poolSwap: {
    cite: "mm/swap_state.c free_pages_and_swap_cache",
    rows: "self free_pages_and_swap_cache:1/0 free_swap_cache:1/0",
  },
  poolSwapFake: {
    cite: "mm/swap_state.c free_pages_and_swap_cache: with fake heads",
    rows: "self free_pages_and_swap_cache:2/0 | tail1 free_pages_and_swap_cache:1/0 | self free_swap_cache:1/0",
  },
  poolPut: {
    cite: "mm/hugetlb.c free_huge_folio",
    rows:
      "self folios_put_refs:3/1 free_huge_folio:1/0 | tail1 free_huge_folio:1/0 | tail3 free_huge_folio:1/0 | " +
      "self free_huge_folio:1/0 | tail3 free_huge_folio:0/1 | self free_huge_folio:5/4 | tail3 " +
      `${UNCHARGE}:1/1 | self ${UNCHARGE}:1/0 | tail3 ` +
      `${UNCHARGE}:1/0 | self __mem_cgroup_uncharge:1/0 free_huge_folio:1/0`,
  },
  poolPutFake: {
    cite: "mm/hugetlb.c free_huge_folio",
    rows:
      "self folios_put_refs:3/1 free_huge_folio:1/0 | tail1 free_huge_folio:1/0 | tail3 free_huge_folio:1/0 | " +
      "self free_huge_folio:1/0 | tail3 free_huge_folio:0/1 | self free_huge_folio:5/4 | tail3 " +
      `${UNCHARGE}:1/1 | self ${UNCHARGE}:1/0 | tail3 ` +
      `${UNCHARGE}:1/0 | self __mem_cgroup_uncharge:1/0 free_huge_folio:1/0`,
  },
} satisfies Partial<StepTable>;
