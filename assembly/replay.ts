// Replay of recorded touches of struct pages through the cache hierarchy.
import { levelAt } from "./cache";
import { classify } from "./classify";
import {
  CACHE_EVENTS_TO_MEMORY,
  CACHE_EVENT_BYTES,
  CACHE_EVENT_FILL,
  CACHE_EVENT_FILL_LLC,
  CACHE_LEVEL_CURSOR,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_RECENCY,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_WAYS,
  CACHE_SHARE_SUM,
  LEVEL_L1,
  RECENCY_LANES,
  REPLAY_ATTRS,
  REPLAY_BITMAP,
  REPLAY_FIRST_TOUCHES,
  REPLAY_GROUP_RECORDS,
  REPLAY_LLC_SHARE_Q31,
  REPLAY_PFN_FROM,
  REPLAY_OTHER_TRAFFIC,
  REPLAY_PFNS,
  REPLAY_SETS,
  REPLAY_TIME,
  REPLAY_TIMES,
  RW_WRITE,
  TOUCH_BYTES,
  TOUCH_OTHER_L2_FILLS,
} from "./layout";
import { emit, eventsToL2, passEvents, roomForAccesses, writeBack } from "./levels";
import { closeSets, enter, find, isDirty, LAST_TIME, leastRecent, lineOf, openSets, twiceWay } from "./recency";
import { DIRTY, OWNER } from "./set";

/**
 * Replays one batch of records. A record is one touch: a write when it has stores. Before it, its
 * `other_l2_fills` lines of other traffic enter. A touch of the struct page right before or right after the one
 * touched before it is a stream, in either direction, as a hardware prefetcher sees it; the rest is unclassified.
 *
 * @shape `nrRecords` records of 12 bytes at `records`, of any alignment
 * @return the number of records done; fewer than `nrRecords` when the next one's pfn is beyond REPLAY_PFN_LAST
 */
export function replayBatch(cache: usize, counters: usize, replay: usize, records: usize, nrRecords: u32): u32 {
  const ways = load<u32>(levelAt(cache, LEVEL_L1), CACHE_LEVEL_WAYS);
  const end = records + <usize>nrRecords * TOUCH_BYTES;
  const done =
    ways <= 8
      ? replayLanes8(cache, counters, replay, records, end)
      : ways <= 16
        ? replayLanes16(cache, counters, replay, records, end)
        : replayLanesAny(cache, counters, replay, records, end);
  return <u32>(done - records) / TOUCH_BYTES;
}

function replayLanes8(cache: usize, counters: usize, replay: usize, record: usize, end: usize): usize {
  return replayRecords(cache, counters, replay, record, end, 8);
}

function replayLanes16(cache: usize, counters: usize, replay: usize, record: usize, end: usize): usize {
  return replayRecords(cache, counters, replay, record, end, 16);
}

function replayLanesAny(cache: usize, counters: usize, replay: usize, record: usize, end: usize): usize {
  return replayRecords(cache, counters, replay, record, end, lanesOf(levelAt(cache, LEVEL_L1)));
}

function lanesOf(l1: usize): u32 {
  return (load<u32>(l1, CACHE_LEVEL_WAYS) + RECENCY_LANES - 1) & ~(RECENCY_LANES - 1);
}

// @ts-ignore: decorator
@inline
function replayRecords(
  cache: usize,
  counters: usize,
  replay: usize,
  record: usize,
  end: usize,
  lanes: u32,
): usize {
  const l1 = levelAt(cache, LEVEL_L1);
  const sets = <usize>load<u32>(l1, CACHE_LEVEL_RECENCY);
  const mask = load<u32>(l1, CACHE_LEVEL_MASK);
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  const isOther = load<u32>(replay, REPLAY_OTHER_TRAFFIC) != 0;
  const firstTime = load<u32>(l1, CACHE_LEVEL_WAYS) + 1;
  openSets(l1, sets, lanes);
  let time = firstTime;
  let state = eventsToL2(cache);
  while (record < end) {
    if (time > LAST_TIME - REPLAY_GROUP_RECORDS) time = renew(l1, sets, lanes, pfnFrom);
    if (roomForAccesses(cache, state) < <u32>REPLAY_GROUP_RECORDS) state = flush(cache, counters, replay, state);
    const stop = classify(counters, replay, record, end, sets, mask, lanes);
    if (stop == record) break;
    const stopAt = replay + ((<usize>(stop - record) / TOUCH_BYTES) << 2);
    let fillAt = isOther ? nextFill(replay, record, replay, stopAt) : stopAt;
    let at = replay;
    readAhead(stop, end);
    while (true) {
      // Hits without a stop: nothing here waits for anything but the lines themselves.
      for (; at < fillAt; at += 4, time++) {
        const found = find(load<u32>(at, REPLAY_SETS), lanes, v128.load32_splat(at, REPLAY_PFNS));
        if (found == 0) break;
        store<u16>(load<u32>(at, REPLAY_TIMES) + twiceWay(found, lanes), <u16>time);
      }
      if (at < fillAt) {
        const pfn = load<u32>(at, REPLAY_PFNS);
        const attr = load<u32>(at, REPLAY_ATTRS);
        const set = <usize>load<u32>(at, REPLAY_SETS);
        const oldest = leastRecent(set, lanes);
        state = leave(emit(state, pfn, attr, 1), set, lanes, oldest, pfnFrom);
        enter(set, lanes, oldest, pfn, attr & RW_WRITE, time);
        at += 4;
        time++;
        continue;
      }
      if (at == stopAt) break;
      store<u32>(replay, time, REPLAY_TIME);
      state = letIn(cache, counters, replay, fillsOf(replay, record, at), lanes, state);
      time = load<u32>(replay, REPLAY_TIME);
      fillAt = nextFill(replay, record, at + 4, stopAt);
    }
    record = stop;
  }
  flush(cache, counters, replay, state);
  closeSets(l1, sets, lanes, pfnFrom);
  return record;
}

