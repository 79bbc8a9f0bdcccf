// What the touches of a trace are, for a group of records at once: attr (class, owner, read or write) and set of L1.
import { count } from "../cache/cache";
import { countOther, goTo, positionOf } from "../cache/windows";
import { CACHE_EVENT_POSITION_SHIFT } from "../layout/cache";
import {
  REPLAY_ATTRS,
  REPLAY_GROUP_RECORDS,
  REPLAY_HAS_PREVIOUS,
  REPLAY_INSTRUCTIONS,
  REPLAY_L1_MASK,
  REPLAY_L1_READ_TO_WRITTEN,
  REPLAY_L1_SET_BYTES,
  REPLAY_L1_SETS,
  REPLAY_L1_TO_READ,
  REPLAY_OTHER_L2_FILLS,
  REPLAY_PFN_FROM,
  REPLAY_PFN_LAST,
  REPLAY_PFNS,
  REPLAY_PREVIOUS_PFN,
  REPLAY_SETS,
  REPLAY_TIMES,
  REPLAY_WINDOWS,
} from "../layout/replay";
import {
  ATTR_CLASS_SHIFT,
  ATTR_OWNER_SHIFT,
  CLASS_STREAM,
  CLASS_UNCLASSIFIED,
  LEVEL_L1,
  NR_ATTRS,
  NR_LEVELS,
  OWNER_HOT_ADDED,
  RW_WRITE,
  TOUCH_BYTES,
  TOUCH_INSTRUCTIONS,
  TOUCH_LOADS,
  TOUCH_OTHER_L2_FILLS,
  TOUCH_PFN,
  TOUCH_STORES,
} from "../layout/touch";
import { MAX_WINDOW_DISTANCE } from "../layout/windows";
import { add, classifyEach } from "./classifyEach";

/**
 * Writes the attrs of the records from `record` on to REPLAY_ATTRS, counts them as hits of L1 (L2 takes back those
 * that reach it), and adds up what passed between them. Takes REPLAY_GROUP_RECORDS records at most, and ends before
 * a pfn beyond the last.
 *
 * @return the first record not taken
 */
export function classify(counters: usize, replay: usize, record: usize, end: usize): usize {
  const stop = min(end, record + REPLAY_GROUP_RECORDS * TOUCH_BYTES);
  // The first record of all is its own predecessor: no neighbour.
  if (load<u32>(replay, REPLAY_HAS_PREVIOUS) == 0) {
    store<u32>(replay, load<u32>(record, TOUCH_PFN), REPLAY_PREVIOUS_PFN);
    store<u32>(replay, 1, REPLAY_HAS_PREVIOUS);
  }
  if (stop == record + REPLAY_GROUP_RECORDS * TOUCH_BYTES && classifyGroup(replay, record)) {
    countGroup(counters, replay);
    return stop;
  }
  return classifyEach(counters, replay, record, stop);
}

