import { EV_ALLOC, EV_DRAIN, EV_EXTFRAG, EV_REFILL, type HotEvents } from "../../recording/allocatorEventColumns.ts";

/** What a page was before the recording, as its first event tells. */
export const FREE = 0;
export const PCP = 1;
export const USED = 2;
export const REFILLED = 3;
/** Part of a chunk whose place on the free lists the refills gave away. */
export const CHUNK = 4;

export interface Chunk {
  readonly order: number;
  /** From the base of the layout. */
  readonly page: number;
}

export interface FirstEvents {
  readonly state: Uint8Array;
  /** Pages on the pcp list before: taken from its head, and drained from its tail, in this order. */
  readonly allocated: readonly number[];
  readonly drained: readonly number[];
  /** Pages refilled from the lists as they were before, in order. */
  readonly refilled: readonly number[];
}

/**
 * What the first event of each page tells of its state before: freed first, it was in use; allocated or drained first,
 * on a pcp list; refilled first, on a list of the buddy.
 */
export function firstEvents(
  layout: { readonly basePfn: number; readonly nrPages: number },
  events: HotEvents,
): FirstEvents {
  const state = new Uint8Array(layout.nrPages);
  const named = new Uint8Array(layout.nrPages);
  const allocated: number[] = [];
  const drained: number[] = [];
  const refilled: number[] = [];
  for (let i = 0; i < events.length; i++) {
    const page = (events.pfn[i] as number) - layout.basePfn;
    if (page >= layout.nrPages || named[page] !== 0) continue;
    const kind = events.kind[i];
    if (kind === EV_EXTFRAG) continue;
    const order = events.order[i] as number;
    named.fill(1, page, page + (1 << order));
    if (order > 0) continue;
    if (kind === EV_REFILL) {
      state[page] = REFILLED;
      refilled.push(page);
    } else if (kind === EV_ALLOC || kind === EV_DRAIN) {
      state[page] = PCP;
      (kind === EV_ALLOC ? allocated : drained).push(page);
    } else state[page] = USED;
  }
  return { state, allocated, drained, refilled };
}

/** Chunks of the lower free lists, in the order of each list, from the order in which refills used them up. */
export function fragmentedChunks(
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
export function claimChunk(state: Uint8Array, { order, page }: Chunk): void {
  state.fill(CHUNK, page, page + (1 << order));
  const buddy = page ^ (1 << order);
  if (buddy < state.length && isUntouched(state, buddy, buddy + (1 << order))) state[buddy] = USED;
}
