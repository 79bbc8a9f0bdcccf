// The memmap of a pfn range: poison, init, self-hosted descriptors, joining and leaving a zone
// (mm/memory_hotplug.c, mm/mm_init.c, mm/sparse.c; up to 6.2 the init lies in mm/page_alloc.c).

import {
  CTX_FEATURES,
  CTX_INIT_FLAGS,
  CTX_INIT_TYPE,
  CTX_PAGE_FLAGS,
  CTX_SELF_HOSTED_FLAG,
  CTX_ZONE,
  FEATURE_DEBUG_VM,
  FEATURE_TRACKED_CONTIGUOUS,
  MIGRATE_UNMOVABLE,
  NOT_BUDDY,
  PAGE_POISON_BYTE,
  PAGEBLOCK_BUDDY_ORDER,
  PAGEBLOCK_PAGES,
  PAGEBLOCK_ZONE,
  STEP_ADJUST_MANAGED,
  STEP_ADJUST_PRESENT,
  STEP_DEINIT,
  STEP_INIT,
  STEP_POISON,
  STEP_RESCAN_FIRST,
  STEP_RESCAN_LAST,
  STEP_SELF_HOSTED,
  STEP_SPAN,
  ZONE_CONTIGUOUS,
  ZONE_INDEX,
  ZONE_MANAGED,
  ZONE_PRESENT,
  ZONE_SPANNED,
  ZONE_START_PFN,
  ZONE_WALKED_TO,
} from "../layout/hotplug";
import { STRUCT_PAGE_BYTES, STRUCT_PAGE_SHIFT } from "../layout/structPage";
import { CLASS_INDEPENDENT, CLASS_STREAM } from "../layout/touch";
import { access, accessPairs, accessRange } from "./countAccess";
import { lruAddress, pageFlags, setPageFlags, setPageType } from "./page";
import {
  assertRange,
  hasWindow,
  isOnline,
  pageblockOf,
  pagesOf,
  pageZoneAt,
  setPageblockMigratetypes,
} from "./pageblock";

/** page_init_poison(): memset(-1) of the struct pages, CONFIG_DEBUG_VM only. */
export function pageInitPoison(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  if ((load<u32>(ctx, CTX_FEATURES) & FEATURE_DEBUG_VM) == 0) return;
  if (hasWindow(ctx)) {
    memory.fill(pagesOf(ctx, startPfn, nrPages), <u8>PAGE_POISON_BYTE, (<usize>nrPages) << STRUCT_PAGE_SHIFT);
  }
  accessRange(ctx, startPfn, nrPages, 1, STEP_POISON, CLASS_STREAM);
}

/**
 * __init_single_page() for every page: all 64 bytes written, four vector stores a page.
 *
 * @param typeAndCount  page type word in the low half, refcount in the high half
 */
export function initPages(pages: usize, startPfn: u32, nrPages: u32, flags: u64, typeAndCount: u64): void {
  const end = pages + ((<usize>nrPages) << STRUCT_PAGE_SHIFT);
  const self = lruAddress(startPfn);
  const zero = i64x2.splat(0);
  const tail = i64x2(<i64>typeAndCount, 0);
  const advanceSecond = i64x2(0, STRUCT_PAGE_BYTES);
  const advanceFirst = i64x2(STRUCT_PAGE_BYTES, 0);
  let flagsAndNext = i64x2(<i64>flags, <i64>self);
  let prevAndMapping = i64x2(<i64>self, 0);
  for (let page = pages; page < end; page += STRUCT_PAGE_BYTES) {
    v128.store(page, flagsAndNext, 0);
    v128.store(page, prevAndMapping, 16);
    v128.store(page, zero, 32);
    v128.store(page, tail, 48);
    flagsAndNext = i64x2.add(flagsAndNext, advanceSecond);
    prevAndMapping = i64x2.add(prevAndMapping, advanceFirst);
  }
}

