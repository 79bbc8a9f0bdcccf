// Which misses can overlap: each L2 miss, in order of time, with the instructions before it (layout.windows.ts).
import {
  ATTR_CLASS_SHIFT,
  ATTR_OWNER_SHIFT,
  CACHE_EVENT_POSITION_SHIFT,
  CLASS_DEPENDENT,
  CLASS_INDEPENDENT,
} from "../layout/layout";
import {
  MAX_STREAM_STEP,
  MAX_WINDOW_DISTANCE,
  MISS_ADJACENT,
  MISS_DEMAND,
  MISS_DEPENDENT,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
  NOT_PREFETCHED,
  NR_MISS_KINDS,
  NR_STREAMS,
  NR_WINDOW_BUCKETS,
  PREFETCHED_IN_PAGE,
  PREFETCHED_RESTART,
  STREAM_BYTES,
  STREAM_LINES,
  STREAM_PAGE,
  STREAM_PAGE_SHIFT,
  STREAM_PFN,
  STREAM_RUN,
  STREAM_TRAINING,
  WINDOWS_FRACTION,
  WINDOWS_LAST_L2_MISS,
  WINDOWS_LAST_MISS,
  WINDOWS_LAST_PFN,
  WINDOWS_LLC,
  WINDOWS_MEMORY,
  WINDOWS_OTHER,
  WINDOWS_POSITION,
  WINDOWS_STREAMS,
} from "../layout/windows";

/** A position that every distance before it is at least the longest from. */
const ORIGIN: u32 = MAX_WINDOW_DISTANCE + 1;

/** Quarter octaves: the place of the first bit, and the two bits behind it. */
// @ts-ignore: decorator
@inline
function bucketOf(distance: u32): u32 {
  const clamped = min<u32>(max<u32>(distance, 1), MAX_WINDOW_DISTANCE);
  const octave = 31 - clz(clamped);
  return (octave << 2) | (((clamped << 2) >> octave) & 3);
}

// @ts-ignore: decorator
@inline
function add(at: usize, amount: u64): void {
  store<u64>(at, load<u64>(at) + amount);
}

/**
 * One L2 miss of a struct page.
 *
 * @param attr class << 2 | owner << 1 | rw
 * @param position instructions up to the touch, ORIGIN included
 * @param isLlcHit the LLC had the line
 */
// @ts-ignore: decorator
@inline
export function countMiss(windows: usize, pfn: u32, attr: u32, position: u32, isLlcHit: bool): void {
  const owner = (attr >> ATTR_OWNER_SHIFT) & 1;
  const sinceL2Miss = position - load<u32>(windows, WINDOWS_LAST_L2_MISS);
  store<u32>(windows, position, WINDOWS_LAST_L2_MISS);
  const prefetched = followStream(windows, pfn);
  if (isLlcHit) {
    add(windows + WINDOWS_LLC + ((owner * NR_WINDOW_BUCKETS + bucketOf(sinceL2Miss)) << 3), 1);
    return;
  }
  const before = load<u32>(windows, WINDOWS_LAST_PFN);
  store<u32>(windows, pfn + 1, WINDOWS_LAST_PFN);
  const kinds = windows + WINDOWS_MEMORY + ((owner * (NR_MISS_KINDS * NR_WINDOW_BUCKETS)) << 3);
  if (prefetched != NOT_PREFETCHED) {
    add(kinds + ((MISS_PREFETCHED * NR_WINDOW_BUCKETS + prefetched) << 3), 1);
    return;
  }
  const bucket = bucketOf(position - load<u32>(windows, WINDOWS_LAST_MISS));
  store<u32>(windows, position, WINDOWS_LAST_MISS);
  const kind = kindOf((attr >> ATTR_CLASS_SHIFT) & 3, before != 0 && (pfn ^ 1) == before - 1);
  add(kinds + ((kind * NR_WINDOW_BUCKETS + bucket) << 3), 1);
}

// @ts-ignore: decorator
@inline
function kindOf(accessClass: u32, isOtherOfPair: bool): u32 {
  if (accessClass == CLASS_DEPENDENT) return MISS_DEPENDENT;
  if (isOtherOfPair) return MISS_ADJACENT;
  return accessClass == CLASS_INDEPENDENT ? MISS_INDEPENDENT : MISS_DEMAND;
}

