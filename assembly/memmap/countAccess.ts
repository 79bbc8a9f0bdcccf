// What a hotplug pass does to the caches: accesses are counted by kernel function, consecutive accesses to one
// struct page become one touch, and touches go to the cache hierarchy (and, when asked for, to a stream of the
// same 12-byte records that recordings have).

import { touch } from "../cache/cache";
import { sweep } from "../cache/stream";
import {
  CTX_CACHE,
  CTX_CLASS_CACHE_BYTES,
  CTX_COUNTERS,
  CTX_FUNCTIONS,
  CTX_LOADS,
  CTX_PENDING_CLASS,
  CTX_PENDING_LOADS,
  CTX_PENDING_PFN,
  CTX_PENDING_STORES,
  CTX_RECIPE,
  CTX_SAMPLE_CLASSES,
  CTX_SAMPLE_COUNTERS,
  CTX_STORES,
  CTX_STREAM,
  CTX_STREAM_CAPACITY,
  CTX_STREAM_LENGTH,
  CTX_TOUCHES,
  NO_PENDING,
} from "../layout/hotplug";
import {
  ATTR_CLASS_SHIFT,
  ATTR_OWNER_SHIFT,
  OWNER_HOT_ADDED,
  RW_READ,
  RW_WRITE,
  TOUCH_BYTES,
  TOUCH_INSTRUCTIONS,
  TOUCH_LOADS,
  TOUCH_OTHER_L2_FILLS,
  TOUCH_PFN,
  TOUCH_STORES,
} from "../layout/touch";
import { assertAccessible } from "./pageblock";

/** One page: adds the step's loads and stores; a touch only if the page before was another. */
export function access(ctx: usize, pfn: u32, step: u32, accessClass: u32): void {
  const row = recipeRow(ctx, step);
  const loads = rowLoads(row);
  const stores = rowStores(row);
  if (loads + stores == 0) return;
  assertAccessible(ctx, pfn, 1, 1);
  countFunctions(ctx, row, 1);
  if (pfn == load<u32>(ctx, CTX_PENDING_PFN)) {
    addPending(ctx, loads, stores);
    return;
  }
  flushTouch(ctx);
  setPending(ctx, pfn, loads, stores, accessClass);
}

/** `nrPages` pages from `pfn`, `stride` apart, each with the step's loads and stores. */
export function accessRange(ctx: usize, pfn: u32, nrPages: u32, stride: u32, step: u32, accessClass: u32): void {
  const row = recipeRow(ctx, step);
  const loads = rowLoads(row);
  const stores = rowStores(row);
  if (nrPages == 0 || loads + stores == 0) return;
  access(ctx, pfn, step, accessClass);
  if (nrPages == 1) return;
  assertAccessible(ctx, pfn, nrPages, stride);
  countFunctions(ctx, row, nrPages - 1);
  flushTouch(ctx);
  const nrWhole = nrPages - 2;
  flushRange(ctx, pfn + stride, nrWhole, stride, loads, stores, accessClass);
  setPending(ctx, pfn + stride * (nrPages - 1), loads, stores, accessClass);
}

/**
 * `nr` pairs (pfn, pfn + apart), `stride` from pair to pair: the contiguity walk. The two halves go to the
 * hierarchy one after the other, which counts the same: `apart` is odd, so they share no cache set.
 */
export function accessPairs(
  ctx: usize,
  pfn: u32,
  apart: u32,
  nr: u32,
  stride: u32,
  stepFirst: u32,
  stepLast: u32,
  accessClass: u32,
): void {
  if (nr == 0) return;
  if (nr == 1 || load<u32>(ctx, CTX_STREAM) != 0 || (apart & 1) == 0) {
    for (let i: u32 = 0; i < nr; i++) {
      access(ctx, pfn + i * stride, stepFirst, accessClass);
      access(ctx, pfn + i * stride + apart, stepLast, accessClass);
    }
    return;
  }
  accessRange(ctx, pfn, nr, stride, stepFirst, accessClass);
  accessRange(ctx, pfn + apart, nr, stride, stepLast, accessClass);
}

