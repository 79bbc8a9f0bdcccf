// Offlining of a block of which movable folios are in use (mm/memory_hotplug.c offline_pages): isolation, scan, migration
// of all in one list, scan, tests. New pages lie elsewhere, so only the old ones are touched here.

import {
  AT_HEAD,
  AT_TAIL,
  ENGINE_HUGE_ORDER,
  ENGINE_MIGRATES_IN_BATCHES,
  FOLIO_ORDER_SHIFT,
  LIST_PRIVATE,
  LIST_UNMAPPED,
  OfflinePart,
  PAGE_HUGE,
  PAGE_ON_LRU,
} from "../layout/engine";
import { PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertChunk, assertCount } from "./arrival";
import { freeOnePage } from "./buddy";
import { engineAdd, engineRemove, firstOf, nextOf } from "./lists";
import { migratetypeOf } from "./migratetypes";
import { engineIsolateBlock } from "./moveBlock";
import { flagsOf, NONE, orderOf, setFlags } from "./pages";
import { run } from "./touchPages";

/** mm/migrate.c NR_MAX_BATCHED_MIGRATION. */
const MIGRATE_BATCH: u32 = 512;

/**
 * offline_pages() of `nr` pages from `first` on, and the walk of set_zone_contiguous() over what is left of the zone.
 *
 * @return folios that were migrated and freed
 */
export function engineOfflineBusy(e: usize, first: u32, nr: u32, zoneFirst: u32, zoneEnd: u32): u32 {
  assertChunk(e, first, PAGEBLOCK_ORDER);
  assertCount(e, first + nr);
  assert((nr & (PAGEBLOCK_PAGES - 1)) == 0 && nr > 0, "no whole pageblocks");
  const end = first + nr;
  const last = end - PAGEBLOCK_PAGES;
  // start_isolate_page_range(): first and last pageblock with the pages beside them, then those in between.
  isolatePageblock(e, first);
  if (first >= zoneFirst + PAGEBLOCK_PAGES) scanPageblock(e, Step.scanEdge, first - PAGEBLOCK_PAGES);
  isolatePageblock(e, last);
  for (let block = first + PAGEBLOCK_PAGES; block < last; block += PAGEBLOCK_PAGES) isolatePageblock(e, block);
  const movable = scanMovable(e, first, end);
  let nrFolios: u32 = 0;
  if (movable != end) {
    nrFolios = collect(e, movable, end);
    look(e, firstOf(e, LIST_PRIVATE), nrFolios);
    while (migrateBatch(e)) {}
    scanMovable(e, movable, end);
  }
  dissolve(e, first, end);
  testIsolated(e, first, end);
  takeIsolated(e, first, end);
  walkZone(e, end, zoneEnd);
  return nrFolios;
}

/**
 * A part of it, `from` to before `end`; of `look`, `end` folios from a page on.
 *
 * @return of scan the page that it stopped at, of collect and batch the folios, of look the next page or NONE
 */
export function engineOfflinePart(e: usize, part: u32, from: u32, end: u32): u32 {
  switch (part) {
    case OfflinePart.isolate:
      isolatePageblock(e, from);
      return 0;
    case OfflinePart.edge:
      scanPageblock(e, Step.scanEdge, from);
      return 0;
    case OfflinePart.scan:
      return scanMovable(e, from, end);
    case OfflinePart.collect:
      return collect(e, from, end);
    case OfflinePart.look:
      return <u32>look(e, from == <u32>NONE ? firstOf(e, LIST_PRIVATE) : <i32>from, end);
    case OfflinePart.batch:
      return migrateBatch(e);
    case OfflinePart.dissolve:
      dissolve(e, from, end);
      return 0;
    case OfflinePart.test:
      testIsolated(e, from, end);
      return 0;
    case OfflinePart.take:
      takeIsolated(e, from, end);
      return 0;
    case OfflinePart.walk:
      walkZone(e, from, end);
      return 0;
  }
  return 0;
}

function isolatePageblock(e: usize, block: u32): void {
  scanPageblock(e, Step.scanIsolate, block);
  engineIsolateBlock(e, block);
}

/** has_unmovable_pages(): page by page, a large folio by its head. */
function scanPageblock(e: usize, step: u32, block: u32): void {
  for (let page = block; page < block + PAGEBLOCK_PAGES; page += 1 << folioOrderOf(e, page)) run(e, step, page);
}

/** The order of the folio that a page heads; 0 for every other page. */
// @ts-ignore: decorator
@inline
export function folioOrderOf(e: usize, page: u32): u32 {
  return orderOfFlags(flagsOf(e, page));
}

// @ts-ignore: decorator
@inline
function orderOfFlags(flags: u32): u32 {
  return flags & PAGE_HUGE ? <u32>ENGINE_HUGE_ORDER : flags >> FOLIO_ORDER_SHIFT;
}

/** scan_movable_pages(). @return the first page that can be moved, or `end` */
function scanMovable(e: usize, from: u32, end: u32): u32 {
  for (let page = from; page < end; page++) {
    run(e, Step.scanMovable, page);
    if (flagsOf(e, page) & PAGE_ON_LRU) return page;
  }
  return end;
}

