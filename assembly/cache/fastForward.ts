// Exact fast-forward of long passes at a fixed stride.
//
// After `period` steps a pass is at the same set of every level again, `period * stride` lines on. The hierarchy
// does not care which numbers its lines have: shifting every line that it holds, and the pass, by a multiple of all
// numbers of sets changes no hit, no victim and no count. So if the state after a period is the state before it,
// shifted, then every further period repeats the counts of this one and shifts the state again, and any number of
// periods can be skipped at once.
//
// Only the sets that the pass meets are compared and shifted. A victim could leave them if it was no line of the
// pass: `isShifted` refuses a state that holds such lines. Until then, and at both ends, the pass is stepped.

import {
  CACHE_COUNTERS_BEFORE,
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_SET_BYTES,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_WAYS,
  CACHE_SETS_BEFORE,
  CACHE_SETS_BEFORE_BYTES,
  CACHE_SKIPPED_LINES,
} from "../layout/cache";
import { NR_DEMAND, NR_WRITE_BACKS } from "../layout/counters";
import { LEVEL_L1, LEVEL_LLC } from "../layout/touch";
import { count, levelAt } from "./cache";
import { EMPTY } from "./set";

/**
 * Steps after which a pass meets the same sets again: the least common multiple over the levels. 0 when the pass is
 * too short to skip anything, wraps around line 2^32, or meets more sets than there is room to remember.
 */
export function periodOf(cache: usize, firstLine: u32, nrLines: u32, stride: u32): u32 {
  const lastLine = <i64>firstLine + <i64>(<i32>stride) * (<i64>nrLines - 1);
  if (stride == 0 || lastLine < 0 || lastLine > 0xffff_ffff) return 0;
  let period: u64 = 1;
  let bytes: u64 = 0;
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    const nrSets = setsMet(cache, level, stride);
    period = (period / greatestCommonDivisor(<u32>period, nrSets)) * nrSets;
    if (period > nrLines) return 0;
    bytes += <u64>nrSets * load<u32>(levelAt(cache, level), CACHE_LEVEL_SET_BYTES);
  }
  if (bytes > <u64>CACHE_SETS_BEFORE_BYTES) return 0;
  return <u64>linesToFill(cache, stride, <u32>period) + 3 * period <= nrLines ? <u32>period : 0;
}

/** Whole periods in which a pass puts as many lines into each set that it meets as the set has ways. */
export function linesToFill(cache: usize, stride: u32, period: u32): u32 {
  let lines: u32 = 0;
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    lines = max(lines, setsMet(cache, level, stride) * load<u32>(levelAt(cache, level), CACHE_LEVEL_WAYS));
  }
  return ((lines + period - 1) / period) * period;
}

/** Remembers the counters and the sets that a pass meets. */
export function saveState(cache: usize, counters: usize, firstLine: u32, stride: u32): void {
  memory.copy(cache + CACHE_COUNTERS_BEFORE, counters, (NR_DEMAND + NR_WRITE_BACKS) * 8);
  let to = cache + CACHE_SETS_BEFORE;
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    const setBytes = load<u32>(levelAt(cache, level), CACHE_LEVEL_SET_BYTES);
    const nrSets = setsMet(cache, level, stride);
    for (let i: u32 = 0; i < nrSets; i++, to += setBytes) {
      memory.copy(to, setMet(cache, level, firstLine, stride, i), setBytes);
    }
  }
}

