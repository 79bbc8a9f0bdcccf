// The cache hierarchy that every touch goes through: L1, L2 and a last-level cache, set-associative,
// least recently used, write-back, write-allocate.
//
//  - A read or a write looks in L1, then L2, then the LLC, and allocates in every level that missed.
//    A write that misses L1 fetches the line as a read from below; only the L1 copy becomes dirty.
//  - The line is fetched before the victim leaves. A dirty victim is written to the next level as an
//    access that makes it most recent and dirty there; when absent it is allocated without a fetch.
//    A clean victim disappears. No level is inclusive or exclusive of another.
import {
  CACHE_HEADER_BYTES,
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_BYTES,
  CACHE_LEVEL_CURSOR,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_RECENCY,
  CACHE_LEVEL_SET_BYTES,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_SHIFT,
  CACHE_LEVEL_WAYS,
  CACHE_MEMO,
  CACHE_MEMO_ENTRIES,
  CACHE_MEMO_NEXT,
  CACHE_SHARE_SUM,
  CACHE_SHIFT_MODULO,
  CACHE_SKIPPED_LINES,
  MEMO_BYTES,
  MEMO_NR_LINES,
  RECENCY_ALIGN_BYTES,
} from "../layout/cache";
import { COUNTER_WRITE_BACKS } from "../layout/counters";
import { LEVEL_L1, LEVEL_L2, LEVEL_LLC, LEVEL_MEMORY, NR_ATTRS, NR_LEVELS, NR_OWNERS } from "../layout/touch";
import { DIRTY, EMPTY, exchange, HIT, insertEmpty, OWNER } from "./set";

/**
 * Empties a hierarchy. The host has checked the geometry: sets of L1 and L2 are powers of two, every level has
 * at least 8 sets (one, when line numbers stay below 2^30 - 1) and one way.
 *
 * @shape writes the header and three arrays of sets at `cache`: CACHE_HEADER_BYTES + sum(sets * setBytes)
 */
export function cacheInit(
  cache: usize,
  l1Sets: u32,
  l1Ways: u32,
  l2Sets: u32,
  l2Ways: u32,
  llcSets: u32,
  llcWays: u32,
): void {
  let base = cache + CACHE_HEADER_BYTES;
  base = initLevel(levelAt(cache, LEVEL_L1), base, l1Sets, l1Ways);
  base = initLevel(levelAt(cache, LEVEL_L2), base, l2Sets, l2Ways);
  base = initLevel(levelAt(cache, LEVEL_LLC), base, llcSets, llcWays);
  store<u32>(
    levelAt(cache, LEVEL_L1),
    <u32>((base + RECENCY_ALIGN_BYTES - 1) & ~(RECENCY_ALIGN_BYTES - 1)),
    CACHE_LEVEL_RECENCY,
  );
  store<u32>(cache, 0, CACHE_SHARE_SUM);
  store<u64>(cache, 0, CACHE_SKIPPED_LINES);
  store<u32>(cache, 0, CACHE_MEMO_NEXT);
  for (let i: u32 = 0; i < <u32>CACHE_MEMO_ENTRIES; i++) {
    store<u32>(cache + CACHE_MEMO + i * MEMO_BYTES, 0, MEMO_NR_LINES);
  }
}

function initLevel(level: usize, base: usize, sets: u32, ways: u32): usize {
  assert(sets >= 1 && ways >= 1 && (base & 15) == 0);
  const setBytes: u32 = ((ways + 3) >> 2) << 4;
  const isPowerOfTwo = (sets & (sets - 1)) == 0;
  store<u32>(level, <u32>base, CACHE_LEVEL_BASE);
  store<u32>(level, sets, CACHE_LEVEL_SETS);
  store<u32>(level, ways, CACHE_LEVEL_WAYS);
  store<u32>(level, sets - 1, CACHE_LEVEL_MASK);
  store<u32>(level, isPowerOfTwo ? ctz(sets) : CACHE_SHIFT_MODULO, CACHE_LEVEL_SHIFT);
  store<u32>(level, setBytes, CACHE_LEVEL_SET_BYTES);
  store<u32>(level, 0, CACHE_LEVEL_CURSOR);
  const end = base + <usize>sets * setBytes;
  for (let at = base; at < end; at += 16) v128.store(at, i32x4.splat(<i32>EMPTY));
  return end;
}

/**
 * One access to one line, counted by where it was found: counter `attr * 4 + level`. Many accesses at once are
 * faster level by level (levels.ts), with the same counts.
 *
 * @param attr class << 2 | owner << 1 | rw; a line always has the same owner
 * @return the level that had it
 */
export function touch(cache: usize, counters: usize, line: u32, attr: u32): u32 {
  assert((cache & 15) == 0 && (counters & 7) == 0, "unaligned");
  assert(attr < <u32>NR_ATTRS, "no such attr");
  const l1 = levelAt(cache, LEVEL_L1);
  const index = line & load<u32>(l1, CACHE_LEVEL_MASK);
  const shift = load<u32>(l1, CACHE_LEVEL_SHIFT);
  const set = setAt(l1, index);
  const word = ((line >> shift) << 2) | (attr & (OWNER | DIRTY));
  let level: u32 = LEVEL_L1;
  const victim = exchange(set, load<u32>(l1, CACHE_LEVEL_WAYS), word);
  if (victim != HIT) {
    level = accessL2(cache, counters, line, word & OWNER);
    if (victim & DIRTY) writeBackL1(cache, counters, ((victim >> 2) << shift) | index, victim);
  }
  count(counters, attr * NR_LEVELS + level, 1);
  return level;
}

function writeBackL1(cache: usize, counters: usize, line: u32, victim: u32): void {
  count(counters, COUNTER_WRITE_BACKS + LEVEL_L1 * NR_OWNERS + ((victim & OWNER) >> 1), 1);
  accessL2(cache, counters, line, victim & (OWNER | DIRTY));
}

