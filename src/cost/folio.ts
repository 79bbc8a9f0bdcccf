import { InputError } from "../errors.ts";
import { kernelVersion, parseKernelVersion } from "../linux/pageTypesVersion.ts";
import { parseBytes } from "../units.ts";
import type { WorkName } from "./operationWork.ts";

/** Size of the folios that operations work on: a page, or as mm/huge_memory.c THP_ORDERS_ALL_ANON allows. */
export interface Folio {
  readonly order: number;
  /** 4 KiB pages. */
  readonly nrPages: number;
}

export const BASE_FOLIO: Folio = { order: 0, nrPages: 1 };

const PAGE_BYTES = 4096;
/** Anonymous memory has no order 1 (its deferred list lies in tail page 2) and no more than a PMD. */
const SMALLEST_LARGE_ORDER = 2;
export const PMD_ORDER = 9;
/** 19eaf44954df: anonymous folios of 16 KiB to 1 MiB (mTHP). */
const MTHP = kernelVersion(6, 8);

/**
 * @param text a size, `64KiB`
 * @param where option or key, for errors
 * @param kernel release, `6.12`
 * @error InputError for a size that no folio has, or not in this kernel
 */
export function parseFolio(text: string, where: string, kernel: string): Folio {
  const nrPages = parseBytes(text, where) / PAGE_BYTES;
  const order = Math.log2(nrPages);
  if (!(order === 0 || (Number.isInteger(order) && order >= SMALLEST_LARGE_ORDER && order <= PMD_ORDER))) {
    throw new InputError({
      where,
      what: `no folio of anonymous memory is ${text.slice(0, 40)}`,
      expected: "4KiB, a power of two from 16KiB to 1MiB (mTHP), or 2MiB",
      example: "--folio 64KiB",
    });
  }
  if (order > 0 && order < PMD_ORDER && parseKernelVersion(kernel, where) < MTHP) {
    throw new InputError({
      where,
      what: `Linux ${kernel} has no folios of ${text.slice(0, 40)}`,
      expected: "4KiB or 2MiB before 6.8, where mTHP came",
      example: "--folio 2MiB",
    });
  }
  return { order, nrPages };
}

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
