// Recipe steps of the page engine: coalesced touches of struct pages.

import {
  ENGINE_BASE_PFN,
  ENGINE_CACHE,
  ENGINE_COUNTERS,
  ENGINE_DISTINCT,
  ENGINE_INSTRUCTIONS_Q8,
  ENGINE_LAST_CLASS,
  ENGINE_LAST_LOADS,
  ENGINE_LAST_PAGE,
  ENGINE_LAST_STORES,
  ENGINE_LOADS,
  ENGINE_ROW_RUNS,
  ENGINE_ROWS,
  ENGINE_SILENT,
  ENGINE_STEP_ROW,
  ENGINE_STORES,
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
} from "../layout/engine";
import { ROLE_NEXT, ROLE_PREV, ROLE_SUB, ROLE_TAIL1, ROLE_TAIL2, ROLE_TAIL3 } from "../layout/steps";
import { assertCount, assertPage } from "./arrival";
import { entryOf, NONE } from "./pages";
import { touchHotAdded } from "./touches";

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
    const windows = <usize>load<u32>(e, ENGINE_WINDOWS);
    const instructionsQ8 = load<u32>(e, ENGINE_INSTRUCTIONS_Q8);
    touchHotAdded(cache, <usize>load<u32>(e, ENGINE_COUNTERS), windows, pfn, accessClass, stores, instructionsQ8);
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
  if (role == ROLE_TAIL3) return self + 3;
  if (role == ROLE_SUB) return next;
  return self;
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
  touchPage(e, page, (packed >> 8) & 0xff, (packed >> 16) & 0xff, packed >> 24);
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
