// One set of a cache level.
//
// A set is `ways` words in order of recency, most recent first, padded to whole vectors with EMPTY: one
// compare per vector finds a line, and one shuffle per vector moves it to the front. With 16 ways a set is
// exactly one cache line of the machine that runs this.
//
//   word   31                     2       1       0
//          |  line / number of sets | owner | dirty |
//
// Lines of other traffic never return, so they are EMPTY words too: clean, and equal to no line.

/** Clean, owned by boot memory, with a tag that no line has while a level has at least 8 sets. */
export const EMPTY: u32 = 0xffff_fffc;
export const DIRTY: u32 = 1;
export const OWNER: u32 = 2;
/** What an access to a set returns when it hits; no victim is this word. */
export const HIT: u32 = 0xffff_fffd;
/** Masks: the 16 lanes from word 15 - n on are all ones up to position n of a set, and zero behind it. */
const MOVES: usize = memory.data<u32>(
  [
    0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
    0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0,
  ],
  16,
);

/**
 * Looks for `wanted` (dirty or not) in a set. Found: moves it to the front, dirty if it was or `word` is. Not
 * found: `word` enters in front and the least recent word leaves.
 */
// @ts-ignore: decorator
@inline
export function exchange(set: usize, ways: u32, word: u32): u32 {
  const first = load<u32>(set);
  if ((first ^ word) <= DIRTY) {
    store<u32>(set, first | word);
    return HIT;
  }
  if (ways == 16) return exchange16(set, word);
  if (ways == 8) return exchange8(set, word);
  if (ways == 12) return exchange12(set, word);
  if (ways - 13 < 3) return exchangePadded(set, ways, word);
  return exchangeAny(set, ways, word);
}

// @ts-ignore: decorator
@inline
function exchange8(set: usize, word: u32): u32 {
  const dirty = i32x4.splat(<i32>DIRTY);
  const wanted = i32x4.splat(<i32>(word | DIRTY));
  const a = v128.load(set);
  const b = v128.load(set, 16);
  const hits = i16x8.bitmask(
    i16x8.narrow_i32x4_s(i32x4.eq(v128.or(a, dirty), wanted), i32x4.eq(v128.or(b, dirty), wanted)),
  );
  if (hits == 0) {
    insert8(set, a, b, word);
    return i32x4.extract_lane(b, 3);
  }
  const hit = ctz(hits);
  const found = load<u32>(set + (hit << 2)) & DIRTY;
  const moves = MOVES + ((15 - hit) << 2);
  v128.store(set, stepBack(i32x4.splat(<i32>(word | found)), a, v128.load(moves)));
  v128.store(set, stepBack(a, b, v128.load(moves, 16)), 16);
  return HIT;
}

// @ts-ignore: decorator
@inline
function exchange16(set: usize, word: u32): u32 {
  const dirty = i32x4.splat(<i32>DIRTY);
  const wanted = i32x4.splat(<i32>(word | DIRTY));
  const a = v128.load(set);
  const b = v128.load(set, 16);
  const c = v128.load(set, 32);
  const d = v128.load(set, 48);
  const hits = i8x16.bitmask(
    i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(i32x4.eq(v128.or(a, dirty), wanted), i32x4.eq(v128.or(b, dirty), wanted)),
      i16x8.narrow_i32x4_s(i32x4.eq(v128.or(c, dirty), wanted), i32x4.eq(v128.or(d, dirty), wanted)),
    ),
  );
  if (hits == 0) {
    insert16(set, a, b, c, d, word);
    return i32x4.extract_lane(d, 3);
  }
  const hit = ctz(hits);
  const found = load<u32>(set + (hit << 2)) & DIRTY;
  const moves = MOVES + ((15 - hit) << 2);
  v128.store(set, stepBack(i32x4.splat(<i32>(word | found)), a, v128.load(moves)));
  v128.store(set, stepBack(a, b, v128.load(moves, 16)), 16);
  v128.store(set, stepBack(b, c, v128.load(moves, 32)), 32);
  v128.store(set, stepBack(c, d, v128.load(moves, 48)), 48);
  return HIT;
}

/** A set of 13 to 15 ways lies in the four vectors of one of 16: what is behind the last way stays EMPTY. */
function exchangePadded(set: usize, ways: u32, word: u32): u32 {
  const last = set + (ways << 2);
  const victim = load<u32>(last - 4);
  if (exchange16(set, word) == HIT) return HIT;
  store<u32>(last, EMPTY);
  return victim;
}

