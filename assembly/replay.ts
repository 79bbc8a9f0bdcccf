// Replay of recorded touches of struct pages through the cache hierarchy.
import { count, levelAt } from "./cache";
import {
  ATTR_CLASS_SHIFT,
  ATTR_OWNER_SHIFT,
  CACHE_EVENTS_TO_MEMORY,
  CACHE_EVENT_BYTES,
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_SHIFT,
  CACHE_LEVEL_WAYS,
  CLASS_STREAM,
  CLASS_UNCLASSIFIED,
  LEVEL_L1,
  NR_LEVELS,
  OWNER_BOOT,
  OWNER_HOT_ADDED,
  REPLAY_BITMAP,
  REPLAY_EVENTS_STATE,
  REPLAY_FILLS_LEFT,
  REPLAY_FIRST_TOUCHES,
  REPLAY_HAS_PREVIOUS,
  REPLAY_INSTRUCTIONS,
  REPLAY_LLC_SHARE_Q31,
  REPLAY_OTHER_L2_FILLS,
  REPLAY_OTHER_TRAFFIC,
  REPLAY_PFN_FROM,
  REPLAY_PFN_LAST,
  REPLAY_PREVIOUS_PFN,
  RW_READ,
  RW_WRITE,
  TOUCH_BYTES,
  TOUCH_INSTRUCTIONS,
  TOUCH_OTHER_L2_FILLS,
  TOUCH_PFN,
  TOUCH_STORES,
} from "./layout";
import { accessL1, eventsToL2, fillL1, passEvents, roomForAccesses } from "./levels";

/**
 * Replays one batch of records. A record is one touch: a write when it has stores. Before it, its
 * `other_l2_fills` lines of other traffic enter. A touch of the struct page right before or right after the one
 * touched before it is a stream, in either direction, as a hardware prefetcher sees it; the rest is unclassified.
 *
 * @shape `nrRecords` records of 12 bytes at `records`, of any alignment
 * @return the number of records done; fewer than `nrRecords` when the next one's pfn is beyond REPLAY_PFN_LAST
 */
export function replayBatch(cache: usize, counters: usize, replay: usize, records: usize, nrRecords: u32): u32 {
  const isL1Of8 = load<u32>(levelAt(cache, LEVEL_L1), CACHE_LEVEL_WAYS) == 8;
  const end = records + <usize>nrRecords * TOUCH_BYTES;
  let record = records;
  while (record < end) {
    const next = isL1Of8
      ? replayL1Of8(cache, counters, replay, record, end)
      : replayL1Any(cache, counters, replay, record, end);
    const endOfMisses = passEvents(cache, counters, load<u64>(replay, REPLAY_EVENTS_STATE));
    countFirstTouches(replay, cache + CACHE_EVENTS_TO_MEMORY, endOfMisses);
    record = next;
    if (record < end && load<u32>(record, TOUCH_PFN) > load<u32>(replay, REPLAY_PFN_LAST)) break;
  }
  return <u32>(record - records) / TOUCH_BYTES;
}
function replayL1Of8(cache: usize, counters: usize, replay: usize, record: usize, end: usize): usize {
  return replayL1(cache, counters, replay, record, end, 8);
}

function replayL1Any(cache: usize, counters: usize, replay: usize, record: usize, end: usize): usize {
  return replayL1(cache, counters, replay, record, end, load<u32>(levelAt(cache, LEVEL_L1), CACHE_LEVEL_WAYS));
}

/**
 * One chunk of records, and of the other traffic between them, through L1. Ends before a pfn beyond the last.
 *
 * @return the record at which the next chunk starts; the end of the events is in REPLAY_EVENTS_STATE
 */
