// The buddy allocator and the pcp list on top of it (mm/page_alloc.c), as far as struct pages are touched.
import {
  AT_HEAD,
  AT_TAIL,
  ENGINE_BLOCK_PAGES,
  ENGINE_BLOCK_SHIFT,
  ENGINE_FREE_FACTOR,
  ENGINE_LAZY_END,
  ENGINE_LAZY_NEXT,
  ENGINE_MAX_ORDER,
  ENGINE_NR_PAGES,
  ENGINE_PCP_BATCH,
  ENGINE_PCP_COUNT,
  ENGINE_PCP_HIGH,
  LIST_BUDDY,
  LIST_ISOLATED,
  LIST_PCP,
  LIST_PCP_HUGE,
  PAGE_EXCLUSIVE,
  PAGE_ISOLATED,
} from "./engineLayout";
import { Step } from "./engineSteps";
import { engineAdd, engineRemove, firstOf, lastOf, listOf, nextOf, push, unlink } from "./engineLists";
import { NONE, flagsOf, orderOf, setFlags, setMapcount, setOrder, surprise } from "./enginePages";
import { run } from "./engineTouch";

/** CONFIG_PCP_BATCH_SCALE_MAX. */
const BATCH_SCALE_MAX: u32 = 5;

/** One chunk at the tail of its free list: the state before. */
export function engineFreeChunk(e: usize, page: u32, order: u32): void {
  setOrder(e, page, order);
  push(e, LIST_BUDDY + order, page, AT_TAIL);
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
    engineFreeChunk(e, page, ENGINE_MAX_ORDER);
  return true;
}

/** The first chunk and the one behind it, which unlinking touches, must be there. */
function materialiseAhead(e: usize, wanted: i32): void {
  if (wanted != NONE) {
    while (<u32>wanted >= load<u32>(e, ENGINE_LAZY_NEXT) << ENGINE_BLOCK_SHIFT) if (!materialiseNext(e)) break;
    return;
  }
  for (;;) {
    const first = firstOf(e, LIST_BUDDY + ENGINE_MAX_ORDER);
    if (first != NONE && nextOf(e, first) != NONE) return;
    if (!materialiseNext(e)) return;
  }
}

/** A page on the pcp list, at its tail: the state before. */
export function engineHoldPcp(e: usize, page: u32): void {
  push(e, LIST_PCP, page, AT_TAIL);
}

/** A page that the recording says is free although the model thought otherwise. */
function claim(e: usize, page: u32): void {
  surprise(e);
  unlink(e, page);
  setFlags(e, page, 0);
  setMapcount(e, page, 0);
}

/**
 * rmqueue_bulk, one page: out of the buddy lists to the tail of the pcp list.
 *
 * @param wanted the page, or NONE for the first of the smallest chunk
 * @return the page; NONE when nothing is free
 */
export function engineRefill(e: usize, wanted: i32, order: u32): i32 {
  if (load<u32>(e, ENGINE_LAZY_NEXT) < load<u32>(e, ENGINE_LAZY_END)) materialiseAhead(e, wanted);
  let chunk = NONE;
  let chunkOrder = order;
  for (; chunkOrder <= <u32>ENGINE_MAX_ORDER; chunkOrder++) {
    chunk = wanted == NONE ? firstOf(e, LIST_BUDDY + chunkOrder) : wanted & ~((1 << chunkOrder) - 1);
    if (chunk != NONE && orderOf(e, chunk) == chunkOrder) break;
  }
  const found = chunkOrder <= <u32>ENGINE_MAX_ORDER;
  if (!found && wanted == NONE) return NONE;
  const page = wanted == NONE ? chunk : wanted;
  if (found) split(e, chunk, chunkOrder, page, order);
  else claim(e, page);
  run(e, Step.refillCheck, page);
  for (let tail = 1; tail < 1 << order; tail++) run(e, Step.refillCheckTail, page + tail);
  engineAdd(e, Step.refillLink, order == 0 ? LIST_PCP : LIST_PCP_HUGE, page, AT_TAIL);
  return page;
}

/** Takes a chunk off its list and puts the halves that are not wanted on the lower ones (expand). */
function split(e: usize, chunk: u32, chunkOrder: u32, page: u32, order: u32): void {
  engineRemove(e, Step.refillRemove, chunk);
  setOrder(e, chunk, -1);
  let current = chunk;
  for (let at = <i32>chunkOrder - 1; at >= <i32>order; at--) {
    const upper = current + (1 << at);
    const rest = page < upper ? upper : current;
    setOrder(e, rest, at);
    engineAdd(e, Step.refillSplit, LIST_BUDDY + at, rest, AT_HEAD);
    if (page >= upper) current = upper;
  }
}

