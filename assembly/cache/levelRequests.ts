// Events between the levels of a hierarchy: what one level asks of the next, for one chunk of accesses (levels.ts).

import {
  CACHE_EVENT_BYTES,
  CACHE_EVENT_FILL,
  CACHE_EVENT_WRITE_BACK,
  CACHE_EVENTS_TO_L2,
  CACHE_EVENTS_TO_LLC,
} from "../layout/cache";
import { COUNTER_WRITE_BACKS } from "../layout/counters";
import { NR_OWNERS } from "../layout/touch";
import { count } from "./cache";
import { DIRTY, OWNER } from "./set";

// The state of a loop that makes events, in one register: where the next one goes, and the dirty victims so far of
// boot and of hot-added memory. Counters in memory would make every iteration wait for the one before.
//
//   63         48         32                0
//   | hotAdded |   boot   | byte offset     |

/** The state of L1 at the start of a chunk. */
// @ts-ignore: decorator
@inline
export function eventsToL2(cache: usize): u64 {
  return <u64>(cache + CACHE_EVENTS_TO_L2);
}

/** How many more accesses surely fit in the chunk, at two events each. */
// @ts-ignore: decorator
@inline
export function roomForAccesses(cache: usize, state: u64): u32 {
  return (<u32>(cache + CACHE_EVENTS_TO_LLC) - <u32>state) / (2 * CACHE_EVENT_BYTES);
}

/** Writes an event, and keeps it when `isKept` is 1: no branch. */
// @ts-ignore: decorator
@inline
export function emit(state: u64, line: u32, kind: u32, isKept: u32): u64 {
  store<u64>(<usize>(<u32>state), <u64>line | ((<u64>kind) << 32));
  return state + <u64>(isKept * CACHE_EVENT_BYTES);
}

/** Other traffic that enters the next level: `nrFills` lines in a row. */
// @ts-ignore: decorator
@inline
export function emitFills(state: u64, nrFills: u32): u64 {
  return emit(state, nrFills, CACHE_EVENT_FILL, u32(nrFills != 0));
}

/** Asks the next level to take a dirty victim, and counts it; nothing for a clean one. */
// @ts-ignore: decorator
@inline
export function writeBack(state: u64, line: u32, victim: u32): u64 {
  return addVictim(emit(state, line, CACHE_EVENT_WRITE_BACK | (victim & OWNER), victim & DIRTY), victim);
}

/** Counts a victim of its owner in the state if it is dirty. */
// @ts-ignore: decorator
@inline
export function addVictim(state: u64, victim: u32): u64 {
  return state + ((<u64>(victim & DIRTY)) << (<u64>(32 + ((victim & OWNER) << 3))));
}

/** Adds the dirty victims of a state; at most 2,048 of each kind. */
export function countWriteBacks(counters: usize, from: u32, state: u64): void {
  count(counters, COUNTER_WRITE_BACKS + from * NR_OWNERS, (state >> 32) & 0xffff);
  count(counters, COUNTER_WRITE_BACKS + from * NR_OWNERS + 1, state >> 48);
}
