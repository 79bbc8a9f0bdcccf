import { ENGINE_MAX_ORDER } from "../../../assembly/layout/engine.ts";
import { type AlignedChunk, chunksOf, type HotLayout } from "../coremm/hotLayout.ts";
import { CHUNK, FREE, PCP, REFILLED, USED } from "./stateFromFirstEvents.ts";

/**
 * Pages that a process has beside those it was asked to hold: stack, arguments, environment and data. A static program
 * had 12 and 13 of them in recordings.
 */
export const OWN_PAGES = 16;

/** What the zone tells of the pages in use that no event names. */
export interface InUse {
  /** Held by the process (`already_mapped_anon`), and its few others. */
  readonly heldPages: number;
  /** On the pcp list besides those that events name there. */
  readonly residents: number;
  /** Free chunks by order; empty when it is not known. */
  readonly buddy: readonly number[];
}

/** Pages, from the base of the layout. */
export interface Placed {
  /** In the order in which they were allocated. */
  readonly held: readonly number[];
  /** From the head of the pcp list. */
  readonly resident: readonly number[];
  /** Free pages of which the buddies are held. */
  readonly singles: readonly number[];
  /** Nothing that was recorded says where they are. */
  readonly isChosen: boolean;
}

/**
 * Chooses the pages in use that no event names, and marks them in `state`. A process that faults its memory uses up one
 * free chunk after the other, the smallest first. What it holds, and what lies on the pcp list, is known to the page when
 * the free lists that this leaves are those that were recorded. Where it has given up every second page they are known too.
 */
export function placeInUse(layout: HotLayout, state: Uint8Array, inUse: InUse): Placed {
  const { heldPages, residents, buddy } = inUse;
  if (heldPages === 0 || buddy.length === 0) return placeBeside(layout, state, inUse);
  const managed = layout.ranges.reduce((sum, { nrPages }) => sum + nrPages, 0);
  const free = buddy.reduce((sum, count, order) => sum + count * 2 ** order, 0);
  const inSequence = usedUp(layout, state, managed - free, buddy);
  if (inSequence !== undefined) return placeInSequence(state, inSequence, residents);
  const singles = buddy[0] as number;
  const alternating = usedUp(layout, state, managed - free + singles, [0, ...buddy.slice(1)]);
  if (alternating === undefined || Math.abs(alternating.length / 2 - heldPages) > OWN_PAGES)
    return placeBeside(layout, state, inUse);
  return placeAlternating(state, alternating, singles, residents === 0 ? heldPages : undefined);
}

/** The free chunks of fresh memory in the order in which they are used up: the smallest first, then by address. */
function freshChunks(layout: HotLayout): AlignedChunk[] {
  const chunks = layout.ranges.flatMap(({ startPfn, nrPages }) => chunksOf(startPfn - layout.basePfn, nrPages));
  return chunks.sort((a, b) => a.order - b.order || a.page - b.page);
}

/**
 * The first so many pages that are used up, in order; undefined when the chunks that are left are not those of `buddy`, or
 * events name other pages.
 */
function usedUp(
  layout: HotLayout,
  state: Uint8Array,
  nrPages: number,
  buddy: readonly number[],
): readonly number[] | undefined {
  const lastKnown = ({ page, order }: AlignedChunk): number => {
    for (let at = 2 ** order - 1; at >= 0; at--) if (state[page + at] === USED || state[page + at] === PCP) return at;
    return -1;
  };
  const units = freshChunks(layout)
    .map((unit) => ({ ...unit, lastKnown: lastKnown(unit) }))
    .sort((a, b) => a.order - b.order || Number(a.lastKnown < 0) - Number(b.lastKnown < 0));
  let left = nrPages;
  let nrFull = 0;
  for (; left >= 2 ** (units[nrFull]?.order ?? 32); nrFull++) left -= 2 ** (units[nrFull] as AlignedChunk).order;
  const inUse = units.slice(0, left > 0 ? nrFull + 1 : nrFull).sort((a, b) => a.order - b.order || a.page - b.page);
  const partial = left > 0 ? partlyUsed(inUse, left) : undefined;
  if (left > 0 && partial === undefined) return undefined;
  const used = inUse.filter((unit) => unit !== partial);
  const rest = units.slice(inUse.length);
  if (rest.some((unit) => unit.lastKnown >= 0)) return undefined;
  const tail = left > 0 && partial !== undefined ? chunksOf(left, 2 ** partial.order - left) : [];
  if (!buddy.every((count, o) => [...rest, ...tail].filter((chunk) => chunk.order === o).length === count))
    return undefined;
  const pages = used.flatMap((unit) => Array.from({ length: 2 ** unit.order }, (_, i) => unit.page + i));
  for (let i = 0; i < left; i++) pages.push((partial as AlignedChunk).page + i);
  return pages.some((page) => state[page] === REFILLED || state[page] === CHUNK) ? undefined : pages;
}

