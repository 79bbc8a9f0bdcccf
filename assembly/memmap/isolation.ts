// Pageblock isolation (mm/page_isolation.c) and the moves of free chunks that it makes (mm/page_alloc.c).

import {
  CALLER_BLOCK_ISOLATE,
  CALLER_ISOLATE_FREE,
  CALLER_MOVE,
  CALLER_UNSET,
  CTX_FEATURES,
  CTX_ZONE,
  EBUSY,
  FEATURE_BUDDY_BY_ALIGNMENT,
  FEATURE_SPLIT_LARGE_BUDDY,
  MAX_PAGE_ORDER,
  MIGRATE_ISOLATE,
  MIGRATE_MOVABLE,
  NOT_BUDDY,
  PAGEBLOCK_ORDER,
  PAGEBLOCK_PAGES,
  STEP_BLOCK_ISOLATE_HEAD,
  STEP_BLOCK_ISOLATE_STRADDLING,
  STEP_BLOCK_ISOLATE_TAIL,
  STEP_ISOLATE_FREE,
  STEP_MOVE_BUDDY,
  STEP_MOVE_USED,
  STEP_PUTBACK,
  STEP_SET_ISOLATE,
  STEP_SINGLE_BUDDY,
  STEP_SINGLE_USED,
  STEP_SINGLE_ZONE,
  STEP_UNSET_ORDER,
  STEP_UNSET_PAGE,
  ZONE_NR_ISOLATE,
  ZONE_START_PFN,
} from "../layout/hotplug";
import { CLASS_INDEPENDENT, CLASS_STREAM } from "../layout/touch";
import { access, accessRange } from "./countAccess";
import { delPageFromFreeList, freeListOf, listAddTail, listDelEntry } from "./freeList";
import { freeOnePage, freeOnePageOrPieces, pageIsBuddy } from "./freePass";
import { assertRange, buddyOrderAt, isOnline, pageblockMigratetype, setPageblockMigratetype } from "./pageblock";
import { accountUnmovableScan, hasUnmovablePages } from "./unmovable";

/** undo_isolate_page_range(): back to MOVABLE, pageblock by pageblock. No reschedule point. */
export function undoIsolatePageRange(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, PAGEBLOCK_PAGES);
  const endPfn = startPfn + nrPages;
  for (let pfn = startPfn; pfn < endPfn; pfn += PAGEBLOCK_PAGES) {
    if (!isOnline(ctx, pfn) || pageblockMigratetype(ctx, pfn) != MIGRATE_ISOLATE) continue;
    unsetMigratetypeIsolate(ctx, pfn, MIGRATE_MOVABLE);
  }
}

/** Chunks of pageblock order whose buddy is already back are taken off, retyped and freed again, so that they merge. */
function unsetMigratetypeIsolate(ctx: usize, pfn: u32, migratetype: u32): void {
  access(ctx, pfn, STEP_UNSET_PAGE, CLASS_INDEPENDENT);
  const order = buddyOrderAt(ctx, pfn);
  let merges = false;
  if (order != NOT_BUDDY) {
    access(ctx, pfn, STEP_UNSET_ORDER, CLASS_INDEPENDENT);
    if (order >= <u32>PAGEBLOCK_ORDER && order < <u32>MAX_PAGE_ORDER) {
      const buddy = pfn ^ (1 << order);
      merges = pageIsBuddy(ctx, CALLER_UNSET, pfn, buddy, order) && pageblockMigratetype(ctx, buddy) != MIGRATE_ISOLATE;
    }
  }
  if (merges) {
    // __isolate_free_page() ... __putback_isolated_page()
    access(ctx, pfn, STEP_ISOLATE_FREE, CLASS_INDEPENDENT);
    delPageFromFreeList(ctx, CALLER_ISOLATE_FREE, pfn);
    setPageblockMigratetype(ctx, pfn, migratetype);
    access(ctx, pfn, STEP_PUTBACK, CLASS_INDEPENDENT);
    freeOnePage(ctx, pfn, order, migratetype, true);
  } else {
    moveBlock(ctx, pfn, migratetype);
  }
  addIsolated(ctx, -1);
}

