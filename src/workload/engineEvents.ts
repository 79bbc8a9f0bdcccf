import * as L from "../../assembly/layout.ts";
import type { ImportReport } from "./import/importReport.ts";
import type { EventStream } from "./recording.ts";

/** __GFP_ZERO as the importer numbers it (include/linux/gfp_types.h, 6.12). */
const GFP_ZERO = 1 << 8;
/** readahead_gfp_mask (include/linux/pagemap.h): __GFP_NORETRY and __GFP_NOWARN. */
const GFP_READAHEAD = (1 << 16) | (1 << 13);
/** How an allocated page is filled. */
export const FILL_PLAIN = 0;
export const FILL_ZERO = 1;
export const FILL_READAHEAD = 2;

/** Kinds of allocator events, as the engine follows them. */
export const EV_ALLOC = 0;
export const EV_FREE = 1;
export const EV_FREE_BATCHED = 2;
export const EV_REFILL = 3;
export const EV_DRAIN = 4;

/** The allocator events that name a hot-added page, in order. */
export interface HotEvents {
  readonly length: number;
  readonly kind: Uint8Array;
  readonly pfn: Uint32Array;
  readonly order: Uint8Array;
  /** Of allocations, FILL_*: zeroed (an anonymous fault), read ahead, or written by its user (copy, shmem). */
  readonly zeroed: Uint8Array;
  /** Undefined where there was no trace. */
  readonly report: ImportReport | undefined;
}

export const NO_EVENTS: HotEvents = {
  length: 0,
  kind: new Uint8Array(0),
  pfn: new Uint32Array(0),
  order: new Uint8Array(0),
  zeroed: new Uint8Array(0),
  report: undefined,
};

const KINDS: Readonly<Record<number, number>> = {
  [L.EVENT_ALLOC]: EV_ALLOC,
  [L.EVENT_FREE]: EV_FREE,
  [L.EVENT_FREE_BATCHED]: EV_FREE_BATCHED,
  [L.EVENT_ZONE_LOCKED]: EV_REFILL,
  [L.EVENT_PCPU_DRAIN]: EV_DRAIN,
};

/** Keeps what happened to pages from `pfnFrom` on, below `pfnEnd`: 7 bytes an event. */
export async function readHotEvents(events: EventStream, pfnFrom: number, pfnEnd: number): Promise<HotEvents> {
  const { batches, report } = events;
  const kind: number[] = [];
  const pfn: number[] = [];
  const order: number[] = [];
  const zeroed: number[] = [];
  for await (const batch of batches) {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    for (let at = 0; at < batch.length; at += L.EVENT_BYTES) {
      const known = KINDS[batch[at + L.EVENT_OP] as number];
      const page = view.getUint32(at + L.EVENT_PFN, true);
      const isHigh = view.getUint16(at + L.EVENT_PFN_HIGH, true) !== 0;
      if (known === undefined || page < pfnFrom || page >= pfnEnd || isHigh) continue;
      kind.push(known);
      pfn.push(page);
      order.push(batch[at + L.EVENT_ORDER] as number);
      zeroed.push(fillOf(view.getUint32(at + L.EVENT_ARG, true)));
    }
  }
  return {
    length: kind.length,
    kind: Uint8Array.from(kind),
    pfn: Uint32Array.from(pfn),
    order: Uint8Array.from(order),
    zeroed: Uint8Array.from(zeroed),
    report,
  };
}

function fillOf(gfp: number): number {
  if (gfp & GFP_ZERO) return FILL_ZERO;
  return (gfp & GFP_READAHEAD) === GFP_READAHEAD ? FILL_READAHEAD : FILL_PLAIN;
}
