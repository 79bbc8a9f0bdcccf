import type { PageOp } from "../../assembly/layout/engine.ts";
import type { Step } from "../../assembly/layout/steps.ts";
import type { PageRange } from "../counts.ts";
import type { CompiledRecipes } from "../linux/recipes/compile.ts";

/** No page: the engine chooses, or there is none. */
export const NONE = -1;

/** Receives coalesced touches of hot-added struct pages, in order. */
export type TouchSink = (pfn: number, loads: number, stores: number, accessClass: number) => void;

/** What was counted so far, the touch that is still being coalesced left out. */
export interface EngineTotals {
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
  readonly distinctPages: number;
  /** Pages that were found in another state than expected. */
  readonly surprises: number;
}

/**
 * Core-mm's use of struct pages in one range of hot-added memory: free lists, pcp lists, LRU lists, and for each step
 * the touches that the recipes of a kernel version say. Pages are named by pfn.
 */
export interface PageEngine {
  readonly recipes: CompiledRecipes;
  readonly basePfn: number;
  readonly nrPages: number;
  /** Runs `build` without counting touches: the state before. */
  quietly(build: () => void): void;
  /** Migratetypes (MIGRATE_* of assembly/layout/hotplug.ts) are movable and orders 0 where they are left out. */
  freeChunk(pfn: number, order: number, migratetype?: number): void;
  holdPcp(pfn: number, order?: number, migratetype?: number): void;
  holdAnon(pfn: number): void;
  /** The same of a large folio. */
  holdFolio(pfn: number, order: number): void;
  /** batch and high of the pcp lists, for what is not recorded. */
  setPcp(batch: number, high: number): void;
  /** One page from the buddy to its pcp list; NONE for the next. `how` is FALLBACK_*. @return its pfn or NONE */
  refill(pfn: number, order: number, migratetype?: number, how?: number): number;
  /** The free chunk at `pfn` moves to another type's lists, with its pageblock if `how` says so (6.1). */
  stealChunk(pfn: number, migratetype: number, how: number): void;
  /** A page of any order that is allocated; NONE for the next. @return its pfn or NONE */
  take(pfn: number, order?: number, migratetype?: number): number;
  /** The same of a compound page. */
  takeCompound(pfn: number, order: number, migratetype: number): number;
  commit(pfn: number, order?: number): void;
  drain(pfn: number, order: number, migratetype?: number): void;
  freeOne(pfn: number, order: number): void;
  op(op: PageOp, pfn: number): number;
  lruAddDrain(): void;
  /** Drops a reference of each. @return how many are to be freed by `freeNext` */
  release(pfns: readonly number[]): number;
  /** The same for pages that have no reference left and are on no list. */
  freeList(pfns: readonly number[]): number;
  /** Removes a free chunk from its list for good. */
  takeChunk(step: Step, pfn: number): void;
  /** The page is one of the page cache (PAGE_CACHE) or a page table (PAGE_TABLE). */
  mark(pfn: number, flag: number): void;
  /** @return the i-th page to be freed, for `commit`; NONE when it is done already (a huge page) */
  freeNext(index: number): number;
  run(step: Step, pfn: number, prev?: number, next?: number): void;
  /** A step on each page from head + `from` to before head + `to`, which its rows call `sub`. */
  runTails(step: Step, head: number, from: number, to: number): void;
  remove(step: Step, pfn: number): void;
  /** A page of a huge page goes on the list before its head. */
  addBefore(step: Step, head: number, pfn: number): void;
  add(step: Step, list: number, pfn: number, where: number): void;
  flagsOf(pfn: number): number;
  mapcountOf(pfn: number): number;
  orderOf(pfn: number): number;
  /** LIST_* of a page; LIST_NONE for what is on none. */
  listOf(pfn: number): number;
  lastOf(list: number): number;
  /** The block of 128 MiB belongs to the kernel zone: lists of its own beside those of the movable zone. */
  setKernelZone(pfn: number): void;
  /** Of the pageblock of a page. */
  migratetypeOf(pfn: number): number;
  setMigratetype(pfn: number, migratetype: number): void;
  /** move_freepages_block(): what is free in a pageblock goes to the tails of this type's lists. */
  moveBlock(pfn: number, migratetype: number): void;
  /** A pageblock becomes MIGRATE_ISOLATE, its free chunks go to the isolated lists. */
  isolateBlock(pfn: number): void;
  /** offline_pages() of a range of whole pageblocks in use, and the walk over the rest of its zone. @return folios moved */
  offlineBusy(range: PageRange, zone: PageRange): number;
  /** Hands out the touch that is still being coalesced. */
  flush(): void;
  totals(): EngineTotals;
  /** How often each recipe row was run. */
  rowRuns(): readonly number[];
}