/** Whether the sets that a pass meets are what `saveState` found, shifted by one period, and only hold lines of it. */
export function isShifted(cache: usize, firstLine: u32, stride: u32, period: u32): bool {
  let before = cache + CACHE_SETS_BEFORE;
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    const setBytes = load<u32>(levelAt(cache, level), CACHE_LEVEL_SET_BYTES);
    const sets = load<u32>(levelAt(cache, level), CACHE_LEVEL_SETS);
    const shift = wordShift(cache, level, stride, period, 1);
    const nrSets = setsMet(cache, level, stride);
    for (let i: u32 = 0; i < nrSets; i++, before += setBytes) {
      const set = setMet(cache, level, firstLine, stride, i);
      const index = indexMet(sets, firstLine, stride, i);
      for (let at: u32 = 0; at < setBytes; at += 4) {
        const word = load<u32>(set + at);
        const wordBefore = load<u32>(before + at);
        if (word == EMPTY && wordBefore == EMPTY) continue;
        if (word == EMPTY || wordBefore == EMPTY || word != wordBefore + shift) return false;
        if (!staysMet(cache, level, <i64>(word >> 2) * sets + index - firstLine, stride)) return false;
      }
    }
  }
  return true;
}

/** Does `times` periods at once: what `saveState` to now counted, and shifted that often. */
export function skipPeriods(cache: usize, counters: usize, firstLine: u32, stride: u32, period: u32, times: u32): void {
  for (let i: u32 = 0; i < <u32>(NR_DEMAND + NR_WRITE_BACKS); i++) {
    const before = load<u64>(cache + CACHE_COUNTERS_BEFORE + ((<usize>i) << 3));
    count(counters, i, (load<u64>(counters + ((<usize>i) << 3)) - before) * times);
  }
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    const setBytes = load<u32>(levelAt(cache, level), CACHE_LEVEL_SET_BYTES);
    const shift = wordShift(cache, level, stride, period, times);
    const nrSets = setsMet(cache, level, stride);
    for (let i: u32 = 0; i < nrSets; i++) {
      const set = setMet(cache, level, firstLine, stride, i);
      for (let at: u32 = 0; at < setBytes; at += 4) {
        const word = load<u32>(set + at);
        if (word != EMPTY) store<u32>(set + at, word + shift);
      }
    }
  }
  store<u64>(cache, load<u64>(cache, CACHE_SKIPPED_LINES) + <u64>times * period, CACHE_SKIPPED_LINES);
}

/** A line `distance` from the first of the pass is in a set that the pass meets, also in the levels below. */
function staysMet(cache: usize, level: u32, distance: i64, stride: u32): bool {
  for (let below = level + 1; below <= <u32>LEVEL_LLC; below++) {
    const sets = load<u32>(levelAt(cache, below), CACHE_LEVEL_SETS);
    if (distance % greatestCommonDivisor(magnitude(stride), sets) != 0) return false;
  }
  return true;
}

/** What `times` periods add to the words of a level: they are a whole number of rounds through its sets. */
function wordShift(cache: usize, level: u32, stride: u32, period: u32, times: u32): u32 {
  const sets = load<u32>(levelAt(cache, level), CACHE_LEVEL_SETS);
  return (<u32>((<i64>(<i32>stride) * period) / sets) * times) << 2;
}

/** How many sets of a level a pass meets. */
function setsMet(cache: usize, level: u32, stride: u32): u32 {
  const sets = load<u32>(levelAt(cache, level), CACHE_LEVEL_SETS);
  return sets / greatestCommonDivisor(magnitude(stride), sets);
}

function setMet(cache: usize, level: u32, firstLine: u32, stride: u32, step: u32): usize {
  const at = levelAt(cache, level);
  const index = indexMet(load<u32>(at, CACHE_LEVEL_SETS), firstLine, stride, step);
  return <usize>load<u32>(at, CACHE_LEVEL_BASE) + <usize>index * load<u32>(at, CACHE_LEVEL_SET_BYTES);
}

/** The set that step `step` of a pass meets. */
function indexMet(sets: u32, firstLine: u32, stride: u32, step: u32): u32 {
  const line = <i64>firstLine + <i64>(<i32>stride) * step;
  const index = line % <i64>sets;
  return <u32>(index < 0 ? index + sets : index);
}

function magnitude(stride: u32): u32 {
  return <i32>stride < 0 ? 0 - stride : stride;
}

function greatestCommonDivisor(a: u32, b: u32): u32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
