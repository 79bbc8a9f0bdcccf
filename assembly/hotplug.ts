// The state of one zone of hot-added memory, before anything is added.
import {
  CTX_DEVICE_END,
  CTX_DEVICE_START,
  CTX_PENDING_PFN,
  CTX_ZONE,
  NOT_BUDDY,
  NO_PENDING,
  NO_ZONE,
  PAGEBLOCK_BUDDY_ORDER,
  PAGEBLOCK_ONLINE,
  PAGEBLOCK_PAGES,
  PAGEBLOCK_ZONE,
  ZONE_BYTES,
  ZONE_INDEX,
} from "./layout.hotplug";
import { initFreeLists } from "./freelist";
import { pageblockOf } from "./pageblock";

/**
 * Empties the zone and its pageblocks. The host has filled in the context's regions and parameters before.
 *
 * @shape writes ZONE_BYTES at the zone and PAGEBLOCK_BYTES for each pageblock of the device
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
  store<u32>(ctx, NO_PENDING, CTX_PENDING_PFN);
}
