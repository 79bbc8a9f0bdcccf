// The state of one zone of hot-added memory, before anything is added.
import {
  CTX_BUDDY_TYPE,
  CTX_DEVICE_END,
  CTX_DEVICE_START,
  CTX_FEATURES,
  CTX_INIT_FLAGS,
  CTX_PAGE_FLAGS,
  CTX_PENDING_PFN,
  CTX_SELF_HOSTED_FLAG,
  CTX_ZONE,
  FEATURE_SPLIT_LARGE_BUDDY,
  MAX_PAGE_ORDER,
  MIGRATE_MOVABLE,
  MIGRATE_UNMOVABLE,
  NO_PENDING,
  NO_ZONE,
  NOT_BUDDY,
  PAGEBLOCK_BUDDY_ORDER,
  PAGEBLOCK_MIGRATETYPE,
  PAGEBLOCK_ONLINE,
  PAGEBLOCK_PAGES,
  PAGEBLOCK_ZONE,
  SECTION_PAGES,
  SLICE_NONE,
  ZONE_BYTES,
  ZONE_INDEX,
  ZONE_MANAGED,
  ZONE_PRESENT,
} from "../layout/hotplug";
import { STRUCT_PAGE_SHIFT } from "../layout/structPage";
import { freeListOf, initFreeLists, nextOf, prevOf, setNext, setPrev } from "./freeList";
import { growSpan, initPages } from "./memmap";
import { poisonLru, setLruNext, setLruPrev, setPagePrivate, setPageType } from "./page";
import { assertRange, buddyOrderAt, pageblockOf, pagesOf } from "./pageblock";
import { sectionAt } from "./populate";

/**
 * Empties the zone and its pageblocks. The host has filled in the context's regions and parameters before.
 *
 * @shape writes ZONE_BYTES at the zone, PAGEBLOCK_BYTES for each pageblock and 4 bytes for each section of the device
 */
export function initHotplug(ctx: usize, zoneIndex: u32): void {
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  memory.fill(zone, 0, ZONE_BYTES);
  store<u32>(zone, zoneIndex, ZONE_INDEX);
  initFreeLists(zone);
  const end = load<u32>(ctx, CTX_DEVICE_END);
  for (let pfn = load<u32>(ctx, CTX_DEVICE_START); pfn < end; pfn += PAGEBLOCK_PAGES) {
    const pageblock = pageblockOf(ctx, pfn);
    store<u64>(pageblock, 0);
    store<u64>(pageblock, 0, 8);
    store<u8>(pageblock, NOT_BUDDY, PAGEBLOCK_BUDDY_ORDER);
    store<u8>(pageblock, NO_ZONE, PAGEBLOCK_ZONE);
    store<u8>(pageblock, 0, PAGEBLOCK_ONLINE);
  }
  for (let pfn = load<u32>(ctx, CTX_DEVICE_START); pfn < end; pfn += SECTION_PAGES) {
    store<u32>(sectionAt(ctx, pfn), SLICE_NONE);
  }
  store<u32>(ctx, NO_PENDING, CTX_PENDING_PFN);
}

/**
 * The state that onlining an idle block leaves, without its struct pages and without counting: blocks that were
 * online before the first counted operation. In its own zone its chunks go to the tails of the MOVABLE lists.
 */
export function seedOnlineBlock(ctx: usize, blockPfn: u32, blockPages: u32, nrVmemmap: u32, zoneIndex: u32): void {
  assertRange(ctx, blockPfn, blockPages, PAGEBLOCK_PAGES);
  assert(nrVmemmap <= blockPages, "a memmap larger than its block");
  const zone = <usize>load<u32>(ctx, CTX_ZONE);
  const isOwnZone = load<u32>(zone, ZONE_INDEX) == zoneIndex;
  const endPfn = blockPfn + blockPages;
  for (let pfn = blockPfn; pfn < endPfn; pfn += PAGEBLOCK_PAGES) {
    const pageblock = pageblockOf(ctx, pfn);
    store<u8>(pageblock, 1, PAGEBLOCK_ONLINE);
    store<u8>(pageblock, <u8>zoneIndex, PAGEBLOCK_ZONE);
    store<u8>(pageblock, NOT_BUDDY, PAGEBLOCK_BUDDY_ORDER);
    store<u8>(pageblock, pfn < blockPfn + nrVmemmap ? MIGRATE_UNMOVABLE : MIGRATE_MOVABLE, PAGEBLOCK_MIGRATETYPE);
  }
  if (!isOwnZone) return;
  growSpan(zone, blockPfn, blockPages);
  store<u32>(zone, load<u32>(zone, ZONE_PRESENT) + blockPages, ZONE_PRESENT);
  store<u32>(zone, load<u32>(zone, ZONE_MANAGED) + blockPages - nrVmemmap, ZONE_MANAGED);
  for (let pfn = blockPfn + nrVmemmap; pfn < endPfn; ) {
    const order = min<u32>(MAX_PAGE_ORDER, ctz(pfn));
    store<u8>(pageblockOf(ctx, pfn), <u8>order, PAGEBLOCK_BUDDY_ORDER);
    appendUncounted(ctx, pfn, freeListOf(order, MIGRATE_MOVABLE));
    pfn += 1 << order;
  }
}

function appendUncounted(ctx: usize, pfn: u32, list: u32): void {
  const last = prevOf(ctx, list);
  setPrev(ctx, list, pfn);
  setNext(ctx, pfn, nextOf(ctx, last));
  setPrev(ctx, pfn, last);
  setNext(ctx, last, pfn);
}

/**
 * Writes the struct pages of an online idle block into the window, as onlining left them: for a block whose window
 * was used by another one since.
 */
export function materialiseBlock(ctx: usize, blockPfn: u32, blockPages: u32, nrVmemmap: u32): void {
  assertRange(ctx, blockPfn, blockPages, PAGEBLOCK_PAGES);
  assert(nrVmemmap <= blockPages, "a memmap larger than its block");
  const pages = pagesOf(ctx, blockPfn, blockPages);
  const free = <u64>u32.MAX_VALUE;
  initPages(pages, blockPfn, blockPages, load<u64>(ctx, CTX_PAGE_FLAGS), free);
  if (nrVmemmap > 0) {
    const flags =
      load<u64>(ctx, CTX_PAGE_FLAGS) | load<u64>(ctx, CTX_INIT_FLAGS) | load<u64>(ctx, CTX_SELF_HOSTED_FLAG);
    initPages(pages, blockPfn, nrVmemmap, flags, free | ((<u64>1) << 32));
  }
  const splits = (load<u32>(ctx, CTX_FEATURES) & FEATURE_SPLIT_LARGE_BUDDY) != 0;
  const endPfn = blockPfn + blockPages;
  for (let pfn = blockPfn + nrVmemmap; pfn < endPfn; pfn += PAGEBLOCK_PAGES) {
    const page = pages + ((<usize>(pfn - blockPfn)) << STRUCT_PAGE_SHIFT);
    const order = buddyOrderAt(ctx, pfn);
    if (order == NOT_BUDDY) {
      // The second half of a chunk was taken off a list when it merged with the first.
      if (splits) poisonLru(page);
      continue;
    }
    setLruNext(page, nextOf(ctx, pfn));
    setLruPrev(page, prevOf(ctx, pfn));
    setPagePrivate(page, order);
    setPageType(page, load<u32>(ctx, CTX_BUDDY_TYPE));
  }
}
