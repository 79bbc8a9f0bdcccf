import {
  AT_HEAD,
  AT_TAIL,
  LIST_PRIVATE,
  LIST_UNMAPPED,
  PAGE_HUGE,
  PAGE_ON_LRU,
} from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageRange } from "../../counts.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

const PAGEBLOCK = 512;
/** mm/migrate.c NR_MAX_BATCHED_MIGRATION. */
const MIGRATE_BATCH = 512;

/**
 * offline_pages of a block of which movable pages are in use; their new pages lie outside hot-added memory, so only the
 * old ones are touched. Isolation, scan, migration of all in one list, scan, tests, and the rest of the zone.
 *
 * @return the pages that were migrated and freed
 */
export function offlineBusy(engine: PageEngine, block: PageRange, zone: PageRange): ReadonlySet<number> {
  const { startPfn, nrPages } = block;
  const end = startPfn + nrPages;
  isolateBlock(engine, block, zone);
  const moved = collectMovable(engine, startPfn, end);
  migrateAll(engine, moved);
  for (let pfn = startPfn; pfn < end; pfn++) engine.run(Step.scanMovable, pfn);
  for (let pfn = startPfn; pfn < end; pfn += PAGEBLOCK) engine.run(Step.testHead, pfn);
  forChunks(engine, startPfn, end, (pfn) => engine.run(Step.testChunk, pfn));
  forChunks(engine, startPfn, end, (pfn) => engine.remove(Step.offlineChunk, pfn));
  for (let pfn = end; pfn < zone.startPfn + zone.nrPages; pfn += PAGEBLOCK) {
    engine.run(Step.contiguous, pfn);
    engine.run(Step.contiguous, pfn + PAGEBLOCK - 1);
  }
  return new Set(moved);
}

/** start_isolate_page_range: first and last pageblock with the pages beside them, then those in between. */
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
  for (let pfn = startPfn; pfn < startPfn + PAGEBLOCK; pfn++) engine.run(step, pfn);
}

/** do_migrate_range: every page of the block, those on LRU lists onto one list. */
function collectMovable(engine: PageEngine, startPfn: number, end: number): number[] {
  const where = engine.recipes.sizes.migratesInBatches ? AT_HEAD : AT_TAIL;
  const moved: number[] = [];
  for (let pfn = startPfn; pfn < end; pfn++) {
    const flags = engine.flagsOf(pfn);
    if ((flags & PAGE_ON_LRU) === 0 || (flags & PAGE_HUGE) !== 0) {
      engine.run(Step.scanRange, pfn);
      continue;
    }
    engine.remove(Step.migrateIsolate, pfn);
    engine.add(Step.migrateQueue, LIST_PRIVATE, pfn, where);
    engine.run(Step.migrateQueueDone, pfn);
    moved.push(pfn);
  }
  return where === AT_HEAD ? moved.reverse() : moved;
}

/** migrate_pages: a look through the list, then batch by batch. */
function migrateAll(engine: PageEngine, pfns: readonly number[]): void {
  for (const pfn of pfns) engine.run(Step.migrateFind, pfn);
  for (let from = 0; from < pfns.length; from += MIGRATE_BATCH) {
    const batch = pfns.slice(from, from + MIGRATE_BATCH);
    for (const pfn of batch) engine.run(Step.migrateBatch, pfn);
    if (engine.recipes.sizes.migratesInBatches) {
      for (const pfn of batch) {
        engine.run(Step.migrateUnmap, pfn);
        engine.remove(Step.migrateUnlink, pfn);
        engine.add(Step.migrateRelink, LIST_UNMAPPED, pfn, AT_TAIL);
      }
      for (const pfn of batch) finishMove(engine, pfn, Step.migrateMove);
    } else for (const pfn of batch) finishMove(engine, pfn, Step.migrateUnmap);
  }
}

function finishMove(engine: PageEngine, pfn: number, step: Step): void {
  engine.run(step, pfn);
  engine.remove(Step.migrateTake, pfn);
  engine.run(Step.migrateDone, pfn);
  engine.freeOne(pfn, 0);
}

function forChunks(engine: PageEngine, startPfn: number, end: number, visit: (pfn: number) => void): void {
  for (let pfn = startPfn; pfn < end; ) {
    const order = engine.orderOf(pfn);
    if (order >= 0) visit(pfn);
    pfn += order < 0 ? 1 : 1 << order;
  }
}

/**
 * Shrinks clean page cache: isolates batches from the end of the LRU list and frees them.
 *
 * @param pfns oldest first
 * @param commit told each freed page, in the order of the pcp list additions
 */
export function reclaim(engine: PageEngine, pfns: readonly number[], commit: (pfn: number) => void): void {
  const { reclaimBatch, freeBatch } = engine.recipes.sizes;
  engine.lruAddDrain();
  for (let from = 0; from < pfns.length; from += reclaimBatch) {
    const batch = pfns.slice(from, from + reclaimBatch);
    for (const pfn of batch) {
      engine.remove(Step.reclaimIsolate, pfn);
      engine.add(Step.reclaimIsolated, LIST_PRIVATE, pfn, AT_HEAD);
    }
    const size = freeBatch || batch.length;
    for (let at = 0; at < batch.length; at += size) shrink(engine, batch.slice(at, at + size), commit);
  }
}

function shrink(engine: PageEngine, batch: readonly number[], commit: (pfn: number) => void): void {
  batch.forEach((pfn, i) => {
    engine.remove(Step.reclaimTake, pfn);
    engine.run(Step.reclaimFolio, pfn);
    engine.run(Step.reclaimLink, pfn, undefined, batch[i - 1]);
  });
  const nr = engine.freeList(batch);
  for (let i = 0; i < nr; i++) commit(engine.freeNext(i));
}
