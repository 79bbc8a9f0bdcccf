import { ENGINE_MAX_ORDER } from "../../assembly/engineLayout.ts";
import type { PageEngine } from "../kernels/engine.ts";
import { EV_ALLOC, EV_DRAIN, EV_REFILL, type HotEvents } from "./engineEvents.ts";
import type { RecordingSummary } from "./recordingSummary.ts";

/** 128 MiB, the memory block of the recordings. */
export const BLOCK_PAGES = 32_768;
/** Pages of struct pages of such a block. */
const VMEMMAP_PAGES = (BLOCK_PAGES * 64) / 4096;

/** Where hot-added memory lies and which of its pages the allocator manages. */
export interface HotLayout {
  readonly basePfn: number;
  readonly nrPages: number;
  /** Online blocks, ascending. */
  readonly online: readonly { readonly startPfn: number; readonly selfHosted: boolean }[];
  /** Ranges of managed pages, ascending: online blocks without their own memmap. */
  readonly ranges: readonly { readonly startPfn: number; readonly nrPages: number }[];
}

/** Reads the layout off a recording's `hot_blocks_before` and `zones_before`. */
export function hotLayout(summary: RecordingSummary): HotLayout {
  const basePfn = summary.hotAdded.pfnFrom;
  const online = summary.hotBlocksBefore
    .filter((row) => row.state === "online")
    .map((row) => row.block * BLOCK_PAGES)
    .filter((startPfn) => startPfn >= basePfn)
    .sort((a, b) => a - b);
  const zones = summary.zonesBefore.filter((zone) => (zone.startPfn ?? 0) >= basePfn);
  const sum = (key: "present" | "managed"): number => zones.reduce((total, zone) => total + zone[key], 0);
  // Pages present but not managed are memmap that blocks host themselves. Which blocks is not said: the first ones.
  const nrSelfHosted = Math.round((sum("present") - sum("managed")) / VMEMMAP_PAGES);
  const last = summary.hotBlocksBefore.reduce((most, row) => Math.max(most, (row.block + 1) * BLOCK_PAGES), 0);
  return {
    basePfn,
    nrPages: Math.max(last, basePfn + BLOCK_PAGES) - basePfn,
    online: online.map((startPfn, i) => ({ startPfn, selfHosted: i < nrSelfHosted })),
    ranges: online.map((startPfn, i) => {
      const reserved = i < nrSelfHosted ? VMEMMAP_PAGES : 0;
      return { startPfn: startPfn + reserved, nrPages: BLOCK_PAGES - reserved };
    }),
  };
}

/** pcp batch of a zone of 64 MiB or more (mm/page_alloc.c zone_batchsize). */
const PCP_BATCH = 63;

const FREE = 0;
const PCP = 1;
const USED = 2;
const REFILLED = 3;
/** Part of a chunk whose place on the free lists the refills gave away. */
const CHUNK = 4;

/**
 * Puts the engine into the state before a recording, as far as it is known. A page whose first event is a refill was
 * on a free list, one that is allocated without refill or drained was on a pcp list, one that is freed was in use;
 * of the pages that no event names, `heldPages` are in use (`already_mapped_anon`) and the rest is free. Refills take
 * the smallest chunks first and each list from its head, so that their order together with the recorded number of
 * chunks of each order gives the fragmented part of the free lists back.
 *
 * @return the pages in use, ascending
 */
export function buildState(
  engine: PageEngine,
  layout: HotLayout,
  events: HotEvents,
  heldPages: number,
  zones: RecordingSummary["zonesBefore"],
): number[] {
  const hot = zones.filter((zone) => (zone.startPfn ?? 0) >= layout.basePfn);
  const first = firstEvents(layout, events);
  const state = first.state;
  const { chunks, usedUpTo } = fragmentedChunks(first.refilled, state, hot[0]?.buddy ?? []);
  for (const chunk of chunks) claimChunk(state, chunk);
  const sum = (key: "managed" | "free"): number => hot.reduce((total, zone) => total + zone[key], 0);
  const unknown = sum("managed") - sum("free") - heldPages;
  // A pcp list is refilled when it is empty: where no refill was recorded it held more than what was taken.
  const residents = first.refilled.length === 0 && unknown > 0 ? Math.min(unknown, PCP_BATCH) : 0;
  for (const { order, page } of chunks) engine.freeChunk(layout.basePfn + page, order);
  const { held, resident } = placeRest(engine, layout, state, { heldPages, residents, usedUpTo });
  for (const page of first.pcp) engine.holdPcp(layout.basePfn + page);
  for (const pfn of resident) engine.holdPcp(pfn);
  for (const pfn of held) engine.holdAnon(pfn);
  return held;
}

interface Chunk {
  readonly order: number;
  /** From the base of the layout. */
  readonly page: number;
}

interface FirstEvents {
  readonly state: Uint8Array;
  /** Pages on the pcp list before, from its head; pages refilled from the lists as they were before, in order. */
  readonly pcp: readonly number[];
  readonly refilled: readonly number[];
}