/** Reads a little of every line of the machine that the next group lies on: they come while this group is replayed. */
// @ts-ignore: decorator
@inline
function readAhead(group: usize, end: usize): void {
  if (group + REPLAY_GROUP_RECORDS * TOUCH_BYTES > end) return;
  load<u32>(group);
  load<u32>(group, 64);
  load<u32>(group, 128);
  load<u32>(group, 192);
  load<u32>(group, 256);
  load<u32>(group, 320);
  load<u32>(group, 384);
  load<u32>(group, 448);
  load<u32>(group, 512);
  load<u32>(group, 576);
  load<u32>(group, 640);
  load<u32>(group, 704);
}

/** Where the next touch from `at` on is that other traffic comes before. */
function nextFill(replay: usize, record: usize, at: usize, stopAt: usize): usize {
  while (at < stopAt && fillsOf(replay, record, at) == 0) at += 4;
  return at;
}

/** The other traffic before a touch of the group that begins at `record`. */
// @ts-ignore: decorator
@inline
function fillsOf(replay: usize, record: usize, at: usize): u32 {
  return load<u16>(record + (at - replay) * (TOUCH_BYTES >> 2), TOUCH_OTHER_L2_FILLS);
}

/** The line of a way leaves. */
// @ts-ignore: decorator
@inline
function leave(state: u64, set: usize, lanes: u32, way: u32, pfnFrom: u32): u64 {
  const line = lineOf(set, way);
  const word = u32(isDirty(set, lanes, way)) * DIRTY + u32(line >= pfnFrom) * OWNER;
  return writeBack(state, line, word);
}

function renew(l1: usize, sets: usize, lanes: u32, pfnFrom: u32): u32 {
  closeSets(l1, sets, lanes, pfnFrom);
  openSets(l1, sets, lanes);
  return load<u32>(l1, CACHE_LEVEL_WAYS) + 1;
}

function flush(cache: usize, counters: usize, replay: usize, state: u64): u64 {
  countFirstTouches(replay, cache + CACHE_EVENTS_TO_MEMORY, passEvents(cache, counters, state));
  return eventsToL2(cache);
}

/** Lets in the other traffic of one record, and leaves room for the touches of a group. */
function letIn(cache: usize, counters: usize, replay: usize, nrFills: u32, lanes: u32, state: u64): u64 {
  const l1 = levelAt(cache, LEVEL_L1);
  const sets = <usize>load<u32>(l1, CACHE_LEVEL_RECENCY);
  const nrSets = load<u32>(l1, CACHE_LEVEL_SETS);
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  const llcShareQ31 = load<u32>(replay, REPLAY_LLC_SHARE_Q31);
  let time = load<u32>(replay, REPLAY_TIME);
  let index = load<u32>(l1, CACHE_LEVEL_CURSOR);
  let shareSum = load<u32>(cache, CACHE_SHARE_SUM);
  for (let i: u32 = 0; i < nrFills; i++) {
    if (time > LAST_TIME - REPLAY_GROUP_RECORDS) time = renew(l1, sets, lanes, pfnFrom);
    if (roomForAccesses(cache, state) <= <u32>REPLAY_GROUP_RECORDS) state = flush(cache, counters, replay, state);
    const set = sets + <usize>(index * (lanes << 3));
    const oldest = leastRecent(set, lanes);
    shareSum += llcShareQ31;
    const enters = shareSum >> 31;
    shareSum &= 0x7fff_ffff;
    state = emit(state, 0, CACHE_EVENT_FILL + enters * (CACHE_EVENT_FILL_LLC - CACHE_EVENT_FILL), 1);
    state = leave(state, set, lanes, oldest, pfnFrom);
    enter(set, lanes, oldest, ~index, 0, time);
    time++;
    index = index + 1 == nrSets ? 0 : index + 1;
  }
  store<u32>(replay, time, REPLAY_TIME);
  store<u32>(l1, index, CACHE_LEVEL_CURSOR);
  store<u32>(cache, shareSum, CACHE_SHARE_SUM);
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
    const firstTouches = replay + REPLAY_FIRST_TOUCHES + (pfn >= pfnFrom ? 8 : 0);
    store<u64>(firstTouches, load<u64>(firstTouches) + u64((seen & bit) == 0));
  }
}