/** Ends the touch that still gathers accesses: before counters are read, and between operations. */
export function flushTouch(ctx: usize): void {
  const pfn = load<u32>(ctx, CTX_PENDING_PFN);
  if (pfn == NO_PENDING) return;
  const loads = load<u32>(ctx, CTX_PENDING_LOADS);
  const stores = load<u32>(ctx, CTX_PENDING_STORES);
  store<u32>(ctx, NO_PENDING, CTX_PENDING_PFN);
  store<u64>(ctx, load<u64>(ctx, CTX_TOUCHES) + 1, CTX_TOUCHES);
  const cache = <usize>load<u32>(ctx, CTX_CACHE);
  if (cache != 0) cacheTouch(ctx, cache, pfn, attrOf(load<u32>(ctx, CTX_PENDING_CLASS), stores));
  if (load<u32>(ctx, CTX_STREAM) != 0) writeRecord(ctx, pfn, loads, stores);
}

function flushRange(ctx: usize, pfn: u32, nrPages: u32, stride: u32, loads: u32, stores: u32, accessClass: u32): void {
  if (nrPages == 0) return;
  store<u64>(ctx, load<u64>(ctx, CTX_TOUCHES) + nrPages, CTX_TOUCHES);
  const cache = <usize>load<u32>(ctx, CTX_CACHE);
  if (cache != 0) cacheSweep(ctx, cache, pfn, nrPages, stride, attrOf(accessClass, stores));
  if (load<u32>(ctx, CTX_STREAM) == 0) return;
  for (let i: u32 = 0; i < nrPages; i++) writeRecord(ctx, pfn + i * stride, loads, stores);
}

// ---- Line classes -----------------------------------------------------------------------------
// When every level has a multiple of C sets, lines that differ modulo C never share a set on any level, and a
// victim stays in its class: the hierarchy is C hierarchies side by side, each with a C-th of the sets and of the
// lines. The passes here touch pageblock-aligned ranges line by line; what they touch singly are first and last
// pages of pageblocks, classes 0 and C - 1. All classes between see the same accesses, so one of them runs, and
// the host counts it C - 2 times. Exact, not a sample in the statistical sense.

function cacheTouch(ctx: usize, cache: usize, pfn: u32, attr: u32): void {
  const nrClasses = load<u32>(ctx, CTX_SAMPLE_CLASSES);
  if (nrClasses == 0) {
    touch(cache, load<u32>(ctx, CTX_COUNTERS), pfn, attr);
    return;
  }
  const which = classSlot(pfn, nrClasses);
  if (which == NO_SLOT) return;
  touch(classCache(ctx, cache, which), classCounters(ctx, which), pfn / nrClasses, attr);
}

function cacheSweep(ctx: usize, cache: usize, pfn: u32, nrPages: u32, stride: u32, attr: u32): void {
  const nrClasses = load<u32>(ctx, CTX_SAMPLE_CLASSES);
  if (nrClasses == 0) {
    sweep(cache, load<u32>(ctx, CTX_COUNTERS), pfn, nrPages, stride, attr);
  } else if (stride == 1) {
    sweepClass(ctx, cache, pfn, nrPages, nrClasses, FIRST_SLOT, attr);
    sweepClass(ctx, cache, pfn, nrPages, nrClasses, ORDINARY_SLOT, attr);
    sweepClass(ctx, cache, pfn, nrPages, nrClasses, LAST_SLOT, attr);
  } else {
    assert((stride & (nrClasses - 1)) == 0, "a stride across line classes");
    const which = classSlot(pfn, nrClasses);
    if (which == NO_SLOT) return;
    sweep(classCache(ctx, cache, which), classCounters(ctx, which), pfn / nrClasses, nrPages, stride / nrClasses, attr);
  }
}

const FIRST_SLOT: u32 = 0;
const ORDINARY_SLOT: u32 = 1;
const LAST_SLOT: u32 = 2;
const NO_SLOT: u32 = 3;

function classSlot(pfn: u32, nrClasses: u32): u32 {
  const lineClass = pfn & (nrClasses - 1);
  if (lineClass == 0) return FIRST_SLOT;
  if (lineClass == nrClasses - 1) return LAST_SLOT;
  return lineClass == nrClasses >> 1 ? ORDINARY_SLOT : NO_SLOT;
}

function classCache(ctx: usize, cache: usize, slot: u32): usize {
  return cache + <usize>slot * load<u32>(ctx, CTX_CLASS_CACHE_BYTES);
}

