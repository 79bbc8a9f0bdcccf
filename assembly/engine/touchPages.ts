// Recipe steps of the page engine: coalesced touches of struct pages.

import {
  ENGINE_BASE_PFN,
  ENGINE_CACHE,
  ENGINE_COUNTERS,
  ENGINE_DISTINCT,
  ENGINE_INSTRUCTIONS_Q8,
  ENGINE_IS_LEAN,
  ENGINE_LAST_CLASS,
  ENGINE_LAST_LOADS,
  ENGINE_LAST_PAGE,
  ENGINE_LAST_STORES,
  ENGINE_LOADS,
  ENGINE_NR_PENDING,
  ENGINE_PENDING,
  ENGINE_ROW_RUNS,
  ENGINE_ROWS,
  ENGINE_SILENT,
  ENGINE_STEP_ROW,
  ENGINE_STREAM,
  ENGINE_STREAM_CAPACITY,
  ENGINE_STREAM_COUNT,
  ENGINE_TOUCH_BYTES,
  ENGINE_TOUCH_CLASS,
  ENGINE_TOUCH_LOADS,
  ENGINE_TOUCH_PFN,
  ENGINE_TOUCH_STORES,
  ENGINE_TOUCHES,
  ENGINE_WINDOWS,
  ENTRY_FLAGS,
  PAGE_SEEN,
  PENDING_BYTES,
  PENDING_TOUCHES,
} from "../layout/engine";
import { ROLE_NEXT, ROLE_PREV, ROLE_SELF, ROLE_SUB, ROLE_TAIL1 } from "../layout/steps";
import { assertCount, assertPage } from "./arrival";
import { entryOf, NONE } from "./pages";
import { hotAddedAttr, touchPending } from "./touches";

/** Hands out the touch that is still being coalesced, and lets those that wait pass the caches. */
export function engineFlush(e: usize): void {
  const page = load<i32>(e, ENGINE_LAST_PAGE);
  store<i32>(e, NONE, ENGINE_LAST_PAGE);
  handOut(e, page);
  passPending(e);
}

function passPending(e: usize): void {
  const nr = load<u32>(e, ENGINE_NR_PENDING);
  if (nr == 0) return;
  store<u32>(e, 0, ENGINE_NR_PENDING);
  touchPending(
    <usize>load<u32>(e, ENGINE_CACHE),
    <usize>load<u32>(e, ENGINE_COUNTERS),
    <usize>load<u32>(e, ENGINE_WINDOWS),
    <usize>load<u32>(e, ENGINE_PENDING),
    nr,
    load<u32>(e, ENGINE_INSTRUCTIONS_Q8),
  );
}

/** The coalesced touch of `page`: to the counts, those that wait for the caches, and the stream. */
function handOut(e: usize, page: i32): void {
  if (page == NONE) return;
  const counts = i64x2.extend_low_i32x4_u(v128.load64_zero(e + ENGINE_LAST_LOADS));
  v128.store(e, i64x2.add(v128.load(e, ENGINE_LOADS), counts), ENGINE_LOADS);
  store<u64>(e, load<u64>(e, ENGINE_TOUCHES) + 1, ENGINE_TOUCHES);
  if (load<u32>(e, ENGINE_IS_LEAN) == 0) countDistinct(e, page);
  const pfn = load<u32>(e, ENGINE_BASE_PFN) + page;
  if (load<u32>(e, ENGINE_CACHE) != 0) {
    const nr = load<u32>(e, ENGINE_NR_PENDING);
    const at = <usize>load<u32>(e, ENGINE_PENDING) + nr * PENDING_BYTES;
    const attr = hotAddedAttr(load<u32>(e, ENGINE_LAST_CLASS), load<u32>(e, ENGINE_LAST_STORES));
    store<u64>(at, ((<u64>attr) << 32) | pfn);
    store<u32>(e, nr + 1, ENGINE_NR_PENDING);
    if (nr + 1 == PENDING_TOUCHES) passPending(e);
  }
  if (load<u32>(e, ENGINE_STREAM_COUNT) < load<u32>(e, ENGINE_STREAM_CAPACITY)) intoStream(e, pfn);
}

