// Many accesses at once, level by level. What L1 does depends on nothing below it, so a chunk of accesses goes
// through L1 first and leaves events: reads of lines that missed, and dirty victims, in the order in which they
// reach L2. L2 turns them into events for the LLC, and the LLC into misses to memory. The order that each level
// sees is that of `touch`, so the counts and the state are the same; but every loop is short, without calls, and
// its iterations overlap.
import { count, entersLlc, levelAt, nextSet } from "./cache";
import {
  CACHE_CHUNK_EVENTS,
  CACHE_EVENTS_TO_L2,
  CACHE_EVENTS_TO_LLC,
  CACHE_EVENTS_TO_MEMORY,
  CACHE_EVENT_BYTES,
  CACHE_EVENT_FILL,
  CACHE_EVENT_FILL_LLC,
  CACHE_EVENT_WRITE_BACK,
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_SET_BYTES,
  CACHE_LEVEL_SHIFT,
  CACHE_LEVEL_WAYS,
  CACHE_SHIFT_MODULO,
  COUNTER_WRITE_BACKS,
  LEVEL_L1,
  LEVEL_L2,
  LEVEL_LLC,
  NR_ATTRS,
  NR_LEVELS,
  NR_OWNERS,
} from "./layout";
import { DIRTY, exchange, HIT, insertEmpty, OWNER } from "./set";

/** Where L1 writes its events. */
// @ts-ignore: decorator
@inline
export function eventsToL2(cache: usize): usize {
  return cache + CACHE_EVENTS_TO_L2;
}

/** How many more accesses surely fit in the chunk, at two events each. */
// @ts-ignore: decorator
@inline
export function roomForAccesses(cache: usize, out: usize): u32 {
  return <u32>(cache + CACHE_EVENTS_TO_LLC - out) / (2 * CACHE_EVENT_BYTES);
}

/**
 * One access in L1; counts hits and write-backs, and appends what L2 has to do at `out`.
 *
 * @return the new end of the events
 */
// @ts-ignore: decorator
@inline
export function accessL1(
  counters: usize,
  base: usize,
  mask: u32,
  shift: u32,
  ways: u32,
  line: u32,
  attr: u32,
  out: usize,
): usize {
  const index = line & mask;
  const set = base + <usize>(index * (((ways + 3) >> 2) << 4));
  const word = ((line >> shift) << 2) | (attr & (OWNER | DIRTY));
  const victim = exchange(set, ways, word);
  if (victim == HIT) {
    count(counters, attr * NR_LEVELS + LEVEL_L1, 1);
    return out;
  }
  out = emit(out, line, attr, 1);
  return writeBack(counters, LEVEL_L1, out, ((victim >> 2) << shift) | index, victim);
}

/** A line of other traffic enters L1. */
export function fillL1(cache: usize, counters: usize, llcShareQ31: u32, out: usize): usize {
  const l1 = levelAt(cache, LEVEL_L1);
  const index = nextSet(l1);
  const set = <usize>load<u32>(l1, CACHE_LEVEL_BASE) + <usize>(index * load<u32>(l1, CACHE_LEVEL_SET_BYTES));
  const victim = insertEmpty(set, load<u32>(l1, CACHE_LEVEL_WAYS));
  out = emit(out, 0, entersLlc(cache, llcShareQ31) ? CACHE_EVENT_FILL | CACHE_EVENT_FILL_LLC : CACHE_EVENT_FILL, 1);
  return writeBack(counters, LEVEL_L1, out, ((victim >> 2) << load<u32>(l1, CACHE_LEVEL_SHIFT)) | index, victim);
}

/**
 * Passes the events up to `end` through L2 and the LLC.
 *
 * @return the end of the demand misses, events of CACHE_EVENTS_TO_MEMORY
 */
export function passEvents(cache: usize, counters: usize, end: usize): usize {
  const isL2Of16 = load<u32>(levelAt(cache, LEVEL_L2), CACHE_LEVEL_WAYS) == 16;
  const isLlcOf16 = load<u32>(levelAt(cache, LEVEL_LLC), CACHE_LEVEL_WAYS) == 16;
  end = isL2Of16 ? passL2Of16(cache, counters, end) : passL2Any(cache, counters, end);
  return isLlcOf16 ? passLlcOf16(cache, counters, end) : passLlcAny(cache, counters, end);
}

function passL2Of16(cache: usize, counters: usize, end: usize): usize {
  return passL2(cache, counters, end, 16);
}