/** memmap_init_range(MEMINIT_HOTPLUG): refcount 1, reserved or offline by version; a reschedule point per pageblock. */
function memmapInitRange(ctx: usize, startPfn: u32, nrPages: u32, migratetype: u32): void {
  if (hasWindow(ctx)) {
    const flags = load<u64>(ctx, CTX_PAGE_FLAGS) | load<u64>(ctx, CTX_INIT_FLAGS);
    const typeAndCount = <u64>load<u32>(ctx, CTX_INIT_TYPE) | ((<u64>1) << 32);
    initPages(pagesOf(ctx, startPfn, nrPages), startPfn, nrPages, flags, typeAndCount);
  }
  const zoneIndex = <u8>load<u32>(<usize>load<u32>(ctx, CTX_ZONE), ZONE_INDEX);
  setPageblockMigratetypes(ctx, startPfn, nrPages, migratetype);
  const endPfn = startPfn + nrPages;
  for (let pfn = startPfn; pfn < endPfn; pfn += PAGEBLOCK_PAGES) {
    const pageblock = pageblockOf(ctx, pfn);
    store<u8>(pageblock, zoneIndex, PAGEBLOCK_ZONE);
    store<u8>(pageblock, NOT_BUDDY, PAGEBLOCK_BUDDY_ORDER);
  }
  accessRange(ctx, startPfn, nrPages, 1, STEP_INIT, CLASS_STREAM);
}

/** move_pfn_range_to_zone(): grow the span, initialise, look whether the zone is contiguous. */
export function movePfnRangeToZone(ctx: usize, startPfn: u32, nrPages: u32, migratetype: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  store<u32>(zone, 0, ZONE_CONTIGUOUS);
  growSpan(zone, startPfn, nrPages);
  memmapInitRange(ctx, startPfn, nrPages, migratetype);
  setZoneContiguous(ctx, zone);
}

/** resize_zone_range(). */
export function growSpan(zone: usize, startPfn: u32, nrPages: u32): void {
  const spanned = load<u32>(zone, ZONE_SPANNED);
  const oldStart = load<u32>(zone, ZONE_START_PFN);
  const start = spanned == 0 ? startPfn : min(startPfn, oldStart);
  const end = spanned == 0 ? startPfn + nrPages : max(startPfn + nrPages, oldStart + spanned);
  setSpan(zone, start, end);
}

function setSpan(zone: usize, start: u32, end: u32): void {
  if (start != load<u32>(zone, ZONE_START_PFN) || load<u32>(zone, ZONE_SPANNED) == 0) {
    store<u32>(zone, start, ZONE_WALKED_TO);
  }
  store<u32>(zone, start, ZONE_START_PFN);
  store<u32>(zone, end - start, ZONE_SPANNED);
}

/** mhp_init_memmap_on_memory(): the descriptors of the memmap's own pages. */
export function mhpInitMemmapOnMemory(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  movePfnRangeToZone(ctx, startPfn, nrPages, MIGRATE_UNMOVABLE);
  if (hasWindow(ctx)) markSelfHosted(pagesOf(ctx, startPfn, nrPages), nrPages, load<u64>(ctx, CTX_SELF_HOSTED_FLAG));
  accessRange(ctx, startPfn, nrPages, 1, STEP_SELF_HOSTED, CLASS_STREAM);
}

/** SetPageVmemmapSelfHosted(); from 6.11 on after __ClearPageOffline(). */
export function markSelfHosted(pages: usize, nrPages: u32, selfHosted: u64): void {
  const end = pages + ((<usize>nrPages) << STRUCT_PAGE_SHIFT);
  for (let page = pages; page < end; page += STRUCT_PAGE_BYTES) {
    setPageFlags(page, pageFlags(page) | selfHosted);
    setPageType(page, u32.MAX_VALUE);
  }
}

/**
 * set_zone_contiguous(): reads the first and last struct page of every pageblock from the start of the zone up
 * to the first that is offline or foreign: its cost grows with the zone, and every online and offline pays it.
 */
