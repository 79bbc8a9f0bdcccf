import { ENGINE_HUGE_ORDER, PCP_MAX_ORDER } from "../../../assembly/layout/engine.ts";
import {
  EV_DRAIN,
  EV_EXTFRAG,
  EV_FREE,
  EV_FREE_BATCHED,
  EV_REFILL,
  type HotEvents,
} from "../../recording/allocatorEventColumns.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import type { Allocation, KernelPages } from "../coremm/kernelPages.ts";
import { EventCursor } from "./eventCursor.ts";

/** The recorded events of the allocator: what happens inside it is done as they come. */
export class AllocatorEvents {
  readonly cursor: EventCursor;
  readonly #engine: PageEngine;
  readonly #kernel: KernelPages;

  constructor(events: HotEvents, engine: PageEngine, kernel: KernelPages) {
    this.cursor = new EventCursor(events);
    this.#engine = engine;
    this.#kernel = kernel;
  }

  /** Does the refills and drains that come next. */
  pump(): void {
    const { cursor } = this;
    for (; ; cursor.next()) {
      const { kind, pfn, order, migratetype } = cursor;
      if (kind === EV_REFILL) {
        // A page that does not pass a pcp list is taken from the free lists when it is allocated.
        const isOfPcp = order <= PCP_MAX_ORDER || order === ENGINE_HUGE_ORDER;
        if (isOfPcp) this.#engine.refill(pfn, order, migratetype, cursor.fallbackBehind);
      } else if (kind === EV_DRAIN) this.#engine.drain(pfn, order, migratetype);
      else if (kind === EV_EXTFRAG) this.#steal();
      else return;
    }
  }

  /** Up to 6.9 a chunk is stolen before pages are taken from it. */
  #steal(): void {
    const { pfn, migratetype, fill } = this.cursor;
    if (!this.#engine.recipes.sizes.claimsBlocks) this.#engine.stealChunk(pfn, migratetype, fill);
  }

  takeAllocation(): Allocation {
    const { pfn, order, migratetype, fill, pid } = this.cursor;
    this.cursor.next();
    return { pfn, order, migratetype, fill, pid };
  }

  /** Frees the page of the kernel that is freed next. */
  freeKernelPage(): void {
    const { pfn, order, fill } = this.cursor;
    this.cursor.next();
    this.#kernel.free(pfn, order, fill);
    this.#engine.commit(pfn, order);
    this.pump();
  }

  /** Takes note that a page went to the pcp list, and drains when the events do. */
  readonly commit = (pfn: number): void => {
    const { cursor } = this;
    if (!cursor.hasEvents) {
      if (pfn !== NONE) this.#engine.commit(pfn);
      return;
    }
    while (cursor.kind === EV_FREE) {
      if (cursor.isKernelFree) this.freeKernelPage();
      else cursor.next();
    }
    if (cursor.kind === EV_FREE_BATCHED) cursor.next();
    if (pfn !== NONE) this.#engine.commit(pfn);
    this.pump();
  };

  /** A page that is freed on its own (mm_page_free without _batched). */
  readonly commitFreed = (pfn: number, order = 0): void => {
    const { cursor } = this;
    while (cursor.isKernelFree && cursor.pfn !== pfn) this.freeKernelPage();
    if (cursor.kind === EV_FREE) cursor.next();
    this.#engine.commit(pfn, order);
    if (cursor.hasEvents) this.pump();
  };
}