function passL2Any(cache: usize, counters: usize, end: usize): usize {
  return passL2(cache, counters, end, load<u32>(levelAt(cache, LEVEL_L2), CACHE_LEVEL_WAYS));
}

// @ts-ignore: decorator
@inline
function passL2(cache: usize, counters: usize, end: usize, ways: u32): usize {
  const l2 = levelAt(cache, LEVEL_L2);
  const base = <usize>load<u32>(l2, CACHE_LEVEL_BASE);
  const mask = load<u32>(l2, CACHE_LEVEL_MASK);
  const shift = load<u32>(l2, CACHE_LEVEL_SHIFT);
  let out = cache + CACHE_EVENTS_TO_LLC;
  for (let event = cache + CACHE_EVENTS_TO_L2; event < end; event += CACHE_EVENT_BYTES) {
    const line = load<u32>(event);
    const kind = load<u32>(event, 4);
    if (kind >= <u32>CACHE_EVENT_FILL) {
      const index = nextSet(l2);
      const victim = insertEmpty(setOf(base, index, ways), ways);
      out = emit(out, 0, kind, u32((kind & CACHE_EVENT_FILL_LLC) != 0));
      out = writeBack(counters, LEVEL_L2, out, ((victim >> 2) << shift) | index, victim);
    } else {
      const index = line & mask;
      const word = wordOf(line >> shift, kind);
      const victim = exchange(setOf(base, index, ways), ways, word);
      const isDemand = u32(kind < <u32>CACHE_EVENT_WRITE_BACK);
      if (victim == HIT) {
        count(counters, (kind & (NR_ATTRS - 1)) * NR_LEVELS + LEVEL_L2, isDemand);
      } else {
        out = emit(out, line, kind, isDemand);
        out = writeBack(counters, LEVEL_L2, out, ((victim >> 2) << shift) | index, victim);
      }
    }
  }
  return out;
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
  let out = cache + CACHE_EVENTS_TO_MEMORY;
  for (let event = cache + CACHE_EVENTS_TO_LLC; event < end; event += CACHE_EVENT_BYTES) {
    const line = load<u32>(event);
    const kind = load<u32>(event, 4);
    if (kind >= <u32>CACHE_EVENT_FILL) {
      countVictim(counters, LEVEL_LLC, insertEmpty(setOf(base, nextSet(llc), ways), ways));
    } else {
      const tag = isModulo ? line / sets : line >> shift;
      const index = isModulo ? line - tag * sets : line & (sets - 1);
      const victim = exchange(setOf(base, index, ways), ways, wordOf(tag, kind));
      const isDemand = u32(kind < <u32>CACHE_EVENT_WRITE_BACK);
      const isMiss = u32(victim != HIT);
      count(counters, (kind & (NR_ATTRS - 1)) * NR_LEVELS + LEVEL_LLC + isMiss, isDemand);
      out = emit(out, line, kind, isMiss & isDemand);
      if (isMiss) countVictim(counters, LEVEL_LLC, victim);
    }
  }
  return out;
}

// @ts-ignore: decorator
@inline
function setOf(base: usize, index: u32, ways: u32): usize {
  return base + <usize>(index * (((ways + 3) >> 2) << 4));
}

/** The word of a demand read is clean, that of a write-back dirty. */
// @ts-ignore: decorator
@inline
function wordOf(tag: u32, kind: u32): u32 {
  return (tag << 2) | (kind & OWNER) | ((kind >> 4) & DIRTY);
}

/** Writes an event, and keeps it when `isKept` is 1: no branch. */
// @ts-ignore: decorator
@inline
function emit(out: usize, line: u32, kind: u32, isKept: u32): usize {
  store<u64>(out, <u64>line | (<u64>kind << 32));
  return out + isKept * CACHE_EVENT_BYTES;
}

// @ts-ignore: decorator
@inline
function writeBack(counters: usize, from: u32, out: usize, line: u32, victim: u32): usize {
  countVictim(counters, from, victim);
  return emit(out, line, CACHE_EVENT_WRITE_BACK | (victim & OWNER), victim & DIRTY);
}

// @ts-ignore: decorator
@inline
function countVictim(counters: usize, from: u32, victim: u32): void {
  count(counters, COUNTER_WRITE_BACKS + from * NR_OWNERS + ((victim & OWNER) >> 1), victim & DIRTY);
}
