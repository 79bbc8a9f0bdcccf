import type { PageRange } from "../../counts.ts";
import type { OperationHandlers } from "../../recording/operationsSchema.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { compactZone } from "./compaction.ts";
import { BLOCK_PAGES, type HotLayout } from "./hotLayout.ts";
import { movablePages } from "./migration.ts";
import type { PageSource } from "./pageSource.ts";

/** Operations on the zone of hot-added memory as a whole. */
export function zoneHandlers(engine: PageEngine, source: PageSource, layout: HotLayout): OperationHandlers {
  return {
    offline_busy: ({ block }) => offlineBlock(engine, source, layout, block * BLOCK_PAGES),
    compact_all_zones: () => compact(engine, source, layout),
  };
}

function offlineBlock(engine: PageEngine, source: PageSource, layout: HotLayout, blockPfn: number): void {
  const range = layout.ranges.find(({ startPfn }) => startPfn >= blockPfn && startPfn < blockPfn + BLOCK_PAGES);
  const zone = zoneOf(layout);
  if (range === undefined || zone === undefined) return;
  engine.lruAddDrain();
  source.pump();
  const moved = source.isRecorded ? movablePages(engine, range) : new Set<number>();
  engine.offlineBusy(range, zone);
  source.skipFrees(moved);
}

function compact(engine: PageEngine, source: PageSource, layout: HotLayout): void {
  source.pump();
  const zone = zoneOf(layout);
  if (zone === undefined) return;
  const online = new Set(layout.online.map(({ startPfn }) => startPfn));
  const isOnline = (pfn: number): boolean => online.has(pfn - (pfn % BLOCK_PAGES));
  const { startPfn, nrPages } = zone;
  compactZone(engine, { startPfn, endPfn: startPfn + nrPages, isOnline }, source.commitFreed);
}

function zoneOf(layout: HotLayout): PageRange | undefined {
  const starts = layout.online.map(({ startPfn }) => startPfn);
  if (starts.length === 0) return undefined;
  const startPfn = Math.min(...starts);
  const endPfn = Math.max(...layout.ranges.map((range) => range.startPfn + range.nrPages));
  return { startPfn, nrPages: endPfn - startPfn };
}
