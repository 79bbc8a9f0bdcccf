// What happens when the free lists of a migratetype hold nothing: __rmqueue_fallback with steal_suitable_fallback (6.1),
// __rmqueue_claim with try_to_steal_block and __rmqueue_steal (6.12), all of mm/page_alloc.c.

import {
  ENGINE_CLAIMS_BLOCKS,
  ENGINE_MAX_ORDER,
  ENGINE_RMQUEUE_MODE,
  FALLBACK_CLAIM,
  FALLBACK_RULE,
  FALLBACK_STEAL,
  RMQUEUE_NORMAL,
  RMQUEUE_STEAL,
} from "../layout/engine";
import { PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertMigratetype, assertPage } from "./arrival";
import { isHalfCompatible, scanUsed } from "./blockScan";
import { chunkHolding, delAndExpand, expand, firstFree, moveToFreeList, rmqueueSmallest } from "./buddy";
import { listOf } from "./lists";
import {
  canStealFallback,
  engineSetMigratetype,
  fallbackOf,
  migratetypeOf,
  migratetypeOfList,
  setMigratetypes,
  zoneOf,
} from "./migratetypes";
import { engineMoveBlock } from "./moveBlock";
import { NONE, orderOf, surprise } from "./pages";
import { run } from "./touchPages";

/** A new refill begins: fallbacks remember where they found pages only within one. */
export function startRmqueue(e: usize): void {
  store<u32>(e, RMQUEUE_NORMAL, ENGINE_RMQUEUE_MODE);
}

/** __rmqueue(). @return a page, or NONE when no list of any type in the zone holds one */
export function rmqueue(e: usize, order: u32, migratetype: u32, zone: u32): i32 {
  if (load<u32>(e, ENGINE_CLAIMS_BLOCKS) == 0) {
    const page = rmqueueSmallest(e, order, migratetype, zone);
    if (page != NONE || !rmqueueFallback(e, order, migratetype, zone)) return page;
    return rmqueueSmallest(e, order, migratetype, zone);
  }
  const mode = load<u32>(e, ENGINE_RMQUEUE_MODE);
  if (mode == RMQUEUE_NORMAL) {
    let page = rmqueueSmallest(e, order, migratetype, zone);
    if (page == NONE) page = rmqueueClaim(e, order, migratetype, zone);
    if (page != NONE) return page;
  }
  const page = rmqueueSteal(e, order, migratetype, zone);
  if (page != NONE) store<u32>(e, RMQUEUE_STEAL, ENGINE_RMQUEUE_MODE);
  return page;
}

/**
 * The page that was recorded, out of the free chunk that holds it.
 *
 * @param how FALLBACK_*: when the chunk is on another type's list
 * @return false when it is not free
 */
export function rmqueueWanted(e: usize, page: u32, order: u32, migratetype: u32, how: u32): bool {
  const chunk = chunkHolding(e, page, order);
  if (chunk == NONE) return false;
  if (migratetypeOfList(listOf(e, chunk)) == migratetype) startRmqueue(e);
  else if (load<u32>(e, ENGINE_CLAIMS_BLOCKS) == 0) stealSuitableFallback(e, chunk, migratetype, FALLBACK_RULE);
  else {
    const type = claimOrSteal(e, chunk, page, order, migratetype, how);
    if (type == migratetype && orderOf(e, chunk) >= <i32>PAGEBLOCK_ORDER)
      expand(e, Step.claimRemove, Step.claimSplit, chunk, page, order, type);
    else delAndExpand(e, chunk, page, order, type);
    return true;
  }
  delAndExpand(e, chunk, page, order, migratetype);
  return true;
}

/** find_suitable_fallback(). @return the type of the first fallback list of this order that holds something, or NONE */
function findSuitableFallback(e: usize, order: u32, migratetype: u32, zone: u32): i32 {
  for (let i: u32 = 0; i < 2; i++) {
    const type = fallbackOf(migratetype, i);
    if (firstFree(e, order, type, zone) != NONE) return type;
  }
  return NONE;
}

