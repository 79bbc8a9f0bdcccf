// has_unmovable_pages() (mm/page_isolation.c): reads every struct page of a pageblock.

import {
  CTX_BUDDY_TYPE,
  CTX_LRU_FLAG,
  CTX_OFFLINE_TYPE,
  CTX_RESERVED_FLAG,
  CTX_ZONE,
  NOT_BUDDY,
  PAGEBLOCK_PAGES,
  STEP_HAS_UNMOVABLE,
  STEP_HAS_UNMOVABLE_BUDDY,
  STEP_HAS_UNMOVABLE_FREE,
  ZONE_INDEX,
  ZONE_MOVABLE,
} from "../layout/hotplug";
import { STRUCT_PAGE_BYTES, STRUCT_PAGE_SHIFT } from "../layout/structPage";
import { CLASS_STREAM } from "../layout/touch";
import { access, accessRange } from "./countAccess";
import { pageFlags, pageMapping, pagePrivate, pageTypeAndCount } from "./page";
import { buddyOrderAt, hasWindow, pagesOf } from "./pageblock";

/** mapping & PAGE_MAPPING_FLAGS == PAGE_MAPPING_MOVABLE: a page whose driver migrates it. */
export const PAGE_MAPPING_FLAGS: u64 = 3;
export const PAGE_MAPPING_MOVABLE: u64 = 2;

/** Index of the first unmovable page of the pageblock at `pfn`, or PAGEBLOCK_PAGES. */
export function hasUnmovablePages(ctx: usize, pfn: u32): u32 {
  if (!hasWindow(ctx)) return PAGEBLOCK_PAGES;
  const pages = pagesOf(ctx, pfn, PAGEBLOCK_PAGES);
  const reserved = load<u64>(ctx, CTX_RESERVED_FLAG);
  const isMovableZone = load<u32>(<usize>load<u32>(ctx, CTX_ZONE), ZONE_INDEX) == ZONE_MOVABLE;
  if (isMovableZone) return firstWithFlags(pages, PAGEBLOCK_PAGES, reserved);
  return firstUnmovableOfKernelZone(ctx, pages, pfn, reserved);
}

/** The scan that a Movable zone gets: PG_reserved of every page. */
export function firstWithFlags(pages: usize, nrPages: u32, flags: u64): u32 {
  const end = pages + ((<usize>nrPages) << STRUCT_PAGE_SHIFT);
  for (let page = pages; page < end; page += STRUCT_PAGE_BYTES) {
    if ((pageFlags(page) & flags) != 0) return <u32>((page - pages) >> STRUCT_PAGE_SHIFT);
  }
  return nrPages;
}

/** Kernel zones: a free chunk is skipped by its order; a page in use must be on the LRU, movable or offline. */
function firstUnmovableOfKernelZone(ctx: usize, pages: usize, pfn: u32, reserved: u64): u32 {
  const lru = load<u64>(ctx, CTX_LRU_FLAG);
  const offlineType = load<u32>(ctx, CTX_OFFLINE_TYPE);
  const buddyType = load<u32>(ctx, CTX_BUDDY_TYPE);
  for (let index: u32 = 0; index < <u32>PAGEBLOCK_PAGES; index++) {
    const page = pages + ((<usize>index) << STRUCT_PAGE_SHIFT);
    const flags = pageFlags(page);
    if ((flags & reserved) != 0) return index;
    const typeAndCount = pageTypeAndCount(page);
    if (typeAndCount >> 32 == 0) {
      if (<u32>typeAndCount == buddyType) index += (1 << (<u32>pagePrivate(page))) - 1;
      continue;
    }
    const isMovable = (pageMapping(page) & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_MOVABLE;
    if ((flags & lru) == 0 && !isMovable && <u32>typeAndCount != offlineType) return index;
  }
  return PAGEBLOCK_PAGES;
}

/** Reports the pages that the scan read before it stopped at index `unmovable`. */
export function accountUnmovableScan(ctx: usize, pfn: u32, unmovable: u32): void {
  const nrRead = min<u32>(unmovable + 1, PAGEBLOCK_PAGES);
  const isMovableZone = load<u32>(<usize>load<u32>(ctx, CTX_ZONE), ZONE_INDEX) == ZONE_MOVABLE;
  if (isMovableZone) {
    accessRange(ctx, pfn, nrRead, 1, STEP_HAS_UNMOVABLE, CLASS_STREAM);
  } else if (buddyOrderAt(ctx, pfn) != NOT_BUDDY) {
    access(ctx, pfn, STEP_HAS_UNMOVABLE_BUDDY, CLASS_STREAM);
  } else {
    accessRange(ctx, pfn, nrRead, 1, STEP_HAS_UNMOVABLE_FREE, CLASS_STREAM);
  }
}
