// Many accesses at once, level by level. What L1 does depends on nothing below it, so a chunk of accesses goes
// through L1 first and leaves events: reads of lines that missed, and dirty victims, in the order in which they
// reach L2. L2 turns them into events for the LLC, and the LLC into misses to memory. The order that each level
// sees is that of `touch`, so the counts and the state are the same; but every loop is short, without calls, and
// its iterations overlap.

import {
  CACHE_EVENT_BYTES,
  CACHE_EVENT_FILL,
  CACHE_EVENT_LLC_HIT,
  CACHE_EVENT_WRITE_BACK,
  CACHE_EVENTS_TO_L2,
  CACHE_EVENTS_TO_LLC,
  CACHE_EVENTS_TO_MEMORY,
  CACHE_LANE_COUNTS,
  CACHE_LANES,
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_CURSOR,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_SHIFT,
  CACHE_LEVEL_WAYS,
  CACHE_SHARE_SUM,
  CACHE_SHIFT_MODULO,
} from "../layout/cache";
import { LEVEL_L1, LEVEL_L2, LEVEL_LLC, LEVEL_MEMORY, NR_LEVELS } from "../layout/touch";
import { count, levelAt } from "./cache";
import { addVictim, countWriteBacks, emit, emitFills, writeBack } from "./levelRequests";
import { DIRTY, exchange, HIT, insertEmpty, OWNER } from "./set";

/**
 * One access in L1; appends what L2 has to do at `out`. The caller counts the access as a
 * hit of L1: L2 takes back those that reach it.
 */
// @ts-ignore: decorator
@inline
export function accessL1(base: usize, mask: u32, shift: u32, ways: u32, line: u32, attr: u32, state: u64): u64 {
  const index = line & mask;
  const victim = exchange(setOf(base, index, ways), ways, ((line >> shift) << 2) | (attr & (OWNER | DIRTY)));
  if (victim == HIT) return state;
  const read = emit(state, line, attr, 1);
  // A pass finds what a pass left: victims are all dirty or all clean, and the branch is foreseen.
  return victim & DIRTY ? writeBack(read, ((victim >> 2) << shift) | index, victim) : read;
}

/**
 * Passes the events up to the end in `state` through L2 and the LLC.
 *
 * @return the end of the demand reads that missed L2, events of CACHE_EVENTS_TO_MEMORY
 */
export function passEvents(cache: usize, counters: usize, state: u64, llcShareQ31: u32): usize {
  countWriteBacks(counters, LEVEL_L1, state);
  const isL2Of16 = load<u32>(levelAt(cache, LEVEL_L2), CACHE_LEVEL_WAYS) == 16;
  const isLlcOf16 = load<u32>(levelAt(cache, LEVEL_LLC), CACHE_LEVEL_WAYS) == 16;
  const end = <usize>(<u32>state);
  const end2 = isL2Of16 ? passL2Of16(cache, counters, end, llcShareQ31) : passL2Any(cache, counters, end, llcShareQ31);
  return isLlcOf16 ? passLlcOf16(cache, counters, end2) : passLlcAny(cache, counters, end2);
}

function passL2Of16(cache: usize, counters: usize, end: usize, llcShareQ31: u32): usize {
  return passL2(cache, counters, end, llcShareQ31, 16);
}

function passL2Any(cache: usize, counters: usize, end: usize, llcShareQ31: u32): usize {
  return passL2(cache, counters, end, llcShareQ31, load<u32>(levelAt(cache, LEVEL_L2), CACHE_LEVEL_WAYS));
}

// @ts-ignore: decorator
@inline
function passL2(cache: usize, counters: usize, end: usize, llcShareQ31: u32, ways: u32): usize {
  const l2 = levelAt(cache, LEVEL_L2);
  const base = <usize>load<u32>(l2, CACHE_LEVEL_BASE);
  const mask = load<u32>(l2, CACHE_LEVEL_MASK);
  const shift = load<u32>(l2, CACHE_LEVEL_SHIFT);
  let cursor = load<u32>(l2, CACHE_LEVEL_CURSOR);
  let shareSum = load<u32>(cache, CACHE_SHARE_SUM);
  let state = <u64>(cache + CACHE_EVENTS_TO_LLC);
  let event = cache + CACHE_EVENTS_TO_L2;
  while (event < end) {
    const stop = min(end, event + CACHE_LANE_COUNTS * CACHE_EVENT_BYTES);
    let demand = i64x2.splat(0);
    let hits = demand;
    for (; event < stop; event += CACHE_EVENT_BYTES) {
      const line = load<u32>(event);
      const kind = load<u32>(event, 4);
      if (kind & CACHE_EVENT_FILL) {
        let toLlc: u32 = 0;
        for (let i: u32 = 0; i < line; i++, cursor = (cursor + 1) & mask) {
          shareSum += llcShareQ31;
          toLlc += shareSum >> 31;
          shareSum &= 0x7fff_ffff;
          const victim = insertEmpty(setOf(base, cursor, ways), ways);
          if ((victim & DIRTY) == 0) continue;
          state = emitFills(state, toLlc);
          toLlc = 0;
          state = writeBack(state, ((victim >> 2) << shift) | cursor, victim);
        }
        state = emitFills(state, toLlc);
        continue;
      }
      const lane = laneOf(kind);
      demand = i8x16.sub(demand, lane);
      const index = line & mask;
      const victim = exchange(setOf(base, index, ways), ways, wordOf(line >> shift, kind));
      if (victim == HIT) {
        hits = i8x16.sub(hits, lane);
      } else {
        state = emit(state, line, kind, isDemand(kind));
        if (victim & DIRTY) state = writeBack(state, ((victim >> 2) << shift) | index, victim);
      }
    }
    // Accesses were counted as hits of L1: those that came here were not.
    moveLanes(cache, counters, demand, LEVEL_L1, LEVEL_LLC);
    moveLanes(cache, counters, hits, LEVEL_LLC, LEVEL_L2);
  }
  store<u32>(l2, cursor, CACHE_LEVEL_CURSOR);
  store<u32>(cache, shareSum, CACHE_SHARE_SUM);
  countWriteBacks(counters, LEVEL_L2, state);
  return <usize>(<u32>state);
}

