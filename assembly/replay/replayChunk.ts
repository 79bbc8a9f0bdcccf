// A chunk of replayed touches: what L1 leaves for the levels below.
import { eventsToL2, writeBack } from "../cache/levelRequests";
import { passEvents } from "../cache/levels";
import { closeSets, isDirty, lineOf, openSets } from "../cache/recency";
import { DIRTY, OWNER } from "../cache/set";
import { countMiss } from "../cache/windows";
import {
  CACHE_CHUNK_EVENTS,
  CACHE_EVENT_BYTES,
  CACHE_EVENT_LLC_HIT,
  CACHE_EVENT_POSITION_SHIFT,
  CACHE_EVENTS_TO_MEMORY,
} from "../layout/cache";
import {
  REPLAY_BITMAP,
  REPLAY_CHUNK_FILLS,
  REPLAY_FIRST_TOUCHES,
  REPLAY_LLC_SHARE_Q31,
  REPLAY_PFN_FROM,
  REPLAY_WINDOWS,
} from "../layout/replay";
import { NR_ATTRS } from "../layout/touch";

/** Passes what L1 left through the levels below; the chunk is empty then. */
export function flush(cache: usize, counters: usize, replay: usize, state: u64): u64 {
  const endOfReads = passEvents(cache, counters, state, load<u32>(replay, REPLAY_LLC_SHARE_Q31));
  countFirstTouches(replay, cache + CACHE_EVENTS_TO_MEMORY, endOfReads);
  countMisses(<usize>load<u32>(replay, REPLAY_WINDOWS), cache + CACHE_EVENTS_TO_MEMORY, endOfReads);
  store<u32>(replay, 0, REPLAY_CHUNK_FILLS);
  return eventsToL2(cache);
}

/** How many events still fit into a chunk. Each line of other traffic counts as one: it may cost L2 as much. */
export function room(cache: usize, replay: usize, state: u64): i32 {
  const events = <i32>(<u32>state - <u32>eventsToL2(cache)) / CACHE_EVENT_BYTES;
  return CACHE_CHUNK_EVENTS - events - load<i32>(replay, REPLAY_CHUNK_FILLS);
}

/** The line of a way leaves. */
// @ts-ignore: decorator
@inline
export function leave(state: u64, set: usize, lanes: u32, way: u32, pfnFrom: u32): u64 {
  const line = lineOf(set, way);
  const word = u32(isDirty(set, lanes, way)) * DIRTY + u32(line >= pfnFrom) * OWNER;
  return writeBack(state, line, word);
}

/** Times begin again: the lines keep their order. */
export function renew(l1: usize, sets: usize, lanes: u32, pfnFrom: u32): u32 {
  closeSets(l1, sets, lanes, pfnFrom);
  return openSets(l1, sets, lanes);
}

/** Counts the struct pages among the misses that no record touched before, by one bit per pfn. */
function countFirstTouches(replay: usize, event: usize, end: usize): void {
  const bitmap = <usize>load<u32>(replay, REPLAY_BITMAP);
  const pfnFrom = load<u32>(replay, REPLAY_PFN_FROM);
  for (; event < end; event += CACHE_EVENT_BYTES) {
    if (load<u32>(event, 4) & CACHE_EVENT_LLC_HIT) continue;
    const pfn = load<u32>(event);
    const at = bitmap + (pfn >> 3);
    const seen = <u32>load<u8>(at);
    const bit = (<u32>1) << (pfn & 7);
    store<u8>(at, seen | bit);
    const firstTouches = replay + REPLAY_FIRST_TOUCHES + (pfn >= pfnFrom ? 8 : 0);
    store<u64>(firstTouches, load<u64>(firstTouches) + u64((seen & bit) == 0));
  }
}

/** A loop of its own: bits that are in no cache of the machine are fetched side by side. */
function countMisses(windows: usize, event: usize, end: usize): void {
  for (; event < end; event += CACHE_EVENT_BYTES) {
    const kind = load<u32>(event, 4);
    const isLlcHit = (kind & CACHE_EVENT_LLC_HIT) != 0;
    countMiss(windows, load<u32>(event), kind & (NR_ATTRS - 1), kind >> CACHE_EVENT_POSITION_SHIFT, isLlcHit);
  }
}