/** A whole group; false, and nothing done, when it holds a pfn beyond the last. */
function classifyGroup(replay: usize, record: usize): bool {
  const sets = v128.load32_splat(replay, REPLAY_L1_SETS);
  const mask = v128.load32_splat(replay, REPLAY_L1_MASK);
  const setBytes = v128.load32_splat(replay, REPLAY_L1_SET_BYTES);
  const toRead = v128.load32_splat(replay, REPLAY_L1_TO_READ);
  const readToWritten = v128.load32_splat(replay, REPLAY_L1_READ_TO_WRITTEN);
  const unclassified = v128.load(MASKS);
  const hotAdded = v128.load(MASKS, 16);
  const one = v128.load(MASKS, 32);
  const stores = v128.load(MASKS, 48);
  const longest = v128.load(MASKS, 64);
  const pfnFrom = v128.load32_splat(replay, REPLAY_PFN_FROM);
  const pfnLast = v128.load32_splat(replay, REPLAY_PFN_LAST);
  let before = v128.load32_splat(replay, REPLAY_PREVIOUS_PFN);
  let instructions = i64x2.splat(0);
  let otherFills = instructions;
  let greatest = instructions;
  const windows = <usize>load<u32>(replay, REPLAY_WINDOWS);
  let position = i32x4.splat(<i32>positionOf(windows));
  let withFills: u64 = 0;
  const end = replay + REPLAY_GROUP_RECORDS * 4;
  for (let at = replay; at < end; at += 16, record += 4 * TOUCH_BYTES) {
    // Four records are three vectors: pfn meta passed pfn, meta passed pfn meta, passed pfn meta passed.
    const a = v128.load(record);
    const b = v128.load(record, 16);
    const c = v128.load(record, 32);
    const pfns = v128.shuffle<u32>(a, v128.shuffle<u32>(b, c, 2, 2, 5, 5), 0, 3, 4, 6);
    const meta01 = v128.shuffle<u32>(a, b, 1, 1, 4, 4);
    const meta = v128.shuffle<u32>(meta01, v128.shuffle<u32>(b, c, 3, 3, 6, 6), 0, 2, 4, 6);
    const passed = v128.shuffle<u32>(v128.shuffle<u32>(a, b, 2, 2, 5, 5), c, 0, 2, 4, 7);
    greatest = i32x4.max_u(greatest, pfns);
    const distance = i32x4.abs(i32x4.sub(pfns, v128.shuffle<u32>(before, pfns, 3, 4, 5, 6)));
    before = pfns;
    const accessClass = v128.andnot(unclassified, i32x4.eq(distance, one));
    const owner = v128.and(hotAdded, i32x4.eq(i32x4.max_u(pfns, pfnFrom), pfns));
    const isRead = i32x4.eq(v128.and(meta, stores), i64x2.splat(0));
    v128.store(at, pfns, REPLAY_PFNS);
    const positions = i32x4.add(position, sums(i32x4.min_u(passed, longest)));
    position = v128.shuffle<u32>(positions, positions, 3, 3, 3, 3);
    const attrs = v128.or(v128.or(accessClass, owner), v128.andnot(one, isRead));
    v128.store(at, v128.or(attrs, i32x4.shl(positions, CACHE_EVENT_POSITION_SHIFT)), REPLAY_ATTRS);
    const set = i32x4.add(sets, i32x4.mul(v128.and(pfns, mask), setBytes));
    v128.store(at, set, REPLAY_SETS);
    v128.store(at, i32x4.add(set, i32x4.add(toRead, v128.andnot(readToWritten, isRead))), REPLAY_TIMES);
    const halves = i64x2.add(i64x2.extend_low_i32x4_u(passed), i64x2.extend_high_i32x4_u(passed));
    instructions = i64x2.add(instructions, halves);
    const fills = i32x4.shr_u(meta, 16);
    otherFills = i32x4.add(otherFills, fills);
    withFills = (withFills >> 4) | ((<u64>i32x4.bitmask(i32x4.gt_s(fills, i64x2.splat(0)))) << 60);
  }
  if (v128.any_true(i32x4.gt_u(greatest, pfnLast))) return false;
  store<u32>(replay, i32x4.extract_lane(before, 3), REPLAY_PREVIOUS_PFN);
  add(replay, REPLAY_INSTRUCTIONS, i64x2.extract_lane(instructions, 0) + i64x2.extract_lane(instructions, 1));
  const nrFills = i64x2.add(i64x2.extend_low_i32x4_u(otherFills), i64x2.extend_high_i32x4_u(otherFills));
  add(replay, REPLAY_OTHER_L2_FILLS, i64x2.extract_lane(nrFills, 0) + i64x2.extract_lane(nrFills, 1));
  goTo(windows, i32x4.extract_lane(position, 0));
  countOthers(windows, record - REPLAY_GROUP_RECORDS * TOUCH_BYTES, withFills);
  return true;
}

/** Each lane and those before it, added. */
// @ts-ignore: decorator
@inline
function sums(lanes: v128): v128 {
  const zero = i64x2.splat(0);
  const pairs = i32x4.add(lanes, v128.shuffle<u32>(zero, lanes, 0, 4, 5, 6));
  return i32x4.add(pairs, v128.shuffle<u32>(zero, pairs, 0, 1, 4, 5));
}