/** online_pages(): the range's pageblocks were initialised as isolated. */
export function startOnlineIsolated(ctx: usize, nrPages: u32): void {
  assert(nrPages % PAGEBLOCK_PAGES == 0, "no whole pageblocks");
  addIsolated(ctx, <i32>(nrPages / PAGEBLOCK_PAGES));
}

function addIsolated(ctx: usize, nr: i32): void {
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  store<i32>(zone, load<i32>(zone, ZONE_NR_ISOLATE) + nr, ZONE_NR_ISOLATE);
}

function moveBlock(ctx: usize, pfn: u32, migratetype: u32): void {
  if ((load<u32>(ctx, CTX_FEATURES) & FEATURE_SPLIT_LARGE_BUDDY) != 0) {
    moveFreepagesBlockIsolate(ctx, pfn, migratetype);
  } else {
    moveFreepagesBlock(ctx, pfn, migratetype);
  }
}

/**
 * move_freepages_block(): walks the pageblock and moves each free chunk to the tail of its new list. A chunk
 * that starts in an earlier pageblock is not seen: all 512 pages look used.
 */
function moveFreepagesBlock(ctx: usize, startPfn: u32, migratetype: u32): void {
  const order = buddyOrderAt(ctx, startPfn);
  if (order == NOT_BUDDY) {
    accessRange(ctx, startPfn, PAGEBLOCK_PAGES, 1, STEP_MOVE_USED, CLASS_STREAM);
  } else {
    access(ctx, startPfn, STEP_MOVE_BUDDY, CLASS_INDEPENDENT);
    listDelEntry(ctx, CALLER_MOVE, startPfn);
    listAddTail(ctx, CALLER_MOVE, startPfn, freeListOf(order, migratetype));
  }
  setPageblockMigratetype(ctx, startPfn, migratetype);
}

/** move_freepages_block_isolate() (6.10+): splits a chunk that spans pageblocks, so that only this one changes. */
function moveFreepagesBlockIsolate(ctx: usize, startPfn: u32, migratetype: u32): void {
  const pfn = findLargeBuddy(ctx, startPfn);
  const order = buddyOrderAt(ctx, pfn);
  if (order != NOT_BUDDY && order > <u32>PAGEBLOCK_ORDER) {
    delPageFromFreeList(ctx, CALLER_BLOCK_ISOLATE, pfn);
    setPageblockMigratetype(ctx, startPfn, migratetype);
    freeOnePageOrPieces(ctx, pfn, order, false);
    return;
  }
  moveFreepagesBlock(ctx, startPfn, migratetype);
}

/** find_large_buddy(): the free chunk that covers this pageblock's first page, if it starts earlier. */
function findLargeBuddy(ctx: usize, startPfn: u32): u32 {
  if (buddyOrderAt(ctx, startPfn) != NOT_BUDDY) {
    access(ctx, startPfn, STEP_BLOCK_ISOLATE_HEAD, CLASS_INDEPENDENT);
    return startPfn;
  }
  let pfn = startPfn;
  const byAlignment = (load<u32>(ctx, CTX_FEATURES) & FEATURE_BUDDY_BY_ALIGNMENT) != 0;
  for (let order: u32 = byAlignment ? ctz(startPfn) : 0; buddyOrderAt(ctx, pfn) == NOT_BUDDY; ) {
    access(ctx, pfn, STEP_BLOCK_ISOLATE_TAIL, CLASS_INDEPENDENT);
    if (++order > <u32>MAX_PAGE_ORDER) return startPfn;
    pfn &= ~(<u32>0) << order;
  }
  access(ctx, pfn, STEP_BLOCK_ISOLATE_STRADDLING, CLASS_INDEPENDENT);
  return pfn + (1 << buddyOrderAt(ctx, pfn)) > startPfn ? pfn : startPfn;
}

