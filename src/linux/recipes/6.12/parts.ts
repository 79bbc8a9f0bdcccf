import { PARTS_6_1 } from "../6.1/parts.ts";
import type { StepTable } from "../table.ts";

// Linux 6.12: parts of transparent huge pages unmapped, and the queue of such.

const ADD = "__list_add_valid_or_report";
const DEL = "__list_del_entry_valid_or_report";

export const PARTS_6_12 = {
  ...PARTS_6_1,
  splitPmd: {
    cite: "mm/huge_memory.c __split_huge_pmd_locked, mm/rmap.c folio_add_anon_rmap_ptes",
    rows: "self split_huge_pmd_locked:2/1 PageHuge:2/0 split_huge_pmd_locked:2/1 folio_add_anon_rmap_ptes:2/1",
  },
  splitPmdTail: {
    cite: "mm/rmap.c folio_add_anon_rmap_ptes: mapcount of each page",
    rows: "sub folio_add_anon_rmap_ptes:1/1",
  },
  splitPmdMiddle: {
    cite: "mm/rmap.c folio_add_anon_rmap_ptes: _large_mapcount",
    rows: "tail1 folio_add_anon_rmap_ptes:2/2",
  },
  splitPmdMap: {
    cite: "mm/rmap.c folio_add_anon_rmap_ptes: AnonExclusive of each page",
    rows: "sub folio_add_anon_rmap_ptes:1/1",
  },
  splitPmdDone: {
    cite: "mm/rmap.c folio_remove_rmap_pmd",
    rows:
      "self folio_add_anon_rmap_ptes:1/0 | tail1 folio_remove_rmap_pmd:3/3 | self folio_remove_rmap_pmd:1/0 | " +
      "tail1 folio_remove_rmap_pmd:1/0 | self __folio_mod_stat:1/0 __lruvec_stat_mod_folio:2/0",
  },
  partZapStart: {
    cite: "mm/memory.c zap_present_ptes: folio_pte_batch",
    rows:
      "sub unmap_page_range:1/0 | self unmap_page_range:1/0 folio_pte_batch.constprop.0:1/0 | tail1 " +
      "folio_pte_batch.constprop.0:1/0 | self unmap_page_range:1/0 folio_remove_rmap_ptes:1/0 | tail1 " +
      "folio_remove_rmap_ptes:1/1",
  },
  partZap: {
    cite: "mm/rmap.c folio_remove_rmap_ptes: each page",
    rows: "sub folio_remove_rmap_ptes:1/1",
  },
  partZapDone: {
    cite: "mm/rmap.c folio_remove_rmap_ptes, mm/huge_memory.c deferred_split_folio",
    rows:
      "tail1 folio_remove_rmap_ptes:1/1 | self folio_remove_rmap_ptes:1/0 | tail1 folio_remove_rmap_ptes:2/0 | " +
      "self deferred_split_folio:3/0 | tail1 deferred_split_folio:1/0 | self deferred_split_folio:2/0 | tail1 " +
      "deferred_split_folio:2/1 | self deferred_split_folio:1/0 | tail1 deferred_split_folio:1/0 | self " +
      "deferred_split_folio:1/0 | tail1 deferred_split_folio:1/0 | self deferred_split_folio:1/0 | tail1 " +
      "deferred_split_folio:1/0 | tail2 deferred_split_folio:1/0 | self folio_remove_rmap_ptes:1/0 " +
      "__lruvec_stat_mod_folio:2/0 unmap_page_range:1/0 | tail1 unmap_page_range:1/0",
  },
  partSwap: {
    cite: "mm/swap_state.c free_pages_and_swap_cache: once for all of them",
    rows: "sub free_pages_and_swap_cache:1/0 | self free_swap_cache:2/0",
  },
  partPut: {
    cite: "mm/swap.c folios_put_refs: not the last reference",
    rows: "self folios_put_refs:2/1",
  },
  deferAdd: {
    cite: "mm/huge_memory.c deferred_split_folio: every new huge page is queued by its fault",
    rows: "",
  },
  deferGet: {
    cite: "mm/huge_memory.c deferred_split_scan: folio_try_get",
    rows: "tail2 deferred_split_scan:1/0 | self deferred_split_scan:3/1",
  },
  deferTake: {
    cite: "mm/huge_memory.c deferred_split_scan: list_move",
    rows:
      `self ${DEL}:2/0 | prev ${DEL}:1/0 | next ` +
      `${DEL}:1/0 | self deferred_split_scan:2/0 | next deferred_split_scan:0/1 | ` +
      "prev deferred_split_scan:0/1",
  },
  deferMove: {
    cite: "mm/huge_memory.c deferred_split_scan: list_move",
    rows: `prev ${ADD}:1/0 deferred_split_scan:0/1 | self deferred_split_scan:0/2`,
  },
  deferTry: {
    cite: "mm/huge_memory.c deferred_split_scan: folio_trylock",
    rows: "tail2 deferred_split_scan:1/0 | tail1 deferred_split_scan:1/0 | self deferred_split_scan:1/1",
  },
  deferEnd: {
    cite: "mm/huge_memory.c deferred_split_scan: folio_unlock, folio_put",
    rows: "self folio_unlock:1/1 deferred_split_scan:1/1",
  },
} satisfies Partial<StepTable>;
