// Touches whose class is known, one at a time through the caches: the engine's own, and those it handed out before.
import { touch } from "../cache/cache";
import { advance, countMiss, positionOf } from "../cache/windows";
import { ENGINE_TOUCH_BYTES, ENGINE_TOUCH_CLASS, ENGINE_TOUCH_PFN, ENGINE_TOUCH_STORES } from "../layout/engine";
import { ATTR_CLASS_SHIFT, ATTR_OWNER_SHIFT, LEVEL_LLC, OWNER_HOT_ADDED, RW_READ, RW_WRITE } from "../layout/touch";
import { WINDOWS_BYTES } from "../layout/windows";

/**
 * One touch of a hot-added struct page.
 *
 * @param windows two regions of WINDOWS_BYTES: the pages as if at random, and in the order of their pfns
 * @param instructionsQ8 since the touch before, a mean in units of 2^-8
 */
// @ts-ignore: decorator
@inline
export function touchHotAdded(
  cache: usize,
  counters: usize,
  windows: usize,
  pfn: u32,
  accessClass: u32,
  stores: u32,
  instructionsQ8: u32,
): void {
  const rw = stores != 0 ? RW_WRITE : RW_READ;
  const attr = (accessClass << ATTR_CLASS_SHIFT) | (OWNER_HOT_ADDED << ATTR_OWNER_SHIFT) | rw;
  const level = touch(cache, counters, pfn, attr);
  advance(windows, windows + WINDOWS_BYTES, instructionsQ8);
  if (level < <u32>LEVEL_LLC) return;
  const position = positionOf(windows);
  countMiss(windows, pfn * SCATTER, attr, position, level == LEVEL_LLC);
  countMiss(windows + WINDOWS_BYTES, pfn, attr, position, level == LEVEL_LLC);
}

/** Odd: another pfn for each, and none next to the one before (2^32 / the golden ratio, Knuth's multiplicative hash). */
const SCATTER: u32 = 0x9e37_79b1;

/** @shape `nrTouches` records of ENGINE_TOUCH_BYTES at `touches` */
export function touchBatch(
  cache: usize,
  counters: usize,
  windows: usize,
  touches: usize,
  nrTouches: u32,
  instructionsQ8: u32,
): void {
  const end = touches + <usize>nrTouches * ENGINE_TOUCH_BYTES;
  for (let at = touches; at < end; at += ENGINE_TOUCH_BYTES) {
    const pfn = load<u32>(at, ENGINE_TOUCH_PFN);
    const stores = <u32>load<u16>(at, ENGINE_TOUCH_STORES);
    touchHotAdded(cache, counters, windows, pfn, load<u32>(at, ENGINE_TOUCH_CLASS), stores, instructionsQ8);
  }
}
