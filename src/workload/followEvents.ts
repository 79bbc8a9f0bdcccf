import { ENGINE_HUGE_ORDER as HUGE_ORDER, PageOp, Step } from "../../assembly/engineLayout.ts";
import { NONE, type PageEngine } from "../kernels/engine.ts";
import {
  EV_ALLOC,
  EV_DRAIN,
  EV_FREE,
  EV_FREE_BATCHED,
  EV_REFILL,
  FILL_PLAIN,
  FILL_READAHEAD,
  FILL_ZERO,
  type HotEvents,
} from "./engineEvents.ts";
import { addToPageCache, finishReadahead } from "./fileReads.ts";
import { type FreeKind, freeKind } from "./freeKinds.ts";
import { reclaim } from "./migrationOps.ts";
import { releasePages } from "./releasePages.ts";

/** 128 KiB, what readahead reads at once (bdi read_ahead_kb). */
const READAHEAD_PAGES = 32;

/** What following the events had to do on its own, beside the operations. */
export interface FollowCounts {
  /** Allocations and frees that no operation asked for: process start, page tables' neighbours, other tasks. */
  extraAllocations: number;
  extraFrees: number;
  /** Allocations that an operation asked for and no event showed: the model's own allocator served them. */
  simulatedAllocations: number;
}

/**
 * Walks through recorded allocator events in step with the operations: an operation that needs a page gets the one
 * that was recorded next, and what the events show around it (refills, drains, pages of other users) is done as well.
 */
export class EventFollower {
  readonly counts: FollowCounts = { extraAllocations: 0, extraFrees: 0, simulatedAllocations: 0 };
  readonly #events: HotEvents;
  readonly #engine: PageEngine;
  #at = 0;
  /** Allocations before the next free that belong to no operation: done first, as process start is. */
  #surplusZeroed = 0;
  #surplusPlain = 0;
  #isNewProcess = true;
  /** Pages of the readahead that is going on. */
  readonly #readahead: number[] = [];