/** The other traffic of a group, whose records with any are the bits of `withFills`. */
function countOthers(windows: usize, group: usize, withFills: u64): void {
  for (; withFills != 0; withFills &= withFills - 1) {
    const record = group + <usize>ctz(withFills) * TOUCH_BYTES;
    countOther(windows, load<u16>(record, TOUCH_OTHER_L2_FILLS), load<u32>(record, TOUCH_INSTRUCTIONS));
  }
}

const UNCLASSIFIED: u32 = CLASS_UNCLASSIFIED << ATTR_CLASS_SHIFT;
const HOT_ADDED: u32 = OWNER_HOT_ADDED << ATTR_OWNER_SHIFT;
/** The byte of a record's second word that says how many stores. */
const STORES: u32 = 0xff << ((TOUCH_STORES - TOUCH_LOADS) << 3);

/** What `classifyGroup` compares and combines: vectors in memory, which stay in registers in its loop. */
const MASKS: usize = memory.data<u32>(
  [
    UNCLASSIFIED,
    UNCLASSIFIED,
    UNCLASSIFIED,
    UNCLASSIFIED,
    HOT_ADDED,
    HOT_ADDED,
    HOT_ADDED,
    HOT_ADDED,
    RW_WRITE,
    RW_WRITE,
    RW_WRITE,
    RW_WRITE,
    STORES,
    STORES,
    STORES,
    STORES,
    MAX_WINDOW_DISTANCE,
    MAX_WINDOW_DISTANCE,
    MAX_WINDOW_DISTANCE,
    MAX_WINDOW_DISTANCE,
  ],
  16,
);

/** Counts a group by attr: one bit per record says its class, one its owner, one its direction. */
function countGroup(counters: usize, replay: usize): void {
  let unclassified: u64 = 0;
  let hotAdded: u64 = 0;
  let writes: u64 = 0;
  for (let first: u64 = 0; first < <u64>REPLAY_GROUP_RECORDS; first += 16) {
    const at = replay + ((<usize>first) << 2) + REPLAY_ATTRS;
    const attrs = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(attrsAt(at), attrsAt(at + 16)),
      i16x8.narrow_i32x4_s(attrsAt(at + 32), attrsAt(at + 48)),
    );
    unclassified |= (<u64>i8x16.bitmask(i16x8.shl(attrs, 7 - ATTR_CLASS_SHIFT))) << first;
    hotAdded |= (<u64>i8x16.bitmask(i16x8.shl(attrs, 7 - ATTR_OWNER_SHIFT))) << first;
    writes |= (<u64>i8x16.bitmask(i16x8.shl(attrs, 7))) << first;
  }
  countOwners(counters, CLASS_UNCLASSIFIED, unclassified, hotAdded, writes);
  countOwners(counters, CLASS_STREAM, ~unclassified, hotAdded, writes);
}

/** Without the positions. */
// @ts-ignore: decorator
@inline
function attrsAt(at: usize): v128 {
  return v128.and(v128.load(at), i32x4.splat(NR_ATTRS - 1));
}

// @ts-ignore: decorator
@inline
function countOwners(counters: usize, accessClass: u32, records: u64, hotAdded: u64, writes: u64): void {
  const first = accessClass << ATTR_CLASS_SHIFT;
  countHits(counters, first, records & ~hotAdded & ~writes);
  countHits(counters, first | RW_WRITE, records & ~hotAdded & writes);
  countHits(counters, first | (OWNER_HOT_ADDED << ATTR_OWNER_SHIFT), records & hotAdded & ~writes);
  countHits(counters, first | (OWNER_HOT_ADDED << ATTR_OWNER_SHIFT) | RW_WRITE, records & hotAdded & writes);
}

// @ts-ignore: decorator
@inline
function countHits(counters: usize, attr: u32, records: u64): void {
  count(counters, attr * NR_LEVELS + LEVEL_L1, popcnt(records));
}
