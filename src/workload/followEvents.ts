import { ENGINE_HUGE_ORDER as HUGE_ORDER, PageOp } from "../../assembly/engineLayout.ts";
import { MIGRATE_UNMOVABLE } from "../../assembly/layout.hotplug.ts";
import { NONE, type PageEngine } from "../kernels/engine.ts";
import {
  EV_ALLOC,
  EV_DRAIN,
  EV_FREE,
  EV_FREE_BATCHED,
  EV_REFILL,
  FILL_KERNEL,
  FILL_READAHEAD,
  FILL_ZERO,
  type HotEvents,
  PID_UNKNOWN,
} from "./engineEvents.ts";
import { EventCursor } from "./eventCursor.ts";
import { giveUp } from "./extraFrees.ts";
import { addToPageCache, finishReadahead } from "./fileReads.ts";
import { type FreeKind, freeKind } from "./freeKinds.ts";
import { type Process, Processes } from "./processes.ts";

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

/** A recorded allocation. */
interface Allocation {
  readonly pfn: number;
  readonly order: number;
  readonly fill: number;
  readonly pid: number;
}

/**
 * Walks through recorded allocator events in step with the operations: an operation that needs a page gets the one
 * that was recorded next, and what the events show around it (refills, drains, pages of other users) is done as well.
 */
export class EventFollower {
  readonly counts: FollowCounts = { extraAllocations: 0, extraFrees: 0, simulatedAllocations: 0 };
  readonly #events: EventCursor;
  readonly #engine: PageEngine;
  /** Allocations before the next free that belong to no operation: done first, as process start is. */
  #surplusZeroed = 0;
  #surplusPlain = 0;
  readonly #processes: Processes;
  /** Pages that operations hold for the process that runs them. */
  heldByOperations: () => readonly number[] = () => [];
  /** Pages of the readahead that is going on. */
  readonly #readahead: number[] = [];

  constructor(events: HotEvents, engine: PageEngine) {
    this.#events = new EventCursor(events);
    this.#engine = engine;
    this.#processes = new Processes(engine, () => this.heldByOperations());
  }

  get hasEvents(): boolean {
    return this.#events.hasEvents;
  }

  /** Was a trace made, be it empty? */
  get isRecorded(): boolean {
    return this.#events.isRecorded;
  }

  /** Does the refills and drains that come next. */
  pump(): void {
    const events = this.#events;
    for (; ; events.next()) {
      if (events.kind === EV_REFILL) {
        if (events.order === 0) this.#engine.refill(events.pfn, 0);
      } else if (events.kind === EV_DRAIN) this.#engine.drain(events.pfn, events.order);
      else return;
    }
  }

  /** The next page that is allocated: zeroed or not. Refills first, as the events show. */
  allocate(zeroed: boolean): number {
    for (;;) {
      const allocation = this.#nextAllocation();
      if (allocation === undefined) return this.#engine.take(NONE);
      const { order, fill } = allocation;
      const isSmall = order === 0 && fill !== FILL_READAHEAD;
      const isSurplus = isSmall && this.#takeSurplus(fill === FILL_ZERO);
      if (isSmall && (fill === FILL_ZERO) === zeroed && !isSurplus) return this.#engine.take(allocation.pfn);
      this.#allocateExtra(allocation);
    }
  }

  /** The next huge page that is allocated, and faulted if `op` says so. */
  allocateHuge(op: PageOp.thpFault | PageOp.takeHuge): number {
    for (;;) {
      const allocation = this.#nextAllocation();
      if (allocation === undefined) return this.#engine.op(op, NONE);
      if (allocation.order === HUGE_ORDER) return this.#engine.op(op, allocation.pfn);
      this.#allocateExtra(allocation);
    }
  }