/** A read from L1, or a dirty victim of L1 that arrives; returns the level that had the line of a read. */
function accessL2(cache: usize, counters: usize, line: u32, ownerAndDirty: u32): u32 {
  const l2 = levelAt(cache, LEVEL_L2);
  const index = line & load<u32>(l2, CACHE_LEVEL_MASK);
  const shift = load<u32>(l2, CACHE_LEVEL_SHIFT);
  const victim = exchange(setAt(l2, index), load<u32>(l2, CACHE_LEVEL_WAYS), ((line >> shift) << 2) | ownerAndDirty);
  if (victim == HIT) return LEVEL_L2;
  const isRead = (ownerAndDirty & DIRTY) == 0;
  const level = isRead && accessLlc(cache, counters, line, ownerAndDirty) ? LEVEL_LLC : LEVEL_MEMORY;
  if (victim & DIRTY) writeBackL2(cache, counters, ((victim >> 2) << shift) | index, victim);
  return level;
}

function writeBackL2(cache: usize, counters: usize, line: u32, victim: u32): void {
  count(counters, COUNTER_WRITE_BACKS + LEVEL_L2 * NR_OWNERS + ((victim & OWNER) >> 1), 1);
  accessLlc(cache, counters, line, victim & (OWNER | DIRTY));
}

/** A read from L2, or a dirty victim of L2 that arrives; true on a hit. */
function accessLlc(cache: usize, counters: usize, line: u32, ownerAndDirty: u32): bool {
  const llc = levelAt(cache, LEVEL_LLC);
  const shift = load<u32>(llc, CACHE_LEVEL_SHIFT);
  const isModulo = shift == CACHE_SHIFT_MODULO;
  const sets = load<u32>(llc, CACHE_LEVEL_SETS);
  const tag = isModulo ? line / sets : line >> shift;
  const index = isModulo ? line - tag * sets : line & (sets - 1);
  const victim = exchange(setAt(llc, index), load<u32>(llc, CACHE_LEVEL_WAYS), (tag << 2) | ownerAndDirty);
  if (victim == HIT) return true;
  countLlcVictim(counters, victim);
  return false;
}

function countLlcVictim(counters: usize, victim: u32): void {
  count(counters, COUNTER_WRITE_BACKS + LEVEL_LLC * NR_OWNERS + ((victim & OWNER) >> 1), victim & DIRTY);
}

/**
 * Lets `nrFills` lines of other traffic in: clean, each new, walking the sets of each level in order. Every one
 * enters L1 and L2, and a share of them the LLC (the others are hits there and disturb nothing).
 *
 * @param llcShareQ31 the share that enters the LLC, in units of 2^-31, spread evenly by error diffusion
 */
export function fillClean(cache: usize, counters: usize, nrFills: u32, llcShareQ31: u32): void {
  assert((cache & 15) == 0 && (counters & 7) == 0, "unaligned");
  assert(llcShareQ31 <= 1 << 31, "a share above 1");
  const l1 = levelAt(cache, LEVEL_L1);
  const l2 = levelAt(cache, LEVEL_L2);
  const llc = levelAt(cache, LEVEL_LLC);
  for (let i: u32 = 0; i < nrFills; i++) {
    if (entersLlc(cache, llcShareQ31)) {
      countLlcVictim(counters, insertEmpty(setAt(llc, nextSet(llc)), load<u32>(llc, CACHE_LEVEL_WAYS)));
    }
    const l2Index = nextSet(l2);
    const l2Victim = insertEmpty(setAt(l2, l2Index), load<u32>(l2, CACHE_LEVEL_WAYS));
    if (l2Victim & DIRTY) {
      writeBackL2(cache, counters, ((l2Victim >> 2) << load<u32>(l2, CACHE_LEVEL_SHIFT)) | l2Index, l2Victim);
    }
    const l1Index = nextSet(l1);
    const l1Victim = insertEmpty(setAt(l1, l1Index), load<u32>(l1, CACHE_LEVEL_WAYS));
    if (l1Victim & DIRTY) {
      writeBackL1(cache, counters, ((l1Victim >> 2) << load<u32>(l1, CACHE_LEVEL_SHIFT)) | l1Index, l1Victim);
    }
  }
}

/** Whether the next line of other traffic enters the LLC: error diffusion. */
function entersLlc(cache: usize, llcShareQ31: u32): bool {
  const sum = load<u32>(cache, CACHE_SHARE_SUM) + llcShareQ31;
  store<u32>(cache, sum & 0x7fff_ffff, CACHE_SHARE_SUM);
  return sum >> 31 != 0;
}

/** The set that the next line of other traffic enters. */
function nextSet(level: usize): u32 {
  const index = load<u32>(level, CACHE_LEVEL_CURSOR);
  const next = index + 1;
  store<u32>(level, next == load<u32>(level, CACHE_LEVEL_SETS) ? 0 : next, CACHE_LEVEL_CURSOR);
  return index;
}

/** The header of a level. */
// @ts-ignore: decorator
@inline
export function levelAt(cache: usize, level: u32): usize {
  return cache + level * CACHE_LEVEL_BYTES;
}

// @ts-ignore: decorator
@inline
function setAt(level: usize, index: u32): usize {
  return <usize>load<u32>(level, CACHE_LEVEL_BASE) + <usize>index * load<u32>(level, CACHE_LEVEL_SET_BYTES);
}

/** Adds to one u64 of the counters. */
// @ts-ignore: decorator
@inline
export function count(counters: usize, index: u32, amount: u64): void {
  const at = counters + ((<usize>index) << 3);
  store<u64>(at, load<u64>(at) + amount);
}
