// The page engine: coalesced touches of struct pages, recipe steps, and lists of pages. A page number counts from the
// base of the hot-added range; -1 means none (the list head, which lies in DRAM).
import { touch } from "./cache";
import {
  AT_HEAD,
  AT_TAIL,
  ENGINE_BASE_PFN,
  ENGINE_BLOCK_PAGES,
  ENGINE_BLOCK_SHIFT,
  ENGINE_BLOCK_TABLE,
  ENGINE_CACHE,
  ENGINE_COUNTERS,
  ENGINE_DISTINCT,
  ENGINE_LAST_CLASS,
  ENGINE_LAST_LOADS,
  ENGINE_LAST_PAGE,
  ENGINE_LAST_STORES,
  ENGINE_LISTS,
  ENGINE_LOADS,
  ENGINE_PAGES,
  ENGINE_POOL_BLOCKS,
  ENGINE_POOL_FULL,
  ENGINE_POOL_USED,
  ENGINE_ROWS,
  ENGINE_ROW_RUNS,
  ENGINE_SILENT,
  ENGINE_STEP_ROW,
  ENGINE_STORES,
  ENGINE_STREAM,
  ENGINE_STREAM_CAPACITY,
  ENGINE_STREAM_COUNT,
  ENGINE_SURPRISES,
  ENGINE_TOUCHES,
  ENGINE_TOUCH_BYTES,
  ENGINE_TOUCH_CLASS,
  ENGINE_TOUCH_LOADS,
  ENGINE_TOUCH_PFN,
  ENGINE_TOUCH_STORES,
  ENTRY_FLAGS,
  ENTRY_LIST,
  ENTRY_MAPCOUNT,
  ENTRY_NEXT,
  ENTRY_ORDER,
  ENTRY_PREV,
  ENTRY_SHIFT,
  LIST_NONE,
  NR_LISTS,
  PAGE_ISOLATED,
  PAGE_SEEN,
  ROLE_NEXT,
  ROLE_PREV,
  ROLE_TAIL1,
  ROLE_TAIL2,
} from "./engineLayout";
import { ATTR_CLASS_SHIFT, ATTR_OWNER_SHIFT, OWNER_HOT_ADDED, RW_READ, RW_WRITE } from "./layout";

export const NONE: i32 = -1;

/** Empties lists; the host has written the header. No page is materialised. */
export function engineInit(e: usize): void {
  memory.fill(e + ENGINE_LISTS, 0, NR_LISTS * 8);
  store<i32>(e, NONE, ENGINE_LAST_PAGE);
}

/** The entry of a page; its block is materialised when it was not. */
// @ts-ignore: decorator
@inline
export function entryOf(e: usize, page: u32): usize {
  let entries = load<u32>(<usize>load<u32>(e, ENGINE_BLOCK_TABLE) + ((page >> ENGINE_BLOCK_SHIFT) << 2));
  if (entries == 0) entries = materialise(e, page >> ENGINE_BLOCK_SHIFT);
  return <usize>entries + ((<usize>(page & (ENGINE_BLOCK_PAGES - 1))) << ENTRY_SHIFT);
}

/** Materialises the block of a page. */
export function engineTouchBlock(e: usize, page: u32): void {
  entryOf(e, page);
}

/** Gives a block its entries: of pages that are on no list. A pool that is used up is told to the host. */
function materialise(e: usize, block: u32): u32 {
  const used = load<u32>(e, ENGINE_POOL_USED);
  const isFull = used >= load<u32>(e, ENGINE_POOL_BLOCKS);
  if (isFull) store<u32>(e, 1, ENGINE_POOL_FULL);
  else store<u32>(e, used + 1, ENGINE_POOL_USED);
  const slot = isFull ? used - 1 : used;
  const entries = load<u32>(e, ENGINE_PAGES) + slot * (ENGINE_BLOCK_PAGES << ENTRY_SHIFT);
  for (let page: u32 = 0; page < <u32>ENGINE_BLOCK_PAGES; page++) {
    const entry = <usize>entries + ((<usize>page) << ENTRY_SHIFT);
    store<u64>(entry, 0, ENTRY_NEXT);
    store<u64>(entry, 0, ENTRY_LIST);
    store<u8>(entry, LIST_NONE, ENTRY_LIST);
    store<i8>(entry, -1, ENTRY_ORDER);
  }
  store<u32>(<usize>load<u32>(e, ENGINE_BLOCK_TABLE) + (block << 2), entries);
  return entries;
}

// @ts-ignore: decorator
@inline
export function flagsOf(e: usize, page: u32): u32 {
  return load<u16>(entryOf(e, page), ENTRY_FLAGS);
}

