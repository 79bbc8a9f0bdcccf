// Migratetypes: of pageblocks (a bitmap beside the section, so no struct page is touched), and of the lists that hold pages.

import {
  ENGINE_BLOCK_SHIFT,
  ENGINE_HAS_KERNEL_ZONE,
  ENGINE_NR_ISOLATED,
  ENGINE_NR_PAGES,
  ENGINE_PAGEBLOCKS,
  ENGINE_ZONES,
  FREE_ISOLATED,
  LIST_FREE,
  LIST_PCP,
  LIST_PCP_HUGE,
  NR_ORDERS,
  NR_PCP_LISTS,
  PAGEBLOCK_BITS,
  PAGEBLOCK_TYPE_MASK,
  PCP_MAX_ORDER,
  PCP_TYPES,
  ZONE_KERNEL,
  ZONE_LISTS_MASK,
  ZONE_LISTS_SHIFT,
  ZONE_MAIN,
} from "../layout/engine";
import {
  MIGRATE_ISOLATE,
  MIGRATE_MOVABLE,
  MIGRATE_RECLAIMABLE,
  MIGRATE_UNMOVABLE,
  PAGEBLOCK_ORDER,
  PAGEBLOCK_PAGES,
} from "../layout/hotplug";
import { assertMigratetype, assertPage } from "./arrival";

/** Every pageblock is movable, as onlining leaves it (undo_isolate_page_range). */
export function initMigratetypes(e: usize): void {
  const blocks = (load<u32>(e, ENGINE_NR_PAGES) + (PAGEBLOCK_PAGES - 1)) >> PAGEBLOCK_ORDER;
  const two = MIGRATE_MOVABLE | (MIGRATE_MOVABLE << PAGEBLOCK_BITS);
  memory.fill(<usize>load<u32>(e, ENGINE_PAGEBLOCKS), <u8>two, (blocks + 1) >> 1);
}

/** get_pageblock_migratetype(). */
export function migratetypeOf(e: usize, page: u32): u32 {
  const block = page >> PAGEBLOCK_ORDER;
  const two = <u32>load<u8>(<usize>load<u32>(e, ENGINE_PAGEBLOCKS) + (block >> 1));
  return (two >> ((block & 1) * PAGEBLOCK_BITS)) & PAGEBLOCK_TYPE_MASK;
}

/** set_pageblock_migratetype(). */
export function engineSetMigratetype(e: usize, page: u32, migratetype: u32): void {
  assertPage(e, page);
  assertMigratetype(migratetype);
  const block = page >> PAGEBLOCK_ORDER;
  const at = <usize>load<u32>(e, ENGINE_PAGEBLOCKS) + (block >> 1);
  const shift = (block & 1) * PAGEBLOCK_BITS;
  const before = migratetypeOf(e, page);
  const kept = <u32>load<u8>(at) & ~(PAGEBLOCK_TYPE_MASK << shift);
  store<u8>(at, <u8>(kept | (migratetype << shift)));
  const isolated = i32(migratetype == MIGRATE_ISOLATE) - i32(before == MIGRATE_ISOLATE);
  store<u32>(e, load<u32>(e, ENGINE_NR_ISOLATED) + isolated, ENGINE_NR_ISOLATED);
}

/** change_pageblock_range(): of a chunk of at least pageblock size. */
export function setMigratetypes(e: usize, page: u32, order: u32, migratetype: u32): void {
  for (let at = page; at < page + (1 << order); at += PAGEBLOCK_PAGES) engineSetMigratetype(e, at, migratetype);
}

/** The zone of a page. */
export function zoneOf(e: usize, page: u32): u32 {
  if (load<u32>(e, ENGINE_HAS_KERNEL_ZONE) == 0) return ZONE_MAIN;
  return load<u8>(<usize>load<u32>(e, ENGINE_ZONES) + (page >> ENGINE_BLOCK_SHIFT));
}

/** online_kernel of a block beside movable ones. */
export function engineSetKernelZone(e: usize, page: u32): void {
  assertPage(e, page);
  store<u32>(e, 1, ENGINE_HAS_KERNEL_ZONE);
  store<u8>(<usize>load<u32>(e, ENGINE_ZONES) + (page >> ENGINE_BLOCK_SHIFT), ZONE_KERNEL);
}

/** The free list of an order and migratetype in a zone. */
export function freeListOf(order: u32, migratetype: u32, zone: u32): u32 {
  const types = migratetype == MIGRATE_ISOLATE ? FREE_ISOLATED : migratetype;
  return (zone << ZONE_LISTS_SHIFT) + LIST_FREE + types * NR_ORDERS + order;
}

/** order_to_pindex(). */
export function pcpListOf(order: u32, migratetype: u32, zone: u32): u32 {
  const first = zone << ZONE_LISTS_SHIFT;
  if (order > <u32>PCP_MAX_ORDER) return first + LIST_PCP_HUGE + u32(migratetype == MIGRATE_MOVABLE);
  return first + LIST_PCP + order * PCP_TYPES + migratetype;
}

/** pindex_to_order(). */
export function pcpOrderOf(list: u32): u32 {
  const pindex = (list & ZONE_LISTS_MASK) - LIST_PCP;
  return pindex >= <u32>LIST_PCP_HUGE ? PAGEBLOCK_ORDER : pindex / PCP_TYPES;
}

/** Whether a list is one of pcp pages, in either zone. */
export function isPcpList(list: u32): bool {
  return (list & ZONE_LISTS_MASK) < <u32>(LIST_PCP + NR_PCP_LISTS);
}

/** The migratetype of a free list. */
export function migratetypeOfList(list: u32): u32 {
  const types = ((list & ZONE_LISTS_MASK) - LIST_FREE) / NR_ORDERS;
  return types == FREE_ISOLATED ? MIGRATE_ISOLATE : types;
}

/** fallbacks[]: where a type looks when its own lists hold nothing. @param i 0 or 1 */
export function fallbackOf(migratetype: u32, i: u32): u32 {
  if (migratetype == MIGRATE_RECLAIMABLE) return i == 0 ? MIGRATE_UNMOVABLE : MIGRATE_MOVABLE;
  if (i == 0) return MIGRATE_RECLAIMABLE;
  return migratetype == MIGRATE_UNMOVABLE ? MIGRATE_MOVABLE : MIGRATE_UNMOVABLE;
}

/** can_steal_fallback(): large chunks, or any for what would pollute movable pageblocks. */
export function canStealFallback(order: u32, migratetype: u32): bool {
  return order >= <u32>PAGEBLOCK_ORDER >> 1 || migratetype != MIGRATE_MOVABLE;
}

/** migratetype_is_mergeable(). */
export function isMergeable(migratetype: u32): bool {
  return migratetype < <u32>PCP_TYPES;
}