function firstEvents(layout: HotLayout, events: HotEvents): FirstEvents {
  const state = new Uint8Array(layout.nrPages);
  const named = new Uint8Array(layout.nrPages);
  const pcp: number[] = [];
  const refilled: number[] = [];
  for (let i = 0; i < events.length; i++) {
    const page = (events.pfn[i] as number) - layout.basePfn;
    if (page >= layout.nrPages || named[page] !== 0) continue;
    const kind = events.kind[i];
    const order = events.order[i] as number;
    named.fill(1, page, page + (1 << order));
    if (order > 0) continue;
    if (kind === EV_REFILL) {
      state[page] = REFILLED;
      refilled.push(page);
    } else if (kind === EV_ALLOC || kind === EV_DRAIN) {
      state[page] = PCP;
      pcp.push(page);
    } else state[page] = USED;
  }
  return { state, pcp, refilled };
}

/** Chunks of the lower free lists, in the order of each list, from the order in which refills used them up. */
function fragmentedChunks(
  refilled: readonly number[],
  state: Uint8Array,
  buddy: readonly number[],
): { chunks: Chunk[]; usedUpTo: number } {
  const chunks: Chunk[] = [];
  let order = 0;
  let left = buddy[0] ?? 0;
  for (let at = 0; at < refilled.length; ) {
    while (left <= 0 && order < buddy.length - 1) left = buddy[++order] as number;
    if (order >= buddy.length - 1) break;
    const page = refilled[at] as number;
    // The counts are a little older than the first event: a chunk may be smaller than its turn says.
    let fitting = order;
    while (!isChunkAt(refilled, at, fitting, state)) fitting--;
    if (fitting === order) left--;
    chunks.push({ order: fitting, page });
    at += Math.min(1 << fitting, refilled.length - at);
  }
  // Every chunk of these orders has been seen: pages that no event names are not free in one of them.
  return { chunks, usedUpTo: left <= 0 ? order + 1 : order };
}

/** Were the pages of an aligned chunk refilled one after the other? The last chunk may be used up in part. */
function isChunkAt(refilled: readonly number[], at: number, order: number, state: Uint8Array): boolean {
  const page = refilled[at] as number;
  if (page % (1 << order) !== 0) return false;
  let pages = 1;
  while (pages < 1 << order && refilled[at + pages] === page + pages) pages++;
  return (
    pages === 1 << order || (at + pages === refilled.length && isUntouched(state, page + pages, page + (1 << order)))
  );
}

function isUntouched(state: Uint8Array, from: number, to: number): boolean {
  for (let page = from; page < to; page++) if (state[page] !== FREE) return false;
  return true;
}

/** Its buddy cannot be a free chunk of the same order, else they were one: some page of it is in use. */
function claimChunk(state: Uint8Array, { order, page }: Chunk): void {
  state.fill(CHUNK, page, page + (1 << order));
  const buddy = page ^ (1 << order);
  if (buddy < state.length && isUntouched(state, buddy, buddy + (1 << order))) state[buddy] = USED;
}

/**
 * Chooses the pages in use that no event names: a process fills one free chunk after the other, so first those in
 * chunks of which other pages are in use, then the lowest.
 */
function holdNeighbours(layout: HotLayout, state: Uint8Array, heldPages: number): void {
  const chunkPages = 1 << ENGINE_MAX_ORDER;
  const used = new Set<number>();
  let missing = heldPages;
  state.forEach((value, page) => {
    if (value !== USED) return;
    used.add(Math.floor(page / chunkPages));
    missing--;
  });
  for (const inUsedChunk of [true, false]) {
    for (const { startPfn, nrPages } of layout.ranges) {
      const start = startPfn - layout.basePfn;
      for (let page = start; page < start + nrPages && missing > 0; page++) {
        if (state[page] !== FREE || used.has(Math.floor(page / chunkPages)) !== inUsedChunk) continue;
        state[page] = USED;
        missing--;
      }
    }
  }
}

/** Free ranges in aligned chunks; pages held; pages that stay on the pcp list. */
function placeRest(
  engine: PageEngine,
  layout: HotLayout,
  state: Uint8Array,
  { heldPages, residents, usedUpTo }: { heldPages: number; residents: number; usedUpTo: number },
): { held: number[]; resident: number[] } {
  holdNeighbours(layout, state, heldPages);
  let left = residents;
  const held: number[] = [];
  const resident: number[] = [];
  for (const { startPfn, nrPages } of layout.ranges) {
    const start = startPfn - layout.basePfn;
    let freeFrom = start;
    for (let page = start; page <= start + nrPages; page++) {
      const atEnd = page === start + nrPages;
      if (!atEnd && state[page] === FREE && left > 0) {
        state[page] = PCP;
        resident.push(layout.basePfn + page);
        left--;
      }
      if (!atEnd && (state[page] === FREE || state[page] === REFILLED)) continue;
      if (page > freeFrom) freeRange(engine, layout.basePfn + freeFrom, page - freeFrom, usedUpTo);
      freeFrom = page + 1;
      if (!atEnd && state[page] === USED) held.push(layout.basePfn + page);
    }
  }
  return { held, resident };
}

/**
 * Puts a range on the free lists in aligned chunks, ascending, at the tails, as onlining leaves it. Chunks below
 * `leastOrder` stay in use.
 */
export function freeRange(engine: PageEngine, startPfn: number, nrPages: number, leastOrder = 0): void {
  const end = startPfn + nrPages;
  for (let pfn = startPfn; pfn < end; ) {
    let order = ENGINE_MAX_ORDER;
    while (pfn % (1 << order) !== 0 || pfn + (1 << order) > end) order--;
    if (order >= leastOrder) engine.freeChunk(pfn, order);
    pfn += 1 << order;
  }
}
