import { STRUCT_PAGE_BYTES as LINE_BYTES, PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { NO_MISSES, type WorkloadWork } from "../counts/workload.ts";
import type { TouchCounts } from "../counts.ts";
import { BASE_FOLIO, type Folio } from "../scenario/folio.ts";
import { type CountSums, countSums } from "./countSums.ts";
import { folioRule, touchedStructPages } from "./folio.ts";
import type { OperationWork, WorkName } from "./operationWork.ts";
import { draw, keyed, type Random } from "./sample.ts";
import type { MissPattern, PriceOptions } from "./terms.ts";

/** What an operation does to struct pages, as counts of one unit. */
export interface OperationCounts {
  readonly key: WorkName;
  readonly hot: TouchCounts;
  readonly cold: TouchCounts;
  readonly coldInOrder: TouchCounts;
}

export interface OperationOptions extends PriceOptions {
  /** Share of pages in pfn order, 0 to 1. */
  readonly pfnOrder: number;
  /** Share of the data that lies on the hot-added memory. */
  readonly dataShare: number;
  readonly folio?: Folio;
}

/** The work of one unit as stated, of single pages. */
export function statedWork(work: OperationWork): WorkloadWork {
  return workOf(work.instructions.value, work, 1);
}

function workOf(instructions: number, operation: OperationWork, pages: number): WorkloadWork {
  const { bytesSet, bytesCopied, syscalls, faults } = operation;
  return {
    instructions,
    // Of a large folio there is one fault.
    ...{ syscalls, faults },
    pagesClearedOnAlloc: 0,
    // clear_page and copy_page are called for each page, of a large folio too (until the multi-page clears of 2025).
    nrSets: pages * Math.ceil(bytesSet / PAGE_BYTES),
    bytesSet: pages * bytesSet,
    nrCopies: pages * Math.ceil(bytesCopied / PAGE_BYTES),
    bytesCopied: pages * bytesCopied,
    // Pages all over the memory: in no cache.
    setFills: { memory: (pages * bytesSet) / LINE_BYTES, llc: 0 },
    copyFills: { memory: (2 * pages * bytesCopied) / LINE_BYTES, llc: 0 },
    servedByMemory: NO_MISSES,
    servedByLlc: NO_MISSES,
  };
}

/** One unit as stated. */
export function statedUnit(counts: OperationCounts, work: OperationWork, folio: Folio): Unit {
  return drawUnit(counts.key, work, countSums(counts.cold), { folio }, null);
}

/** One unit: a page, or one large folio. */
export interface Unit {
  readonly work: WorkloadWork;
  readonly pattern: MissPattern;
  /** Of a large folio; undefined where the counts say what is touched. */
  readonly lines: number | undefined;
  readonly perTail: number;
}

/** One unit drawn; its own instructions, whatever machine runs them. @param cold sums with its pages at random */
export function drawUnit(
  key: WorkName,
  work: OperationWork,
  cold: CountSums,
  { folio = BASE_FOLIO, held }: Pick<OperationOptions, "folio" | "held">,
  random: Random,
): Unit {
  const drawn = keyed(random, "operation", held);
  const rule = folio.order === 0 ? undefined : folioRule(key);
  const pages = rule === undefined ? 1 : folio.nrPages;
  const lines = rule === undefined ? undefined : touchedStructPages(rule, folio);
  const perTail = draw(work.perTail, drawn("perTail"));
  const instructions = draw(work.instructions, drawn("instructions")) + perTail * ((lines ?? 1) - 1);
  const misses = lines === undefined ? cold.fetched.reduce((sum, count) => sum + count, 0) : 1;
  return {
    lines,
    perTail,
    pattern: {
      distance: misses > 0 ? instructions / misses : instructions,
      lockedShare: work.lockedShare,
    },
    work: workOf(instructions, work, pages),
  };
}
