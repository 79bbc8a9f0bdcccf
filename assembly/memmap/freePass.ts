// Onlining's free pass: __free_pages_core(), __free_pages_ok(), __free_one_page() (mm/page_alloc.c).

import {
  CALLER_BUDDY_ORDER,
  CALLER_BUDDY_TYPE,
  CALLER_BUDDY_ZONE,
  CALLER_FREE_ONE_PAGE,
  CALLER_SET_BUDDY,
  CTX_BAD_PAGES,
  CTX_BUDDY_TYPE,
  CTX_CHECK_AT_PREP,
  CTX_FEATURES,
  CTX_RESERVED_FLAG,
  CTX_ZONE,
  FEATURE_SPLIT_LARGE_BUDDY,
  MAX_PAGE_ORDER,
  NOT_BUDDY,
  PAGEBLOCK_BUDDY_ORDER,
  PAGEBLOCK_ORDER,
  STEP_CORE_HEAD,
  STEP_CORE_PAGE,
  STEP_OK_HEAD_AFTER,
  STEP_OK_HEAD_BEFORE,
  STEP_OK_TAIL,
  ZONE_MANAGED,
} from "../layout/hotplug";
import { STRUCT_PAGE_BYTES, STRUCT_PAGE_SHIFT } from "../layout/structPage";
import { CLASS_INDEPENDENT, CLASS_STREAM } from "../layout/touch";
import { access, accessRange } from "./countAccess";
import { delPageFromFreeList, freeListOf, listAdd, listAddTail } from "./freeList";
import {
  pageFlags,
  pageMapping,
  pageMemcg,
  pageTypeAndCount,
  setPageFlags,
  setPagePrivate,
  setPageType,
  setPageTypeAndCount,
} from "./page";
import {
  assertRange,
  buddyOrderAt,
  hasWindow,
  pageblockMigratetype,
  pageblockOf,
  pageOrZero,
  pagesOf,
  pageZoneAt,
  setPageblockMigratetype,
  setSectionsOnline,
} from "./pageblock";

/** Migratetypes below MIGRATE_PCPTYPES fall back to each other and may merge. */
const MIGRATE_PCPTYPES: u32 = 3;

/**
 * online_pages_range(): frees [startPfn, startPfn + nrPages) in the largest chunks that alignment allows, then
 * marks the sections online. There is no reschedule point in this loop.
 */
export function onlinePagesRange(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  const endPfn = startPfn + nrPages;
  for (let pfn = startPfn; pfn < endPfn; ) {
    const order = pfn == 0 ? <u32>MAX_PAGE_ORDER : min<u32>(MAX_PAGE_ORDER, ctz(pfn));
    freePagesCore(ctx, pfn, order);
    pfn += 1 << order;
  }
  setSectionsOnline(ctx, startPfn, endPfn, true);
}

/** __free_pages_core() and, inlined in the recordings' order, __free_pages_ok(FPI_TO_TAIL). */
function freePagesCore(ctx: usize, pfn: u32, order: u32): void {
  const nrPages: u32 = 1 << order;
  if (hasWindow(ctx)) releasePages(pagesOf(ctx, pfn, nrPages), nrPages, load<u64>(ctx, CTX_RESERVED_FLAG));
  accessRange(ctx, pfn, nrPages, 1, STEP_CORE_PAGE, CLASS_STREAM);
  access(ctx, pfn, STEP_CORE_HEAD, CLASS_STREAM);
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  store<u32>(zone, load<u32>(zone, ZONE_MANAGED) + nrPages, ZONE_MANAGED);

  access(ctx, pfn, STEP_OK_HEAD_BEFORE, CLASS_STREAM);
  accessRange(ctx, pfn + 1, nrPages - 1, 1, STEP_OK_TAIL, CLASS_STREAM);
  access(ctx, pfn, STEP_OK_HEAD_AFTER, CLASS_INDEPENDENT);
  if (hasWindow(ctx)) {
    const bad = checkFreedPages(pagesOf(ctx, pfn, nrPages), nrPages, load<u64>(ctx, CTX_CHECK_AT_PREP));
    store<u32>(ctx, load<u32>(ctx, CTX_BAD_PAGES) + bad, CTX_BAD_PAGES);
  }
  freeOnePageOrPieces(ctx, pfn, order, true);
}

/** No page type, refcount 0. */
const FREED: u64 = 0xffff_ffff;

/** __ClearPageReserved() or __ClearPageOffline(), and set_page_count(0), for every page. */
export function releasePages(pages: usize, nrPages: u32, reserved: u64): void {
  const end = pages + ((<usize>nrPages) << STRUCT_PAGE_SHIFT);
  for (let page = pages; page < end; page += STRUCT_PAGE_BYTES) {
    setPageFlags(page, pageFlags(page) & ~reserved);
    setPageTypeAndCount(page, FREED);
  }
}