/** rmqueue_pcplist: the given page, or the first; refills in batches when the list is empty and none is given. */
export function engineTake(e: usize, wanted: i32): i32 {
  let page = wanted == NONE ? firstOf(e, LIST_PCP) : wanted;
  if (page == NONE) {
    const batch = load<u32>(e, ENGINE_PCP_BATCH);
    for (let i: u32 = 0; i < batch; i++) {
      if (engineRefill(e, NONE, 0) == NONE) break;
      store<u32>(e, load<u32>(e, ENGINE_PCP_COUNT) + 1, ENGINE_PCP_COUNT);
    }
    page = firstOf(e, LIST_PCP);
    if (page == NONE) return NONE;
  }
  if (listOf(e, page) != LIST_PCP) claim(e, page);
  engineRemove(e, Step.pcpTake, page);
  run(e, Step.pcpPrep, page);
  setFlags(e, page, PAGE_EXCLUSIVE);
  setMapcount(e, page, 1);
  store<u32>(e, load<u32>(e, ENGINE_FREE_FACTOR) >> 1, ENGINE_FREE_FACTOR);
  const count = load<u32>(e, ENGINE_PCP_COUNT);
  if (count > 0) store<u32>(e, count - 1, ENGINE_PCP_COUNT);
  return page;
}

/** free_unref_page_commit: to the head of the pcp list, which is drained when it is too long. */
export function engineCommit(e: usize, page: u32): void {
  engineAdd(e, Step.pcpAdd, LIST_PCP, page, AT_HEAD);
  const count = load<u32>(e, ENGINE_PCP_COUNT) + 1;
  const high = load<u32>(e, ENGINE_PCP_HIGH);
  store<u32>(e, count, ENGINE_PCP_COUNT);
  if (count < high) return;
  // nr_pcp_free: twice as many each time that pages are freed without allocations in between.
  const batch = load<u32>(e, ENGINE_PCP_BATCH);
  const most = high > batch ? high - batch : 1;
  const factor = load<u32>(e, ENGINE_FREE_FACTOR);
  let nr = batch << factor;
  if (nr < most && factor < BATCH_SCALE_MAX) store<u32>(e, factor + 1, ENGINE_FREE_FACTOR);
  nr = min<u32>(max<u32>(nr, batch), most);
  let left = count;
  for (; nr > 0 && lastOf(e, LIST_PCP) != NONE; nr--) {
    engineDrain(e, NONE, 0);
    if (left > 0) left--;
  }
  store<u32>(e, left, ENGINE_PCP_COUNT);
}

/** free_pcppages_bulk, one page: the given one, or the last. */
export function engineDrain(e: usize, wanted: i32, order: u32): void {
  const list = order == 0 ? LIST_PCP : LIST_PCP_HUGE;
  const page = wanted == NONE ? lastOf(e, list) : wanted;
  if (page == NONE) return;
  if (listOf(e, page) != list) claim(e, page);
  engineRemove(e, Step.drainTake, page);
  engineFreeOne(e, page, order);
}

/** __free_one_page: merges with free buddies and puts the result on a free list. */
export function engineFreeOne(e: usize, start: u32, startOrder: u32): void {
  let page = start;
  let order = startOrder;
  const lists = isIsolated(e, start) ? LIST_ISOLATED : LIST_BUDDY;
  while (order < <u32>ENGINE_MAX_ORDER) {
    const buddy = page ^ (1 << order);
    if (!peek(e, page, buddy, order)) break;
    // Free pages of an isolated pageblock and of another do not become one chunk.
    if (order >= 9 && isIsolated(e, buddy) != (lists == LIST_ISOLATED)) break;
    engineRemove(e, Step.mergeRemove, buddy);
    setOrder(e, buddy, -1);
    page = page & buddy;
    order++;
  }
  run(e, Step.mergeDone, page);
  setOrder(e, page, order);
  const higher = page & ~(1 << order);
  const toTail = order < <u32>ENGINE_MAX_ORDER - 1 && peek(e, higher, higher ^ (2 << order), order + 1);
  if (toTail) engineAdd(e, Step.insertTail, lists + order, page, AT_TAIL);
  else engineAdd(e, Step.insertHead, lists + order, page, AT_HEAD);
}

function isIsolated(e: usize, page: u32): bool {
  return (flagsOf(e, page & ~511) & PAGE_ISOLATED) != 0;
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
