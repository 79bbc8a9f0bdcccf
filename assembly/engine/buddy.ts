// The buddy allocator (mm/page_alloc.c) as far as struct pages are touched: free chunks, splitting and merging them.

import {
  AT_HEAD,
  AT_TAIL,
  ENGINE_BLOCK_PAGES,
  ENGINE_BLOCK_SHIFT,
  ENGINE_FREE_TYPE_OF_BLOCK,
  ENGINE_LAZY_END,
  ENGINE_LAZY_NEXT,
  ENGINE_MAX_ORDER,
  ENGINE_NR_PAGES,
  LIST_FREE,
  NR_ORDERS,
} from "../layout/engine";
import { MIGRATE_ISOLATE, MIGRATE_MOVABLE, PAGEBLOCK_ORDER } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertChunk, assertMigratetype } from "./arrival";
import { assertListed, engineAdd, engineRemove, firstOf, listOf, nextOf, push } from "./lists";
import { freeListOf, isMergeable, migratetypeOf, setMigratetypes, zoneOf } from "./migratetypes";
import { NONE, orderOf, setFlags, setOrder } from "./pages";
import { run } from "./touchPages";

/** Where the chunks of untouched blocks are. */
const TOP_LIST: u32 = LIST_FREE + MIGRATE_MOVABLE * NR_ORDERS + ENGINE_MAX_ORDER;

/** One chunk at the tail of its free list: the state before. */
export function engineFreeChunk(e: usize, page: u32, order: u32, migratetype: u32): void {
  assertChunk(e, page, order);
  assertMigratetype(migratetype);
  assertListed(e, page, false);
  setOrder(e, page, order);
  push(e, freeListOf(order, migratetype, zoneOf(e, page)), page, AT_TAIL);
}

/**
 * Puts the chunks of the next untouched free block at the tail. Chunks of MAX_PAGE_ORDER are only ever added at the head
 * otherwise, so the list is what it would be had all blocks been put there at the start.
 */
function materialiseNext(e: usize): bool {
  const block = load<u32>(e, ENGINE_LAZY_NEXT);
  if (block >= load<u32>(e, ENGINE_LAZY_END)) return false;
  store<u32>(e, block + 1, ENGINE_LAZY_NEXT);
  const first = block << ENGINE_BLOCK_SHIFT;
  for (let page = first; page < first + ENGINE_BLOCK_PAGES; page += 1 << ENGINE_MAX_ORDER)
    engineFreeChunk(e, page, ENGINE_MAX_ORDER, MIGRATE_MOVABLE);
  return true;
}

function hasLazyBlocks(e: usize): bool {
  return load<u32>(e, ENGINE_LAZY_NEXT) < load<u32>(e, ENGINE_LAZY_END);
}

/** get_page_from_free_area(). */
export function firstFree(e: usize, order: u32, migratetype: u32, zone: u32): i32 {
  const list = freeListOf(order, migratetype, zone);
  if (list == TOP_LIST && firstOf(e, list) == NONE) materialiseNext(e);
  return firstOf(e, list);
}

/** The free chunk of at least `order` that holds a page; NONE when it is not free. */
export function chunkHolding(e: usize, page: u32, order: u32): i32 {
  while (hasLazyBlocks(e) && page >= load<u32>(e, ENGINE_LAZY_NEXT) << ENGINE_BLOCK_SHIFT)
    if (!materialiseNext(e)) break;
  for (let at = order; at <= <u32>ENGINE_MAX_ORDER; at++) {
    const chunk = page & ~((1 << at) - 1);
    if (orderOf(e, chunk) == at) return chunk;
  }
  return NONE;
}

/** list_del of a free chunk: the one behind it, which is touched, is there too. */
export function removeFree(e: usize, step: u32, chunk: u32): void {
  if (orderOf(e, chunk) == ENGINE_MAX_ORDER && nextOf(e, chunk) == NONE && listOf(e, chunk) == TOP_LIST)
    materialiseNext(e);
  engineRemove(e, step, chunk);
}

/** __rmqueue_smallest(). @return the first page of the smallest chunk that is large enough, split; or NONE */
export function rmqueueSmallest(e: usize, order: u32, migratetype: u32, zone: u32): i32 {
  for (let at = order; at <= <u32>ENGINE_MAX_ORDER; at++) {
    const chunk = firstFree(e, at, migratetype, zone);
    if (chunk == NONE) continue;
    delAndExpand(e, chunk, chunk, order, migratetype);
    return chunk;
  }
  return NONE;
}

