import { Step } from "../../../assembly/layout/steps.ts";

/** The steps of assembly/layout/steps.ts, in its order: an enum's keys are its numbers, then its names in order. */
export const STEP_NAMES = Object.keys(Step).filter(isStepName);
export type StepName = Exclude<keyof typeof Step, "count">;

function isStepName(key: string): key is StepName {
  return key !== "count" && Number.isNaN(Number(key));
}

/**
 * What one step touches in one kernel version. `rows` hold the accesses in their order: `role function:loads/stores
 * function:loads/stores`, rows parted by `|`. A row of a role whose page does not exist (the list head lies there) is
 * left out. Functions are named as /proc/kallsyms names them, so inlined ones appear as their caller.
 */
export interface RecipeStep {
  /** Where in the kernel the step is. */
  readonly cite: string;
  readonly rows: string;
}

/** Sizes of batches and other numbers that decide when a step happens. */
export interface KernelSizes {
  /** struct folio_batch / pagevec (include/linux/pagevec.h). */
  readonly folioBatch: number;
  /** Pages after which release_pages drops the lruvec lock (SWAP_CLUSTER_MAX); 0: once per batch. */
  readonly releaseLockBatch: number;
  /** struct mmu_gather: pages of the first bundle, and of each batch page (include/asm-generic/tlb.h). */
  readonly gatherBundle: number;
  readonly gatherBatch: number;
  readonly gatherBatches: number;
  /** Folios freed together: all that release_pages is given (0), or one folio_batch. */
  readonly freeBatch: number;
  /** Is read of shmem moving a page between lists (classic LRU), or only counting (multi-gen LRU)? */
  readonly activates: boolean;
  /** Does offlining put pages at the head of its list, unmap a batch and then move it (6.12), or one by one (6.1)? */
  readonly migratesInBatches: boolean;
  /** Pages that reclaim isolates at once. */
  readonly reclaimBatch: number;
  /** Are pages for the pool of hugetlbfs allocated together and then prepared together (6.7 on), or one by one? */
  readonly poolInBulk: boolean;
  /** Are neighbouring pages of a huge page unmapped and put together (6.9 on), or one by one? */
  readonly zapsRanges: boolean;
  /** Does a split map pages that hold zeroes to the zero page and free them (6.12)? */
  readonly dropsZeroPages: boolean;
  /** Is every new huge page queued for a split when its memory is underused (6.12), or one with unmapped parts only? */
  readonly thpQueuedAtFault: boolean;
  /** Is the huge page of a release freed at once (6.1), or with its batch? */
  readonly thpFreedAtOnce: boolean;
  /** Do free lists hold only what belongs to pageblocks of their migratetype (6.10 on)? Else a chunk keeps its list's. */
  readonly freeTypeOfBlock: boolean;
  /** Does fallback claim a pageblock or else take one chunk (6.12), or move what is free in a pageblock in any case? */
  readonly claimsBlocks: boolean;
  /** Does compaction keep free chunks by order and split them when pages are used (6.10 on), or split all at once? */
  readonly keepsFreeChunks: boolean;
}

/** All that differs between kernel versions in what the engine does. */
export interface KernelRecipes {
  readonly kernel: string;
  readonly sizes: KernelSizes;
  readonly steps: StepTable;
}

/** A part of it is written as `{ ... } satisfies Partial<StepTable>`: the compiler sees that no step is missing. */
export type StepTable = Readonly<Record<StepName, RecipeStep>>;

/** list_del of a page, list debugging on: its neighbours are read by the check and written by the removal. */
export const listDel = (check: string, host: string): string =>
  `self ${check}:2/0 | prev ${check}:1/0 | next ${check}:1/0 | self ${host}:2/0 | next ${host}:0/1 | prev ${host}:0/1`;

/** list_add behind the list head: the page that was first is checked and written. */
export const listAddHead = (check: string, host: string): string => `next ${check}:1/0 ${host}:0/1 | self ${host}:0/2`;

/** list_add_tail: the page that was last is checked and written. */
export const listAddTail = (check: string, host: string): string =>
  `prev ${check}:1/0 | self ${host}:0/2 | prev ${host}:0/1`;

/**
 * Steps in which functions go by another name, as one is inlined in its caller or no longer, and some touch nothing any
 * more: what is left of a row without functions is left out.
 */
export function renamed(
  steps: StepTable,
  names: Readonly<Record<string, string>>,
  gone: readonly string[] = [],
): StepTable {
  const rowsOf = (rows: string): string =>
    rows
      .split("|")
      .map((row) => {
        const [role, ...words] = row.trim().split(/\s+/);
        const kept = words.filter((word) => !gone.includes(word.slice(0, word.indexOf(":"))));
        return kept.length === 0 ? "" : [role, ...kept.map((word) => renamedWord(word, names))].join(" ");
      })
      .filter((row) => row !== "")
      .join(" | ");
  const changed = Object.entries(steps).map(([name, { cite, rows }]) => [name, { cite, rows: rowsOf(rows) }]);
  return Object.fromEntries(changed) as StepTable;
}

function renamedWord(word: string, names: Readonly<Record<string, string>>): string {
  const at = word.indexOf(":");
  return (names[word.slice(0, at)] ?? word.slice(0, at)) + word.slice(at);
}