/** Sets the flags of a page but keeps that it was touched. */
export function setFlags(e: usize, page: u32, flags: u32): void {
  const entry = entryOf(e, page);
  const kept = load<u16>(entry, ENTRY_FLAGS) & (PAGE_SEEN | PAGE_ISOLATED);
  store<u16>(entry, <u16>(flags | kept), ENTRY_FLAGS);
}

// @ts-ignore: decorator
@inline
export function mapcountOf(e: usize, page: u32): u32 {
  return load<u32>(entryOf(e, page), ENTRY_MAPCOUNT);
}

export function setMapcount(e: usize, page: u32, mapcount: u32): void {
  store<u32>(entryOf(e, page), mapcount, ENTRY_MAPCOUNT);
}

export function dropMapping(e: usize, page: u32): void {
  const mapcount = mapcountOf(e, page);
  if (mapcount > 0) setMapcount(e, page, mapcount - 1);
}

export function orderOf(e: usize, page: u32): i32 {
  return load<i8>(entryOf(e, page), ENTRY_ORDER);
}

export function setOrder(e: usize, page: u32, order: i32): void {
  store<i8>(entryOf(e, page), <i8>order, ENTRY_ORDER);
}

export function surprise(e: usize): void {
  store<u32>(e, load<u32>(e, ENGINE_SURPRISES) + 1, ENGINE_SURPRISES);
}

// ---- touches --------------------------------------------------------------------------------------------

// @ts-ignore: decorator
@inline
function touchPage(e: usize, page: i32, loads: u32, stores: u32, accessClass: u32): void {
  if (page == load<i32>(e, ENGINE_LAST_PAGE)) {
    store<u32>(e, load<u32>(e, ENGINE_LAST_LOADS) + loads, ENGINE_LAST_LOADS);
    store<u32>(e, load<u32>(e, ENGINE_LAST_STORES) + stores, ENGINE_LAST_STORES);
    return;
  }
  engineFlush(e);
  store<i32>(e, page, ENGINE_LAST_PAGE);
  store<u32>(e, loads, ENGINE_LAST_LOADS);
  store<u32>(e, stores, ENGINE_LAST_STORES);
  store<u32>(e, accessClass, ENGINE_LAST_CLASS);
}

/** Hands out the touch that is still being coalesced: to the counts, the caches and the stream. */
export function engineFlush(e: usize): void {
  const page = load<i32>(e, ENGINE_LAST_PAGE);
  if (page == NONE) return;
  store<i32>(e, NONE, ENGINE_LAST_PAGE);
  const loads = load<u32>(e, ENGINE_LAST_LOADS);
  const stores = load<u32>(e, ENGINE_LAST_STORES);
  const accessClass = load<u32>(e, ENGINE_LAST_CLASS);
  add(e, ENGINE_TOUCHES, 1);
  add(e, ENGINE_LOADS, loads);
  add(e, ENGINE_STORES, stores);
  const entry = entryOf(e, page);
  const flags = load<u16>(entry, ENTRY_FLAGS);
  if ((flags & PAGE_SEEN) == 0) {
    store<u16>(entry, flags | PAGE_SEEN, ENTRY_FLAGS);
    add(e, ENGINE_DISTINCT, 1);
  }
  const pfn = load<u32>(e, ENGINE_BASE_PFN) + page;
  const cache = <usize>load<u32>(e, ENGINE_CACHE);
  if (cache != 0) {
    const rw = stores != 0 ? RW_WRITE : RW_READ;
    const attr = (accessClass << ATTR_CLASS_SHIFT) | (OWNER_HOT_ADDED << ATTR_OWNER_SHIFT) | rw;
    touch(cache, <usize>load<u32>(e, ENGINE_COUNTERS), pfn, attr);
  }
  const count = load<u32>(e, ENGINE_STREAM_COUNT);
  if (count >= load<u32>(e, ENGINE_STREAM_CAPACITY)) return;
  const at = <usize>load<u32>(e, ENGINE_STREAM) + count * ENGINE_TOUCH_BYTES;
  store<u32>(at, pfn, ENGINE_TOUCH_PFN);
  store<u16>(at, <u16>min<u32>(loads, 0xffff), ENGINE_TOUCH_LOADS);
  store<u16>(at, <u16>min<u32>(stores, 0xffff), ENGINE_TOUCH_STORES);
  store<u32>(at, accessClass, ENGINE_TOUCH_CLASS);
  store<u32>(e, count + 1, ENGINE_STREAM_COUNT);
}

// @ts-ignore: decorator
@inline
function add(e: usize, offset: usize, amount: u64): void {
  store<u64>(e + offset, load<u64>(e + offset) + amount);
}

