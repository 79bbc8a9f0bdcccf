// The cache hierarchy that every touch goes through: L1, L2 and a last-level cache, set-associative,
// least recently used, write-back, write-allocate.
//
//  - A read or a write looks in L1, then L2, then the LLC, and allocates in every level that missed.
//    A write that misses L1 fetches the line as a read from below; only the L1 copy becomes dirty.
//  - The line is fetched before the victim leaves. A dirty victim is written to the next level as an
//    access that makes it most recent and dirty there; when absent it is allocated without a fetch.
//    A clean victim disappears. No level is inclusive or exclusive of another.
//
// A set is `ways` words in order of recency, most recent first, padded to whole vectors with EMPTY: one
// compare per vector finds a line, and one shuffle per vector moves it to the front. With 16 ways a set is
// exactly one cache line of the machine that runs this.
//
//   word   31                     2       1       0
//          |  line / number of sets | owner | dirty |
//
// Lines of other traffic never return, so they are EMPTY words too: clean, and equal to no line.
import {
  CACHE_LEVEL_BASE,
  CACHE_LEVEL_BYTES,
  CACHE_LEVEL_CURSOR,
  CACHE_LEVEL_MASK,
  CACHE_LEVEL_SETS,
  CACHE_LEVEL_SET_BYTES,
  CACHE_LEVEL_SHIFT,
  CACHE_LEVEL_WAYS,
  CACHE_HEADER_BYTES,
  CACHE_SHARE_SUM,
  CACHE_SHIFT_MODULO,
  COUNTER_WRITE_BACKS,
  LEVEL_L1,
  LEVEL_L2,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_LEVELS,
  NR_OWNERS,
} from "./layout";

/** Clean, owned by boot memory, with a tag that no line has while a level has at least 8 sets. */
const EMPTY: u32 = 0xffff_fffc;
const DIRTY: u32 = 1;
const OWNER: u32 = 2;

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
  initLevel(levelAt(cache, LEVEL_LLC), base, llcSets, llcWays);
  store<u32>(cache, 0, CACHE_SHARE_SUM);
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
 * One access to one line, counted by where it was found: counter `attr * 4 + level`.
 *
 * @param attr class << 2 | owner << 1 | rw; a line always has the same owner
 * @return the level that had it
 */
export function touch(cache: usize, counters: usize, line: u32, attr: u32): u32 {
  const l1 = levelAt(cache, LEVEL_L1);
  const set = setAt(l1, line & load<u32>(l1, CACHE_LEVEL_MASK));
  const word = ((line >> load<u32>(l1, CACHE_LEVEL_SHIFT)) << 2) | (attr & (OWNER | DIRTY));
  const first = load<u32>(set);
  let level: u32 = LEVEL_L1;
  if ((first ^ word) < 2) store<u32>(set, first | word);
  else if (!promote(l1, set, word)) level = missL1(cache, counters, l1, set, line, word);
  count(counters, attr * NR_LEVELS + level);
  return level;
}

function missL1(cache: usize, counters: usize, l1: usize, set: usize, line: u32, word: u32): u32 {
  const level = readBelow(cache, counters, line, word & OWNER);
  const victim = insert(l1, set, word);
  if (victim & DIRTY) {
    countWriteBack(counters, LEVEL_L1, victim);
    const mask = load<u32>(l1, CACHE_LEVEL_MASK);
    writeToL2(cache, counters, ((victim >> 2) << load<u32>(l1, CACHE_LEVEL_SHIFT)) | (line & mask), victim);
  }
  return level;
}

/** Reads a line through L2 and the LLC, allocating where it missed; returns the level that had it. */
function readBelow(cache: usize, counters: usize, line: u32, owner: u32): u32 {
  const l2 = levelAt(cache, LEVEL_L2);
  const set = setAt(l2, line & load<u32>(l2, CACHE_LEVEL_MASK));
  const word = ((line >> load<u32>(l2, CACHE_LEVEL_SHIFT)) << 2) | owner;
  if (promote(l2, set, word)) return LEVEL_L2;
  const llc = levelAt(cache, LEVEL_LLC);
  const level = accessLlc(counters, llc, line, owner) ? LEVEL_LLC : LEVEL_MEMORY;
  insertL2(counters, l2, llc, set, line, word);
  return level;
}

/** A dirty victim of L1 arrives in L2. */
function writeToL2(cache: usize, counters: usize, line: u32, ownerAndDirty: u32): void {
  const l2 = levelAt(cache, LEVEL_L2);
  const set = setAt(l2, line & load<u32>(l2, CACHE_LEVEL_MASK));
  const word = ((line >> load<u32>(l2, CACHE_LEVEL_SHIFT)) << 2) | (ownerAndDirty & (OWNER | DIRTY));
  if (!promote(l2, set, word)) insertL2(counters, l2, levelAt(cache, LEVEL_LLC), set, line, word);
}

/** Inserts `word` in L2; `line` is any line of its set. */
function insertL2(counters: usize, l2: usize, llc: usize, set: usize, line: u32, word: u32): void {
  const victim = insert(l2, set, word);
  if (!(victim & DIRTY)) return;
  countWriteBack(counters, LEVEL_L2, victim);
  const index = line & load<u32>(l2, CACHE_LEVEL_MASK);
  accessLlc(counters, llc, ((victim >> 2) << load<u32>(l2, CACHE_LEVEL_SHIFT)) | index, victim);
}

