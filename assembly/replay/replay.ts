// Replay of recorded touches of struct pages through the cache hierarchy.
import { levelAt } from "../cache/cache";
import { emit, eventsToL2 } from "../cache/levelRequests";
import {
  closeSets,
  enter,
  find,
  LAST_TIME,
  leastRecent,
  openSets,
  readAt,
  twiceWay,
  writtenAt,
} from "../cache/recency";
import { isNearEnd, rebase } from "../cache/windows";
import {
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_RECENCY,
  CACHE_LEVEL_WAYS,
  RECENCY_LANES,
  RECENCY_WAY_BYTES,
} from "../layout/cache";
import {
  REPLAY_ATTRS,
  REPLAY_GROUP_RECORDS,
  REPLAY_L1_MASK,
  REPLAY_L1_READ_TO_WRITTEN,
  REPLAY_L1_SET_BYTES,
  REPLAY_L1_SETS,
  REPLAY_L1_TO_READ,
  REPLAY_OTHER_TRAFFIC,
  REPLAY_PFN_FROM,
  REPLAY_PFN_LAST,
  REPLAY_PFNS,
  REPLAY_SETS,
  REPLAY_TIME,
  REPLAY_TIMES,
  REPLAY_WINDOWS,
} from "../layout/replay";
import { LEVEL_L1, RW_WRITE, TOUCH_BYTES } from "../layout/touch";
import { MAX_WINDOW_DISTANCE } from "../layout/windows";
import { classify } from "./classify";
import { fillsOf, letIn, nextFill } from "./otherTraffic";
import { flush, leave, renew, room } from "./replayChunk";

/**
 * Replays one batch of records. A record is one touch: a write when it has stores. Before it, its
 * `other_l2_fills` lines of other traffic enter. A touch of the struct page right before or right after the one
 * touched before it is a stream, in either direction, as a hardware prefetcher sees it; the rest is unclassified.
 *
 * @shape `nrRecords` records of 12 bytes at `records`, of any alignment
 * @return the number of records done; fewer than `nrRecords` when the next one's pfn is beyond REPLAY_PFN_LAST
 */
export function replayBatch(cache: usize, counters: usize, replay: usize, records: usize, nrRecords: u32): u32 {
  assert((cache & 15) == 0 && (counters & 7) == 0 && (replay & 7) == 0 && (records & 3) == 0, "unaligned");
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
function replayRecords(cache: usize, counters: usize, replay: usize, record: usize, end: usize, lanes: u32): usize {
  const l1 = levelAt(cache, LEVEL_L1);
  const sets = <usize>load<u32>(l1, CACHE_LEVEL_RECENCY);
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  const isOther = load<u32>(replay, REPLAY_OTHER_TRAFFIC) != 0;
  describeSets(l1, replay, lanes);
  const windows = <usize>load<u32>(replay, REPLAY_WINDOWS);
  let time = openSets(l1, sets, lanes);
  let state = eventsToL2(cache);
  while (record < end) {
    if (time > LAST_TIME - REPLAY_GROUP_RECORDS) time = renew(l1, sets, lanes, pfnFrom);
    if (room(cache, replay, state) < 2 * REPLAY_GROUP_RECORDS) state = flush(cache, counters, replay, state);
    if (isNearEnd(windows, REPLAY_GROUP_RECORDS * MAX_WINDOW_DISTANCE)) {
      state = flush(cache, counters, replay, state);
      rebase(windows);
    }
    const stop = classify(counters, replay, record, end);
    if (stop == record) break;
    const stopAt = replay + ((<usize>(stop - record) / TOUCH_BYTES) << 2);
    readAhead(stop, end);
    let fillAt = isOther ? nextFill(replay, record, replay, stopAt) : stopAt;
    let at = replay;
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
      // Other traffic comes before the next touch.
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

/** Says where the sets of L1 are, for `classify`. */
function describeSets(l1: usize, replay: usize, lanes: u32): void {
  store<u32>(replay, load<u32>(l1, CACHE_LEVEL_RECENCY), REPLAY_L1_SETS);
  store<u32>(replay, load<u32>(l1, CACHE_LEVEL_MASK), REPLAY_L1_MASK);
  store<u32>(replay, lanes * RECENCY_WAY_BYTES, REPLAY_L1_SET_BYTES);
  store<u32>(replay, <u32>readAt(0, lanes), REPLAY_L1_TO_READ);
  store<u32>(replay, <u32>(writtenAt(0, lanes) - readAt(0, lanes)), REPLAY_L1_READ_TO_WRITTEN);
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
