// Passes that repeat. Hotplug does the same passes to one block after the other, and each finds the caches as the
// last block left them, only with other line numbers. As fastForward.ts says, shifting all lines by a multiple of
// all numbers of sets changes nothing: if the whole state before a pass is the remembered one, shifted as far as
// the pass is, then the counts are the remembered ones, and the state after it is the remembered one, shifted.

import {
  CACHE_HEADER_BYTES,
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_SET_BYTES,
  CACHE_LEVEL_SETS,
  CACHE_MEMO,
  CACHE_MEMO_ENTRIES,
  CACHE_MEMO_NEXT,
  CACHE_SKIPPED_LINES,
  MEMO_AFTER,
  MEMO_ATTR,
  MEMO_BEFORE,
  MEMO_BYTES,
  MEMO_COUNTERS,
  MEMO_FIRST_LINE,
  MEMO_NR_LINES,
  MEMO_SETS_BYTES,
  MEMO_STRIDE,
} from "../layout/cache";
import { NR_DEMAND, NR_WRITE_BACKS } from "../layout/counters";
import { LEVEL_L1, LEVEL_LLC } from "../layout/touch";
import { count, levelAt } from "./cache";
import { EMPTY } from "./set";

/** Whether a pass may be remembered: a state that fits, and no wrap around line 2^32. */
export function isMemorable(cache: usize, firstLine: u32, nrLines: u32, stride: u32): bool {
  const lastLine = <i64>firstLine + <i64>(<i32>stride) * (<i64>nrLines - 1);
  return lastLine >= 0 && lastLine <= 0xffff_ffff && setsBytes(cache) <= <u32>MEMO_SETS_BYTES;
}

/** Does a pass as remembered, if one like it found the caches in the same state; false if it must be stepped. */
export function recall(cache: usize, counters: usize, firstLine: u32, nrLines: u32, stride: u32, attr: u32): bool {
  for (let i: u32 = 0; i < <u32>CACHE_MEMO_ENTRIES; i++) {
    const memo = memoAt(cache, i);
    if (load<u32>(memo, MEMO_NR_LINES) != nrLines || load<u32>(memo, MEMO_STRIDE) != stride) continue;
    if (load<u32>(memo, MEMO_ATTR) != attr) continue;
    const distance = <i64>firstLine - <i64>load<u32>(memo, MEMO_FIRST_LINE);
    if (!isWholeRounds(cache, distance) || !isState(cache, memo + MEMO_BEFORE, distance)) continue;
    for (let at: u32 = 0; at < <u32>(NR_DEMAND + NR_WRITE_BACKS); at++) {
      count(counters, at, load<u64>(memo + MEMO_COUNTERS + ((<usize>at) << 3)));
    }
    becomeState(cache, memo + MEMO_AFTER, distance);
    store<u64>(cache, load<u64>(cache, CACHE_SKIPPED_LINES) + nrLines, CACHE_SKIPPED_LINES);
    return true;
  }
  return false;
}

/** Before a pass is stepped: remembers the state and the counters. Returns the entry for `endMemo`. */
export function beginMemo(cache: usize, counters: usize, firstLine: u32, nrLines: u32, stride: u32, attr: u32): usize {
  const next = load<u32>(cache, CACHE_MEMO_NEXT);
  store<u32>(cache, (next + 1) % CACHE_MEMO_ENTRIES, CACHE_MEMO_NEXT);
  const memo = memoAt(cache, next);
  store<u32>(memo, firstLine, MEMO_FIRST_LINE);
  store<u32>(memo, nrLines, MEMO_NR_LINES);
  store<u32>(memo, stride, MEMO_STRIDE);
  store<u32>(memo, attr, MEMO_ATTR);
  memory.copy(memo + MEMO_COUNTERS, counters, (NR_DEMAND + NR_WRITE_BACKS) * 8);
  memory.copy(memo + MEMO_BEFORE, cache + CACHE_HEADER_BYTES, setsBytes(cache));
  return memo;
}

/** After the pass: what it counted, and the state that it left. */
export function endMemo(cache: usize, counters: usize, memo: usize): void {
  for (let i: usize = 0; i < <usize>(NR_DEMAND + NR_WRITE_BACKS); i++) {
    const before = memo + MEMO_COUNTERS + (i << 3);
    store<u64>(before, load<u64>(counters + (i << 3)) - load<u64>(before));
  }
  memory.copy(memo + MEMO_AFTER, cache + CACHE_HEADER_BYTES, setsBytes(cache));
}

/** Whether the caches hold a remembered state, `distance` lines on. */
function isState(cache: usize, state: usize, distance: i64): bool {
  const empty = i32x4.splat(<i32>EMPTY);
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    const shift = i32x4.splat(<i32>wordShift(cache, level, distance));
    const end = endOf(cache, level);
    for (let at = <usize>load<u32>(levelAt(cache, level), CACHE_LEVEL_BASE); at < end; at += 16, state += 16) {
      const words = v128.load(state);
      const shifted = v128.bitselect(words, i32x4.add(words, shift), i32x4.eq(words, empty));
      if (v128.any_true(v128.xor(shifted, v128.load(at)))) return false;
    }
  }
  return true;
}

/** Makes the caches hold a remembered state, `distance` lines on. */
function becomeState(cache: usize, state: usize, distance: i64): void {
  const empty = i32x4.splat(<i32>EMPTY);
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    const shift = i32x4.splat(<i32>wordShift(cache, level, distance));
    const end = endOf(cache, level);
    for (let at = <usize>load<u32>(levelAt(cache, level), CACHE_LEVEL_BASE); at < end; at += 16, state += 16) {
      const words = v128.load(state);
      v128.store(at, v128.bitselect(words, i32x4.add(words, shift), i32x4.eq(words, empty)));
    }
  }
}

function isWholeRounds(cache: usize, distance: i64): bool {
  for (let level: u32 = LEVEL_L1; level <= <u32>LEVEL_LLC; level++) {
    if (distance % <i64>load<u32>(levelAt(cache, level), CACHE_LEVEL_SETS) != 0) return false;
  }
  return true;
}

function wordShift(cache: usize, level: u32, distance: i64): u32 {
  return (<u32>(distance / <i64>load<u32>(levelAt(cache, level), CACHE_LEVEL_SETS))) << 2;
}

function endOf(cache: usize, level: u32): usize {
  const at = levelAt(cache, level);
  const bytes = load<u32>(at, CACHE_LEVEL_SETS) * load<u32>(at, CACHE_LEVEL_SET_BYTES);
  return <usize>load<u32>(at, CACHE_LEVEL_BASE) + bytes;
}

/** The sets of the three levels lie one behind the other. */
function setsBytes(cache: usize): u32 {
  return <u32>(endOf(cache, LEVEL_LLC) - (cache + CACHE_HEADER_BYTES));
}

function memoAt(cache: usize, index: u32): usize {
  return cache + CACHE_MEMO + <usize>index * MEMO_BYTES;
}
