import { EVENT_PID_UNKNOWN } from "../../assembly/layout/allocatorEvents.ts";
import type { ImportReport } from "./import/importReport.ts";

export const PID_UNKNOWN = EVENT_PID_UNKNOWN;

/** How an allocated page is filled. */
export const FILL_PLAIN = 0;
export const FILL_ZERO = 1;
export const FILL_READAHEAD = 2;
/** Not movable, what the kernel keeps for itself: compound if of higher order, */
export const FILL_KERNEL = 3;
/** or not, */
export const FILL_PARTS = 4;
/** slabs, */
export const FILL_SLAB = 5;
/** and tables of processes. */
export const FILL_TABLE = 6;
/** Of frees: a page freed on its own that nothing in the recording allocated. */
export const FILL_SINGLE = 7;

/** Kinds of allocator events, as the engine follows them. */
export const EV_ALLOC = 0;
export const EV_FREE = 1;
export const EV_FREE_BATCHED = 2;
export const EV_REFILL = 3;
export const EV_DRAIN = 4;
/** A fallback to another migratetype; the fill column tells FALLBACK_*. */
export const EV_EXTFRAG = 5;

/** The allocator events that name a hot-added page, in order. */
export interface HotEvents {
  /** How many there are: the columns may be longer. */
  readonly length: number;
  readonly kind: Uint8Array;
  readonly pfn: Uint32Array;
  readonly order: Uint8Array;
  /** MIGRATE_* of an allocation, a refill, a drain or a fallback. */
  readonly migratetype: Uint8Array;
  /** FILL_* of allocations; of frees those of the kernel's pages that are freed one by one, else FILL_PLAIN. */
  readonly fill: Uint8Array;
  /** The thread; PID_UNKNOWN where the trace does not say. */
  readonly pid: Uint32Array;
  /** Undefined where there was no trace. */
  readonly report: ImportReport | undefined;
}

export const NO_EVENTS: HotEvents = {
  length: 0,
  kind: new Uint8Array(0),
  pfn: new Uint32Array(0),
  order: new Uint8Array(0),
  migratetype: new Uint8Array(0),
  fill: new Uint8Array(0),
  pid: new Uint32Array(0),
  report: undefined,
};
