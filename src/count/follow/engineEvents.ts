import * as L from "../../../assembly/layout/allocatorEvents.ts";
import { FALLBACK_CLAIM, FALLBACK_STEAL } from "../../../assembly/layout/engine.ts";
import { MIGRATE_MOVABLE } from "../../../assembly/layout/hotplug.ts";
import { InputError } from "../../errors.ts";
import {
  EV_ALLOC,
  EV_DRAIN,
  EV_EXTFRAG,
  EV_FREE,
  EV_FREE_BATCHED,
  EV_REFILL,
  FILL_KERNEL,
  FILL_PARTS,
  FILL_PLAIN,
  FILL_READAHEAD,
  FILL_SLAB,
  FILL_TABLE,
  FILL_ZERO,
  type HotEvents,
} from "../../recording/allocatorEventColumns.ts";
import type { EventStream } from "../../recording/recording.ts";
import { tellFrees } from "./eventFrees.ts";

/** Flags as the importer numbers them (include/linux/gfp_types.h, 6.12). */
const GFP_HIGHMEM = 1 << 1;
const GFP_MOVABLE = 1 << 3;
const GFP_RECLAIMABLE = 1 << 4;
const GFP_ZERO = 1 << 8;
const GFP_NOWARN = 1 << 13;
const GFP_NORETRY = 1 << 16;
const GFP_COMP = 1 << 18;
const GFP_ACCOUNT = 1 << 22;
/** readahead_gfp_mask (include/linux/pagemap.h). */
const GFP_READAHEAD = GFP_NORETRY | GFP_NOWARN;
/** GFP_PGTABLE_USER (include/asm-generic/pgalloc.h), and what a kernel stack has beyond that. */
const GFP_TABLE = GFP_ACCOUNT | GFP_ZERO;
const GFP_STACK = GFP_HIGHMEM | GFP_NOWARN;

const KINDS: Readonly<Record<number, number>> = {
  [L.EVENT_ALLOC]: EV_ALLOC,
  [L.EVENT_FREE]: EV_FREE,
  [L.EVENT_FREE_BATCHED]: EV_FREE_BATCHED,
  [L.EVENT_ZONE_LOCKED]: EV_REFILL,
  [L.EVENT_PCPU_DRAIN]: EV_DRAIN,
  [L.EVENT_EXTFRAG]: EV_EXTFRAG,
};

/** What a followed event takes: kind, pfn, order, migratetype, fill and pid. */
const HOT_EVENT_BYTES = 12;
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
      const order = batch[at + L.EVENT_ORDER] as number;
      if (known === undefined || page < pfnFrom || page + 2 ** order > pfnEnd || isHigh) continue;
      if (length === columns.kind.length) {
        if (length >= maxEvents) throw tooManyEvents(report?.path, maxEvents);
        columns = grown(columns, Math.min(2 * length, maxEvents));
      }
      columns.kind[length] = known;
      columns.pfn[length] = page;
      columns.order[length] = order;
      columns.migratetype[length] = migratetypeOf(batch[at + L.EVENT_MIGRATETYPE] as number);
      if (known === EV_EXTFRAG) columns.fill[length] = fallbackOf(view.getUint32(at + L.EVENT_COUNT, true));
      else if (known === EV_ALLOC) columns.fill[length] = fillOf(view.getUint32(at + L.EVENT_ARG, true), order);
      columns.pid[length] = view.getUint32(at + L.EVENT_PID, true);
      length++;
    }
  }
  tellFrees(columns, length, pfnFrom);
  return { length, ...columns, report };
}

type Columns = Pick<HotEvents, "kind" | "pfn" | "order" | "migratetype" | "fill" | "pid">;

const columnsFor = (capacity: number): Columns => ({
  kind: new Uint8Array(capacity),
  pfn: new Uint32Array(capacity),
  order: new Uint8Array(capacity),
  migratetype: new Uint8Array(capacity),
  fill: new Uint8Array(capacity),
  pid: new Uint32Array(capacity),
});

function grown(columns: Columns, capacity: number): Columns {
  const larger = columnsFor(capacity);
  larger.kind.set(columns.kind);
  larger.pfn.set(columns.pfn);
  larger.order.set(columns.order);
  larger.migratetype.set(columns.migratetype);
  larger.fill.set(columns.fill);
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

/** change_ownership, as import/eventFields.ts keeps it. */
const fallbackOf = (count: number): number => ((count >>> 16) & 1 ? FALLBACK_CLAIM : FALLBACK_STEAL);

const migratetypeOf = (recorded: number): number =>
  recorded === L.EVENT_MIGRATETYPE_UNKNOWN ? MIGRATE_MOVABLE : recorded;

/** Without flags, as a probe with few fields leaves them, a page is taken for one of user memory. */
function fillOf(gfp: number, order: number): number {
  if (gfp !== 0 && (gfp & GFP_MOVABLE) === 0) return kernelFillOf(gfp, order);
  if (gfp & GFP_ZERO) return FILL_ZERO;
  return (gfp & GFP_READAHEAD) === GFP_READAHEAD ? FILL_READAHEAD : FILL_PLAIN;
}

/** allocate_slab (mm/slub.c) first asks for a slab of the best order without retry or warning. */
function kernelFillOf(gfp: number, order: number): number {
  const isFirstTry = (gfp & GFP_NORETRY) !== 0 && (gfp & (GFP_NOWARN | GFP_COMP)) !== 0;
  if (isFirstTry || (gfp & GFP_RECLAIMABLE) !== 0) return FILL_SLAB;
  if ((gfp & GFP_TABLE) === GFP_TABLE && (gfp & GFP_STACK) === 0) return FILL_TABLE;
  return order > 0 && (gfp & GFP_COMP) === 0 ? FILL_PARTS : FILL_KERNEL;
}
