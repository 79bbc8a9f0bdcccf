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
  CLASS_UNCLASSIFIED,
  LEVEL_L1,
  NR_LEVELS,
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
    const stop = min(end, record + roomForAccesses(cache, state) * TOUCH_BYTES);
    if (record == stop) break;
    for (; record < stop; record += TOUCH_BYTES) {
      const pfn = load<u32>(record, TOUCH_PFN);
      const fills = <u32>load<u16>(record, TOUCH_OTHER_L2_FILLS);
      if (pfn > pfnLast || ((fills & fillMask) != 0 && record != filled)) break;
      otherFills += fills;
      instructions += load<u32>(record, TOUCH_INSTRUCTIONS);
      const distance = pfn - previousPfn;
      const isNeighbour = u32(distance == 1) | u32(distance == 0xffff_ffff);
      const owner = u32(pfn >= pfnFrom);
      const isWrite = u32(load<u8>(record, TOUCH_STORES) != 0);
      // Stream is class 0, unclassified class 3.
      const accessClass = (isNeighbour - 1) & CLASS_UNCLASSIFIED;
      const attr = (accessClass << ATTR_CLASS_SHIFT) | (owner << ATTR_OWNER_SHIFT) | isWrite;
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

/**
 * Lets in the other traffic of one record, or what is left of it, as far as the chunk has room for it and for the
 * touch behind it. REPLAY_FILLS_LEFT is then 0, or one more than what is left.
 */
function fillBefore(cache: usize, replay: usize, fills: u32, state: u64): u64 {
  const begun = load<u32>(replay, REPLAY_FILLS_LEFT);
  let left = begun ? begun - 1 : fills;
  const llcShareQ31 = load<u32>(replay, REPLAY_LLC_SHARE_Q31);
  while (left != 0 && roomForAccesses(cache, state) != 0) {
    state = fillL1(cache, llcShareQ31, state);
    left--;
  }
  store<u32>(replay, roomForAccesses(cache, state) == 0 ? left + 1 : 0, REPLAY_FILLS_LEFT);
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
