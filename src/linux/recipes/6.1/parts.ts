import type { StepTable } from "../table.ts";

// Linux 6.1: parts of transparent huge pages unmapped, and the queue of such.

export const PARTS_6_1 = {
  splitPmd: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked",
    rows: "self _compound_head:1/0 __split_huge_pmd:2/2 _compound_head:1/0 __split_huge_pmd:4/2",
  },
  splitPmdTail: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: AnonExclusive and mapcount of each page",
    rows: "sub __split_huge_pmd:2/2",
  },
  splitPmdMiddle: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: one loop in this version",
    rows: "",
  },
  splitPmdMap: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: one loop in this version",
    rows: "",
  },
  splitPmdDone: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked: compound_mapcount drops",
    rows:
      "self _compound_head:1/0 | tail1 __split_huge_pmd:1/0 | self lock_page_memcg:1/0 " +
      "folio_memcg_lock.part.0:1/0 | tail1 __split_huge_pmd:1/1 | self __mod_lruvec_page_state:4/0 | tail1 " +
      "__split_huge_pmd:1/1 | self unlock_page_memcg:1/0 folio_memcg_unlock:1/0",
  },
  partZapStart: {
    cite: "mm/memory.c zap_pte_range: page by page in this version",
    rows: "",
  },
  partZap: {
    cite: "mm/memory.c zap_pte_range, mm/rmap.c page_remove_rmap: a page of a huge page",
    rows:
      "sub _compound_head:1/0 | self unmap_page_range:1/0 | sub _compound_head:1/0 | self unmap_page_range:1/0 " +
      "| sub lock_page_memcg:1/0 | self folio_memcg_lock.part.0:1/0 | sub page_remove_rmap:1/0 | self " +
      "page_remove_rmap:1/0 | sub page_remove_rmap:1/1 __mod_lruvec_page_state:2/0 | self " +
      "__mod_lruvec_page_state:2/0 | sub page_remove_rmap:3/0 | self deferred_split_huge_page:10/0 | tail2 " +
      "deferred_split_huge_page:1/0 | sub unlock_page_memcg:1/0 | self folio_memcg_unlock:1/0 | sub " +
      "unmap_page_range:2/0 __page_mapcount:2/0 | self __page_mapcount:1/0 | sub __page_mapcount:1/0 | tail1 " +
      "__page_mapcount:2/0",
  },
  partZapDone: {
    cite: "mm/memory.c zap_pte_range: page by page in this version",
    rows: "",
  },
  partSwap: {
    cite: "mm/swap_state.c free_swap_cache",
    rows: "sub free_swap_cache:1/0 | self free_swap_cache:2/0",
  },
  partPut: {
    cite: "mm/swap.c release_pages: not the last reference",
    rows: "sub release_pages:1/0 | self release_pages:2/1",
  },
  deferAdd: {
    cite: "mm/huge_memory.c deferred_split_huge_page: list_add_tail of the second tail page",
    rows:
      "self deferred_split_huge_page:1/0 | prev __list_add_valid:1/0 | self deferred_split_huge_page:0/2 | prev " +
      "deferred_split_huge_page:0/1",
  },
  deferGet: {
    cite: "mm/huge_memory.c deferred_split_scan: get_page_unless_zero",
    rows: "tail2 deferred_split_scan:2/0 | self deferred_split_scan:2/1",
  },
  deferTake: {
    cite: "mm/huge_memory.c deferred_split_scan: list_move",
    rows:
      "self __list_del_entry_valid:2/0 | prev __list_del_entry_valid:1/0 | next __list_del_entry_valid:1/0 | " +
      "self deferred_split_scan:2/0 | next deferred_split_scan:0/1 | prev deferred_split_scan:0/1",
  },
  deferMove: {
    cite: "mm/huge_memory.c deferred_split_scan: list_move",
    rows: "prev __list_add_valid:1/0 deferred_split_scan:0/1 | self deferred_split_scan:0/2",
  },
  deferTry: {
    cite: "mm/huge_memory.c deferred_split_scan: trylock_page",
    rows: "tail2 deferred_split_scan:2/0 | self deferred_split_scan:1/1",
  },
  deferEnd: {
    cite: "mm/huge_memory.c deferred_split_scan: put_page",
    rows: "tail2 unlock_page:1/0 folio_unlock:1/1 deferred_split_scan:2/1",
  },
} satisfies Partial<StepTable>;