  /** Does the allocations of user memory that come before what is next. */
  beforeKernelPages(): void {
    for (;;) {
      this.pump();
      if (this.#events.kind !== EV_ALLOC || this.#events.fill === FILL_KERNEL) return;
      this.#allocateExtra(this.#takeAllocation());
    }
  }

  /** The page for the kernel that the events show next; NONE when they show none. */
  allocateKernelPage(): number {
    this.pump();
    const { kind, order, fill, pfn } = this.#events;
    if (kind !== EV_ALLOC || order !== 0 || fill !== FILL_KERNEL) return NONE;
    this.#events.next();
    return this.#engine.take(pfn, 0, MIGRATE_UNMOVABLE);
  }

  /** Does what comes before the next allocation, and takes it; undefined when there is none. */
  #nextAllocation(): Allocation | undefined {
    const events = this.#events;
    for (;;) {
      this.pump();
      if (events.isAtEnd) {
        this.counts.simulatedAllocations++;
        return undefined;
      }
      if (events.kind === EV_ALLOC) return this.#takeAllocation();
      this.#freeExtra();
    }
  }

  #takeAllocation(): Allocation {
    const { pfn, order, fill, pid } = this.#events;
    this.#events.next();
    return { pfn, order, fill, pid };
  }

  /**
   * Tells how many pages the operations up to the next free will ask for: what the events show beyond that comes from
   * elsewhere. A process starts before its first operation.
   */
  expect(zeroed: number, plain: number): void {
    const ahead = this.#events.allocationsAhead();
    this.#surplusZeroed = Math.max(0, ahead.zeroed - zeroed);
    this.#surplusPlain = Math.max(0, ahead.plain - plain);
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

  #allocateExtra(allocation: Allocation): void {
    const { pfn, order, fill } = allocation;
    const engine = this.#engine;
    this.counts.extraAllocations++;
    if (order === 0 && fill === FILL_READAHEAD) {
      engine.take(pfn);
      addToPageCache(engine, pfn);
      this.#readahead.push(pfn);
      if (this.#readahead.length >= READAHEAD_PAGES) this.#finishReadahead();
      return;
    }
    this.#finishReadahead();
    if (order === HUGE_ORDER) engine.op(PageOp.thpFault, pfn);
    if (order > 0) return;
    if (fill === FILL_ZERO) this.#faultZeroed(allocation);
    else this.#faultCopied(allocation);
  }

  #faultZeroed({ pfn, pid }: Allocation): void {
    const processes = this.#processes;
    // What starts beside the operations begins with exec; what they describe alone faults its own pages.
    const isStart = processes.isNew(pid) && this.#surplusZeroed + this.#surplusPlain > 0;
    const process = processes.of(pid);
    // A forked process that allocates a zeroed page and then frees before it allocates again: exec.
    if (process.isForked && (process.own.size === 0 || this.#events.freesNext(pid))) {
      this.#exec(process, pfn);
    } else processes.fault(process, isStart ? PageOp.argumentPage : PageOp.anonFault, pfn);
  }

  #faultCopied({ pfn, pid }: Allocation): void {
    const processes = this.#processes;
    const parent = processes.last;
    if (processes.isNew(pid) && parent !== undefined) this.#fork(parent, pid);
    const process = processes.of(pid);
    const other = process === parent ? this.#events.otherPidAhead(pid) : PID_UNKNOWN;
    if (processes.isNew(other)) this.#fork(process, other);
    processes.copy(process, pfn);
  }

  #fork(parent: Process, pid: number): void {
    this.#processes.fork(parent, pid, this.#events.firstFreesOf(pid));
  }

  /** What the child that was forked last unmaps beside the pages of operations. */
  endChild(): readonly number[] {
    return this.#processes.endChild();
  }

  /** What the process that is about to free so many pages and to end unmaps with them: its stack, its data. */
  endProcess(nrPages: number): readonly number[] {
    this.beforeFree(nrPages);
    return this.#events.isFree ? this.#processes.end(this.#events.pid) : [];
  }

  #exec(process: Process, pfn: number): void {
    this.#processes.startExec(process, pfn);
    // Otherwise the pages that it frees tell when.
    if (process.own.size === 1) this.#giveUp(process, [], "unmap");
  }

  /**
   * An operation that frees so many pages is about to begin: does the allocations before it, and the frees that an
   * earlier operation left over.
   */
  beforeFree(nrPages = 0): void {
    const events = this.#events;
    for (;;) {
      this.pump();
      if (nrPages > 0 && events.isFree && events.freesAhead() * 2 < nrPages) this.#freeExtra();
      else if (events.kind === EV_ALLOC) this.#allocateExtra(this.#takeAllocation());
      else return;
    }
  }

  /** The page that is freed next; NONE when the events do not say. */
  nextFreed(): number {
    this.beforeFree();
    return this.#events.isFree ? this.#events.pfn : NONE;
  }

  /** Takes note that a page went to the pcp list, and drains when the events do. */
  readonly commit = (pfn: number): void => {
    if (!this.hasEvents) {
      if (pfn !== NONE) this.#engine.commit(pfn);
      return;
    }
    while (this.#events.kind === EV_FREE) this.#events.next();
    if (this.#events.kind === EV_FREE_BATCHED) this.#events.next();
    if (pfn !== NONE) this.#engine.commit(pfn);
    this.pump();
  };

  /** A page that is freed on its own (mm_page_free without _batched). */
  readonly commitFreed = (pfn: number, order = 0): void => {
    if (this.#events.kind === EV_FREE) this.#events.next();
    this.#engine.commit(pfn, order);
    if (this.hasEvents) this.pump();
  };

  /** Frees that belong to no operation: unmapped together, freed in the batches that the events show. */
  #freeExtra(): void {
    this.#finishReadahead();
    if (this.#events.order > 0) {
      this.#engine.lruAddDrain();
      this.#events.next();
      return;
    }
    const { position: start, pfn, pid } = this.#events;
    const batches = this.#inReleaseOrder(this.#events.batchesAhead(Number.POSITIVE_INFINITY, pid));
    const sizes = batches.map((batch) => batch.length);
    for (const size of sizes) this.counts.extraFrees += size;
    this.#giveUp(this.#processes.freeing(pid, pfn), batches, freeKind(sizes, this.#engine.recipes.sizes));
    if (this.#events.position === start) this.#events.next();
  }

  #giveUp(process: Process, batches: readonly (readonly number[])[], kind: FreeKind): void {
    const pfns = batches.flat();
    const shared = this.#processes.sharedWhenFreeing(process, pfns);
    this.#engine.lruAddDrain();
    giveUp(this.#engine, batches, kind, shared, this.commit);
    this.#processes.freed(process, pfns);
  }

  /** Up to so many pages that are freed next, batch by batch, each in the order in which its pages were given up. */
  freesInBatches(most: number): number[][] {
    this.beforeFree();
    return this.#inReleaseOrder(this.#events.batchesAhead(most));
  }

  /** 6.1 frees a list that was built at its head: the events show it backwards. */
  #inReleaseOrder(batches: number[][]): number[][] {
    return this.#engine.recipes.sizes.freeBatch === 0 ? batches.map((batch) => batch.reverse()) : batches;
  }

  /** Huge pages in use before of which the events free pages, in that order: at most so many. */
  hugePagesFreed(most: number): readonly number[] {
    return this.#events.chunksFreed(2 ** HUGE_ORDER, most);
  }

  /** Passes over the frees of pages that an operation has freed without the pcp list. */
  skipFrees(pfns: ReadonlySet<number>): void {
    this.#events.skipFrees(pfns);
  }

  /** Follows the events until a process that was forked in them has ended. */
  followProcess(): void {
    const before = this.#processes.nrExited;
    while (this.#processes.nrExited === before && !this.#events.isAtEnd) {
      this.pump();
      if (this.#events.kind === EV_ALLOC) this.#allocateExtra(this.#takeAllocation());
      else if (!this.#events.isAtEnd) this.#freeExtra();
    }
  }

  /** What is left when the operations are done. */
  finish(): void {
    for (;;) {
      this.beforeFree();
      this.#finishReadahead();
      if (this.#events.isAtEnd) return;
      this.#freeExtra();
    }
  }
}
