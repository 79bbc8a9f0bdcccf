import type { PageOp } from "../../../assembly/layout/engine.ts";

/**
 * Whoever supplies the pages that operations ask for and takes them back: recorded allocator events
 * (`follow/recordedPages.ts`), or memory that nobody else uses (`freshPages.ts`). Pages are pfns; NONE is no page.
 */
export interface PageSource extends Allocating, Freeing, Ending {}

/** Pages that operations get. */
interface Allocating {
  /** How many zeroed and other pages the operations up to the next free will ask for. */
  expect(zeroed: number, plain: number): void;
  /** The next page that is allocated, zeroed or not. */
  allocate(zeroed: boolean): number;
  /** The next huge page that is allocated, and faulted if `op` says so. */
  allocateHuge(op: PageOp.thpFault | PageOp.takeHuge): number;
  /** The allocations of user memory that come before what is next are done. */
  beforeKernelPages(): void;
  /** A page for the kernel itself; NONE when the source has none to show. */
  allocateKernelPage(): number;
}

/** Pages that operations give back, and in which order. */
interface Freeing {
  /** Refills and drains of pcp lists that come next are done. */
  pump(): void;
  /** An operation that frees so many pages is about to begin. */
  beforeFree(nrPages?: number): void;
  /** The page that is freed next; NONE when nothing says. */
  nextFreed(): number;
  /** Up to so many pages that are freed next, batch by batch; none when nothing says. */
  freesInBatches(most: number): number[][];
  /** Huge pages in use whose pages will be freed, in that order: at most so many. */
  hugePagesFreed(most: number): readonly number[];
  /** Pages that an operation has freed without the pcp list. */
  skipFrees(pfns: ReadonlySet<number>): void;
  /** A page has gone to the pcp list, which may be drained then; NONE: none has, but a batch ends. */
  readonly commit: (pfn: number) => void;
  /** The same of a page that is freed on its own (mm_page_free without _batched). */
  readonly commitFreed: (pfn: number, order?: number) => void;
}

/** Processes that end, and the end of it all. */
interface Ending {
  /** Was a trace made, be it empty? */
  readonly isRecorded: boolean;
  /** Pages that operations hold for the process that runs them: told by the operations. */
  heldByOperations: () => readonly number[];
  /** What the child that was forked last unmaps beside the pages of operations. */
  endChild(): readonly number[];
  /** What a process that is about to free so many pages and to end unmaps with them. */
  endProcess(nrPages: number): readonly number[];
  /** Does what is recorded until a process that was forked has ended. */
  followProcess(): void;
  /** What is left when the operations are done. */
  finish(): void;
}
