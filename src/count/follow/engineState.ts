import { MIGRATE_UNMOVABLE } from "../../../assembly/layout/hotplug.ts";
import type { HotEvents } from "../../recording/allocatorEventColumns.ts";
import type { RecordingSummary } from "../../recording/recordingSummary.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { BLOCK_PAGES, freeRange, type HotLayout } from "../coremm/hotLayout.ts";
import { type InUse, OWN_PAGES, type Placed, placeInUse } from "./heldPages.ts";
import {
  CHUNK,
  claimChunk,
  type FirstEvents,
  FREE,
  firstEvents,
  fragmentedChunks,
  REFILLED,
  USED,
} from "./stateFromFirstEvents.ts";

/** Pages of struct pages of such a block. */
const VMEMMAP_PAGES = (BLOCK_PAGES * 64) / 4096;

/** pcp batch of a zone of 64 MiB or more (mm/page_alloc.c zone_batchsize). */
const PCP_BATCH = 63;

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

/** What was in use before a recording. */
export interface StateBefore {
  /** In the order in which the pages were allocated. */
  readonly held: readonly number[];
  /** What nothing that was recorded determines, in words. */
  readonly assumed: readonly string[];
}

/**
 * Puts the engine into the state before a recording, as far as it is known. A page whose first event is a refill was
 * on a free list, one that is allocated without refill or drained was on a pcp list, one that is freed was in use;
 * of the pages that no event names, `heldPages` are in use (`already_mapped_anon`) and the rest is free. Refills take
 * the smallest chunks first and each list from its head, so that their order together with the recorded number of
 * chunks of each order gives the fragmented part of the free lists back.
 *
 */
export function buildState(
  engine: PageEngine,
  layout: HotLayout,
  events: HotEvents,
  heldPages: number,
  zones: RecordingSummary["zonesBefore"],
): StateBefore {
  const hot = zones.filter((zone) => (zone.startPfn ?? 0) >= layout.basePfn);
  const first = firstEvents(layout, events);
  const state = first.state;
  const buddy = hot[0]?.buddy ?? [];
  const { chunks, usedUpTo } = fragmentedChunks(first.refilled, state, buddy);
  for (const chunk of chunks) claimChunk(state, chunk);
  const inUse = countInUse(hot, heldPages, first);
  for (const { order, page } of chunks) engine.freeChunk(layout.basePfn + page, order);
  for (const { startPfn, selfHosted } of layout.online) {
    // mhp_init_memmap_on_memory(): the pageblocks of the block's own memmap.
    if (selfHosted) engine.setMigratetype(startPfn, MIGRATE_UNMOVABLE);
  }
  const placed = placeInUse(layout, state, { ...inUse, buddy: hot.length === 1 ? buddy : [] });
  // Freed one after the other, each to the head of the list.
  for (const page of placed.singles.slice().reverse()) engine.freeChunk(layout.basePfn + page, 0);
  for (const page of placed.singles) state[page] = CHUNK;
  freeRest(engine, layout, state, usedUpTo);
  const onPcp = [...first.allocated, ...placed.resident, ...first.drained.slice().reverse()];
  for (const page of onPcp) engine.holdPcp(layout.basePfn + page);
  const held = placed.held.map((page) => layout.basePfn + page);
  for (const pfn of held) engine.holdAnon(pfn);
  return { held, assumed: assumptions(inUse, placed) };
}

function assumptions({ residents, isCounted }: CountedInUse, placed: Placed): string[] {
  const assumed: string[] = [];
  if (placed.isChosen)
    assumed.push(
      "where the pages in use lie is the model's own choice: faulting them would have left other free lists than those before",
    );
  if (residents > 0 && !isCounted)
    assumed.push(
      `${residents} pages that are neither free nor held are taken to lie on pcp lists: zones_before has no pcp (pagesets of zoneinfo)`,
    );
  return assumed;
}

interface CountedInUse extends Omit<InUse, "buddy"> {
  /** zoneinfo said so. */
  readonly isCounted: boolean;
}

/**
 * How many pages that no event names are held, and lie on the pcp list. On the list is what zoneinfo counts there, where
 * the recording has it. Else: a list is refilled when it is empty, so where no refill was recorded it held more than what
 * was taken; pages that are neither free nor held are on it, unless they are so few that the process has them besides:
 * then the list was emptied (refresh_cpu_vm_stats() drains those of nodes without CPUs after three seconds of idleness).
 */
function countInUse(hot: RecordingSummary["zonesBefore"], heldPages: number, first: FirstEvents): CountedInUse {
  const sum = (key: "managed" | "free"): number => hot.reduce((total, zone) => total + zone[key], 0);
  const counted = hot.reduce((total, { pcpPages }) => total + (pcpPages ?? Number.NaN), 0);
  const isCounted = !Number.isNaN(counted);
  const named = first.allocated.length + first.drained.length;
  const unknown = Math.max(0, sum("managed") - sum("free") - heldPages);
  const onList = isCounted ? Math.max(0, counted - named) : undefined;
  // Without held pages most of these are in use: by those who free them later, or by whom nobody names, and then one batch
  // stands for the list.
  if (heldPages === 0) {
    const freedLater = first.state.reduce((count, value) => count + (value === USED ? 1 : 0), 0);
    const residents = onList ?? Math.min(Math.max(0, unknown - named - freedLater), PCP_BATCH);
    return { heldPages, residents: first.refilled.length > 0 ? 0 : residents, isCounted };
  }
  const others = Math.max(0, unknown - named);
  const isEmptied = first.refilled.length > 0 || others <= OWN_PAGES;
  const residents = Math.min(others, onList ?? (isEmptied ? 0 : others));
  return { heldPages: heldPages + others - residents, residents, isCounted };
}

/** Ranges of pages that are neither in use nor on pcp lists, in aligned chunks. */
function freeRest(engine: PageEngine, layout: HotLayout, state: Uint8Array, usedUpTo: number): void {
  for (const { startPfn, nrPages } of layout.ranges) {
    const start = startPfn - layout.basePfn;
    let freeFrom = start;
    for (let page = start; page <= start + nrPages; page++) {
      const atEnd = page === start + nrPages;
      if (!atEnd && (state[page] === FREE || state[page] === REFILLED)) continue;
      if (page > freeFrom) freeRange(engine, layout.basePfn + freeFrom, page - freeFrom, usedUpTo);
      freeFrom = page + 1;
    }
  }
}