function setZoneContiguous(ctx: usize, zone: usize): void {
  const startPfn = load<u32>(zone, ZONE_START_PFN);
  const endPfn = startPfn + load<u32>(zone, ZONE_SPANNED);
  const zoneIndex = load<u32>(zone, ZONE_INDEX);
  // Everything below ZONE_WALKED_TO is known to be online and in the zone: the state is not looked up again.
  let pfn = min(load<u32>(zone, ZONE_WALKED_TO), endPfn);
  while (pfn < endPfn && isOnline(ctx, pfn) && pageZoneAt(ctx, pfn) == zoneIndex) pfn += PAGEBLOCK_PAGES;
  store<u32>(zone, pfn, ZONE_WALKED_TO);
  if ((load<u32>(ctx, CTX_FEATURES) & FEATURE_TRACKED_CONTIGUOUS) != 0) {
    if (pfn == endPfn) store<u32>(zone, 1, ZONE_CONTIGUOUS);
    return;
  }
  const nr = (pfn - startPfn) / PAGEBLOCK_PAGES;
  accessPairs(
    ctx,
    startPfn,
    PAGEBLOCK_PAGES - 1,
    nr,
    PAGEBLOCK_PAGES,
    STEP_RESCAN_FIRST,
    STEP_RESCAN_LAST,
    CLASS_INDEPENDENT,
  );
  if (pfn == endPfn) {
    store<u32>(zone, 1, ZONE_CONTIGUOUS);
  } else if (isOnline(ctx, pfn)) {
    access(ctx, pfn, STEP_RESCAN_FIRST, CLASS_INDEPENDENT);
  }
}

/** remove_pfn_range_from_zone(): poison (DEBUG_VM), shrink the span, look again whether the zone is contiguous. */
export function removePfnRangeFromZone(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  pageInitPoison(ctx, startPfn, nrPages);
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  store<u32>(zone, 0, ZONE_CONTIGUOUS);
  shrinkZoneSpan(ctx, zone, startPfn, startPfn + nrPages);
  setZoneContiguous(ctx, zone);
}

/** shrink_zone_span(): finds the next online subsection of the zone from the end that shrinks. */
function shrinkZoneSpan(ctx: usize, zone: usize, startPfn: u32, endPfn: u32): void {
  const zoneStart = load<u32>(zone, ZONE_START_PFN);
  const zoneEnd = zoneStart + load<u32>(zone, ZONE_SPANNED);
  if (zoneStart == startPfn) {
    for (let pfn = endPfn; pfn < zoneEnd; pfn += PAGEBLOCK_PAGES) {
      if (!isOnlineInZone(ctx, zone, pfn)) continue;
      setSpan(zone, pfn, zoneEnd);
      return;
    }
    setSpan(zone, 0, 0);
  } else if (zoneEnd == endPfn) {
    for (let pfn = startPfn; pfn > zoneStart; pfn -= PAGEBLOCK_PAGES) {
      if (!isOnlineInZone(ctx, zone, pfn - 1)) continue;
      setSpan(zone, zoneStart, pfn);
      return;
    }
    setSpan(zone, 0, 0);
  }
}

function isOnlineInZone(ctx: usize, zone: usize, pfn: u32): bool {
  if (!isOnline(ctx, pfn)) return false;
  access(ctx, pfn, STEP_SPAN, CLASS_INDEPENDENT);
  return pageZoneAt(ctx, pfn) == load<u32>(zone, ZONE_INDEX);
}

/** mhp_deinit_memmap_on_memory(). */
export function mhpDeinitMemmapOnMemory(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  access(ctx, startPfn, STEP_DEINIT, CLASS_INDEPENDENT);
  removePfnRangeFromZone(ctx, startPfn, nrPages);
}

/** adjust_present_page_count(): looks up the zone of one page. */
export function adjustPresentPageCount(ctx: usize, pfn: u32, nrPages: i32): void {
  assertRange(ctx, pfn, 1, 1);
  access(ctx, pfn, STEP_ADJUST_PRESENT, CLASS_INDEPENDENT);
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  store<u32>(zone, load<u32>(zone, ZONE_PRESENT) + nrPages, ZONE_PRESENT);
}

/** adjust_managed_page_count(), as offline_pages() calls it. */
export function adjustManagedPageCount(ctx: usize, pfn: u32, nrPages: i32): void {
  assertRange(ctx, pfn, 1, 1);
  access(ctx, pfn, STEP_ADJUST_MANAGED, CLASS_INDEPENDENT);
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  store<u32>(zone, load<u32>(zone, ZONE_MANAGED) + nrPages, ZONE_MANAGED);
}
