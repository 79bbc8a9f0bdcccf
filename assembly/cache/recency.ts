// L1 while recorded touches are replayed.
//
// Nearly every touch of a recording hits L1, and most hits are to a line that is not the most recent of its set. With
// the ways in order of recency (set.ts) each hit rewrites the set, and the next touch of the set has to wait for that.
// Here the ways stay where they are, and a hit only stores the time: no touch waits for one before it. The order of
// recency is in the times, and is looked for when a line has to leave.
//
//   one set:  0              4n              6n                 8n     n lanes: the ways, padded to whole vectors
//             | line u32[n] | read u16[n]   | written u16[n]   |
//
// `read` and `written` are the times of the last read and of the last write since the line came; 0 is never, so a
// line is dirty when `written` is not 0. The later of the two is when the line was used.
import {
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_SET_BYTES,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_SHIFT,
  CACHE_LEVEL_WAYS,
} from "../layout/cache";
import { DIRTY, EMPTY, OWNER } from "./set";

/** Times end here: the sets are then closed and opened again. */
export const LAST_TIME: u32 = 0xfffe;

/** The lane after the last way is never the least recent. */
const NEVER_LEAVES: u16 = 0xffff;

/**
 * Lines in the order of recency to lines with times 1 to `ways`. A way without a line gets the number of a line of
 * another set: there are at least two sets.
 *
 * @return the time of the next touch
 */
export function openSets(l1: usize, sets: usize, lanes: u32): u32 {
  const ways = load<u32>(l1, CACHE_LEVEL_WAYS);
  const shift = load<u32>(l1, CACHE_LEVEL_SHIFT);
  const nrSets = load<u32>(l1, CACHE_LEVEL_SETS);
  let from = <usize>load<u32>(l1, CACHE_LEVEL_BASE);
  let set = sets;
  for (let index: u32 = 0; index < nrSets; index++) {
    for (let way: u32 = 0; way < lanes; way++) {
      const word = way < ways ? load<u32>(from + (way << 2)) : EMPTY;
      const time: u16 = way < ways ? <u16>(ways - way) : NEVER_LEAVES;
      const isDirty = (word & DIRTY) != 0;
      store<u32>(set + (way << 2), word == EMPTY ? ~index : ((word >> 2) << shift) | index);
      store<u16>(readAt(set, lanes) + (way << 1), isDirty ? 0 : time);
      store<u16>(writtenAt(set, lanes) + (way << 1), isDirty ? time : 0);
    }
    from += load<u32>(l1, CACHE_LEVEL_SET_BYTES);
    set += lanes << 3;
  }
  return ways + 1;
}

/** Back to the order of recency. Lines from `hotAddedFrom` on are hot-added memory's. */
export function closeSets(l1: usize, sets: usize, lanes: u32, hotAddedFrom: u32): void {
  const ways = load<u32>(l1, CACHE_LEVEL_WAYS);
  const shift = load<u32>(l1, CACHE_LEVEL_SHIFT);
  const mask = load<u32>(l1, CACHE_LEVEL_MASK);
  const nrSets = load<u32>(l1, CACHE_LEVEL_SETS);
  let to = <usize>load<u32>(l1, CACHE_LEVEL_BASE);
  let set = sets;
  for (let index: u32 = 0; index < nrSets; index++) {
    for (let way: u32 = 0; way < ways; way++) {
      const position = usedAfter(set, lanes, ways, way);
      const line = load<u32>(set + (way << 2));
      const isDirty = load<u16>(writtenAt(set, lanes) + (way << 1)) != 0;
      const ownerAndDirty = (line >= hotAddedFrom ? OWNER : 0) | (isDirty ? DIRTY : 0);
      store<u32>(to + (position << 2), (line & mask) == index ? ((line >> shift) << 2) | ownerAndDirty : EMPTY);
    }
    to += load<u32>(l1, CACHE_LEVEL_SET_BYTES);
    set += lanes << 3;
  }
}

/** How many ways were used after one. */
function usedAfter(set: usize, lanes: u32, ways: u32, way: u32): u32 {
  const read = <u32>load<u16>(readAt(set, lanes) + (way << 1));
  const written = <u32>load<u16>(writtenAt(set, lanes) + (way << 1));
  const time = i16x8.splat(<i16>max(read, written));
  let later: u32 = 0;
  for (let at: u32 = 0; at < lanes << 1; at += 16) {
    later += popcnt(i16x8.bitmask(i16x8.gt_u(times8(set, lanes, at), time)));
  }
  // The lanes that never leave were "used" last.
  return later - (lanes - ways);
}

/** Where a set keeps when each of its ways was read. */
// @ts-ignore: decorator
@inline
export function readAt(set: usize, lanes: u32): usize {
  return set + (lanes << 2);
}

/** Where a set keeps when each of its ways was written; 0 is clean. */
// @ts-ignore: decorator
@inline
export function writtenAt(set: usize, lanes: u32): usize {
  return set + lanes * 6;
}

/** Where a line is in a set: not 0, and `twiceWay` says in which way; 0 when it is not there. */
// @ts-ignore: decorator
@inline
export function find(set: usize, lanes: u32, line: v128): u32 {
  if (lanes == 8) return i8x16.bitmask(equal8(set, line));
  if (lanes == 16) return i8x16.bitmask(i8x16.narrow_i16x8_s(equal8(set, line), equal8(set + 32, line)));
  return findAny(set, lanes, line);
}

