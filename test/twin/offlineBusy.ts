// Offline of a block in use, page by page and a call a step: what engineOfflineBusy does in one.
import {
  AT_HEAD,
  AT_TAIL,
  ENGINE_HUGE_ORDER,
  FOLIO_ORDER_SHIFT,
  LIST_PRIVATE,
  LIST_UNMAPPED,
  PAGE_HUGE,
  PAGE_ON_LRU,
} from "../../assembly/layout/engine.ts";
import { Step } from "../../assembly/layout/steps.ts";
import type { PageRange } from "../../src/counts.ts";
import type { PageEngine } from "../../src/wasm/pageEngine.ts";

const PAGEBLOCK = 512;
const MIGRATE_BATCH = 512;

/** @return the pages that were moved and freed, large folios by their heads */
export function offlinePageByPage(engine: PageEngine, block: PageRange, zone: PageRange): ReadonlySet<number> {
  const { startPfn, nrPages } = block;
  const end = startPfn + nrPages;
  isolateBlock(engine, block, zone);
  const first = scanMovable(engine, startPfn, end);
  const moved = first < end ? collectMovable(engine, first, end) : [];
  migrateAll(engine, moved);
  if (first < end) scanMovable(engine, first, end);
  for (let pfn = startPfn; pfn < end; pfn += PAGEBLOCK) engine.run(Step.testHead, pfn);
  forChunks(engine, startPfn, end, (pfn) => engine.run(Step.testChunk, pfn));
  forChunks(engine, startPfn, end, (pfn) => engine.remove(Step.offlineChunk, pfn));
  for (let pfn = end; pfn < zone.startPfn + zone.nrPages; pfn += PAGEBLOCK) {
    engine.run(Step.contiguous, pfn);
    engine.run(Step.contiguous, pfn + PAGEBLOCK - 1);
  }
  return new Set(moved);
}

function scanMovable(engine: PageEngine, start: number, end: number): number {
  for (let pfn = start; pfn < end; pfn++) {
    engine.run(Step.scanMovable, pfn);
    if ((engine.flagsOf(pfn) & PAGE_ON_LRU) !== 0) return pfn;
  }
  return end;
}

function isolateBlock(engine: PageEngine, { startPfn, nrPages }: PageRange, zone: PageRange): void {
  const last = startPfn + nrPages - PAGEBLOCK;
  isolatePageblock(engine, startPfn);
  if (startPfn - PAGEBLOCK >= zone.startPfn) scanPages(engine, Step.scanEdge, startPfn - PAGEBLOCK);
  isolatePageblock(engine, last);
  for (let pfn = startPfn + PAGEBLOCK; pfn < last; pfn += PAGEBLOCK) isolatePageblock(engine, pfn);
}

function isolatePageblock(engine: PageEngine, startPfn: number): void {
  scanPages(engine, Step.scanIsolate, startPfn);
  engine.isolateBlock(startPfn);
}

function scanPages(engine: PageEngine, step: Step, startPfn: number): void {
  for (let pfn = startPfn; pfn < startPfn + PAGEBLOCK; pfn += 2 ** folioOrder(engine, pfn)) engine.run(step, pfn);
}

function folioOrder(engine: PageEngine, pfn: number): number {
  const flags = engine.flagsOf(pfn);
  return (flags & PAGE_HUGE) !== 0 ? ENGINE_HUGE_ORDER : flags >> FOLIO_ORDER_SHIFT;
}

function collectMovable(engine: PageEngine, first: number, end: number): number[] {
  const where = engine.recipes.sizes.migratesInBatches ? AT_HEAD : AT_TAIL;
  const moved: number[] = [];
  for (let pfn = first; pfn < end; pfn++) {
    if ((engine.flagsOf(pfn) & PAGE_ON_LRU) === 0) {
      engine.run(Step.scanRange, pfn);
      continue;
    }
    engine.remove(Step.migrateIsolate, pfn);
    engine.add(Step.migrateQueue, LIST_PRIVATE, pfn, where);
    engine.run(Step.migrateQueueDone, pfn);
    moved.push(pfn);
    pfn += 2 ** folioOrder(engine, pfn) - 1;
  }
  return where === AT_HEAD ? moved.reverse() : moved;
}

function migrateAll(engine: PageEngine, pfns: readonly number[]): void {
  for (const pfn of pfns) engine.run(Step.migrateFind, pfn);
  for (let from = 0; from < pfns.length; ) {
    const batch: number[] = [];
    for (let pages = 0; pages < MIGRATE_BATCH && from < pfns.length; from++) {
      const pfn = pfns[from] as number;
      pages += 2 ** folioOrder(engine, pfn);
      batch.push(pfn);
    }
    for (const pfn of batch) engine.run(Step.migrateBatch, pfn);
    if (engine.recipes.sizes.migratesInBatches) {
      for (const pfn of batch) {
        unmap(engine, pfn);
        engine.remove(Step.migrateUnlink, pfn);
        engine.add(Step.migrateRelink, LIST_UNMAPPED, pfn, AT_TAIL);
      }
      for (const pfn of batch) {
        engine.run(Step.migrateMove, pfn);
        finishMove(engine, pfn);
      }
    } else
      for (const pfn of batch) {
        unmap(engine, pfn);
        finishMove(engine, pfn);
      }
  }
}

function unmap(engine: PageEngine, pfn: number): void {
  engine.run(Step.migrateUnmap, pfn);
  const order = folioOrder(engine, pfn);
  if (order >= ENGINE_HUGE_ORDER) engine.run(Step.splitUnmapPmd, pfn);
  else if (order > 0) engine.runTails(Step.splitUnmapPteSub, pfn, 1, 2 ** order);
}

function finishMove(engine: PageEngine, pfn: number): void {
  const order = folioOrder(engine, pfn);
  engine.remove(Step.migrateTake, pfn);
  engine.run(Step.migrateDone, pfn);
  if (order > 0) {
    const tails = order > 1 ? [1, 2, 3] : [1];
    const steps = [Step.compoundFreeTail1, Step.compoundFreeTail2, Step.compoundFreeTail3];
    for (const tail of tails) engine.runTails(steps[tail - 1] as Step, pfn, tail, tail + 1);
    if (order > 2) engine.runTails(Step.compoundFreeTail, pfn, 4, 2 ** order);
  }
  engine.freeOne(pfn, order);
}

function forChunks(engine: PageEngine, startPfn: number, end: number, visit: (pfn: number) => void): void {
  for (let pfn = startPfn; pfn < end; ) {
    const order = engine.orderOf(pfn);
    if (order >= 0) visit(pfn);
    pfn += order < 0 ? 1 : 2 ** order;
  }
}