/** Takes a miss into the stream that it may continue; returns whether the stream had fetched it, PREFETCHED_*. */
// @ts-ignore: decorator
@inline
function followStream(windows: usize, pfn: u32): u32 {
  const page = (pfn >> STREAM_PAGE_SHIFT) + 1;
  const stream = streamOf(windows, page);
  let run: i32 = 1;
  let lines: u32 = 1;
  if (load<u32>(stream, STREAM_PAGE) == page) {
    run = nextRun(load<i32>(stream, STREAM_RUN), <i32>(pfn - load<u32>(stream, STREAM_PFN)));
    lines = load<u32>(stream, STREAM_LINES) + 1;
  } else {
    run = runFrom(windows, pfn, page);
    store<u32>(stream, page, STREAM_PAGE);
  }
  store<u32>(stream, pfn, STREAM_PFN);
  store<i32>(stream, run, STREAM_RUN);
  store<u32>(stream, lines, STREAM_LINES);
  if (abs(run) <= STREAM_TRAINING) return NOT_PREFETCHED;
  return lines <= <u32>STREAM_TRAINING ? PREFETCHED_RESTART : PREFETCHED_IN_PAGE;
}

// @ts-ignore: decorator
@inline
function streamOf(windows: usize, page: u32): usize {
  return windows + WINDOWS_STREAMS + (page & (NR_STREAMS - 1)) * STREAM_BYTES;
}

/** The first line of a 4 KiB page continues the run at the near end of the page before or behind it. */
function runFrom(windows: usize, pfn: u32, page: u32): i32 {
  const below = streamOf(windows, page - 1);
  if (load<u32>(below, STREAM_PAGE) == page - 1 && load<i32>(below, STREAM_RUN) > STREAM_TRAINING) {
    const run = nextRun(load<i32>(below, STREAM_RUN), <i32>(pfn - load<u32>(below, STREAM_PFN)));
    if (run > 1) return run;
  }
  const above = streamOf(windows, page + 1);
  if (load<u32>(above, STREAM_PAGE) == page + 1 && load<i32>(above, STREAM_RUN) < -STREAM_TRAINING) {
    const run = nextRun(load<i32>(above, STREAM_RUN), <i32>(pfn - load<u32>(above, STREAM_PFN)));
    if (run < -1) return run;
  }
  return 1;
}

/** A run of lines (see STREAM_RUN) after one more, `step` lines from the last. */
// @ts-ignore: decorator
@inline
function nextRun(run: i32, step: i32): i32 {
  if (step == 0 || abs(step) > MAX_STREAM_STEP) return 1;
  if (step > 0) return run > 0 ? min(run + 1, LONG_RUN) : 2;
  return run < 0 ? max(run - 1, -LONG_RUN) : -2;
}

const LONG_RUN: i32 = 0xffff;

/** Counts the other traffic before a record by the instructions for each of its lines. */
export function countOther(windows: usize, nrFills: u32, instructions: u32): void {
  add(windows + WINDOWS_OTHER + (bucketOf(instructions / nrFills) << 3), nrFills);
}

/** Sets positions back when they come near an end; distances stay what they are, or beyond the longest. */
export function rebase(windows: usize): void {
  const back = load<u32>(windows, WINDOWS_POSITION);
  setBack(windows, WINDOWS_LAST_L2_MISS, back);
  setBack(windows, WINDOWS_LAST_MISS, back);
  store<u32>(windows, 0, WINDOWS_POSITION);
}

function setBack(windows: usize, offset: usize, back: u32): void {
  const last = load<u32>(windows + offset);
  store<u32>(windows + offset, last > back ? last - back : 0);
}

/** The position of now, from ORIGIN on: the first miss is far from the one before. */
// @ts-ignore: decorator
@inline
export function positionOf(windows: usize): u32 {
  return load<u32>(windows, WINDOWS_POSITION) + ORIGIN;
}

/** `position` is now. */
// @ts-ignore: decorator
@inline
export function goTo(windows: usize, position: u32): void {
  store<u32>(windows, position - ORIGIN, WINDOWS_POSITION);
}

/** Whether `instructions` more might be beyond what an event between levels can say. */
// @ts-ignore: decorator
@inline
export function isNearEnd(windows: usize, instructions: u32): bool {
  return positionOf(windows) > MAX_EVENT_POSITION - instructions;
}

const MAX_EVENT_POSITION: u32 = 0xffff_ffff >>> CACHE_EVENT_POSITION_SHIFT;

/** One touch of the engine later. @param instructionsQ8 a mean, in units of 2^-8 */
export function advance(windows: usize, instructionsQ8: u32): void {
  const fraction = load<u32>(windows, WINDOWS_FRACTION) + instructionsQ8;
  store<u32>(windows, fraction & 0xff, WINDOWS_FRACTION);
  store<u32>(windows, load<u32>(windows, WINDOWS_POSITION) + (fraction >> 8), WINDOWS_POSITION);
  if (load<u32>(windows, WINDOWS_POSITION) > LAST_POSITION) rebase(windows);
}

const LAST_POSITION: u32 = 0x8000_0000;