function classCounters(ctx: usize, slot: u32): usize {
  return slot == ORDINARY_SLOT ? load<u32>(ctx, CTX_SAMPLE_COUNTERS) : load<u32>(ctx, CTX_COUNTERS);
}

/** The lines of [pfn, pfn + nrPages) in the class of `slot`. */
function sweepClass(ctx: usize, cache: usize, pfn: u32, nrPages: u32, nrClasses: u32, slot: u32, attr: u32): void {
  const lineClass: u32 = slot == FIRST_SLOT ? 0 : slot == LAST_SLOT ? nrClasses - 1 : nrClasses >> 1;
  const skip = (lineClass - pfn) & (nrClasses - 1);
  if (skip >= nrPages) return;
  const nrLines = (nrPages - skip + nrClasses - 1) / nrClasses;
  sweep(classCache(ctx, cache, slot), classCounters(ctx, slot), (pfn + skip) / nrClasses, nrLines, 1, attr);
}

function writeRecord(ctx: usize, pfn: u32, loads: u32, stores: u32): void {
  const length = load<u32>(ctx, CTX_STREAM_LENGTH);
  store<u32>(ctx, length + 1, CTX_STREAM_LENGTH);
  if (length >= load<u32>(ctx, CTX_STREAM_CAPACITY)) return;
  const record = <usize>load<u32>(ctx, CTX_STREAM) + <usize>length * TOUCH_BYTES;
  store<u32>(record, pfn, TOUCH_PFN);
  store<u8>(record, <u8>min<u32>(loads, 255), TOUCH_LOADS);
  store<u8>(record, <u8>min<u32>(stores, 255), TOUCH_STORES);
  store<u16>(record, 0, TOUCH_OTHER_L2_FILLS);
  store<u32>(record, 0, TOUCH_INSTRUCTIONS);
}

function attrOf(accessClass: u32, stores: u32): u32 {
  return (accessClass << ATTR_CLASS_SHIFT) | (OWNER_HOT_ADDED << ATTR_OWNER_SHIFT) | (stores > 0 ? RW_WRITE : RW_READ);
}

function setPending(ctx: usize, pfn: u32, loads: u32, stores: u32, accessClass: u32): void {
  store<u32>(ctx, pfn, CTX_PENDING_PFN);
  store<u32>(ctx, loads, CTX_PENDING_LOADS);
  store<u32>(ctx, stores, CTX_PENDING_STORES);
  store<u32>(ctx, accessClass, CTX_PENDING_CLASS);
}

function addPending(ctx: usize, loads: u32, stores: u32): void {
  store<u32>(ctx, load<u32>(ctx, CTX_PENDING_LOADS) + loads, CTX_PENDING_LOADS);
  store<u32>(ctx, load<u32>(ctx, CTX_PENDING_STORES) + stores, CTX_PENDING_STORES);
}

/** A row: function u8, loads u8, stores u8, 0; then the same for a second function of the step. */
function recipeRow(ctx: usize, step: u32): u64 {
  return load<u64>(<usize>load<u32>(ctx, CTX_RECIPE) + ((<usize>step) << 3));
}

function rowLoads(row: u64): u32 {
  return <u32>((row >> 8) & 255) + <u32>((row >> 40) & 255);
}

function rowStores(row: u64): u32 {
  return <u32>((row >> 16) & 255) + <u32>((row >> 48) & 255);
}

function countFunctions(ctx: usize, row: u64, times: u32): void {
  countFunction(ctx, <u32>row, times);
  if (row >> 32 != 0) countFunction(ctx, <u32>(row >> 32), times);
  store<u64>(ctx, load<u64>(ctx, CTX_LOADS) + <u64>rowLoads(row) * times, CTX_LOADS);
  store<u64>(ctx, load<u64>(ctx, CTX_STORES) + <u64>rowStores(row) * times, CTX_STORES);
}

function countFunction(ctx: usize, half: u32, times: u32): void {
  const counts = <usize>load<u32>(ctx, CTX_FUNCTIONS) + ((<usize>(half & 255)) << 4);
  store<u64>(counts, load<u64>(counts) + <u64>((half >> 8) & 255) * times);
  store<u64>(counts, load<u64>(counts, 8) + <u64>((half >> 16) & 255) * times, 8);
}