  constructor(events: HotEvents, engine: PageEngine) {
    this.#events = events;
    this.#engine = engine;
  }

  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  #kind(): number {
    return this.#at < this.#events.length ? (this.#events.kind[this.#at] as number) : -1;
  }

  #pfn(): number {
    return this.#events.pfn[this.#at] as number;
  }

  #order(): number {
    return this.#events.order[this.#at] as number;
  }

  /** Does the refills and drains that come next. */
  pump(): void {
    this.#pump();
  }

  #pump(): void {
    for (;;) {
      const kind = this.#kind();
      if (kind === EV_REFILL) {
        if (this.#order() === 0) this.#engine.refill(this.#pfn(), 0);
      } else if (kind === EV_DRAIN) this.#engine.drain(this.#pfn(), this.#order());
      else return;
      this.#at++;
    }
  }

  /** The next page that is allocated: zeroed or not, or huge. Refills first, as the events show. */
  allocate(zeroed: boolean): number {
    for (;;) {
      this.#pump();
      const kind = this.#kind();
      if (kind === -1) {
        this.counts.simulatedAllocations++;
        return this.#engine.take(NONE);
      }
      if (kind !== EV_ALLOC) {
        this.#freeExtra();
        continue;
      }
      const pfn = this.#pfn();
      const isZeroed = this.#events.zeroed[this.#at] === 1;
      const isSmall = this.#order() === 0;
      this.#at++;
      const isReadahead = this.#events.zeroed[this.#at - 1] === FILL_READAHEAD;
      const isSurplus = isSmall && !isReadahead && this.#takeSurplus(isZeroed);
      if (isSmall && isZeroed === zeroed && !isSurplus && !isReadahead) return this.#engine.take(pfn);
      this.#allocateExtra(pfn, this.#events.order[this.#at - 1] as number, this.#events.zeroed[this.#at - 1] === 1);
    }
  }

  /** The next huge page that is allocated and faulted. */
  allocateHuge(): number {
    for (;;) {
      this.#pump();
      const kind = this.#kind();
      if (kind === -1) {
        this.counts.simulatedAllocations++;
        return this.#engine.op(PageOp.thpFault, NONE);
      }
      if (kind !== EV_ALLOC) {
        this.#freeExtra();
        continue;
      }
      const pfn = this.#pfn();
      const order = this.#order();
      const zeroed = this.#events.zeroed[this.#at] === 1;
      this.#at++;
      if (order === HUGE_ORDER) return this.#engine.op(PageOp.thpFault, pfn);
      this.#allocateExtra(pfn, order, zeroed);
    }
  }

  /**
   * Tells how many pages the operations up to the next free will ask for: what the events show beyond that comes from
   * elsewhere. A process starts before its first operation.
   */
  expect(zeroed: number, plain: number): void {
    let seenZeroed = 0;
    let seenPlain = 0;
    for (let at = this.#at; at < this.#events.length; at++) {
      const kind = this.#events.kind[at];
      if (kind === EV_FREE || kind === EV_FREE_BATCHED) break;
      if (kind !== EV_ALLOC || this.#events.order[at] !== 0) continue;
      if (this.#events.zeroed[at] === FILL_ZERO) seenZeroed++;
      else if (this.#events.zeroed[at] === FILL_PLAIN) seenPlain++;
    }
    this.#surplusZeroed = Math.max(0, seenZeroed - zeroed);
    this.#surplusPlain = Math.max(0, seenPlain - plain);
  }

  #finishReadahead(): void {
    finishReadahead(this.#engine, this.#readahead.splice(0));
  }

  #takeSurplus(zeroed: boolean): boolean {
    if (zeroed ? this.#surplusZeroed === 0 : this.#surplusPlain === 0) return false;
    if (zeroed) this.#surplusZeroed--;
    else this.#surplusPlain--;
    return true;
  }

  #allocateExtra(pfn: number, order: number, zeroed: boolean): void {
    this.counts.extraAllocations++;
    if (order === 0 && this.#events.zeroed[this.#at - 1] === FILL_READAHEAD) {
      this.#engine.take(pfn);
      addToPageCache(this.#engine, pfn);
      this.#readahead.push(pfn);
      if (this.#readahead.length >= READAHEAD_PAGES) this.#finishReadahead();
      return;
    }
    this.#finishReadahead();
    if (order === HUGE_ORDER) {
      this.#engine.op(PageOp.thpFault, pfn);
      return;
    }
    if (order > 0) return;
    this.#engine.take(pfn);
    const engine = this.#engine;
    if (zeroed) {
      const isArguments = this.#isNewProcess && this.#surplusZeroed + this.#surplusPlain > 0;
      engine.op(isArguments ? PageOp.argumentPage : PageOp.anonFault, pfn);
    } else {
      engine.run(Step.cowAlloc, pfn);
      engine.op(PageOp.cowRmap, pfn);
    }
    this.#isNewProcess = false;
  }

  /** Frees that come before the next allocation. */
  #freesAhead(): number {
    let frees = 0;
    for (let at = this.#at; at < this.#events.length; at++) {
      const kind = this.#events.kind[at];
      if (kind === EV_ALLOC) return frees;
      if (kind === EV_FREE) frees++;
    }
    return Number.POSITIVE_INFINITY;
  }

  /**
   * An operation that frees so many pages is about to begin: does the allocations before it, and the frees that an
   * earlier operation left over.
   */
  beforeFree(nrPages = 0): void {
    for (;;) {
      this.#pump();
      const next = this.#kind();
      if (nrPages > 0 && (next === EV_FREE || next === EV_FREE_BATCHED) && this.#freesAhead() * 2 < nrPages) {
        this.#freeExtra();
        continue;
      }
      if (next !== EV_ALLOC) return;
      const { pfn, order, zeroed } = { pfn: this.#pfn(), order: this.#order(), zeroed: this.#events.zeroed[this.#at] };
      this.#at++;
      this.#allocateExtra(pfn, order, zeroed === 1);
    }
  }

  /** The page that is freed next; NONE when the events do not say. */
  nextFreed(): number {
    this.beforeFree();
    const kind = this.#kind();
    return kind === EV_FREE || kind === EV_FREE_BATCHED ? this.#pfn() : NONE;
  }

  /** Takes note that a page went to the pcp list, and drains when the events do. */
  readonly commit = (pfn: number): void => {
    if (!this.hasEvents) {
      if (pfn !== NONE) this.#engine.commit(pfn);
      return;
    }
    while (this.#kind() === EV_FREE) this.#at++;
    if (this.#kind() === EV_FREE_BATCHED) this.#at++;
    if (pfn !== NONE) this.#engine.commit(pfn);
    this.#pump();
  };

  /** A page that is freed on its own (mm_page_free without _batched). */
  readonly commitFreed = (pfn: number): void => {
    if (this.#kind() === EV_FREE) this.#at++;
    this.#engine.commit(pfn);
    if (this.hasEvents) this.#pump();
  };

  /** Frees that belong to no operation: unmapped together, freed in the batches that the events show. */
  #freeExtra(): void {
    this.#finishReadahead();
    const engine = this.#engine;
    const start = this.#at;
    if (this.#order() > 0) {
      engine.lruAddDrain();
      this.#at++;
      return;
    }
    const batches: number[][] = [];
    let wasFree = false;
    for (let at = start; at < this.#events.length; at++) {
      const kind = this.#events.kind[at];
      if (kind === EV_ALLOC || kind === EV_REFILL) break;
      if (kind === EV_FREE && this.#events.order[at] === 0) {
        if (!wasFree) batches.push([]);
        (batches[batches.length - 1] as number[]).push(this.#events.pfn[at] as number);
      }
      wasFree = kind === EV_FREE;
    }
    engine.lruAddDrain();
    // 6.1 frees a list that was built at its head: the events show it backwards.
    const ordered = batches.map((batch) => (engine.recipes.sizes.freeBatch === 0 ? batch.slice().reverse() : batch));
    for (const batch of ordered) this.counts.extraFrees += batch.length;
    this.#giveUp(
      ordered,
      freeKind(
        ordered.map((batch) => batch.length),
        engine.recipes.sizes,
      ),
    );
    if (this.#at === start) this.#at++;
  }

  /** Up to so many pages that are freed next, batch by batch, each in the order in which its pages were given up. */
  freesInBatches(most: number): number[][] {
    this.beforeFree();
    const batches: number[][] = [];
    let total = 0;
    let wasFree = false;
    for (let at = this.#at; at < this.#events.length && total < most; at++) {
      const kind = this.#events.kind[at];
      if (kind === EV_ALLOC || kind === EV_REFILL) break;
      if (kind === EV_FREE) {
        if (!wasFree) batches.push([]);
        (batches[batches.length - 1] as number[]).push(this.#events.pfn[at] as number);
        total++;
      }
      wasFree = kind === EV_FREE;
    }
    const isBackwards = this.#engine.recipes.sizes.freeBatch === 0;
    return batches.map((batch) => (isBackwards ? batch.reverse() : batch));
  }

  /** Passes over the frees of pages that an operation has freed without the pcp list. */
  skipFrees(pfns: ReadonlySet<number>): void {
    for (let left = pfns.size; left > 0 && this.#at < this.#events.length; this.#at++) {
      const kind = this.#kind();
      if (kind === EV_FREE && pfns.has(this.#pfn())) left--;
    }
  }

  #giveUp(batches: readonly (readonly number[])[], kind: FreeKind): void {
    const engine = this.#engine;
    for (const pfn of batches.flat()) engine.op(PageOp.settle, pfn);
    if (kind !== "unmap") for (const pfn of batches.flat()) engine.markCache(pfn);
    if (kind === "reclaim") {
      // One scan frees several folio batches from 6.12 on.
      const scans = engine.recipes.sizes.freeBatch === 0 ? batches : [batches.flat()];
      for (const scan of scans) reclaim(engine, scan, this.commit);
      return;
    }
    if (kind === "unmap") for (const pfn of batches.flat()) engine.op(PageOp.zap, pfn);
    for (const batch of batches) {
      if (kind === "truncate") {
        for (const pfn of batch) engine.run(Step.truncateFind, pfn);
        for (const pfn of batch) engine.op(PageOp.truncate, pfn);
      } else for (const pfn of batch) engine.run(Step.swapFree, pfn);
      releasePages(engine, batch, this.commit);
    }
  }

  /** What is left when the operations are done. */
  finish(): void {
    for (;;) {
      this.beforeFree();
      this.#finishReadahead();
      if (this.#kind() === -1) return;
      this.#freeExtra();
    }
  }
}