// @ts-ignore: decorator
@inline
function countDistinct(e: usize, page: u32): void {
  const entry = entryOf(e, page);
  const flags = load<u16>(entry, ENTRY_FLAGS);
  if (flags & PAGE_SEEN) return;
  store<u16>(entry, flags | PAGE_SEEN, ENTRY_FLAGS);
  store<u64>(e, load<u64>(e, ENGINE_DISTINCT) + 1, ENGINE_DISTINCT);
}

function intoStream(e: usize, pfn: u32): void {
  const count = load<u32>(e, ENGINE_STREAM_COUNT);
  const at = <usize>load<u32>(e, ENGINE_STREAM) + count * ENGINE_TOUCH_BYTES;
  store<u32>(at, pfn, ENGINE_TOUCH_PFN);
  store<u16>(at, <u16>min<u32>(load<u32>(e, ENGINE_LAST_LOADS), 0xffff), ENGINE_TOUCH_LOADS);
  store<u16>(at, <u16>min<u32>(load<u32>(e, ENGINE_LAST_STORES), 0xffff), ENGINE_TOUCH_STORES);
  store<u32>(at, load<u32>(e, ENGINE_LAST_CLASS), ENGINE_TOUCH_CLASS);
  store<u32>(e, count + 1, ENGINE_STREAM_COUNT);
}

/** Runs the rows of one step; rows of a role that is no page are left out. */
export function run(e: usize, step: u32, self: i32, prev: i32 = NONE, next: i32 = NONE): void {
  if (load<u32>(e, ENGINE_SILENT) != 0) return;
  const steps = <usize>load<u32>(e, ENGINE_STEP_ROW) + (step << 2);
  const rows = <usize>load<u32>(e, ENGINE_ROWS);
  const end = load<u32>(steps, 4);
  for (let row = load<u32>(steps); row < end; row++) {
    const packed = load<u32>(rows + (row << 2));
    const page = roleOf(packed & 0xff, self, prev, next);
    if (page != NONE) runRow(e, row, packed, page);
  }
}

// @ts-ignore: decorator
@inline
function roleOf(role: u32, self: i32, prev: i32, next: i32): i32 {
  if (role == ROLE_SELF) return self;
  if (role == ROLE_PREV) return prev;
  if (role == ROLE_NEXT || role == ROLE_SUB) return next;
  // ROLE_TAIL1 to 3 follow one another.
  return self + 1 + <i32>(role - ROLE_TAIL1);
}

/**
 * One row of a step on one page: counts the run, then touches.
 *
 * @param packed role, loads, stores, class; a byte each
 */
// @ts-ignore: decorator
@inline
export function runRow(e: usize, row: u32, packed: u32, page: i32): void {
  const runs = <usize>load<u32>(e, ENGINE_ROW_RUNS) + (row << 3);
  store<u64>(runs, load<u64>(runs) + 1);
  const counts: u64 = ((<u64>((packed >> 16) & 0xff)) << 32) | ((packed >> 8) & 0xff);
  const last = load<i32>(e, ENGINE_LAST_PAGE);
  if (page == last) {
    store<u64>(e, load<u64>(e, ENGINE_LAST_LOADS) + counts, ENGINE_LAST_LOADS);
    return;
  }
  handOut(e, last);
  store<i32>(e, page, ENGINE_LAST_PAGE);
  store<u64>(e, counts, ENGINE_LAST_LOADS);
  store<u32>(e, packed >> 24, ENGINE_LAST_CLASS);
}

/** A step on each page from head + `from` to before head + `to`. */
export function engineRunTails(e: usize, step: u32, head: u32, from: u32, to: u32): void {
  assertCount(e, head + to);
  for (let tail = from; tail < to; tail++) run(e, step, head, NONE, head + tail);
}

/** One step on a page, for drivers. */
export function engineRun(e: usize, step: u32, self: i32, prev: i32, next: i32): void {
  if (self != NONE) assertPage(e, self);
  run(e, step, self, prev, next);
}
