import type { OperationHandlers } from "../../recording/operationsSchema.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { BLOCK_PAGES, type HotLayout } from "../follow/engineState.ts";
import type { EventFollower } from "../follow/followEvents.ts";
import { compactZone } from "./compaction.ts";
import { offlineBusy, type PfnRange } from "./migration.ts";

/** Operations on the zone of hot-added memory as a whole. */
export function zoneHandlers(engine: PageEngine, events: EventFollower, layout: HotLayout): OperationHandlers {
  return {
    offline_busy: ({ block }) => offlineBlock(engine, events, layout, block * BLOCK_PAGES),
    compact_all_zones: () => compact(engine, events, layout),
  };
}

function offlineBlock(engine: PageEngine, events: EventFollower, layout: HotLayout, blockPfn: number): void {
  const range = layout.ranges.find(({ startPfn }) => startPfn >= blockPfn && startPfn < blockPfn + BLOCK_PAGES);
  const zone = zoneOf(layout);
  if (range === undefined || zone === undefined) return;
  engine.lruAddDrain();
  events.pump();
  events.skipFrees(offlineBusy(engine, range, zone));
}

function compact(engine: PageEngine, events: EventFollower, layout: HotLayout): void {
  events.pump();
  const zone = zoneOf(layout);
  if (zone === undefined) return;
  const online = new Set(layout.online.map(({ startPfn }) => startPfn));
  const isOnline = (pfn: number): boolean => online.has(pfn - (pfn % BLOCK_PAGES));
  const { startPfn, nrPages } = zone;
  compactZone(engine, { startPfn, endPfn: startPfn + nrPages, isOnline }, events.commitFreed);
}

function zoneOf(layout: HotLayout): PfnRange | undefined {
  const starts = layout.online.map(({ startPfn }) => startPfn);
  if (starts.length === 0) return undefined;
  const startPfn = Math.min(...starts);
  const endPfn = Math.max(...layout.ranges.map((range) => range.startPfn + range.nrPages));
  return { startPfn, nrPages: endPfn - startPfn };
}