// ---- 6.1 ----------------------------------------------------------------------------------------------------

/** __rmqueue_fallback(): moves what it finds to the lists of `migratetype`. @return false when nothing is free */
function rmqueueFallback(e: usize, order: u32, migratetype: u32, zone: u32): bool {
  for (let at = <i32>ENGINE_MAX_ORDER; at >= <i32>order; at--) {
    let type = findSuitableFallback(e, at, migratetype, zone);
    if (type == NONE) continue;
    let from: u32 = at;
    // What cannot take the pageblock along had better split the smallest chunk.
    if (!canStealFallback(at, migratetype) && from > order)
      for (from = order; ; from++) {
        type = findSuitableFallback(e, from, migratetype, zone);
        if (type != NONE) break;
      }
    stealSuitableFallback(e, firstFree(e, from, type, zone), migratetype, FALLBACK_RULE);
    return true;
  }
  return false;
}

/**
 * steal_suitable_fallback(): the chunk alone, or with it all that is free in its pageblock, to the lists of `startType`.
 *
 * @param how whether the pageblock takes the type: as the rule says, or as was recorded
 */
function stealSuitableFallback(e: usize, chunk: u32, startType: u32, how: u32): void {
  const order = orderOf(e, chunk);
  run(e, Step.stealChunk, chunk);
  if (order >= PAGEBLOCK_ORDER) setMigratetypes(e, chunk, order, startType);
  if (order >= PAGEBLOCK_ORDER || !canStealFallback(order, startType)) {
    moveToFreeList(e, Step.stealSingle, Step.stealSingleAdd, chunk, startType);
    return;
  }
  const block = chunk & ~(PAGEBLOCK_PAGES - 1);
  const blockType = migratetypeOf(e, chunk);
  let free: u32 = 0;
  let movable: u32 = 0;
  for (let page = block; page < block + PAGEBLOCK_PAGES; ) {
    const pageOrder = orderOf(e, page);
    if (pageOrder < 0) {
      movable += scanUsed(e, page);
      page++;
      continue;
    }
    moveToFreeList(e, Step.moveFree, Step.moveFreeAdd, page, startType);
    free += 1 << pageOrder;
    page += 1 << pageOrder;
  }
  const claims = isHalfCompatible(free, movable, startType, blockType);
  if (how != FALLBACK_RULE && claims != (how == FALLBACK_CLAIM)) surprise(e);
  if (how == FALLBACK_RULE ? claims : how == FALLBACK_CLAIM) engineSetMigratetype(e, block, startType);
}

/** mm_page_alloc_extfrag (6.1): the free chunk at `page` was stolen. @param how FALLBACK_*: was the pageblock claimed */
export function engineStealChunk(e: usize, page: u32, migratetype: u32, how: u32): void {
  assertPage(e, page);
  assertMigratetype(migratetype);
  const chunk = chunkHolding(e, page, 0);
  if (chunk == NONE || migratetypeOfList(listOf(e, chunk)) == migratetype) surprise(e);
  else stealSuitableFallback(e, chunk, migratetype, how);
}

// ---- 6.12 ---------------------------------------------------------------------------------------------------

/** __rmqueue_claim(): the largest chunk whose pageblock can be had as a whole. */
function rmqueueClaim(e: usize, order: u32, migratetype: u32, zone: u32): i32 {
  for (let at = <i32>ENGINE_MAX_ORDER; at >= <i32>order; at--) {
    const type = findSuitableFallback(e, at, migratetype, zone);
    if (type == NONE) continue;
    if (!canStealFallback(at, migratetype)) break;
    const chunk = firstFree(e, at, type, zone);
    if (!claimBlock(e, chunk, migratetype, FALLBACK_RULE)) continue;
    if (at < <i32>PAGEBLOCK_ORDER) return rmqueueSmallest(e, order, migratetype, zone);
    expand(e, Step.claimRemove, Step.claimSplit, chunk, chunk, order, migratetype);
    return chunk;
  }
  return NONE;
}

