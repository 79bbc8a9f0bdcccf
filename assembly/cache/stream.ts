// Passes that touch lines at a fixed stride: memmap init, free pass, scans, the zone-contiguous walk.

import { CACHE_LEVEL_BASE, CACHE_LEVEL_MASK, CACHE_LEVEL_SHIFT, CACHE_LEVEL_WAYS } from "../layout/cache";
import { LEVEL_L1, NR_ATTRS, NR_LEVELS } from "../layout/touch";
import { count, levelAt } from "./cache";
import { isShifted, linesToFill, periodOf, saveState, skipPeriods } from "./fastForward";
import { eventsToL2, roomForAccesses } from "./levelRequests";
import { accessL1, passEvents } from "./levels";
import { beginMemo, endMemo, isMemorable, recall } from "./rememberedPasses";

/**
 * Touches `nrLines` lines, `stride` apart, from `firstLine` on. A descending pass has the stride 2^32 - n, one that stays on a line 0.
 *
 * Long passes are fast-forwarded (fastForward.ts) and passes that repeat are remembered (memo.ts), with the same
 * counts and the same state as stepping.
 *
 * @param attr class << 2 | owner << 1 | rw, one for the whole pass
 */
export function sweep(cache: usize, counters: usize, firstLine: u32, nrLines: u32, stride: u32, attr: u32): void {
  assert((cache & 15) == 0 && (counters & 7) == 0, "unaligned");
  assert(attr < <u32>NR_ATTRS, "no such attr");
  if (nrLines < MIN_LINES) {
    sweepSteps(cache, counters, firstLine, nrLines, stride, attr);
  } else if (!isMemorable(cache, firstLine, nrLines, stride)) {
    sweepPeriods(cache, counters, firstLine, nrLines, stride, attr);
  } else if (!recall(cache, counters, firstLine, nrLines, stride, attr)) {
    const memo = beginMemo(cache, counters, firstLine, nrLines, stride, attr);
    sweepPeriods(cache, counters, firstLine, nrLines, stride, attr);
    endMemo(cache, counters, memo);
  }
}

function sweepPeriods(cache: usize, counters: usize, firstLine: u32, nrLines: u32, stride: u32, attr: u32): void {
  const period = periodOf(cache, firstLine, nrLines, stride);
  if (period == 0) {
    sweepSteps(cache, counters, firstLine, nrLines, stride, attr);
    return;
  }
  // What the caches held before is gone once every set that the pass meets has been filled as often as it has ways.
  let left = nrLines - linesToFill(cache, stride, period);
  sweepSteps(cache, counters, firstLine, nrLines - left, stride, attr);
  for (let tries = 0; tries < MAX_TRIES && left >= 2 * period; tries++) {
    saveState(cache, counters, firstLine, stride);
    sweepSteps(cache, counters, firstLine + (nrLines - left) * stride, period, stride, attr);
    left -= period;
    if (isShifted(cache, firstLine, stride, period)) {
      const times = left / period;
      skipPeriods(cache, counters, firstLine, stride, period, times);
      left -= times * period;
      break;
    }
  }
  sweepSteps(cache, counters, firstLine + (nrLines - left) * stride, left, stride, attr);
}

/** Shorter passes are stepped sooner than looked at. */
const MIN_LINES: u32 = 256;

/** Periods that are compared before a pass is taken to have none. */
const MAX_TRIES = 16;

function sweepSteps(cache: usize, counters: usize, firstLine: u32, nrLines: u32, stride: u32, attr: u32): void {
  const isL1Of8 = load<u32>(levelAt(cache, LEVEL_L1), CACHE_LEVEL_WAYS) == 8;
  let line = firstLine;
  let left = nrLines;
  while (left != 0) {
    const done = isL1Of8
      ? sweepL1Of8(cache, counters, line, left, stride, attr)
      : sweepL1Any(cache, counters, line, left, stride, attr);
    line += done * stride;
    left -= done;
  }
}

function sweepL1Of8(cache: usize, counters: usize, line: u32, nrLines: u32, stride: u32, attr: u32): u32 {
  return sweepL1(cache, counters, line, nrLines, stride, attr, 8);
}

function sweepL1Any(cache: usize, counters: usize, line: u32, nrLines: u32, stride: u32, attr: u32): u32 {
  return sweepL1(cache, counters, line, nrLines, stride, attr, load<u32>(levelAt(cache, LEVEL_L1), CACHE_LEVEL_WAYS));
}

/** One chunk of the pass; returns how many lines it took. */
// @ts-ignore: decorator
@inline
function sweepL1(cache: usize, counters: usize, firstLine: u32, nrLines: u32, stride: u32, attr: u32, ways: u32): u32 {
  const l1 = levelAt(cache, LEVEL_L1);
  const base = <usize>load<u32>(l1, CACHE_LEVEL_BASE);
  const mask = load<u32>(l1, CACHE_LEVEL_MASK);
  const shift = load<u32>(l1, CACHE_LEVEL_SHIFT);
  let state = eventsToL2(cache);
  const done = min(nrLines, roomForAccesses(cache, state));
  let line = firstLine;
  for (let i: u32 = 0; i < done; i++, line += stride) {
    state = accessL1(base, mask, shift, ways, line, attr, state);
  }
  count(counters, attr * NR_LEVELS + LEVEL_L1, done);
  passEvents(cache, counters, state, 0);
  return done;
}