/** Reads (or writes, when bit 0 of `ownerAndDirty` is set) one line of the LLC, allocating it; true on a hit. */
function accessLlc(counters: usize, llc: usize, line: u32, ownerAndDirty: u32): bool {
  const shift = load<u32>(llc, CACHE_LEVEL_SHIFT);
  let index: u32;
  let tag: u32;
  if (shift != CACHE_SHIFT_MODULO) {
    index = line & load<u32>(llc, CACHE_LEVEL_MASK);
    tag = line >> shift;
  } else {
    const sets = load<u32>(llc, CACHE_LEVEL_SETS);
    tag = line / sets;
    index = line - tag * sets;
  }
  const set = setAt(llc, index);
  const word = (tag << 2) | (ownerAndDirty & (OWNER | DIRTY));
  if (promote(llc, set, word)) return true;
  const victim = insert(llc, set, word);
  if (victim & DIRTY) countWriteBack(counters, LEVEL_LLC, victim);
  return false;
}

/**
 * Lets `nrFills` lines of other traffic in: clean, each new, walking the sets of each level in order. Every one
 * enters L1 and L2, and a share of them the LLC (the others are hits there and disturb nothing).
 *
 * @param llcShareQ31 the share that enters the LLC, in units of 2^-31, spread evenly by error diffusion
 */
export function fillClean(cache: usize, counters: usize, nrFills: u32, llcShareQ31: u32): void {
  const l1 = levelAt(cache, LEVEL_L1);
  const l2 = levelAt(cache, LEVEL_L2);
  const llc = levelAt(cache, LEVEL_LLC);
  let shareSum = load<u32>(cache, CACHE_SHARE_SUM);
  for (let i: u32 = 0; i < nrFills; i++) {
    shareSum += llcShareQ31;
    if (shareSum >= 0x8000_0000) {
      shareSum -= 0x8000_0000;
      const victim = insert(llc, setAt(llc, nextSet(llc)), EMPTY);
      if (victim & DIRTY) countWriteBack(counters, LEVEL_LLC, victim);
    }
    const l2Index = nextSet(l2);
    insertL2(counters, l2, llc, setAt(l2, l2Index), l2Index, EMPTY);
    const l1Index = nextSet(l1);
    const victim = insert(l1, setAt(l1, l1Index), EMPTY);
    if (victim & DIRTY) {
      countWriteBack(counters, LEVEL_L1, victim);
      writeToL2(cache, counters, ((victim >> 2) << load<u32>(l1, CACHE_LEVEL_SHIFT)) | l1Index, victim);
    }
  }
  store<u32>(cache, shareSum, CACHE_SHARE_SUM);
}

/** The set that the next line of other traffic enters. */
function nextSet(level: usize): u32 {
  const index = load<u32>(level, CACHE_LEVEL_CURSOR);
  const next = index + 1;
  store<u32>(level, next == load<u32>(level, CACHE_LEVEL_SETS) ? 0 : next, CACHE_LEVEL_CURSOR);
  return index;
}

/** Finds `word` (its dirty bit aside) in a set; if there, makes it most recent and dirty when `word` is. */
function promote(level: usize, set: usize, word: u32): bool {
  const end = set + load<u32>(level, CACHE_LEVEL_SET_BYTES);
  const dirty = i32x4.splat(<i32>DIRTY);
  const wanted = i32x4.splat(<i32>(word | DIRTY));
  for (let at = set; at < end; at += 16) {
    const hits = i32x4.bitmask(i32x4.eq(v128.or(v128.load(at), dirty), wanted));
    if (hits) {
      moveToFront(set, at, ctz(hits), word & DIRTY);
      return true;
    }
  }
  return false;
}

/** Moves lane `lane` of the vector at `at` to the front of the set; the ones before it step back by one. */
function moveToFront(set: usize, at: usize, lane: i32, dirty: u32): void {
  let before = i32x4.splat(load<u32>(at + (<usize>lane << 2)) | dirty);
  for (let p = set; p < at; p += 16) {
    const words = v128.load(p);
    v128.store(p, v128.shuffle<u32>(before, words, 3, 4, 5, 6));
    before = words;
  }
  const words = v128.load(at);
  const stepped = v128.shuffle<u32>(before, words, 3, 4, 5, 6);
  const moves = i32x4.le_s(i32x4(0, 1, 2, 3), i32x4.splat(lane));
  v128.store(at, v128.bitselect(stepped, words, moves));
}

/** Inserts `word` as most recent and returns the least recent word, which leaves. */
function insert(level: usize, set: usize, word: u32): u32 {
  const ways = load<u32>(level, CACHE_LEVEL_WAYS);
  const victim = load<u32>(set + ((ways - 1) << 2));
  const end = set + load<u32>(level, CACHE_LEVEL_SET_BYTES);
  let before = i32x4.splat(<i32>word);
  for (let at = set; at < end; at += 16) {
    const words = v128.load(at);
    v128.store(at, v128.shuffle<u32>(before, words, 3, 4, 5, 6));
    before = words;
  }
  // The victim has stepped into the padding when the ways do not fill the last vector.
  if (ways & 3) store<u32>(set + (ways << 2), EMPTY);
  return victim;
}

// @ts-ignore: decorator
@inline
function levelAt(cache: usize, level: u32): usize {
  return cache + level * CACHE_LEVEL_BYTES;
}

// @ts-ignore: decorator
@inline
function setAt(level: usize, index: u32): usize {
  return <usize>load<u32>(level, CACHE_LEVEL_BASE) + <usize>index * load<u32>(level, CACHE_LEVEL_SET_BYTES);
}

// @ts-ignore: decorator
@inline
function countWriteBack(counters: usize, from: u32, victim: u32): void {
  count(counters, COUNTER_WRITE_BACKS + from * NR_OWNERS + ((victim & OWNER) >> 1));
}

// @ts-ignore: decorator
@inline
function count(counters: usize, index: u32): void {
  const at = counters + (<usize>index << 3);
  store<u64>(at, load<u64>(at) + 1);
}
