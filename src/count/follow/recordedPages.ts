import { ENGINE_HUGE_ORDER as HUGE_ORDER, type PageOp } from "../../../assembly/layout/engine.ts";
import { MIGRATE_UNMOVABLE } from "../../../assembly/layout/hotplug.ts";
import {
  EV_ALLOC,
  FILL_KERNEL,
  FILL_READAHEAD,
  FILL_ZERO,
  type HotEvents,
} from "../../recording/allocatorEventColumns.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import { type Allocation, KernelPages } from "../coremm/kernelPages.ts";
import type { PageSource } from "../coremm/pageSource.ts";
import { AllocatorEvents } from "./allocatorEvents.ts";
import type { EventCursor } from "./eventCursor.ts";
import { type FollowCounts, OtherEvents } from "./unexplainedEvents.ts";

/**
 * Walks through recorded allocator events in step with the operations: an operation that needs a page gets the one
 * that was recorded next, and what the events show around it (refills, drains, pages of other users) is done as well.
 */
export class RecordedPages implements PageSource {
  readonly #events: AllocatorEvents;
  readonly #cursor: EventCursor;
  readonly #others: OtherEvents;
  readonly #engine: PageEngine;
  /** Takes note that a page went to the pcp list, and drains when the events do. */
  readonly commit: (pfn: number) => void;
  /** A page that is freed on its own (mm_page_free without _batched). */
  readonly commitFreed: (pfn: number, order?: number) => void;
  /** Pages that operations hold for the process that runs them. */
  heldByOperations: () => readonly number[] = () => [];

  constructor(events: HotEvents, engine: PageEngine) {
    const kernel = new KernelPages(engine);
    this.#engine = engine;
    this.#events = new AllocatorEvents(events, engine, kernel);
    this.#cursor = this.#events.cursor;
    this.#others = new OtherEvents(this.#events, engine, kernel, () => this.heldByOperations());
    this.commit = this.#events.commit;
    this.commitFreed = this.#events.commitFreed;
  }

  get counts(): FollowCounts {
    return this.#others.counts;
  }

  get hasEvents(): boolean {
    return this.#cursor.hasEvents;
  }

  /** Was a trace made, be it empty? */
  get isRecorded(): boolean {
    return this.#cursor.isRecorded;
  }

  /** Does the refills and drains that come next. */
  pump(): void {
    this.#events.pump();
  }

  /** The next page that is allocated: zeroed or not. Refills first, as the events show. */
  allocate(zeroed: boolean): number {
    for (;;) {
      const allocation = this.#nextAllocation();
      if (allocation === undefined) return this.#engine.take(NONE);
      const { order, fill } = allocation;
      const isSmall = order === 0 && fill !== FILL_READAHEAD && fill < FILL_KERNEL;
      const isSurplus = isSmall && this.#others.takeSurplus(fill === FILL_ZERO);
      if (isSmall && (fill === FILL_ZERO) === zeroed && !isSurplus) return this.#engine.take(allocation.pfn);
      this.#others.allocate(allocation);
    }
  }

  /** The next huge page that is allocated, and faulted if `op` says so. */
  allocateHuge(op: PageOp.thpFault | PageOp.takeHuge): number {
    for (;;) {
      const allocation = this.#nextAllocation();
      if (allocation === undefined) return this.#engine.op(op, NONE);
      if (allocation.order === HUGE_ORDER) return this.#engine.op(op, allocation.pfn);
      this.#others.allocate(allocation);
    }
  }

  /** Does what comes before the next allocation, and takes it; undefined when there is none. */
  #nextAllocation(): Allocation | undefined {
    const cursor = this.#cursor;
    for (;;) {
      this.#events.pump();
      if (cursor.isAtEnd) {
        this.counts.simulatedAllocations++;
        return undefined;
      }
      if (cursor.kind === EV_ALLOC) return this.#events.takeAllocation();
      this.#others.free();
    }
  }

  /** Does the allocations of user memory that come before what is next. */
  beforeKernelPages(): void {
    for (;;) {
      this.#events.pump();
      if (this.#cursor.kind !== EV_ALLOC || this.#cursor.fill === FILL_KERNEL) return;
      this.#others.allocate(this.#events.takeAllocation());
    }
  }

  /** The page for the kernel that the events show next; NONE when they show none. */
  allocateKernelPage(): number {
    this.#events.pump();
    const { kind, order, fill, pfn } = this.#cursor;
    if (kind !== EV_ALLOC || order !== 0 || fill !== FILL_KERNEL) return NONE;
    this.#cursor.next();
    return this.#engine.take(pfn, 0, MIGRATE_UNMOVABLE);
  }

  /**
   * Tells how many pages the operations up to the next free will ask for: what the events show beyond that comes from
   * elsewhere. A process starts before its first operation.
   */
  expect(zeroed: number, plain: number): void {
    const ahead = this.#cursor.allocationsAhead();
    this.#others.surplusZeroed = Math.max(0, ahead.zeroed - zeroed);
    this.#others.surplusPlain = Math.max(0, ahead.plain - plain);
  }

  /** What the child that was forked last unmaps beside the pages of operations. */
  endChild(): readonly number[] {
    return this.#others.processes.endChild();
  }

  /** What the process that is about to free so many pages and to end unmaps with them: its stack, its data. */
  endProcess(nrPages: number): readonly number[] {
    this.beforeFree(nrPages);
    return this.#cursor.isFree ? this.#others.processes.end(this.#cursor.pid) : [];
  }

  /**
   * An operation that frees so many pages is about to begin: does the allocations before it, and the frees that an
   * earlier operation left over.
   */
  beforeFree(nrPages = 0): void {
    const cursor = this.#cursor;
    for (;;) {
      this.#events.pump();
      if (cursor.isKernelFree) this.#events.freeKernelPage();
      else if (nrPages > 0 && cursor.isFree && cursor.freesAhead() * 2 < nrPages) this.#others.free();
      else if (cursor.kind === EV_ALLOC) this.#others.allocate(this.#events.takeAllocation());
      else return;
    }
  }

  /** The page that is freed next; NONE when the events do not say. */
  nextFreed(): number {
    this.beforeFree();
    return this.#cursor.isFree ? this.#cursor.pfn : NONE;
  }

  /** Up to so many pages that are freed next, batch by batch, each in the order in which its pages were given up. */
  freesInBatches(most: number): number[][] {
    this.beforeFree();
    return this.#others.inReleaseOrder(this.#cursor.batchesAhead(most));
  }

  /** Huge pages in use before of which the events free pages, in that order: at most so many. */
  hugePagesFreed(most: number): readonly number[] {
    return this.#cursor.chunksFreed(2 ** HUGE_ORDER, most);
  }

  /** Passes over the frees of pages that an operation has freed without the pcp list. */
  skipFrees(pfns: ReadonlySet<number>): void {
    this.#cursor.skipFrees(pfns);
  }

  /** Follows the events until a process that was forked in them has ended. */
  followProcess(): void {
    const { processes } = this.#others;
    const before = processes.nrExited;
    while (processes.nrExited === before && !this.#cursor.isAtEnd) {
      this.#events.pump();
      if (this.#cursor.kind === EV_ALLOC) this.#others.allocate(this.#events.takeAllocation());
      else if (!this.#cursor.isAtEnd) this.#others.free();
    }
  }

  /** What is left when the operations are done. */
  finish(): void {
    for (;;) {
      this.beforeFree();
      this.#others.finishReadahead();
      if (this.#cursor.isAtEnd) return;
      this.#others.free();
    }
  }
}