/** do_migrate_range(): every folio on an LRU list onto one list. @return how many */
function collect(e: usize, from: u32, end: u32): u32 {
  const where = load<u32>(e, ENGINE_MIGRATES_IN_BATCHES) != 0 ? AT_HEAD : AT_TAIL;
  let nrFolios: u32 = 0;
  for (let page = from; page < end; ) {
    const flags = flagsOf(e, page);
    if ((flags & PAGE_ON_LRU) == 0) {
      run(e, Step.scanRange, page);
      page++;
      continue;
    }
    engineRemove(e, Step.migrateIsolate, page);
    engineAdd(e, Step.migrateQueue, LIST_PRIVATE, page, where);
    run(e, Step.migrateQueueDone, page);
    nrFolios++;
    page += 1 << orderOfFlags(flags);
  }
  return nrFolios;
}

/** migrate_pages() looks through its list first. @return the page after `nr` folios, or NONE */
function look(e: usize, first: i32, nr: u32): i32 {
  let page = first;
  for (let i: u32 = 0; i < nr && page != NONE; i++, page = nextOf(e, page)) run(e, Step.migrateFind, page);
  return page;
}

/**
 * migrate_pages(): one batch off the list, which is unmapped as a whole and then moved (6.3 on), or folio by folio.
 *
 * @return folios of the batch
 */
function migrateBatch(e: usize): u32 {
  const batched = load<u32>(e, ENGINE_MIGRATES_IN_BATCHES) != 0;
  let nrPages: u32 = 0;
  let nr: u32 = 0;
  for (let page = firstOf(e, LIST_PRIVATE); page != NONE && nrPages < MIGRATE_BATCH; page = nextOf(e, page)) {
    run(e, Step.migrateBatch, page);
    nrPages += 1 << folioOrderOf(e, page);
    nr++;
  }
  for (let i: u32 = 0; i < nr; i++) {
    const page = firstOf(e, LIST_PRIVATE);
    unmap(e, page);
    if (!batched) {
      finishMove(e, page);
      continue;
    }
    engineRemove(e, Step.migrateUnlink, page);
    engineAdd(e, Step.migrateRelink, LIST_UNMAPPED, page, AT_TAIL);
  }
  if (!batched) return nr;
  for (let page = firstOf(e, LIST_UNMAPPED); page != NONE; page = firstOf(e, LIST_UNMAPPED)) {
    run(e, Step.migrateMove, page);
    finishMove(e, page);
  }
  return nr;
}

/** migrate_folio_unmap(): the head, and of a large folio what its mapping keeps in other pages. */
function unmap(e: usize, page: u32): void {
  run(e, Step.migrateUnmap, page);
  const order = folioOrderOf(e, page);
  if (order == 0) return;
  if (order >= <u32>ENGINE_HUGE_ORDER) {
    // What was recorded of __split_huge_pmd_locked() stands for set_pmd_migration_entry(): the same removal of the mapping.
    run(e, Step.splitUnmapPmd, page);
    return;
  }
  for (let tail = page + 1; tail < page + (1 << order); tail++) run(e, Step.splitUnmapPteSub, page, NONE, tail);
}

/** The end of migrate_folio_move(), and the free: the pageblock is isolated, so straight to the buddy. */
function finishMove(e: usize, page: u32): void {
  const order = folioOrderOf(e, page);
  engineRemove(e, Step.migrateTake, page);
  run(e, Step.migrateDone, page);
  if (order > 0) freeTails(e, page, order);
  for (let i: u32 = 0; i < 1 << order; i++) setFlags(e, page + i, 0);
  freeOnePage(e, page, order, migratetypeOf(e, page));
}

/** free_pages_prepare() of the tails of a large folio; migrateDone has that of its head. */
function freeTails(e: usize, page: u32, order: u32): void {
  const end = page + (1 << order);
  run(e, Step.compoundFreeTail1, page, NONE, page + 1);
  if (order > 1) {
    run(e, Step.compoundFreeTail2, page, NONE, page + 2);
    run(e, Step.compoundFreeTail3, page, NONE, page + 3);
  }
  for (let tail = page + 4; tail < end; tail++) run(e, Step.compoundFreeTail, page, NONE, tail);
}

/** dissolve_free_hugetlb_folios(); then test_pages_isolated() and __offline_isolated_pages(), chunk by chunk. */
function dissolve(e: usize, from: u32, end: u32): void {
  for (let page = from; page < end; page += PAGEBLOCK_PAGES) run(e, Step.testHead, page);
}

function testIsolated(e: usize, from: u32, end: u32): void {
  for (let page = from; page < end; page += chunkPages(e, page))
    if (orderOf(e, page) >= 0) run(e, Step.testChunk, page);
}

function takeIsolated(e: usize, from: u32, end: u32): void {
  for (let page = from; page < end; page += chunkPages(e, page))
    if (orderOf(e, page) >= 0) engineRemove(e, Step.offlineChunk, page);
}

// @ts-ignore: decorator
@inline
function chunkPages(e: usize, page: u32): u32 {
  const order = orderOf(e, page);
  return order < 0 ? 1 : 1 << order;
}

/** set_zone_contiguous(): first and last page of every pageblock that is left. */
function walkZone(e: usize, from: u32, end: u32): void {
  for (let block = from; block < end; block += PAGEBLOCK_PAGES) {
    run(e, Step.contiguous, block);
    run(e, Step.contiguous, block + PAGEBLOCK_PAGES - 1);
  }
}
