// Pageblocks and sections: migratetype, zone, online; and the zone they belong to.
import {
  CTX_DEVICE_END,
  CTX_DEVICE_START,
  CTX_PAGEBLOCKS,
  CTX_WINDOW,
  CTX_WINDOW_END,
  CTX_WINDOW_START,
  CTX_ZONE,
  NOT_BUDDY,
  PAGEBLOCK_BUDDY_ORDER,
  PAGEBLOCK_BYTES,
  PAGEBLOCK_INACCESSIBLE,
  PAGEBLOCK_MIGRATETYPE,
  PAGEBLOCK_ONLINE,
  PAGEBLOCK_ORDER,
  PAGEBLOCK_PAGES,
  PAGEBLOCK_SHIFT,
  PAGEBLOCK_ZONE,
  SECTION_PAGES,
  ZONE_WALKED_TO,
} from "../layout/hotplug";
import { STRUCT_PAGE_SHIFT } from "../layout/structPage";

/** The entry of the pageblock that holds `pfn`. */
export function pageblockOf(ctx: usize, pfn: u32): usize {
  const start = load<u32>(ctx, CTX_DEVICE_START);
  assert(pfn >= start && pfn < load<u32>(ctx, CTX_DEVICE_END), "pfn outside the device");
  return <usize>load<u32>(ctx, CTX_PAGEBLOCKS) + ((<usize>((pfn - start) >> PAGEBLOCK_ORDER)) << PAGEBLOCK_SHIFT);
}

/** What arrives must lie in the device, in whole units of `align` pages. Nothing is left of it in the release build. */
export function assertRange(ctx: usize, startPfn: u32, nrPages: u32, align: u32): void {
  if (ASC_NO_ASSERT) return;
  assert(startPfn % align == 0 && nrPages % align == 0, "no whole units");
  assert(startPfn >= load<u32>(ctx, CTX_DEVICE_START), "pages before the device");
  assert(<u64>startPfn + nrPages <= load<u32>(ctx, CTX_DEVICE_END), "pages behind the device");
}

/**
 * MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE as s390 answers them (6.8 to 6.18): memory whose own struct pages lie on
 * it comes within reach, or leaves it.
 */
export function setInaccessible(ctx: usize, startPfn: u32, nrPages: u32, inaccessible: u32): void {
  assertRange(ctx, startPfn, nrPages, PAGEBLOCK_PAGES);
  const end = startPfn + nrPages;
  for (let pfn = startPfn; pfn < end; pfn += PAGEBLOCK_PAGES) {
    store<u8>(pageblockOf(ctx, pfn), <u8>inaccessible, PAGEBLOCK_INACCESSIBLE);
  }
}

/** No pass touches struct pages that are out of reach: a real machine would take an addressing exception. */
export function assertAccessible(ctx: usize, pfn: u32, nrPages: u32, stride: u32): void {
  if (ASC_NO_ASSERT) return;
  for (let i: u32 = 0; i < nrPages; i++) {
    const one = pfn + i * stride;
    if (!isInDevice(ctx, one)) continue;
    assert(load<u8>(pageblockOf(ctx, one), PAGEBLOCK_INACCESSIBLE) == 0, "a touch of inaccessible memory");
  }
}

/** Whether the pfn is one of the device. */
export function isInDevice(ctx: usize, pfn: u32): bool {
  return pfn >= load<u32>(ctx, CTX_DEVICE_START) && pfn < load<u32>(ctx, CTX_DEVICE_END);
}

/** Where the struct page lies, or 0 when it is not in the window. */
export function pageOrZero(ctx: usize, pfn: u32): usize {
  const start = load<u32>(ctx, CTX_WINDOW_START);
  if (pfn < start || pfn >= load<u32>(ctx, CTX_WINDOW_END)) return 0;
  return <usize>load<u32>(ctx, CTX_WINDOW) + ((<usize>(pfn - start)) << STRUCT_PAGE_SHIFT);
}

/** Whether there are struct pages at all: without a window the pageblock table alone says what a pass meets. */
export function hasWindow(ctx: usize): bool {
  return load<u32>(ctx, CTX_WINDOW_END) != load<u32>(ctx, CTX_WINDOW_START);
}