/** Runs the rows of one step; rows of a role that is no page are left out. */
export function run(e: usize, step: u32, self: i32, prev: i32 = NONE, next: i32 = NONE): void {
  if (load<u32>(e, ENGINE_SILENT) != 0) return;
  const steps = <usize>load<u32>(e, ENGINE_STEP_ROW) + (step << 2);
  const end = load<u32>(steps, 4);
  for (let row = load<u32>(steps); row < end; row++) {
    const packed = load<u32>(<usize>load<u32>(e, ENGINE_ROWS) + (row << 2));
    const page = roleOf(packed & 0xff, self, prev, next);
    if (page != NONE) runRow(e, row, packed, page);
  }
}

// @ts-ignore: decorator
@inline
function roleOf(role: u32, self: i32, prev: i32, next: i32): i32 {
  if (role == ROLE_PREV) return prev;
  if (role == ROLE_NEXT) return next;
  if (role == ROLE_TAIL1) return self + 1;
  if (role == ROLE_TAIL2) return self + 2;
  return self;
}

// @ts-ignore: decorator
@inline
export function runRow(e: usize, row: u32, packed: u32, page: i32): void {
  const runs = <usize>load<u32>(e, ENGINE_ROW_RUNS) + (row << 3);
  store<u64>(runs, load<u64>(runs) + 1);
  touchPage(e, page, (packed >> 8) & 0xff, (packed >> 16) & 0xff, packed >> 24);
}

// ---- lists; a page is on at most one -----------------------------------------------------------------------

function listAt(e: usize, list: u32): usize {
  return e + ENGINE_LISTS + (list << 3);
}

export function firstOf(e: usize, list: u32): i32 {
  return <i32>load<u32>(listAt(e, list)) - 1;
}

export function lastOf(e: usize, list: u32): i32 {
  return <i32>load<u32>(listAt(e, list), 4) - 1;
}

export function listOf(e: usize, page: u32): u32 {
  return load<u8>(entryOf(e, page), ENTRY_LIST);
}

export function nextOf(e: usize, page: u32): i32 {
  return <i32>load<u32>(entryOf(e, page), ENTRY_NEXT) - 1;
}

export function prevOf(e: usize, page: u32): i32 {
  return <i32>load<u32>(entryOf(e, page), ENTRY_PREV) - 1;
}

export function push(e: usize, list: u32, page: u32, where: u32): void {
  const heads = listAt(e, list);
  const entry = entryOf(e, page);
  const atTail = where == AT_TAIL;
  const neighbour = load<u32>(heads, 0) != 0 ? (atTail ? load<u32>(heads, 4) : load<u32>(heads)) : 0;
  store<u8>(entry, <u8>list, ENTRY_LIST);
  store<u32>(entry, atTail ? 0 : neighbour, ENTRY_NEXT);
  store<u32>(entry, atTail ? neighbour : 0, ENTRY_PREV);
  if (neighbour == 0) {
    store<u32>(heads, page + 1);
    store<u32>(heads, page + 1, 4);
  } else if (atTail) {
    store<u32>(entryOf(e, neighbour - 1), page + 1, ENTRY_NEXT);
    store<u32>(heads, page + 1, 4);
  } else {
    store<u32>(entryOf(e, neighbour - 1), page + 1, ENTRY_PREV);
    store<u32>(heads, page + 1);
  }
}

export function unlink(e: usize, page: u32): void {
  const entry = entryOf(e, page);
  const list = <u32>load<u8>(entry, ENTRY_LIST);
  if (list == LIST_NONE) return;
  const next = load<u32>(entry, ENTRY_NEXT);
  const prev = load<u32>(entry, ENTRY_PREV);
  const heads = listAt(e, list);
  if (prev == 0) store<u32>(heads, next);
  else store<u32>(entryOf(e, prev - 1), next, ENTRY_NEXT);
  if (next == 0) store<u32>(heads, prev, 4);
  else store<u32>(entryOf(e, next - 1), prev, ENTRY_PREV);
  store<u8>(entry, LIST_NONE, ENTRY_LIST);
  store<u64>(entry, 0, ENTRY_NEXT);
}

/** list_del with the step that says who does it. */
export function engineRemove(e: usize, step: u32, page: u32): void {
  run(e, step, page, prevOf(e, page), nextOf(e, page));
  unlink(e, page);
}

/** list_add or list_add_tail with the step that says who does it. */
export function engineAdd(e: usize, step: u32, list: u32, page: u32, where: u32): void {
  if (where == AT_HEAD) run(e, step, page, NONE, firstOf(e, list));
  else run(e, step, page, lastOf(e, list), NONE);
  push(e, list, page, where);
}

/** One step on a page, for drivers. */
export function engineRun(e: usize, step: u32, self: i32, prev: i32, next: i32): void {
  run(e, step, self, prev, next);
}