/** The chunk that was taken last: if events name pages behind its first `nrPages`, that which fits best. */
function partlyUsed<T extends AlignedChunk & { readonly lastKnown: number }>(
  units: readonly T[],
  nrPages: number,
): T | undefined {
  const last = units.at(-1);
  if (last === undefined || last.lastKnown < nrPages) return last;
  const fitting = units.filter(({ order, lastKnown }) => order === last.order && lastKnown < nrPages);
  return fitting.sort((a, b) => a.lastKnown - b.lastKnown)[0];
}

/** The last of the pages that were allocated are still on the pcp list; the others are held. */
function placeInSequence(state: Uint8Array, pages: readonly number[], residents: number): Placed {
  let firstResident = pages.length;
  for (let left = residents; left > 0 && state[pages[firstResident - 1] as number] !== USED; firstResident--)
    if (state[pages[firstResident - 1] as number] === FREE) left--;
  const held: number[] = [];
  const resident: number[] = [];
  pages.forEach((page, i) => {
    if (state[page] === PCP) return;
    state[page] = i < firstResident ? USED : PCP;
    (i < firstResident ? held : resident).push(page);
  });
  return { held, resident, singles: [], isChosen: false };
}

/**
 * One page of each pair of buddies is held, the other free, or of the last pairs still on the pcp list.
 *
 * @param nrHeld where it is known
 */
function placeAlternating(
  state: Uint8Array,
  pages: readonly number[],
  nrSingles: number,
  nrHeld = Number.POSITIVE_INFINITY,
): Placed {
  const side = heldSide(state);
  let missing = nrHeld - pages.filter((page) => state[page] === USED).length;
  const singles: number[] = [];
  const resident: number[] = [];
  for (let i = 0; i + 1 < pages.length; i += 2) {
    const pair = pages.slice(i, i + 2);
    const unknown = pair.filter((page) => state[page] === FREE);
    const isHeld = missing <= 0 || pair.some((page) => state[page] === USED);
    const held = isHeld ? undefined : unknown.length === 2 ? pair[side] : unknown[0];
    if (held !== undefined) {
      state[held] = USED;
      missing--;
    }
    for (const page of unknown) {
      if (page === held) continue;
      if (singles.length < nrSingles) singles.push(page);
      else {
        state[page] = PCP;
        resident.push(page);
      }
    }
  }
  // What was freed last is at the head of the pcp list.
  return { held: pages.filter((page) => state[page] === USED), resident: resident.reverse(), singles, isChosen: false };
}

/** 0 when of two buddies the first is in use more often, 1 when it is the second. */
function heldSide(state: Uint8Array): number {
  let seconds = 0;
  let firsts = 0;
  for (let pair = 0; pair + 1 < state.length; pair += 2) {
    if (state[pair] === USED && state[pair + 1] !== USED) firsts++;
    if (state[pair] !== USED && state[pair + 1] === USED) seconds++;
  }
  return seconds > firsts ? 1 : 0;
}

/** First pages in chunks of which others are in use, then the lowest. */
function placeBeside(layout: HotLayout, state: Uint8Array, { heldPages, residents }: InUse): Placed {
  holdBeside(layout, state, heldPages - state.reduce((count, value) => count + (value === USED ? 1 : 0), 0));
  const resident = pagesOf(layout, state, FREE).slice(0, residents);
  for (const page of resident) state[page] = PCP;
  return { held: pagesOf(layout, state, USED), resident, singles: [], isChosen: heldPages > 0 };
}

function holdBeside(layout: HotLayout, state: Uint8Array, nrPages: number): void {
  const chunkPages = 1 << ENGINE_MAX_ORDER;
  const used = new Set<number>();
  let missing = nrPages;
  state.forEach((value, page) => {
    if (value === USED) used.add(Math.floor(page / chunkPages));
  });
  for (const inUsedChunk of [true, false]) {
    for (const { startPfn, nrPages: length } of layout.ranges) {
      const start = startPfn - layout.basePfn;
      for (let page = start; page < start + length && missing > 0; page++) {
        if (state[page] !== FREE || used.has(Math.floor(page / chunkPages)) !== inUsedChunk) continue;
        state[page] = USED;
        missing--;
      }
    }
  }
}

/** Pages of a state within the ranges, ascending. */
function pagesOf(layout: HotLayout, state: Uint8Array, value: number): number[] {
  const pages: number[] = [];
  for (const { startPfn, nrPages } of layout.ranges) {
    const start = startPfn - layout.basePfn;
    for (let page = start; page < start + nrPages; page++) if (state[page] === value) pages.push(page);
  }
  return pages;
}
