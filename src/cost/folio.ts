import { type Folio, PMD_ORDER } from "../scenario/folio.ts";
import type { WorkName } from "./operationWork.ts";

/** Which struct pages of a large folio one operation touches: its head and first tail, or every one. */
export interface FolioRule {
  readonly mapped: "every tail" | "head";
  /** The same of a folio mapped by one PMD. */
  readonly pmd: "every tail" | "head";
  readonly source: string;
}

const ALLOC = "mm/page_alloc.c prep_compound_page: prep_compound_tail of each, 6.1 and 6.12";
const FREE = "mm/page_alloc.c free_pages_prepare: free_tail_page_prepare of each, 6.1 and 6.12";

/** Absent: the operation works on single pages even of a large folio, or is not told by folio. */
const RULES: Readonly<Partial<Record<WorkName, FolioRule>>> = {
  alloc_free: { mapped: "every tail", pmd: "every tail", source: `${ALLOC}; ${FREE}` },
  fault: { mapped: "every tail", pmd: "every tail", source: ALLOC },
  exit: { mapped: "every tail", pmd: "every tail", source: FREE },
  fork: {
    mapped: "every tail",
    pmd: "head",
    source:
      "mm/memory.c copy_present_ptes, rmap.h __folio_try_dup_anon_rmap: PageAnonExclusive and _mapcount of each page, 6.9; mm/huge_memory.c copy_huge_pmd",
  },
  child_exit: {
    mapped: "every tail",
    pmd: "head",
    source: "mm/rmap.c __folio_remove_rmap: _mapcount of each page (RMAP_LEVEL_PTE), 6.9; _entire_mapcount in tail 1",
  },
  gup: {
    mapped: "every tail",
    pmd: "head",
    source: "mm/gup.c gup_fast_pte_range: page_folio() reads compound_head of each; gup_fast_pmd_leaf, 6.12",
  },
  tmpfs_write: { mapped: "every tail", pmd: "every tail", source: `${ALLOC}; mm/shmem.c shmem_alloc_folio` },
  tmpfs_read: { mapped: "head", pmd: "head", source: "mm/shmem.c shmem_file_read_iter: one folio at a time, 6.12" },
  tmpfs_truncate: { mapped: "every tail", pmd: "every tail", source: FREE },
  reclaim: { mapped: "every tail", pmd: "every tail", source: FREE },
  migrate: { mapped: "every tail", pmd: "every tail", source: `${ALLOC}; ${FREE}` },
  madv_cold: {
    mapped: "head",
    pmd: "head",
    source: "mm/madvise.c madvise_cold_or_pageout_pte_range: whole folios, 6.9",
  },
  tmpfs_map: { mapped: "every tail", pmd: "head", source: "mm/rmap.c __folio_add_rmap: _mapcount of each page, 6.9" },
  tmpfs_unmap: { mapped: "every tail", pmd: "head", source: "mm/rmap.c __folio_remove_rmap, 6.9" },
};

/** @returns undefined where the operation is not told by folio */
export function folioRule(name: WorkName): FolioRule | undefined {
  return RULES[name];
}

/** Struct pages of one folio that the operation touches: the head and, where the folio is large, tail 1 at least. */
export function touchedStructPages(rule: FolioRule, { order, nrPages }: Folio): number {
  const touched = order === PMD_ORDER ? rule.pmd : rule.mapped;
  return order === 0 ? 1 : touched === "head" ? 2 : nrPages;
}