// @ts-ignore: decorator
@inline
function replayL1(cache: usize, counters: usize, replay: usize, record: usize, end: usize, ways: u32): usize {
  const l1 = levelAt(cache, LEVEL_L1);
  const base = <usize>load<u32>(l1, CACHE_LEVEL_BASE);
  const mask = load<u32>(l1, CACHE_LEVEL_MASK);
  const shift = load<u32>(l1, CACHE_LEVEL_SHIFT);
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  const pfnLast = load<u32>(replay, REPLAY_PFN_LAST);
  const fillMask: u32 = load<u32>(replay, REPLAY_OTHER_TRAFFIC) != 0 ? 0xffff : 0;
  // The first record of all is its own predecessor: no neighbour.
  let previousPfn = load<u32>(replay, REPLAY_HAS_PREVIOUS) ? load<u32>(replay, REPLAY_PREVIOUS_PFN) : load<u32>(record);
  let instructions: u64 = 0;
  let otherFills: u64 = 0;
  let filled: usize = 0;
  let state = eventsToL2(cache);
  while (true) {
    // As many records as have room for their events.
    let stop = min(end, record + roomForAccesses(cache, state) * TOUCH_BYTES);
    if (record == stop) break;
    const classified = classify(cache, replay, record, stop, previousPfn, fillMask);
    if (classified != record) {
      let at = cache + CACHE_EVENTS_TO_MEMORY;
      for (; record < classified; record += TOUCH_BYTES, at += 4) {
        const attr = load<u32>(at);
        count(counters, attr * NR_LEVELS + LEVEL_L1, 1);
        state = accessL1(base, mask, shift, ways, load<u32>(record, TOUCH_PFN), attr, state);
      }
      previousPfn = load<u32>(record - TOUCH_BYTES, TOUCH_PFN);
      continue;
    }
    // The next group has other traffic, a pfn beyond the last, or is no whole group: record by record.
    stop = min(stop, record + GROUP_RECORDS * TOUCH_BYTES);
    for (; record < stop; record += TOUCH_BYTES) {
      const pfn = load<u32>(record, TOUCH_PFN);
      const fills = <u32>load<u16>(record, TOUCH_OTHER_L2_FILLS);
      if (pfn > pfnLast || ((fills & fillMask) != 0 && record != filled)) break;
      otherFills += fills;
      instructions += load<u32>(record, TOUCH_INSTRUCTIONS);
      const attr = attrOf(pfn, previousPfn, pfnFrom, load<u8>(record, TOUCH_STORES));
      count(counters, attr * NR_LEVELS + LEVEL_L1, 1);
      state = accessL1(base, mask, shift, ways, pfn, attr, state);
      previousPfn = pfn;
    }
    if (record == stop) continue;
    if (load<u32>(record, TOUCH_PFN) > pfnLast) break;
    state = fillBefore(cache, replay, load<u16>(record, TOUCH_OTHER_L2_FILLS), state);
    if (load<u32>(replay, REPLAY_FILLS_LEFT) == 0) filled = record;
  }
  store<u32>(replay, previousPfn, REPLAY_PREVIOUS_PFN);
  store<u32>(replay, 1, REPLAY_HAS_PREVIOUS);
  store<u64>(replay, state, REPLAY_EVENTS_STATE);
  add(replay, REPLAY_INSTRUCTIONS, instructions);
  add(replay, REPLAY_OTHER_L2_FILLS, otherFills);
  return record;
}

// @ts-ignore: decorator
@inline
function attrOf(pfn: u32, previousPfn: u32, pfnFrom: u32, stores: u32): u32 {
  const distance = pfn - previousPfn;
  const isNeighbour = distance == 1 || distance == 0xffff_ffff;
  const accessClass: u32 = isNeighbour ? CLASS_STREAM : CLASS_UNCLASSIFIED;
  const owner: u32 = pfn >= pfnFrom ? OWNER_HOT_ADDED : OWNER_BOOT;
  return (accessClass << ATTR_CLASS_SHIFT) | (owner << ATTR_OWNER_SHIFT) | (stores != 0 ? RW_WRITE : RW_READ);
}

const GROUP_RECORDS: usize = 4;

/**
 * Writes the attrs of the records from `record` on, as `attrOf` says, where the misses to memory come later, and
 * adds up what passed between them. Takes whole groups of four, and ends before the first group that holds other
 * traffic or a pfn beyond the last.
 *
 * @return the first record not taken
 */