/**
 * free_pages_prepare(): every page in the state a free page has, and no flag that allocation would trip over.
 *
 * @return pages that are not
 */
export function checkFreedPages(pages: usize, nrPages: u32, checkAtPrep: u64): u32 {
  const end = pages + ((<usize>nrPages) << STRUCT_PAGE_SHIFT);
  let bad: u32 = 0;
  for (let page = pages; page < end; page += STRUCT_PAGE_BYTES) {
    bad += u32((pageMapping(page) | pageMemcg(page) | (pageTypeAndCount(page) ^ FREED)) != 0);
    setPageFlags(page, pageFlags(page) & ~checkAtPrep);
  }
  setPagePrivate(pages, 0);
  return bad;
}

/** free_one_page(): from 6.10 on split_large_buddy() frees pageblock by pageblock, before that in one piece. */
export function freeOnePageOrPieces(ctx: usize, pfn: u32, order: u32, toTail: bool): void {
  const splits = (load<u32>(ctx, CTX_FEATURES) & FEATURE_SPLIT_LARGE_BUDDY) != 0 && order > <u32>PAGEBLOCK_ORDER;
  const pieceOrder: u32 = splits ? PAGEBLOCK_ORDER : order;
  const endPfn = pfn + (1 << order);
  for (let piece = pfn; piece < endPfn; piece += 1 << pieceOrder) {
    freeOnePage(ctx, piece, pieceOrder, pageblockMigratetype(ctx, piece), toTail);
  }
}

/** __free_one_page(): merges upward while the buddy is free and of a migratetype that may merge. */
export function freeOnePage(ctx: usize, startPfn: u32, startOrder: u32, migratetype: u32, toTail: bool): void {
  let pfn = startPfn;
  let order = startOrder;
  while (order < <u32>MAX_PAGE_ORDER) {
    const buddy = pfn ^ (1 << order);
    if (!pageIsBuddy(ctx, CALLER_FREE_ONE_PAGE, pfn, buddy, order)) break;
    const buddyMigratetype = pageblockMigratetype(ctx, buddy);
    if (migratetype != buddyMigratetype && (migratetype >= MIGRATE_PCPTYPES || buddyMigratetype >= MIGRATE_PCPTYPES)) {
      break;
    }
    delPageFromFreeList(ctx, CALLER_FREE_ONE_PAGE, buddy);
    if (migratetype != buddyMigratetype) setPageblockMigratetype(ctx, buddy, migratetype);
    pfn &= buddy;
    order++;
  }
  setBuddyOrder(ctx, pfn, order);
  const list = freeListOf(order, migratetype);
  // buddy_merge_likely() is false at these orders, so without FPI_TO_TAIL the chunk goes to the head.
  if (toTail) listAddTail(ctx, CALLER_FREE_ONE_PAGE, pfn, list);
  else listAdd(ctx, CALLER_FREE_ONE_PAGE, pfn, list);
}

/** page_is_buddy(): free, of the same order, in the same zone. */
export function pageIsBuddy(ctx: usize, caller: u32, pfn: u32, buddy: u32, order: u32): bool {
  access(ctx, buddy, caller + CALLER_BUDDY_TYPE, CLASS_INDEPENDENT);
  const buddyOrder = buddyOrderAt(ctx, buddy);
  if (buddyOrder == NOT_BUDDY) return false;
  access(ctx, buddy, caller + CALLER_BUDDY_ORDER, CLASS_INDEPENDENT);
  if (buddyOrder != order) return false;
  access(ctx, pfn, caller + CALLER_BUDDY_ZONE, CLASS_INDEPENDENT);
  access(ctx, buddy, caller + CALLER_BUDDY_ZONE, CLASS_INDEPENDENT);
  return pageZoneAt(ctx, pfn) == pageZoneAt(ctx, buddy);
}

/** set_buddy_order(): page_private = order, __SetPageBuddy(). */
function setBuddyOrder(ctx: usize, pfn: u32, order: u32): void {
  access(ctx, pfn, CALLER_FREE_ONE_PAGE + CALLER_SET_BUDDY, CLASS_INDEPENDENT);
  store<u8>(pageblockOf(ctx, pfn), <u8>order, PAGEBLOCK_BUDDY_ORDER);
  const page = pageOrZero(ctx, pfn);
  if (page == 0) return;
  setPagePrivate(page, order);
  setPageType(page, load<u32>(ctx, CTX_BUDDY_TYPE));
}
