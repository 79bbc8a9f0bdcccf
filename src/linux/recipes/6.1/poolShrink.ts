import type { StepTable } from "../table.ts";

// Linux 6.1: the pool of huge pages of hugetlbfs shrinks.

export const POOL_SHRINK_6_1 = {
  poolRemove: {
    cite: "mm/hugetlb.c __remove_hugetlb_page",
    rows:
      "self __remove_hugetlb_page:2/0 __list_del_entry_valid:2/0 | prev __list_del_entry_valid:1/0 | next " +
      "__list_del_entry_valid:1/0 | self __remove_hugetlb_page:2/0 | next __remove_hugetlb_page:0/1 | prev " +
      "__remove_hugetlb_page:0/1 | self __remove_hugetlb_page:2/2 | tail1 __remove_hugetlb_page:0/1 | self " +
      "__remove_hugetlb_page:0/1",
  },
  poolRemoveFake: {
    cite: "mm/hugetlb.c __remove_hugetlb_page: with fake heads",
    rows:
      "self __remove_hugetlb_page:3/0 | tail1 __remove_hugetlb_page:1/0 | self __list_del_entry_valid:2/0 | " +
      "prev __list_del_entry_valid:1/0 | next __list_del_entry_valid:1/0 | self __remove_hugetlb_page:2/0 | " +
      "next __remove_hugetlb_page:0/1 | prev __remove_hugetlb_page:0/1 | self __remove_hugetlb_page:2/3",
  },
  poolRestoreTake: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore: page by page in this version",
    rows: "",
  },
  poolRestoreAdd: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore: page by page in this version",
    rows: "",
  },
  poolDestroy: {
    cite: "mm/hugetlb.c __update_and_free_page, __destroy_compound_gigantic_page",
    rows:
      "self __nr_hugepages_store_common:1/0 update_and_free_page:2/0 hugetlb_vmemmap_restore:1/0 PageHuge:2/0 | " +
      "tail1 PageHuge:1/0 | self __update_and_free_page.part.0:2/1",
  },
  poolRestore: {
    cite: "mm/hugetlb_vmemmap.c hugetlb_vmemmap_restore: PageHead of a page that may alias",
    rows:
      "self __nr_hugepages_store_common:1/0 update_and_free_page:2/0 hugetlb_vmemmap_restore:1/0 | sub " +
      "hugetlb_vmemmap_restore:1/0",
  },
  poolRestoreFailed: {
    cite: "mm/hugetlb.c add_hugetlb_page: no page for the struct pages",
    rows: "self add_hugetlb_page:1/2 | tail1 add_hugetlb_page:0/1 | self add_hugetlb_page:2/3",
  },
  poolRestoreNew: {
    cite: "mm/hugetlb_vmemmap.c alloc_vmemmap_page_list: list_add_tail",
    rows: "prev __list_add_valid:1/0 | self hugetlb_vmemmap_restore:0/2 | prev hugetlb_vmemmap_restore:0/1",
  },
  poolRestoreMap: {
    cite: "mm/hugetlb_vmemmap.c vmemmap_restore_pte: list_del",
    rows:
      "self __list_del_entry_valid:2/0 | prev __list_del_entry_valid:1/0 | next __list_del_entry_valid:1/0 | " +
      "self vmemmap_restore_pte:2/0 | next vmemmap_restore_pte:0/1 | prev vmemmap_restore_pte:0/1 | self " +
      "vmemmap_restore_pte:0/2",
  },
  poolRestored: {
    cite: "mm/hugetlb.c __update_and_free_page: restored",
    rows:
      "self hugetlb_vmemmap_restore:1/1 PageHuge:3/0 | tail1 PageHuge:2/0 __update_and_free_page.part.0:0/1 | " +
      "self __update_and_free_page.part.0:2/1",
  },
  poolDestroyTail: {
    cite: "mm/hugetlb.c __update_and_free_page: flags of each tail",
    rows: "sub __update_and_free_page.part.0:1/1",
  },
  poolFree: {
    cite: "mm/page_alloc.c __free_pages",
    rows: "self __free_pages:2/1",
  },
  poolLeave: {
    cite: "mm/hugetlb.c update_and_free_pages_bulk: the list it was on is forgotten",
    rows: "",
  },
} satisfies Partial<StepTable>;
