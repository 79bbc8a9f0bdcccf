import * as L from "../../assembly/layout.ts";
import { InputError } from "../errors.ts";
import type { ImportReport } from "./import/importReport.ts";
import type { EventStream } from "./recording.ts";

/** __GFP_MOVABLE and __GFP_ZERO as the importer numbers it (include/linux/gfp_types.h, 6.12). */
const GFP_MOVABLE = 1 << 3;
const GFP_ZERO = 1 << 8;
/** readahead_gfp_mask (include/linux/pagemap.h): __GFP_NORETRY and __GFP_NOWARN. */
const GFP_READAHEAD = (1 << 16) | (1 << 13);
export const PID_UNKNOWN = L.EVENT_PID_UNKNOWN;
/** How an allocated page is filled. */
export const FILL_PLAIN = 0;
export const FILL_ZERO = 1;
export const FILL_READAHEAD = 2;
/** Not movable: page tables, slabs and what else the kernel keeps for itself. */
export const FILL_KERNEL = 3;

/** Kinds of allocator events, as the engine follows them. */
export const EV_ALLOC = 0;
export const EV_FREE = 1;
export const EV_FREE_BATCHED = 2;
export const EV_REFILL = 3;
export const EV_DRAIN = 4;

/** The allocator events that name a hot-added page, in order. */
export interface HotEvents {
  /** How many there are: the columns may be longer. */
  readonly length: number;
  readonly kind: Uint8Array;
  readonly pfn: Uint32Array;
  readonly order: Uint8Array;
  /** Of allocations, FILL_*: zeroed (an anonymous fault), read ahead, or written by its user (copy, shmem). */
  readonly zeroed: Uint8Array;
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
  zeroed: new Uint8Array(0),
  pid: new Uint32Array(0),
  report: undefined,
};

const KINDS: Readonly<Record<number, number>> = {
  [L.EVENT_ALLOC]: EV_ALLOC,
  [L.EVENT_FREE]: EV_FREE,
  [L.EVENT_FREE_BATCHED]: EV_FREE_BATCHED,
  [L.EVENT_ZONE_LOCKED]: EV_REFILL,
  [L.EVENT_PCPU_DRAIN]: EV_DRAIN,
};

/** What a followed event takes: kind, pfn, order, fill and pid. */
export const HOT_EVENT_BYTES = 11;
/** 1.4 GiB of columns; the touches that a comparison keeps for them end at a similar number. */
export const MAX_HOT_EVENTS = 2 ** 27;
const FIRST_CAPACITY = 2 ** 16;

/**
 * Keeps what happened to pages from `pfnFrom` on, below `pfnEnd`, in columns that double: HOT_EVENT_BYTES an event,
 * three times that at most while they grow. All other events pass by.
 *
 * @error InputError when there are more than `maxEvents`
 */
export async function readHotEvents(
  events: EventStream,
  pfnFrom: number,
  pfnEnd: number,
  maxEvents = MAX_HOT_EVENTS,
): Promise<HotEvents> {
  const { batches, report } = events;
  let columns = columnsFor(Math.min(FIRST_CAPACITY, maxEvents));
  let length = 0;
  for await (const batch of batches) {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    for (let at = 0; at < batch.length; at += L.EVENT_BYTES) {
      const known = KINDS[batch[at + L.EVENT_OP] as number];
      const page = view.getUint32(at + L.EVENT_PFN, true);
      const isHigh = view.getUint16(at + L.EVENT_PFN_HIGH, true) !== 0;
      if (known === undefined || page < pfnFrom || page >= pfnEnd || isHigh) continue;
      if (length === columns.kind.length) {
        if (length >= maxEvents) throw tooManyEvents(report?.path, maxEvents);
        columns = grown(columns, Math.min(2 * length, maxEvents));
      }
      columns.kind[length] = known;
      columns.pfn[length] = page;
      columns.order[length] = batch[at + L.EVENT_ORDER] as number;
      columns.zeroed[length] = fillOf(view.getUint32(at + L.EVENT_ARG, true));
      columns.pid[length] = view.getUint32(at + L.EVENT_PID, true);
      length++;
    }
  }
  return { length, ...columns, report };
}

type Columns = Pick<HotEvents, "kind" | "pfn" | "order" | "zeroed" | "pid">;

const columnsFor = (capacity: number): Columns => ({
  kind: new Uint8Array(capacity),
  pfn: new Uint32Array(capacity),
  order: new Uint8Array(capacity),
  zeroed: new Uint8Array(capacity),
  pid: new Uint32Array(capacity),
});

function grown(columns: Columns, capacity: number): Columns {
  const larger = columnsFor(capacity);
  larger.kind.set(columns.kind);
  larger.pfn.set(columns.pfn);
  larger.order.set(columns.order);
  larger.zeroed.set(columns.zeroed);
  larger.pid.set(columns.pid);
  return larger;
}

function tooManyEvents(path: string | undefined, maxEvents: number): InputError {
  return new InputError({
    ...(path === undefined ? {} : { where: path }),
    what: `has more than ${maxEvents} allocator events of hot-added pages, as many as the engine follows`,
    expected: `a part of the trace (each event takes ${HOT_EVENT_BYTES} bytes)`,
    example: "head -n 100000000 trace.txt > part.txt",
  });
}

/** Without flags, as a probe with few fields leaves them, a page is taken for one of user memory. */
function fillOf(gfp: number): number {
  if (gfp !== 0 && (gfp & GFP_MOVABLE) === 0) return FILL_KERNEL;
  if (gfp & GFP_ZERO) return FILL_ZERO;
  return (gfp & GFP_READAHEAD) === GFP_READAHEAD ? FILL_READAHEAD : FILL_PLAIN;
}
