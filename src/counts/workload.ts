import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { TouchCounts } from "../counts.ts";
import type { FunctionCount } from "../recording/recordingSummary.ts";
import type { OPERATIONS, OperationName } from "../scenario/operationNames.ts";
import type { BucketCounts } from "./windows.ts";

/** Misses of a workload other than to struct pages, and not of its clears and copies. */
export interface OtherMisses {
  /** By the instructions since the miss before. */
  readonly apart: BucketCounts;
  /** Those whose neighbour was missed just before: a prefetcher can have brought them. */
  readonly streamed: number;
}

/** Lines of clears or copies that L2 missed: who served them. The others were in L2. */
export interface StreamFills {
  readonly memory: number;
  readonly llc: number;
}

/** What a workload, or one unit of an operation, did beside struct pages. */
export interface WorkloadWork {
  /** Of its own tasks, user and kernel; a `rep`-prefixed one counts once however many bytes it moves. */
  readonly instructions: number;
  /** Times that the kernel was entered by a system call, and by an exception: page faults, all but a few. */
  readonly syscalls: number;
  readonly faults: number;
  readonly nrSets: number;
  readonly bytesSet: number;
  /** Of the clears, those of whole pages that only `init_on_alloc` asks for: their bytes are overwritten at once. */
  readonly pagesClearedOnAlloc: number;
  readonly nrCopies: number;
  readonly bytesCopied: number;
  /** Lines cleared; lines read and lines written by copies. */
  readonly setFills: StreamFills;
  readonly copyFills: StreamFills;
  readonly servedByMemory: OtherMisses;
  readonly servedByLlc: OtherMisses;
}

/**
 * The same where the allocator clears nothing that nobody asked it to (`init_on_alloc=0`). Lines that such a clear had
 * brought are brought by the copy that follows.
 */
export function withoutInitOnAlloc<W extends WorkloadWork | undefined>(work: W): W {
  if (work === undefined) return work;
  const { pagesClearedOnAlloc, nrSets, bytesSet, setFills, copyFills } = work;
  const share = bytesSet === 0 ? 0 : (pagesClearedOnAlloc * PAGE_BYTES) / bytesSet;
  const [memory, llc] = [share * setFills.memory, share * setFills.llc];
  return {
    ...work,
    nrSets: nrSets - pagesClearedOnAlloc,
    bytesSet: (1 - share) * bytesSet,
    pagesClearedOnAlloc: 0,
    setFills: { memory: setFills.memory - memory, llc: setFills.llc - llc },
    copyFills: { memory: copyFills.memory + memory, llc: copyFills.llc + llc },
  };
}

export const NO_MISSES: OtherMisses = {
  apart: { buckets: new Uint8Array(0), counts: new Float64Array(0), total: 0 },
  streamed: 0,
};

/** What one run of a trace did. */
export interface ReplayCounts {
  readonly touches: number;
  readonly instructions: number;
  readonly otherL2Fills: number;
  /**
   * Struct pages that no run before touched. Of a first, cold run these are the distinct pages, and as many of
   * its misses are compulsory: no cache could avoid them.
   */
  readonly firstTouches: { readonly boot: number; readonly hotAdded: number };
  readonly counts: TouchCounts;
}

/** A recorded workload as counts: from caches empty of struct pages, and from those that a run before left. */
export interface WorkloadRun {
  readonly name: string;
  readonly kernel: string;
  readonly command: string;
  /** Which of the two runs stands for the workload: one-shot operations are judged cold, the rest warm. */
  readonly judged: "cold" | "warm";
  readonly cold: ReplayCounts;
  readonly warm: ReplayCounts;
  /** All guest instructions, what followed the last touch included. */
  readonly instructions: number;
  /** What its tasks did beside struct pages; absent where the recording does not tell. */
  readonly work: WorkloadWork | undefined;
  /** Bytes of hot-added memory's struct pages that are in use: those touched, and those mapped before. */
  readonly footprintBytes: number;
  /** Accesses to hot-added struct pages by kernel function: which locks they are made under. */
  readonly byFunction: readonly FunctionCount[];
  readonly notes: readonly string[];
}

/**
 * How a run at a footprint was made.
 *
 * - `moved trace`: the touches of a recording, its pages moved all over the footprint. Assumed: the workload visits all
 *   of it alike; a hot subset would miss less.
 * - `predicted trace`: the same, of touches that the page engine derives from allocator events.
 * - `page by page`: every page of the footprint by the page engine.
 * - `scaled`: by the page engine, a part of the footprint in caches of the same part of the size; see footprintScale.ts.
 */
export type FootprintModel = "moved trace" | "predicted trace" | "page by page" | "scaled";

/** A workload at a footprint: so much hot-added memory in use, struct pages of 1/64 of it. */
export interface FootprintRun {
  /** Of a recording, or a named operation. */
  readonly name: string;
  readonly footprintBytes: number;
  readonly model: FootprintModel;
  /** How far it may be from a run of every page; undefined for a trace, whose pages are moved as the model says. */
  readonly errorRatio: number | undefined;
  /** What is counted: one run of a recording; one page, huge page, or pair of zap and fault of an operation. */
  readonly unit: "run" | (typeof OPERATIONS)[keyof typeof OPERATIONS]["unit"];
  /** Of units in all the footprint; undefined where there is no end (churn). */
  readonly nrUnits: number | undefined;
  /** Of one unit; of an operation as if its pages had pfns at random. */
  readonly counts: TouchCounts;
  /** Of an operation on pages in the order of their pfns; undefined for a recording, which has the order it had. */
  readonly countsInOrder?: TouchCounts;
  /** Of one run of a recording; absent where it does not tell, and of an operation, whose work is a table's. */
  readonly work: WorkloadWork | undefined;
}

/** Struct page touches of one page's worth of an operation of core-mm, by the page engine. */
export interface OperationCount {
  readonly key: OperationName | "alloc_free";
  readonly name: string;
  /** Touches and distinct struct pages per page worked on. */
  readonly touchesPerPage: number;
  readonly linesPerPage: number;
  /**
   * Per page: every struct page in L1 or L2 already; none in any cache, and pages all over the memory; none in any
   * cache, and pages in the order of their pfns.
   */
  readonly hot: TouchCounts;
  readonly cold: TouchCounts;
  readonly coldInOrder: TouchCounts;
}