function passLlcOf16(cache: usize, counters: usize, end: usize): usize {
  return passLlc(cache, counters, end, 16);
}

function passLlcAny(cache: usize, counters: usize, end: usize): usize {
  return passLlc(cache, counters, end, load<u32>(levelAt(cache, LEVEL_LLC), CACHE_LEVEL_WAYS));
}

// @ts-ignore: decorator
@inline
function passLlc(cache: usize, counters: usize, end: usize, ways: u32): usize {
  const llc = levelAt(cache, LEVEL_LLC);
  const base = <usize>load<u32>(llc, CACHE_LEVEL_BASE);
  const sets = load<u32>(llc, CACHE_LEVEL_SETS);
  const shift = load<u32>(llc, CACHE_LEVEL_SHIFT);
  const isModulo = shift == CACHE_SHIFT_MODULO;
  let cursor = load<u32>(llc, CACHE_LEVEL_CURSOR);
  let state = <u64>(cache + CACHE_EVENTS_TO_MEMORY);
  let event = cache + CACHE_EVENTS_TO_LLC;
  while (event < end) {
    const stop = min(end, event + CACHE_LANE_COUNTS * CACHE_EVENT_BYTES);
    let misses = i64x2.splat(0);
    for (; event < stop; event += CACHE_EVENT_BYTES) {
      const line = load<u32>(event);
      const kind = load<u32>(event, 4);
      if (kind & CACHE_EVENT_FILL) {
        for (let i: u32 = 0; i < line; i++) {
          const victim = insertEmpty(setOf(base, cursor, ways), ways);
          if (victim & DIRTY) state = addVictim(state, victim);
          cursor = cursor + 1 == sets ? 0 : cursor + 1;
        }
        continue;
      }
      const tag = isModulo ? line / sets : line >> shift;
      const index = isModulo ? line - tag * sets : line & (sets - 1);
      const victim = exchange(setOf(base, index, ways), ways, wordOf(tag, kind));
      if (victim == HIT) {
        state = emit(state, line, kind | CACHE_EVENT_LLC_HIT, isDemand(kind));
        continue;
      }
      misses = i8x16.sub(misses, laneOf(kind));
      state = addVictim(emit(state, line, kind, isDemand(kind)), victim);
    }
    moveLanes(cache, counters, misses, LEVEL_LLC, LEVEL_MEMORY);
  }
  store<u32>(llc, cursor, CACHE_LEVEL_CURSOR);
  countWriteBacks(counters, LEVEL_LLC, state);
  return <usize>(<u32>state);
}

const ATTRS: usize = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 16);

/** All ones in the byte of an attr; nothing for a kind that is no demand. */
// @ts-ignore: decorator
@inline
export function laneOf(kind: u32): v128 {
  return i8x16.eq(v128.load(ATTRS), i8x16.splat(<i8>kind));
}

/** Adds one count per attr, of at most CACHE_LANE_COUNTS accesses, to those of a level. */
// @ts-ignore: decorator
@inline
export function countLanes(cache: usize, counters: usize, lanes: v128, level: u32): void {
  v128.store(cache + CACHE_LANES, lanes);
  let rest = i8x16.bitmask(i8x16.ne(lanes, i8x16.splat(0)));
  for (; rest != 0; rest &= rest - 1) {
    const attr = <u32>ctz(rest);
    count(counters, attr * NR_LEVELS + level, <u64>load<u8>(cache + CACHE_LANES + attr));
  }
}

/** Moves one count per attr from one level to another. */
function moveLanes(cache: usize, counters: usize, lanes: v128, from: u32, to: u32): void {
  v128.store(cache + CACHE_LANES, lanes);
  // Few attrs at a time have any.
  let rest = i8x16.bitmask(i8x16.ne(lanes, i8x16.splat(0)));
  while (rest != 0) {
    const attr = <u32>ctz(rest);
    rest &= rest - 1;
    const amount = <u64>load<u8>(cache + CACHE_LANES + attr);
    count(counters, attr * NR_LEVELS + from, 0 - amount);
    count(counters, attr * NR_LEVELS + to, amount);
  }
}

// @ts-ignore: decorator
@inline
function setOf(base: usize, index: u32, ways: u32): usize {
  return base + <usize>(index * (((ways + 3) >> 2) << 4));
}

/** 1 for a demand read, 0 for a write-back. */
// @ts-ignore: decorator
@inline
function isDemand(kind: u32): u32 {
  return u32((kind & CACHE_EVENT_WRITE_BACK) == 0);
}

/** The word of a demand read is clean, that of a write-back dirty. */
// @ts-ignore: decorator
@inline
function wordOf(tag: u32, kind: u32): u32 {
  return (tag << 2) | (kind & OWNER) | ((kind >> 4) & DIRTY);
}
