// Touches whose class is known through the caches, level by level (assembly/cache/levels.ts): the engine's own, and those
// it handed out before.
import { levelAt } from "../cache/cache";
import { eventsToL2 } from "../cache/levelRequests";
import { accessL1, countLanes, laneOf, passEvents } from "../cache/levels";
import { advance, countMiss, fractionOf, isNearEnd, positionOf, rebaseTwo } from "../cache/windows";
import {
  CACHE_EVENT_BYTES,
  CACHE_EVENT_LLC_HIT,
  CACHE_EVENT_POSITION_SHIFT,
  CACHE_EVENTS_TO_MEMORY,
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_SHIFT,
  CACHE_LEVEL_WAYS,
} from "../layout/cache";
import {
  ENGINE_TOUCH_BYTES,
  ENGINE_TOUCH_CLASS,
  ENGINE_TOUCH_PFN,
  ENGINE_TOUCH_STORES,
  PENDING_BYTES,
  PENDING_TOUCHES,
} from "../layout/engine";
import {
  ATTR_CLASS_SHIFT,
  ATTR_OWNER_SHIFT,
  LEVEL_L1,
  NR_ATTRS,
  OWNER_HOT_ADDED,
  RW_READ,
  RW_WRITE,
} from "../layout/touch";
import { WINDOWS_BYTES } from "../layout/windows";

/** class << 2 | owner << 1 | rw of a touch of a hot-added struct page. */
// @ts-ignore: decorator
@inline
export function hotAddedAttr(accessClass: u32, stores: u32): u32 {
  const rw = stores != 0 ? RW_WRITE : RW_READ;
  return (accessClass << ATTR_CLASS_SHIFT) | (OWNER_HOT_ADDED << ATTR_OWNER_SHIFT) | rw;
}

/**
 * Touches of hot-added struct pages, in order.
 *
 * @shape `nr` u64 at `pending`: pfn, and attr << 32; at most PENDING_TOUCHES
 * @param windows two regions of WINDOWS_BYTES: the pages as if at random, and in the order of their pfns
 * @param instructionsQ8 from one touch to the next, a mean in units of 2^-8
 */
export function touchPending(
  cache: usize,
  counters: usize,
  windows: usize,
  pending: usize,
  nr: u32,
  instructionsQ8: u32,
): void {
  assert(nr <= <u32>PENDING_TOUCHES, "more touches than a chunk holds");
  if (isNearEnd(windows, (nr * instructionsQ8) >> 8)) rebaseTwo(windows, windows + WINDOWS_BYTES);
  const l1 = levelAt(cache, LEVEL_L1);
  const base = <usize>load<u32>(l1, CACHE_LEVEL_BASE);
  const mask = load<u32>(l1, CACHE_LEVEL_MASK);
  const shift = load<u32>(l1, CACHE_LEVEL_SHIFT);
  const ways = load<u32>(l1, CACHE_LEVEL_WAYS);
  const from = positionOf(windows);
  const end = pending + (nr << 3);
  let state = eventsToL2(cache);
  let passedQ8 = fractionOf(windows);
  let lanes = i64x2.splat(0);
  for (let touch = pending; touch < end; touch += PENDING_BYTES) {
    passedQ8 += instructionsQ8;
    const attr = load<u32>(touch, 4);
    lanes = i8x16.sub(lanes, laneOf(attr));
    const kind = attr | ((from + (passedQ8 >> 8)) << CACHE_EVENT_POSITION_SHIFT);
    state = accessL1(base, mask, shift, ways, load<u32>(touch), kind, state);
  }
  advance(windows, nr * instructionsQ8);
  countLanes(cache, counters, lanes, LEVEL_L1);
  const misses = passEvents(cache, counters, state, 0);
  for (let event = cache + CACHE_EVENTS_TO_MEMORY; event < misses; event += CACHE_EVENT_BYTES) {
    const pfn = load<u32>(event);
    const kind = load<u32>(event, 4);
    const isLlcHit = (kind & CACHE_EVENT_LLC_HIT) != 0;
    const attr = kind & (NR_ATTRS - 1);
    const position = kind >> CACHE_EVENT_POSITION_SHIFT;
    countMiss(windows, pfn * SCATTER, attr, position, isLlcHit);
    countMiss(windows + WINDOWS_BYTES, pfn, attr, position, isLlcHit);
  }
}

/** Odd: another pfn for each, and none next to the one before (2^32 / the golden ratio, Knuth's multiplicative hash). */
const SCATTER: u32 = 0x9e37_79b1;

/**
 * @shape `nrTouches` records of ENGINE_TOUCH_BYTES at `touches`; room for PENDING_TOUCHES u64 at `pending`
 */
export function touchBatch(
  cache: usize,
  counters: usize,
  windows: usize,
  pending: usize,
  touches: usize,
  nrTouches: u32,
  instructionsQ8: u32,
): void {
  for (let from: u32 = 0; from < nrTouches; from += PENDING_TOUCHES) {
    const nr = min<u32>(PENDING_TOUCHES, nrTouches - from);
    for (let i: u32 = 0; i < nr; i++) {
      const at = touches + <usize>(from + i) * ENGINE_TOUCH_BYTES;
      const attr = hotAddedAttr(load<u32>(at, ENGINE_TOUCH_CLASS), <u32>load<u16>(at, ENGINE_TOUCH_STORES));
      store<u64>(pending + (i << 3), ((<u64>attr) << 32) | load<u32>(at, ENGINE_TOUCH_PFN));
    }
    touchPending(cache, counters, windows, pending, nr, instructionsQ8);
  }
}