/** Where the struct page lies; [pfn, pfn + nrPages) must be in the window. */
export function pagesOf(ctx: usize, pfn: u32, nrPages: u32): usize {
  const start = load<u32>(ctx, CTX_WINDOW_START);
  assert(pfn >= start && pfn + nrPages <= load<u32>(ctx, CTX_WINDOW_END), "pages outside the window");
  return <usize>load<u32>(ctx, CTX_WINDOW) + ((<usize>(pfn - start)) << STRUCT_PAGE_SHIFT);
}

/** get_pageblock_migratetype(): a bitmap of the section in DRAM, no struct page. */
export function pageblockMigratetype(ctx: usize, pfn: u32): u32 {
  return load<u8>(pageblockOf(ctx, pfn), PAGEBLOCK_MIGRATETYPE);
}

/** set_pageblock_migratetype() of the pageblock of one pfn. */
export function setPageblockMigratetype(ctx: usize, pfn: u32, migratetype: u32): void {
  store<u8>(pageblockOf(ctx, pfn), <u8>migratetype, PAGEBLOCK_MIGRATETYPE);
}

/**
 * Gives every pageblock of a range a migratetype.
 *
 * @return how many had another one
 */
export function setPageblockMigratetypes(ctx: usize, startPfn: u32, nrPages: u32, migratetype: u32): u32 {
  if (nrPages == 0) return 0;
  let pageblock = pageblockOf(ctx, startPfn);
  const end = pageblockOf(ctx, startPfn + nrPages - 1) + PAGEBLOCK_BYTES;
  let changed: u32 = 0;
  for (; pageblock + 4 * PAGEBLOCK_BYTES <= end; pageblock += 4 * PAGEBLOCK_BYTES) {
    changed += retype(pageblock, migratetype) + retype(pageblock + PAGEBLOCK_BYTES, migratetype);
    changed +=
      retype(pageblock + 2 * PAGEBLOCK_BYTES, migratetype) + retype(pageblock + 3 * PAGEBLOCK_BYTES, migratetype);
  }
  for (; pageblock < end; pageblock += PAGEBLOCK_BYTES) changed += retype(pageblock, migratetype);
  return changed;
}

// @ts-ignore: decorator
@inline
function retype(pageblock: usize, migratetype: u32): u32 {
  const before = load<u8>(pageblock, PAGEBLOCK_MIGRATETYPE);
  store<u8>(pageblock, <u8>migratetype, PAGEBLOCK_MIGRATETYPE);
  return u32(before != migratetype);
}

/** The order of the free chunk that starts at this pageblock's first page, or NOT_BUDDY. */
export function buddyOrderAt(ctx: usize, pfn: u32): u32 {
  if ((pfn & (PAGEBLOCK_PAGES - 1)) != 0 || !isInDevice(ctx, pfn)) return NOT_BUDDY;
  return load<u8>(pageblockOf(ctx, pfn), PAGEBLOCK_BUDDY_ORDER);
}

/** Zone of the pageblock of one pfn. */
export function pageZoneAt(ctx: usize, pfn: u32): u32 {
  return load<u8>(pageblockOf(ctx, pfn), PAGEBLOCK_ZONE);
}

/** pfn_to_online_page() != NULL, as far as the device reaches. */
export function isOnline(ctx: usize, pfn: u32): bool {
  return isInDevice(ctx, pfn) && load<u8>(pageblockOf(ctx, pfn), PAGEBLOCK_ONLINE) != 0;
}

/** online_mem_sections() / offline_mem_sections(): whole sections, so the memmap's own pages go along (mm/sparse.c). */
export function setSectionsOnline(ctx: usize, startPfn: u32, endPfn: u32, online: bool): void {
  const first = startPfn & ~(SECTION_PAGES - 1);
  for (let pfn = first; pfn < endPfn; pfn += PAGEBLOCK_PAGES) {
    store<u8>(pageblockOf(ctx, pfn), <u8>online, PAGEBLOCK_ONLINE);
  }
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  if (!online && first < load<u32>(zone, ZONE_WALKED_TO)) store<u32>(zone, first, ZONE_WALKED_TO);
}