/**
 * start_isolate_page_range(): the first and the last pageblock with a look at what straddles the edge, then the
 * ones between.
 *
 * @error -EBUSY when a page is unmovable or a pageblock already isolated; then nothing stays isolated
 */
export function startIsolatePageRange(ctx: usize, startPfn: u32, nrPages: u32): i32 {
  assertRange(ctx, startPfn, nrPages, PAGEBLOCK_PAGES);
  const endPfn = startPfn + nrPages;
  const lastPfn = endPfn - PAGEBLOCK_PAGES;
  if (isolateSinglePageblock(ctx, startPfn, startPfn, false) != 0) return -EBUSY;
  if (isolateSinglePageblock(ctx, endPfn, lastPfn, startPfn == lastPfn) != 0) {
    unsetMigratetypeIsolate(ctx, startPfn, MIGRATE_MOVABLE);
    return -EBUSY;
  }
  for (let pfn = startPfn + PAGEBLOCK_PAGES; pfn < lastPfn; pfn += PAGEBLOCK_PAGES) {
    if (setMigratetypeIsolate(ctx, pfn) == 0) continue;
    undoIsolatePageRange(ctx, startPfn, pfn - startPfn);
    unsetMigratetypeIsolate(ctx, lastPfn, MIGRATE_MOVABLE);
    return -EBUSY;
  }
  return 0;
}

/** isolate_single_pageblock(): looks for a free chunk or compound page across `boundaryPfn`. */
function isolateSinglePageblock(ctx: usize, boundaryPfn: u32, isolatePfn: u32, isIsolated: bool): i32 {
  access(ctx, isolatePfn, STEP_SINGLE_ZONE, CLASS_INDEPENDENT);
  const zoneStart = load<u32>(<usize>load<u32>(ctx, CTX_ZONE), ZONE_START_PFN);
  const maxOrderPages: u32 = 1 << MAX_PAGE_ORDER;
  const scanPfn = max<u32>(isolatePfn & ~(maxOrderPages - 1), zoneStart);
  if (!isIsolated) {
    const error = setMigratetypeIsolate(ctx, isolatePfn);
    if (error != 0) return error;
  }
  const otherSide = isolatePfn == boundaryPfn ? boundaryPfn - 1 : boundaryPfn;
  if (!isOnline(ctx, otherSide)) return 0;
  for (let pfn = scanPfn; pfn < boundaryPfn; ) {
    const order = buddyOrderAt(ctx, pfn);
    if (order != NOT_BUDDY) {
      access(ctx, pfn, STEP_SINGLE_BUDDY, CLASS_INDEPENDENT);
      assert(pfn + (1 << order) <= boundaryPfn, "a free chunk straddles memory blocks");
      pfn += 1 << order;
    } else {
      const nrPages = min<u32>(PAGEBLOCK_PAGES, boundaryPfn - pfn);
      accessRange(ctx, pfn, nrPages, 1, STEP_SINGLE_USED, CLASS_STREAM);
      pfn += nrPages;
    }
  }
  return 0;
}

/** set_migratetype_isolate(): has_unmovable_pages(), then the pageblock's free chunks move to the isolate list. */
function setMigratetypeIsolate(ctx: usize, pfn: u32): i32 {
  access(ctx, pfn, STEP_SET_ISOLATE, CLASS_INDEPENDENT);
  if (pageblockMigratetype(ctx, pfn) == MIGRATE_ISOLATE) return -EBUSY;
  const unmovable = hasUnmovablePages(ctx, pfn);
  accountUnmovableScan(ctx, pfn, unmovable);
  if (unmovable < <u32>PAGEBLOCK_PAGES) return -EBUSY;
  addIsolated(ctx, 1);
  moveBlock(ctx, pfn, MIGRATE_ISOLATE);
  return 0;
}
