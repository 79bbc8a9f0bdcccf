import { renamed, type StepTable } from "../table.ts";

// Linux 7.2: huge pages and compound pages. Recorded on 7.3.4; between 6.12 and it no kernel was recorded with huge pages.

const DEL = "__list_del_entry_valid_or_report";
const RELEASE = "__page_cache_release.part.0";
const FREEZE = "__folio_freeze_and_split_unmapped";

/** @param before the steps of the kernel before, in the names of this one */
export function huge72(before: StepTable): Partial<StepTable> {
  return { ...split(before), ...COMPOUND, ...FAULT, ...zap(before) };
}

const COMPOUND = {
  compoundPrepTail: {
    cite: "mm/internal.h prep_compound_tail: private is no longer cleared, as freeing does",
    rows: "self prep_compound_page:0/2",
  },
  compoundDone: {
    cite: "mm/internal.h prep_compound_head",
    rows:
      "self prep_compound_page:1/0 | tail1 prep_compound_page:1/7 | tail2 prep_compound_page:0/3 | " +
      "self get_page_from_freelist:0/1",
  },
  compoundDoneShort: {
    cite: "mm/internal.h prep_compound_head: order 1 has no second tail",
    rows: "self prep_compound_page:1/0 | tail1 prep_compound_page:1/7 | self get_page_from_freelist:0/1",
  },
  thpFreeTail1: {
    cite: "mm/page_alloc.c __free_pages_prepare: _nr_pages cleared",
    rows: "self free_unref_folios:1/2 free_tail_page_prepare:6/2 free_unref_folios:7/1",
  },
  thpFreeTail2: {
    cite: "mm/page_alloc.c free_tail_page_prepare",
    rows: "self free_tail_page_prepare:4/2 free_unref_folios:7/1",
  },
  thpFreeTail3: {
    cite: "mm/page_alloc.c free_tail_page_prepare: tail 3",
    rows: "self free_tail_page_prepare:3/2 free_unref_folios:7/1",
  },
  thpFreeTail: {
    cite: "mm/page_alloc.c free_tail_page_prepare",
    rows: "self free_tail_page_prepare:3/2 free_unref_folios:7/1",
  },
  thpFreeHead: { cite: "mm/page_alloc.c free_unref_folios", rows: "self free_unref_folios:15/4" },
} satisfies Partial<StepTable>;

const FAULT = {
  thpFault: {
    cite: "mm/huge_memory.c vma_alloc_anon_folio_pmd, map_anon_folio_pmd_nopf",
    rows:
      "self prep_compound_page:1/0 | tail1 prep_compound_page:1/7 | tail2 prep_compound_page:0/3 | " +
      "self get_page_from_freelist:0/1 vma_alloc_folio_noprof:1/1 | tail1 vma_alloc_folio_noprof:1/1 | " +
      "self vma_alloc_anon_folio_pmd:1/1 charge_memcg:1/1 folio_memcg_list_lru_alloc:1/0 folio_add_new_anon_rmap:1/0 | " +
      "tail1 folio_add_new_anon_rmap:1/0 | self folio_add_new_anon_rmap:4/3 | tail1 folio_add_new_anon_rmap:1/5 | " +
      "self folio_add_new_anon_rmap:1/1 __folio_mod_stat:1/0 lruvec_stat_mod_folio:2/0 __folio_mod_stat:1/0 " +
      "lruvec_stat_mod_folio:2/0 folio_add_new_anon_rmap:1/0 | tail1 folio_add_new_anon_rmap:1/0 | " +
      "self folio_add_lru:3/0 folio_mark_accessed:6/1 __folio_batch_add_and_move:2/1",
  },
  thpMapped: {
    cite: "mm/huge_memory.c deferred_split_folio, mm/list_lru.c __list_lru_add: every new huge page is queued",
    rows:
      "self deferred_split_folio:3/0 | tail1 deferred_split_folio:1/0 | self deferred_split_folio:2/0 | " +
      "tail2 __list_lru_add:1/0 __list_lru_add.part.0:0/2",
  },
} satisfies Partial<StepTable>;

const RELEASE_QUEUED =
  "self folios_put_refs:4/1 | tail1 folios_put_refs:2/0 | tail2 folios_put_refs:1/0 | " +
  "self __folio_unqueue_deferred_split:3/0 | tail2 __folio_unqueue_deferred_split:1/0 | " +
  "tail1 __folio_unqueue_deferred_split:1/0 | " +
  `tail2 ${DEL}:2/0 | prev ${DEL}:1/0 | next ${DEL}:1/0 | tail2 __list_lru_del:3/0 | ` +
  "next __list_lru_del:0/1 | prev __list_lru_del:0/1 | tail2 __list_lru_del:0/2";

function zap(before: StepTable): Partial<StepTable> {
  return {
    thpZap: {
      cite: "mm/huge_memory.c zap_huge_pmd, mm/rmap.c folio_remove_rmap_pmd: mappings by process (MM_ID)",
      rows:
        "self vm_normal_folio_pmd:1/0 | tail1 folio_remove_rmap_pmd:7/8 | self folio_remove_rmap_pmd:1/0 | " +
        "tail1 folio_remove_rmap_pmd:1/0 | self __folio_mod_stat:1/0 lruvec_stat_mod_folio:2/0 __folio_mod_stat:1/0 " +
        "lruvec_stat_mod_folio:2/0 zap_huge_pmd:1/0 | tail1 zap_huge_pmd:1/0 | self zap_huge_pmd:1/0",
    },
    thpReleaseFirst: {
      cite: "mm/folio.c folios_put_refs, mm/list_lru.c __list_lru_del",
      rows: `${RELEASE_QUEUED} | self folios_put_refs:1/0 folio_lruvec_lock_irqsave:3/0 ${RELEASE}:3/0`,
    },
    thpReleaseAgain: {
      cite: "mm/folio.c folios_put_refs: lock held",
      rows: `${RELEASE_QUEUED} | self folios_put_refs:1/0 ${RELEASE}:5/0`,
    },
    thpUncharge: {
      cite: "mm/memcontrol.c uncharge_folio",
      rows: before.thpUncharge.rows.replace("uncharge_folio:4/0", "uncharge_folio:3/0"),
    },
    splitUnmapPmd: {
      cite: "mm/huge_memory.c __split_huge_pmd_locked, mm/rmap.c folio_remove_rmap_pmd: mappings by process (MM_ID)",
      rows: before.splitUnmapPmd.rows
        .replace("folio_remove_rmap_pmd:3/3", "folio_remove_rmap_pmd:7/8")
        .replace("PageHuge:2/0", "split_huge_pmd_locked:2/0"),
    },
  };
}

/** mm/huge_memory.c: a folio is frozen and split in one function, which also splits its charge. */
function split(before: StepTable): Partial<StepTable> {
  const names = Object.keys(before).filter((name) => name.startsWith("split")) as (keyof StepTable)[];
  const steps = Object.fromEntries(names.map((name) => [name, before[name]])) as unknown as StepTable;
  return renamed(steps, {
    split_huge_page_to_list_to_order: FREEZE,
    split_page_memcg: FREEZE,
    "remap_page.part.0": "__folio_split",
    can_split_folio: "folio_expected_ref_count",
    free_swap_cache: "free_folio_and_swap_cache",
  });
}