/** Twice the way that `find` found. */
// @ts-ignore: decorator
@inline
export function twiceWay(found: u32, lanes: u32): u32 {
  return lanes == 8 ? <u32>ctz(found) : lanes == 16 ? (<u32>ctz(found)) << 1 : found - 2;
}

/** The same for any number of ways: twice the way, plus 2. */
function findAny(set: usize, lanes: u32, line: v128): u32 {
  for (let way: u32 = 0; way < lanes; way += 8) {
    const found = i8x16.bitmask(equal8(set + (way << 2), line));
    if (found != 0) return (way << 1) + <u32>ctz(found) + 2;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function equal8(at: usize, wanted: v128): v128 {
  return i16x8.narrow_i32x4_s(i32x4.eq(v128.load(at), wanted), i32x4.eq(v128.load(at, 16), wanted));
}

/** Twice the way that was used longest ago. */
// @ts-ignore: decorator
@inline
export function leastRecent(set: usize, lanes: u32): u32 {
  const times = times8(set, lanes, 0);
  if (lanes == 8) return <u32>ctz(i8x16.bitmask(i16x8.eq(times, least(times))));
  if (lanes == 16) {
    const more = times8(set, lanes, 16);
    const time = least(i16x8.min_u(times, more));
    return (<u32>ctz(i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.eq(times, time), i16x8.eq(more, time))))) << 1;
  }
  return leastRecentAny(set, lanes);
}

function leastRecentAny(set: usize, lanes: u32): u32 {
  let time = times8(set, lanes, 0);
  for (let at: u32 = 16; at < lanes << 1; at += 16) time = i16x8.min_u(time, times8(set, lanes, at));
  time = least(time);
  let at: u32 = 0;
  let found = 0;
  for (; found == 0; at += 16) found = i8x16.bitmask(i16x8.eq(times8(set, lanes, at), time));
  return at - 16 + <u32>ctz(found);
}

/** When eight ways were used, from byte `at` of the times on. */
// @ts-ignore: decorator
@inline
function times8(set: usize, lanes: u32, at: u32): v128 {
  return i16x8.max_u(v128.load(readAt(set, lanes) + at), v128.load(writtenAt(set, lanes) + at));
}

/** The least of eight, in all lanes. */
// @ts-ignore: decorator
@inline
function least(times: v128): v128 {
  const of4 = i16x8.min_u(times, v128.shuffle<u32>(times, times, 2, 3, 0, 1));
  const of2 = i16x8.min_u(of4, v128.shuffle<u32>(of4, of4, 1, 0, 3, 2));
  return i16x8.min_u(of2, v128.or(i32x4.shl(of2, 16), i32x4.shr_u(of2, 16)));
}

/**
 * Puts a line into a way, in whole vectors: a touch of the same set comes soon, and loading a vector that holds a word
 * just stored would wait until that word has left the processor's store buffer.
 */
// @ts-ignore: decorator
@inline
export function enter(set: usize, lanes: u32, twiceWay: u32, line: u32, rw: u32, time: u32): void {
  if (lanes <= 16) {
    const way = i32x4.splat(<i32>twiceWay);
    const lines = i32x4.splat(<i32>line);
    enterVector(set, 0, way, lines);
    enterVector(set, 16, way, lines);
    if (lanes == 16) {
      enterVector(set, 32, way, lines);
      enterVector(set, 48, way, lines);
    }
  } else {
    store<u32>(set + (twiceWay << 1), line);
  }
  store<u16>(readAt(set, lanes) + twiceWay, rw != 0 ? 0 : <u16>time);
  store<u16>(writtenAt(set, lanes) + twiceWay, rw != 0 ? <u16>time : 0);
}

/** Twice the ways of the vectors of a set. */
const TWICE_WAYS: usize = memory.data<u32>([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30], 16);

// @ts-ignore: decorator
@inline
function enterVector(set: usize, at: usize, way: v128, lines: v128): void {
  const isWay = i32x4.eq(way, v128.load(TWICE_WAYS + at));
  v128.store(set + at, v128.bitselect(lines, v128.load(set + at), isWay));
}

/** Puts other traffic into a way of set `index`: a line that nobody asks for, and clean. */
// @ts-ignore: decorator
@inline
export function enterOther(set: usize, lanes: u32, twiceWay: u32, index: u32, time: u32): void {
  store<u32>(set + (twiceWay << 1), ~index);
  store<u16>(readAt(set, lanes) + twiceWay, <u16>time);
  store<u16>(writtenAt(set, lanes) + twiceWay, 0);
}

/** The line in a way. */
// @ts-ignore: decorator
@inline
export function lineOf(set: usize, twiceWay: u32): u32 {
  return load<u32>(set + (twiceWay << 1));
}

/** Whether the line in a way was written. */
// @ts-ignore: decorator
@inline
export function isDirty(set: usize, lanes: u32, twiceWay: u32): bool {
  return load<u16>(writtenAt(set, lanes) + twiceWay) != 0;
}