/** Three vectors: the L1 of processors from Ice Lake on. */
function exchange12(set: usize, word: u32): u32 {
  const dirty = i32x4.splat(<i32>DIRTY);
  const wanted = i32x4.splat(<i32>(word | DIRTY));
  const a = v128.load(set);
  const b = v128.load(set, 16);
  const c = v128.load(set, 32);
  const hits = i8x16.bitmask(
    i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(i32x4.eq(v128.or(a, dirty), wanted), i32x4.eq(v128.or(b, dirty), wanted)),
      i16x8.narrow_i32x4_s(i32x4.eq(v128.or(c, dirty), wanted), i32x4.splat(0)),
    ),
  );
  if (hits == 0) {
    insert8(set, a, b, word);
    v128.store(set, v128.shuffle<u32>(b, c, 3, 4, 5, 6), 32);
    return i32x4.extract_lane(c, 3);
  }
  const hit = ctz(hits);
  const found = load<u32>(set + (hit << 2)) & DIRTY;
  const moves = MOVES + ((15 - hit) << 2);
  v128.store(set, stepBack(i32x4.splat(<i32>(word | found)), a, v128.load(moves)));
  v128.store(set, stepBack(a, b, v128.load(moves, 16)), 16);
  v128.store(set, stepBack(b, c, v128.load(moves, 32)), 32);
  return HIT;
}

/** Inserts an EMPTY word as most recent and returns the word that leaves. */
// @ts-ignore: decorator
@inline
export function insertEmpty(set: usize, ways: u32): u32 {
  const victim = load<u32>(set + ((ways - 1) << 2));
  if (ways == 16) {
    insert16(set, v128.load(set), v128.load(set, 16), v128.load(set, 32), v128.load(set, 48), EMPTY);
  } else if (ways == 8) {
    insert8(set, v128.load(set), v128.load(set, 16), EMPTY);
  } else {
    insertAny(set, ways, EMPTY);
  }
  return victim;
}

// @ts-ignore: decorator
@inline
function insert8(set: usize, a: v128, b: v128, word: u32): void {
  v128.store(set, v128.shuffle<u32>(i32x4.splat(<i32>word), a, 3, 4, 5, 6));
  v128.store(set, v128.shuffle<u32>(a, b, 3, 4, 5, 6), 16);
}

// @ts-ignore: decorator
@inline
function insert16(set: usize, a: v128, b: v128, c: v128, d: v128, word: u32): void {
  insert8(set, a, b, word);
  v128.store(set, v128.shuffle<u32>(b, c, 3, 4, 5, 6), 32);
  v128.store(set, v128.shuffle<u32>(c, d, 3, 4, 5, 6), 48);
}

/** `words`, with the lanes of `moves` replaced by the word one in front. */
// @ts-ignore: decorator
@inline
function stepBack(before: v128, words: v128, moves: v128): v128 {
  return v128.bitselect(v128.shuffle<u32>(before, words, 3, 4, 5, 6), words, moves);
}

/** The same for any number of ways, vector by vector. */
function exchangeAny(set: usize, ways: u32, word: u32): u32 {
  const setBytes = ((ways + 3) >> 2) << 4;
  const dirty = i32x4.splat(<i32>DIRTY);
  const wanted = i32x4.splat(<i32>(word | DIRTY));
  for (let offset: u32 = 0; offset < setBytes; offset += 16) {
    const hits = i32x4.bitmask(i32x4.eq(v128.or(v128.load(set + offset), dirty), wanted));
    if (hits) {
      const lane = ctz(hits);
      const found = load<u32>(set + offset + (lane << 2)) & DIRTY;
      const before = stepBackVectors(set, offset, word | found);
      const words = v128.load(set + offset);
      v128.store(set + offset, stepBack(before, words, v128.load(MOVES + ((15 - lane) << 2))));
      return HIT;
    }
  }
  const victim = load<u32>(set + ((ways - 1) << 2));
  insertAny(set, ways, word);
  return victim;
}

function insertAny(set: usize, ways: u32, word: u32): void {
  stepBackVectors(set, ((ways + 3) >> 2) << 4, word);
  // The victim has stepped into the padding when the ways do not fill the last vector.
  if (ways & 3) store<u32>(set + (ways << 2), EMPTY);
}

/** Steps the first `bytes` of a set back by one, `word` in front; returns the last of these vectors as it was. */
function stepBackVectors(set: usize, bytes: u32, word: u32): v128 {
  let before = i32x4.splat(<i32>word);
  for (let offset: u32 = 0; offset < bytes; offset += 16) {
    const words = v128.load(set + offset);
    v128.store(set + offset, v128.shuffle<u32>(before, words, 3, 4, 5, 6));
    before = words;
  }
  return before;
}
