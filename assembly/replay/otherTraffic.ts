// Other traffic of a recorded workload that enters L1 between its touches of struct pages: clean lines, each new.
import { levelAt } from "../cache/cache";
import { emitFills } from "../cache/levelRequests";
import { enterOther, isDirty, LAST_TIME, leastRecent } from "../cache/recency";
import {
  CACHE_LEVEL_CURSOR,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_RECENCY,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_WAYS,
  RECENCY_WAY_BYTES,
} from "../layout/cache";
import { REPLAY_CHUNK_FILLS, REPLAY_GROUP_RECORDS, REPLAY_PFN_FROM, REPLAY_TIME } from "../layout/replay";
import { LEVEL_L1, TOUCH_BYTES, TOUCH_OTHER_L2_FILLS } from "../layout/touch";
import { flush, leave, renew, room } from "./replayChunk";

/** Where the next touch from `at` on is that other traffic comes before. */
export function nextFill(replay: usize, record: usize, at: usize, stopAt: usize): usize {
  while (at < stopAt && fillsOf(replay, record, at) == 0) at += 4;
  return at;
}

/** The other traffic before a touch of the group that begins at `record`. */
// @ts-ignore: decorator
@inline
export function fillsOf(replay: usize, record: usize, at: usize): u32 {
  return load<u16>(record + (at - replay) * (TOUCH_BYTES >> 2), TOUCH_OTHER_L2_FILLS);
}

/** Lets in the other traffic before one touch, and leaves room for the touches of a group. */
export function letIn(cache: usize, counters: usize, replay: usize, nrFills: u32, lanes: u32, state: u64): u64 {
  const l1 = levelAt(cache, LEVEL_L1);
  const nrSets = load<u32>(l1, CACHE_LEVEL_SETS);
  // So many in a row leave nothing else in L1.
  const toL1 = min(nrFills, nrSets * load<u32>(l1, CACHE_LEVEL_WAYS));
  for (let i: u32 = 0; i < nrFills; ) {
    const free = room(cache, replay, state) - 2 * REPLAY_GROUP_RECORDS;
    if (free < FILL_EVENTS) {
      state = flush(cache, counters, replay, state);
      continue;
    }
    // Each may be an event of its own, with one for its victim.
    const now = min(<u32>(free / FILL_EVENTS), i < toL1 ? toL1 - i : nrFills - i);
    store<u32>(replay, load<u32>(replay, REPLAY_CHUNK_FILLS) + now, REPLAY_CHUNK_FILLS);
    if (i < toL1) {
      state = fillL1(l1, replay, now, lanes, state);
    } else {
      store<u32>(l1, (load<u32>(l1, CACHE_LEVEL_CURSOR) + now) & (nrSets - 1), CACHE_LEVEL_CURSOR);
      state = emitFills(state, now);
    }
    i += now;
  }
  return state;
}

/** Room that a line of other traffic may take: itself, its event, and that of the line that leaves. */
const FILL_EVENTS = 3;

/** `nrFills` lines of other traffic enter L1. */
function fillL1(l1: usize, replay: usize, nrFills: u32, lanes: u32, state: u64): u64 {
  return lanes == 8 ? fillLanes8(l1, replay, nrFills, state) : fillLanesAny(l1, replay, nrFills, lanes, state);
}

function fillLanes8(l1: usize, replay: usize, nrFills: u32, state: u64): u64 {
  return fillSets(l1, replay, nrFills, 8, state);
}

function fillLanesAny(l1: usize, replay: usize, nrFills: u32, lanes: u32, state: u64): u64 {
  return fillSets(l1, replay, nrFills, lanes, state);
}

// @ts-ignore: decorator
@inline
function fillSets(l1: usize, replay: usize, nrFills: u32, lanes: u32, state: u64): u64 {
  const sets = <usize>load<u32>(l1, CACHE_LEVEL_RECENCY);
  const mask = load<u32>(l1, CACHE_LEVEL_MASK);
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  let index = load<u32>(l1, CACHE_LEVEL_CURSOR);
  let time = load<u32>(replay, REPLAY_TIME);
  if (time + nrFills > LAST_TIME - REPLAY_GROUP_RECORDS) time = renew(l1, sets, lanes, pfnFrom);
  let clean: u32 = 0;
  for (let i: u32 = 0; i < nrFills; i++, time++, index = (index + 1) & mask) {
    const set = sets + <usize>(index * (lanes * RECENCY_WAY_BYTES));
    const oldest = leastRecent(set, lanes);
    clean++;
    if (isDirty(set, lanes, oldest)) {
      state = leave(emitFills(state, clean), set, lanes, oldest, pfnFrom);
      clean = 0;
    }
    enterOther(set, lanes, oldest, index, time);
  }
  store<u32>(replay, time, REPLAY_TIME);
  store<u32>(l1, index, CACHE_LEVEL_CURSOR);
  return emitFills(state, clean);
}