/** page_del_and_expand(): takes a chunk and puts the halves that are not wanted on the lower lists. */
export function delAndExpand(e: usize, chunk: u32, page: u32, order: u32, migratetype: u32): void {
  expand(e, Step.refillRemove, Step.refillSplit, chunk, page, order, migratetype);
}

/** The same with the steps that say who does it. */
export function expand(
  e: usize,
  removeStep: u32,
  splitStep: u32,
  chunk: u32,
  page: u32,
  order: u32,
  migratetype: u32,
): void {
  const chunkOrder = orderOf(e, chunk);
  const zone = zoneOf(e, chunk);
  removeFree(e, removeStep, chunk);
  setOrder(e, chunk, -1);
  let current = chunk;
  for (let at = chunkOrder - 1; at >= <i32>order; at--) {
    const upper = current + (1 << at);
    const rest = page < upper ? upper : current;
    setOrder(e, rest, at);
    engineAdd(e, splitStep, freeListOf(at, migratetype, zone), rest, AT_HEAD);
    if (page >= upper) current = upper;
  }
}

/** move_to_free_list(): to the tail of another type's list. */
export function moveToFreeList(e: usize, removeStep: u32, addStep: u32, page: u32, migratetype: u32): void {
  removeFree(e, removeStep, page);
  const list = freeListOf(orderOf(e, page), migratetype, zoneOf(e, page));
  // Untouched blocks come before what is added at the tail.
  if (list == TOP_LIST) while (materialiseNext(e)) {}
  engineAdd(e, addStep, list, page, AT_TAIL);
}

/** __free_one_page: merges with free buddies and puts the result on a free list. */
export function freeOnePage(e: usize, start: u32, startOrder: u32, migratetype: u32): void {
  let page = start;
  let order = startOrder;
  while (order < <u32>ENGINE_MAX_ORDER) {
    const buddy = page ^ (1 << order);
    if (!peek(e, page, buddy, order) || !mayMerge(e, buddy, order, migratetype)) break;
    engineRemove(e, Step.mergeRemove, buddy);
    setOrder(e, buddy, -1);
    // "Match buddy type": so that expand() later puts the parts on the right lists.
    const retypes = order >= <u32>PAGEBLOCK_ORDER && load<u32>(e, ENGINE_FREE_TYPE_OF_BLOCK) != 0;
    if (retypes) setMigratetypes(e, buddy, order, migratetype);
    page = page & buddy;
    order++;
  }
  run(e, Step.mergeDone, page);
  setOrder(e, page, order);
  const higher = page & ~(1 << order);
  const toTail = order < <u32>ENGINE_MAX_ORDER - 1 && peek(e, higher, higher ^ (2 << order), order + 1);
  const list = freeListOf(order, migratetype, zoneOf(e, page));
  if (toTail) engineAdd(e, Step.insertTail, list, page, AT_TAIL);
  else engineAdd(e, Step.insertHead, list, page, AT_HEAD);
}

/** Free pages of an isolated pageblock and of another do not become one chunk. */
function mayMerge(e: usize, buddy: u32, order: u32, migratetype: u32): bool {
  if (order < <u32>PAGEBLOCK_ORDER) return true;
  const buddyType = migratetypeOf(e, buddy);
  return buddyType == migratetype || (isMergeable(buddyType) && isMergeable(migratetype));
}

/** page_is_buddy: reads the buddy, and both zones when type and order fit. */
function peek(e: usize, page: u32, buddy: u32, order: u32): bool {
  if (buddy >= load<u32>(e, ENGINE_NR_PAGES)) return false;
  const buddyOrder = orderOf(e, buddy);
  if (buddyOrder < 0) {
    run(e, Step.mergePeekBusy, buddy);
    return false;
  }
  run(e, Step.mergePeekFree, buddy);
  if (buddyOrder != order) return false;
  run(e, Step.mergeMatch, page);
  run(e, Step.mergeMatch, buddy);
  return true;
}

/** __free_one_page of a page that was not on a pcp list. */
export function engineFreeOne(e: usize, page: u32, order: u32): void {
  assertChunk(e, page, order);
  assertListed(e, page, false);
  setFlags(e, page, 0);
  freeOnePage(e, page, order, migratetypeOf(e, page));
}