function classify(cache: usize, replay: usize, record: usize, stop: usize, previousPfn: u32, fillMask: u32): usize {
  const pfnFrom = i32x4.splat(load<i32>(replay, REPLAY_PFN_FROM));
  const pfnLast = i32x4.splat(load<i32>(replay, REPLAY_PFN_LAST));
  const refused = i32x4.splat(<i32>(fillMask << 16));
  const unclassified = i32x4.splat(CLASS_UNCLASSIFIED << ATTR_CLASS_SHIFT);
  const hotAdded = i32x4.splat(OWNER_HOT_ADDED << ATTR_OWNER_SHIFT);
  const one = i32x4.splat(1);
  let to = cache + CACHE_EVENTS_TO_MEMORY;
  let before = i32x4.splat(<i32>previousPfn);
  let instructions = i64x2.splat(0);
  let otherFills = i32x4.splat(0);
  for (; record + GROUP_RECORDS * TOUCH_BYTES <= stop; record += GROUP_RECORDS * TOUCH_BYTES, to += 16) {
    // Four records are three vectors: pfn meta passed pfn, meta passed pfn meta, passed pfn meta passed.
    const a = v128.load(record);
    const b = v128.load(record, 16);
    const c = v128.load(record, 32);
    const pfns = v128.shuffle<u32>(v128.shuffle<u32>(a, b, 0, 3, 6, 6), c, 0, 1, 2, 5);
    const meta = v128.shuffle<u32>(v128.shuffle<u32>(a, b, 1, 4, 7, 7), c, 0, 1, 2, 6);
    const passed = v128.shuffle<u32>(v128.shuffle<u32>(a, b, 2, 5, 5, 5), c, 0, 1, 4, 7);
    if (v128.any_true(v128.or(i32x4.gt_u(pfns, pfnLast), v128.and(meta, refused)))) break;
    const distance = i32x4.sub(pfns, v128.shuffle<u32>(before, pfns, 3, 4, 5, 6));
    before = pfns;
    const isNeighbour = v128.or(i32x4.eq(distance, one), i32x4.eq(distance, i32x4.splat(-1)));
    const isRead = i32x4.eq(v128.and(meta, i32x4.splat(0xff00)), i32x4.splat(0));
    const ownerAndRw = v128.or(v128.and(hotAdded, i32x4.ge_u(pfns, pfnFrom)), v128.andnot(one, isRead));
    v128.store(to, v128.or(v128.andnot(unclassified, isNeighbour), ownerAndRw));
    const halves = i64x2.add(i64x2.extend_low_i32x4_u(passed), i64x2.extend_high_i32x4_u(passed));
    instructions = i64x2.add(instructions, halves);
    otherFills = i32x4.add(otherFills, i32x4.shr_u(meta, 16));
  }
  add(replay, REPLAY_INSTRUCTIONS, i64x2.extract_lane(instructions, 0) + i64x2.extract_lane(instructions, 1));
  const fills = i64x2.add(i64x2.extend_low_i32x4_u(otherFills), i64x2.extend_high_i32x4_u(otherFills));
  add(replay, REPLAY_OTHER_L2_FILLS, i64x2.extract_lane(fills, 0) + i64x2.extract_lane(fills, 1));
  return record;
}

/**
 * Lets in the other traffic of one record, or what is left of it, as far as the chunk has room for it and for the
 * touch behind it. REPLAY_FILLS_LEFT is then 0, or one more than what is left.
 */
function fillBefore(cache: usize, replay: usize, fills: u32, state: u64): u64 {
  const begun = load<u32>(replay, REPLAY_FILLS_LEFT);
  let left = begun ? begun - 1 : fills;
  const llcShareQ31 = load<u32>(replay, REPLAY_LLC_SHARE_Q31);
  let room = roomForAccesses(cache, state);
  while (left != 0 && room != 0) {
    const now = min(left, room);
    state = fillL1(cache, now, llcShareQ31, state);
    left -= now;
    room = roomForAccesses(cache, state);
  }
  store<u32>(replay, room == 0 ? left + 1 : 0, REPLAY_FILLS_LEFT);
  return state;
}

/** Counts the struct pages among the misses that no record touched before, by one bit per pfn. */
function countFirstTouches(replay: usize, event: usize, end: usize): void {
  const bitmap = <usize>load<u32>(replay, REPLAY_BITMAP);
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  for (; event < end; event += CACHE_EVENT_BYTES) {
    const pfn = load<u32>(event);
    const at = bitmap + (pfn >> 3);
    const seen = <u32>load<u8>(at);
    const bit = <u32>1 << (pfn & 7);
    store<u8>(at, seen | bit);
    add(replay, REPLAY_FIRST_TOUCHES + (pfn >= pfnFrom ? 8 : 0), u64((seen & bit) == 0));
  }
}

function add(base: usize, offset: usize, amount: u64): void {
  store<u64>(base + offset, load<u64>(base + offset) + amount);
}
