import { FALLBACK_RULE } from "../../../assembly/layout/engine.ts";
import {
  EV_ALLOC,
  EV_DRAIN,
  EV_EXTFRAG,
  EV_FREE,
  EV_FREE_BATCHED,
  EV_REFILL,
  FILL_KERNEL,
  FILL_PLAIN,
  FILL_SINGLE,
  FILL_TABLE,
  FILL_ZERO,
  type HotEvents,
  PID_UNKNOWN,
} from "../../recording/allocatorEventColumns.ts";

/** Pages that a process may copy between a fork and the first event of its child. */
const MAX_COPIES = 8;
const MAX_EVENTS_AHEAD = 65_536;

/** A place in recorded allocator events, and what can be seen from there. */
export class EventCursor {
  readonly #events: HotEvents;
  #at = 0;

  constructor(events: HotEvents) {
    this.#events = events;
  }

  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  get isRecorded(): boolean {
    return this.hasEvents || this.#events.report !== undefined;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#events.length;
  }

  /** EV_*; -1 at the end. */
  get kind(): number {
    return this.isAtEnd ? -1 : (this.#events.kind[this.#at] as number);
  }

  get isFree(): boolean {
    return this.kind === EV_FREE || this.kind === EV_FREE_BATCHED;
  }

  get pfn(): number {
    return this.#events.pfn[this.#at] as number;
  }

  get order(): number {
    return this.#events.order[this.#at] as number;
  }

  get migratetype(): number {
    return this.#events.migratetype[this.#at] as number;
  }

  /** A page of the kernel, freed on its own. */
  get isKernelFree(): boolean {
    return this.kind === EV_FREE && this.#isKernel(this.#at);
  }

  #isKernel(at: number): boolean {
    const fill = this.#events.fill[at] as number;
    return fill >= FILL_KERNEL && fill <= FILL_TABLE;
  }

  /** Something that was allocated before the recording, freed on its own. */
  get isSingleFree(): boolean {
    return this.kind === EV_FREE && this.fill === FILL_SINGLE;
  }

  /** FALLBACK_* of the page that this refill takes, where an event behind it tells (from 6.10 on). */
  get fallbackBehind(): number {
    const at = this.#at + 1;
    const isTold = this.#events.kind[at] === EV_EXTFRAG && this.#events.pfn[at] === this.pfn;
    return isTold ? (this.#events.fill[at] as number) : FALLBACK_RULE;
  }

  /** FILL_*. */
  get fill(): number {
    return this.#events.fill[this.#at] as number;
  }

  get pid(): number {
    return this.#events.pid[this.#at] as number;
  }

  get position(): number {
    return this.#at;
  }

  next(): void {
    this.#at++;
  }

  /** The thread whose event comes first after the next few plain allocations of this one; PID_UNKNOWN if none does. */
  otherPidAhead(pid: number): number {
    let copies = 0;
    for (let at = this.#at; at < this.#events.length && copies <= MAX_COPIES; at++) {
      if (this.#events.pid[at] !== pid) return this.#events.pid[at] as number;
      const kind = this.#events.kind[at];
      if (kind === EV_REFILL || kind === EV_DRAIN || kind === EV_EXTFRAG || this.#isKernel(at)) continue;
      if (kind !== EV_ALLOC || this.#events.fill[at] !== FILL_PLAIN) return PID_UNKNOWN;
      copies++;
    }
    return PID_UNKNOWN;
  }

  /** Does a thread free a page before it allocates one? */
  freesNext(pid: number): boolean {
    const end = Math.min(this.#events.length, this.#at + MAX_EVENTS_AHEAD);
    for (let at = this.#at; at < end; at++) {
      if (this.#events.pid[at] !== pid || this.#isKernel(at)) continue;
      if (this.#events.kind[at] === EV_FREE) return true;
      if (this.#events.kind[at] === EV_ALLOC) return false;
    }
    return false;
  }

  /** What a thread frees until it has first freed pages together. */
  firstFreesOf(pid: number): readonly number[] {
    const end = Math.min(this.#events.length, this.#at + MAX_EVENTS_AHEAD);
    const pfns: number[] = [];
    let areTogether = false;
    for (let at = this.#at; at < end; at++) {
      if (this.#events.pid[at] !== pid || this.#isKernel(at)) continue;
      const kind = this.#events.kind[at];
      if (kind === EV_FREE) pfns.push(this.#events.pfn[at] as number);
      if (kind === EV_FREE_BATCHED) areTogether = true;
      if (kind === EV_ALLOC && areTogether) break;
    }
    return pfns;
  }

  /** Frees that come before the next allocation. */
  freesAhead(): number {
    let frees = 0;
    for (let at = this.#at; at < this.#events.length; at++) {
      const kind = this.#events.kind[at];
      if (this.#isKernel(at)) continue;
      if (kind === EV_ALLOC) return frees;
      if (kind === EV_FREE) frees++;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** 4 KiB pages that are allocated before the next free. */
  allocationsAhead(): { readonly zeroed: number; readonly plain: number } {
    let zeroed = 0;
    let plain = 0;
    for (let at = this.#at; at < this.#events.length; at++) {
      const kind = this.#events.kind[at];
      if (this.#isKernel(at)) continue;
      if (kind === EV_FREE || kind === EV_FREE_BATCHED) break;
      if (kind !== EV_ALLOC || this.#events.order[at] !== 0) continue;
      if (this.#events.fill[at] === FILL_ZERO) zeroed++;
      else if (this.#events.fill[at] === FILL_PLAIN) plain++;
    }
    return { zeroed, plain };
  }

  /**
   * Up to so many pages that are freed before the next allocation, batch by batch as the events show them.
   *
   * @param pid only 4 KiB pages that this thread frees, up to the first that another one does
   */
  batchesAhead(most: number, pid?: number): number[][] {
    const batches: number[][] = [];
    let total = 0;
    let wasFree = false;
    for (let at = this.#at; at < this.#events.length && total < most; at++) {
      const kind = this.#events.kind[at];
      if (this.#isKernel(at)) continue;
      if (kind === EV_ALLOC || kind === EV_REFILL) break;
      if (pid !== undefined && this.#events.pid[at] !== pid) break;
      // A free of a higher order neither begins nor ends a batch of single pages.
      if (kind === EV_FREE && pid !== undefined && this.#events.order[at] !== 0) continue;
      if (kind === EV_FREE) {
        if (!wasFree) batches.push([]);
        (batches[batches.length - 1] as number[]).push(this.#events.pfn[at] as number);
        total++;
      }
      wasFree = kind === EV_FREE;
    }
    return batches;
  }

  /** Aligned ranges of `size` pages of which some are freed that were not allocated before, in the order of the frees. */
  chunksFreed(size: number, most: number): readonly number[] {
    const found = new Set<number>();
    const allocated = new Set<number>();
    for (let at = this.#at; at < this.#events.length && found.size < most; at++) {
      const kind = this.#events.kind[at];
      const pfn = this.#events.pfn[at] as number;
      if (kind === EV_ALLOC) allocated.add(pfn);
      else if (kind === EV_FREE && !this.#isKernel(at) && !allocated.has(pfn)) found.add(pfn - (pfn % size));
    }
    return [...found];
  }

  /** Passes over the frees of these pages. */
  skipFrees(pfns: ReadonlySet<number>): void {
    for (let left = pfns.size; left > 0 && !this.isAtEnd; this.#at++)
      if (this.kind === EV_FREE && pfns.has(this.pfn)) left--;
  }
}
