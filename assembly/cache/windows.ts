// Which misses can overlap: each L2 miss, in order of time, with the instructions before it (layout.windows.ts).
import { CACHE_EVENT_POSITION_SHIFT } from "../layout/cache";
import { ATTR_CLASS_SHIFT, ATTR_OWNER_SHIFT, CLASS_DEPENDENT, CLASS_INDEPENDENT } from "../layout/touch";
import {
  MAX_STREAM_STEP,
  MAX_WINDOW_DISTANCE,
  MISS_ADJACENT,
  MISS_DEMAND,
  MISS_DEPENDENT,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
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
  const brought = followStream(windows, pfn);
  if (isLlcHit) {
    add(windows + WINDOWS_LLC + ((owner * NR_WINDOW_BUCKETS + bucketOf(sinceL2Miss)) << 3), 1);
    return;
  }
  const kinds = windows + WINDOWS_MEMORY + ((owner * (NR_MISS_KINDS * NR_WINDOW_BUCKETS)) << 3);
  if (brought < NOT_PREFETCHED) {
    add(kinds + ((MISS_PREFETCHED * NR_WINDOW_BUCKETS + brought) << 3), 1);
    return;
  }
  const bucket = bucketOf(position - load<u32>(windows, WINDOWS_LAST_MISS));
  store<u32>(windows, position, WINDOWS_LAST_MISS);
  const kind = kindOf((attr >> ATTR_CLASS_SHIFT) & 3, brought == WITH_PAIR);
  add(kinds + ((kind * NR_WINDOW_BUCKETS + bucket) << 3), 1);
}

// @ts-ignore: decorator
@inline
function kindOf(accessClass: u32, isWithPair: bool): u32 {
  if (accessClass == CLASS_DEPENDENT) return MISS_DEPENDENT;
  if (isWithPair) return MISS_ADJACENT;
  return accessClass == CLASS_INDEPENDENT ? MISS_INDEPENDENT : MISS_DEMAND;
}

/** What may have brought a line before it was asked for: PREFETCHED_*, or one of these. */
const NOT_PREFETCHED: u32 = 2;
const WITH_PAIR: u32 = 3;

/** Takes a miss into the stream that it may continue; returns what may have brought it. */
// @ts-ignore: decorator
@inline
function followStream(windows: usize, pfn: u32): u32 {
  const page = (pfn >> STREAM_PAGE_SHIFT) + 1;
  const stream = streamOf(windows, page);
  const line: u64 = (<u64>1) << (<u64>(pfn & 63));
  let run: i32 = 1;
  let lines: u64 = 0;
  if (load<u32>(stream, STREAM_PAGE) == page) {
    run = nextRun(load<i32>(stream, STREAM_RUN), <i32>(pfn - load<u32>(stream, STREAM_PFN)));
    lines = load<u64>(stream, STREAM_LINES);
  } else {
    run = runFrom(windows, pfn, page);
    store<u32>(stream, page, STREAM_PAGE);
  }
  store<u32>(stream, pfn, STREAM_PFN);
  store<u64>(stream, lines | line, STREAM_LINES);
  store<i32>(stream, run, STREAM_RUN);
  if (abs(run) <= STREAM_TRAINING) return (lines >> <u64>((pfn & 63) ^ 1)) & 1 ? WITH_PAIR : NOT_PREFETCHED;
  return popcnt(lines | line) <= <u64>STREAM_TRAINING ? PREFETCHED_RESTART : PREFETCHED_IN_PAGE;
}

// @ts-ignore: decorator
@inline
function streamOf(windows: usize, page: u32): usize {
  return windows + WINDOWS_STREAMS + (page & (NR_STREAMS - 1)) * STREAM_BYTES;
}

/** The first line of a 4 KiB page continues a run that was trained at the near end of the page below or above it. */
// @ts-ignore: decorator
@inline
function runFrom(windows: usize, pfn: u32, page: u32): i32 {
  const line = <i32>(pfn & 63);
  if (line < MAX_STREAM_STEP) {
    const run = runInto(windows, page - 1, pfn);
    return run > STREAM_TRAINING + 1 ? run : 1;
  }
  if (line < 64 - MAX_STREAM_STEP) return 1;
  const run = runInto(windows, page + 1, pfn);
  return run < -STREAM_TRAINING - 1 ? run : 1;
}

function runInto(windows: usize, page: u32, pfn: u32): i32 {
  const stream = streamOf(windows, page);
  if (load<u32>(stream, STREAM_PAGE) != page) return 1;
  return nextRun(load<i32>(stream, STREAM_RUN), <i32>(pfn - load<u32>(stream, STREAM_PFN)));
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
  setBack(windows, load<u32>(windows, WINDOWS_POSITION));
  store<u32>(windows, 0, WINDOWS_POSITION);
}

function setBack(windows: usize, back: u32): void {
  setBackOne(windows, WINDOWS_LAST_L2_MISS, back);
  setBackOne(windows, WINDOWS_LAST_MISS, back);
}

function setBackOne(windows: usize, offset: usize, back: u32): void {
  const last = load<u32>(windows + offset);
  store<u32>(windows + offset, last > back ? last - back : 0);
}

/** The position of now, from ORIGIN on: the first miss is far from the one before. */
// @ts-ignore: decorator
@inline
export function positionOf(windows: usize): u32 {
  return load<u32>(windows, WINDOWS_POSITION) + ORIGIN;
}

/** Of an instruction, in units of 2^-8, beyond the position. */
// @ts-ignore: decorator
@inline
export function fractionOf(windows: usize): u32 {
  return load<u32>(windows, WINDOWS_FRACTION);
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

/** The same of two windows of one time: the position is kept by the first. */
export function rebaseTwo(windows: usize, others: usize): void {
  setBack(others, load<u32>(windows, WINDOWS_POSITION));
  rebase(windows);
}

/**
 * Time goes on by a mean number of instructions.
 *
 * @param instructionsQ8 in units of 2^-8
 */
// @ts-ignore: decorator
@inline
export function advance(windows: usize, instructionsQ8: u32): void {
  const fraction = load<u32>(windows, WINDOWS_FRACTION) + instructionsQ8;
  store<u32>(windows, fraction & 0xff, WINDOWS_FRACTION);
  store<u32>(windows, load<u32>(windows, WINDOWS_POSITION) + (fraction >> 8), WINDOWS_POSITION);
}
