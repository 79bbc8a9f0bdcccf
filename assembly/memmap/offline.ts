// The offline scan: scan_movable_pages(), dissolve_free_hugetlb_folios(), test_pages_isolated(),
// __offline_isolated_pages() (mm/memory_hotplug.c, mm/hugetlb.c, mm/page_isolation.c, mm/page_alloc.c).

import {
  CALLER_OFFLINE,
  CTX_LRU_FLAG,
  CTX_OFFLINE_TYPE,
  CTX_ZONE,
  EBUSY,
  MIGRATE_ISOLATE,
  NOT_BUDDY,
  PAGEBLOCK_PAGES,
  STEP_DISSOLVE,
  STEP_OFFLINE_CHUNK,
  STEP_OFFLINE_RANGE,
  STEP_OFFLINE_ZONE,
  STEP_SCAN_MOVABLE,
  STEP_TEST_CHUNK,
  STEP_TEST_ZONE,
  ZONE_NR_ISOLATE,
} from "../layout/hotplug";
import { STRUCT_PAGE_BYTES, STRUCT_PAGE_SHIFT } from "../layout/structPage";
import { CLASS_INDEPENDENT, CLASS_STREAM } from "../layout/touch";
import { access, accessRange } from "./countAccess";
import { delPageFromFreeList } from "./freeList";
import { pageCount, pageFlags, pageMapping, pageType } from "./page";
import { assertRange, buddyOrderAt, hasWindow, pageblockMigratetype, pagesOf, setSectionsOnline } from "./pageblock";
import { PAGE_MAPPING_FLAGS, PAGE_MAPPING_MOVABLE } from "./unmovable";

/** offline_pages() first checks that both ends of the range are in the zone. */
export function checkOfflineRange(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  access(ctx, startPfn, STEP_OFFLINE_RANGE, CLASS_INDEPENDENT);
  access(ctx, startPfn + nrPages - 1, STEP_OFFLINE_RANGE, CLASS_INDEPENDENT);
}

/**
 * scan_movable_pages(): how many pages from `startPfn` are neither on the LRU nor movable nor offline; `nrPages`
 * is -ENOENT, nothing left to migrate. hugetlb folios are the page engine's.
 */
export function scanMovablePages(ctx: usize, startPfn: u32, nrPages: u32): u32 {
  assertRange(ctx, startPfn, nrPages, 1);
  const lru = load<u64>(ctx, CTX_LRU_FLAG);
  const offlineType = load<u32>(ctx, CTX_OFFLINE_TYPE);
  const found = hasWindow(ctx) ? firstMovable(pagesOf(ctx, startPfn, nrPages), nrPages, lru, offlineType) : nrPages;
  accessRange(ctx, startPfn, min(found + 1, nrPages), 1, STEP_SCAN_MOVABLE, CLASS_STREAM);
  return found;
}

/** Index of the first page on the LRU, movable by its driver, or offline and still referenced; or `nrPages`. */
export function firstMovable(pages: usize, nrPages: u32, lru: u64, offlineType: u32): u32 {
  const end = pages + ((<usize>nrPages) << STRUCT_PAGE_SHIFT);
  for (let page = pages; page < end; page += STRUCT_PAGE_BYTES) {
    // One branch passes over what is free: no LRU bit, no movable bit, no reference.
    if (((pageFlags(page) & lru) | (pageMapping(page) & PAGE_MAPPING_MOVABLE) | <u64>pageCount(page)) == 0) continue;
    if (stopsScan(page, lru, offlineType)) return <u32>((page - pages) >> STRUCT_PAGE_SHIFT);
  }
  return nrPages;
}

function stopsScan(page: usize, lru: u64, offlineType: u32): bool {
  if ((pageFlags(page) & lru) != 0) return true;
  if ((pageMapping(page) & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_MOVABLE) return true;
  return pageType(page) == offlineType && pageCount(page) != 0;
}

/** dissolve_free_hugetlb_folios(): one look per smallest huge page (2 MiB). */
export function dissolveFreeHugetlbFolios(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, PAGEBLOCK_PAGES);
  accessRange(ctx, startPfn, nrPages / PAGEBLOCK_PAGES, PAGEBLOCK_PAGES, STEP_DISSOLVE, CLASS_INDEPENDENT);
}

/** test_pages_isolated(): chunk by chunk. @error -EBUSY when a pageblock is not isolated or a page not free */
export function testPagesIsolated(ctx: usize, startPfn: u32, nrPages: u32): i32 {
  assertRange(ctx, startPfn, nrPages, PAGEBLOCK_PAGES);
  const endPfn = startPfn + nrPages;
  for (let pfn = startPfn; pfn < endPfn; pfn += PAGEBLOCK_PAGES) {
    if (pageblockMigratetype(ctx, pfn) != MIGRATE_ISOLATE) return -EBUSY;
  }
  access(ctx, startPfn, STEP_TEST_ZONE, CLASS_INDEPENDENT);
  for (let pfn = startPfn; pfn < endPfn; ) {
    const order = buddyOrderAt(ctx, pfn);
    access(ctx, pfn, STEP_TEST_CHUNK, CLASS_INDEPENDENT);
    if (order == NOT_BUDDY) return -EBUSY;
    pfn += 1 << order;
  }
  return 0;
}

/** __offline_isolated_pages(): the sections go offline and every chunk leaves its free list. */
export function offlineIsolatedPages(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, PAGEBLOCK_PAGES);
  const endPfn = startPfn + nrPages;
  setSectionsOnline(ctx, startPfn, endPfn, false);
  access(ctx, startPfn, STEP_OFFLINE_ZONE, CLASS_INDEPENDENT);
  for (let pfn = startPfn; pfn < endPfn; ) {
    const order = buddyOrderAt(ctx, pfn);
    assert(order != NOT_BUDDY, "a page in use is going offline");
    access(ctx, pfn, STEP_OFFLINE_CHUNK, CLASS_INDEPENDENT);
    delPageFromFreeList(ctx, CALLER_OFFLINE, pfn);
    pfn += 1 << order;
  }
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  store<i32>(zone, load<i32>(zone, ZONE_NR_ISOLATE) - <i32>(nrPages / PAGEBLOCK_PAGES), ZONE_NR_ISOLATE);
}