/** What __rmqueue() did before a recorded page came from another type's list. @return the type that its chunk now has */
function claimOrSteal(e: usize, chunk: u32, page: u32, order: u32, migratetype: u32, how: u32): u32 {
  if (load<u32>(e, ENGINE_RMQUEUE_MODE) != RMQUEUE_STEAL) attemptClaims(e, page, order, migratetype, how);
  if (how == FALLBACK_CLAIM && migratetypeOf(e, page) != migratetype) {
    surprise(e);
    claimBlock(e, chunk, migratetype, FALLBACK_CLAIM);
  }
  const type = migratetypeOf(e, page);
  store<u32>(e, type == migratetype ? RMQUEUE_NORMAL : RMQUEUE_STEAL, ENGINE_RMQUEUE_MODE);
  return type;
}

/** __rmqueue_claim() up to the pageblock of a recorded page, or to its end. */
function attemptClaims(e: usize, wanted: u32, order: u32, migratetype: u32, how: u32): void {
  const zone = zoneOf(e, wanted);
  for (let at = <i32>ENGINE_MAX_ORDER; at >= <i32>order; at--) {
    const type = findSuitableFallback(e, at, migratetype, zone);
    if (type == NONE) continue;
    if (!canStealFallback(at, migratetype)) return;
    const chunk = firstFree(e, at, type, zone);
    const shift = max<u32>(at, PAGEBLOCK_ORDER);
    const isHere = wanted >> shift == chunk >> shift;
    const isLarge = at >= <i32>PAGEBLOCK_ORDER;
    const fails = how == FALLBACK_STEAL || (!isHere && (isLarge || how == FALLBACK_CLAIM));
    // The largest chunks are always claimed: the recording and the lists of the model do not agree.
    if (fails && isLarge) surprise(e);
    else if (claimBlock(e, chunk, migratetype, fails ? FALLBACK_STEAL : how)) return;
  }
}

/**
 * try_to_steal_block() up to where the page is taken: a chunk of pageblock size changes the type of its pageblocks; of
 * a smaller one the pageblock is looked through, and claimed when half of it is free or compatible.
 *
 * @param how FALLBACK_CLAIM or FALLBACK_STEAL: it was recorded whether that succeeds
 */
function claimBlock(e: usize, chunk: u32, startType: u32, how: u32): bool {
  const order = orderOf(e, chunk);
  if (order >= PAGEBLOCK_ORDER) {
    setMigratetypes(e, chunk, order, startType);
    return true;
  }
  const block = chunk & ~(PAGEBLOCK_PAGES - 1);
  let free: u32 = 0;
  let movable: u32 = 0;
  for (let page = block; page < block + PAGEBLOCK_PAGES; ) {
    const pageOrder = orderOf(e, page);
    if (pageOrder < 0) {
      movable += scanUsed(e, page);
      page++;
      continue;
    }
    run(e, Step.stealScanFree, page);
    free += 1 << pageOrder;
    page += 1 << pageOrder;
  }
  const claims = isHalfCompatible(free, movable, startType, migratetypeOf(e, chunk));
  if (how != FALLBACK_RULE && claims != (how == FALLBACK_CLAIM)) surprise(e);
  if (how == FALLBACK_RULE ? !claims : how == FALLBACK_STEAL) return false;
  engineMoveBlock(e, block, startType);
  return true;
}

/** __rmqueue_steal(): the smallest chunk of another type; what is left of it keeps its type. */
function rmqueueSteal(e: usize, order: u32, migratetype: u32, zone: u32): i32 {
  for (let at = order; at <= <u32>ENGINE_MAX_ORDER; at++) {
    const type = findSuitableFallback(e, at, migratetype, zone);
    if (type == NONE) continue;
    const chunk = firstFree(e, at, type, zone);
    delAndExpand(e, chunk, chunk, order, type);
    return chunk;
  }
  return NONE;
}
