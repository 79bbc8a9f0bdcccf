// State of the cache hierarchy, shared between AssemblyScript and TypeScript.
// Only `export const` and `export const enum`: valid in both languages.

// Cache hierarchy state: a header, events between levels, then the sets (assembly/cache/cache.ts)
//
//  0          32         64         96         100        104       112     128
//  | level L1 | level L2 | level LLC | shareSum | memoNext | skipped | lanes | events | before | memo | sets of L1 | sets of L2 | sets of LLC |
export const CACHE_LEVEL_BYTES = 32;
/** Error diffusion of the share of other traffic that enters the LLC, in units of 2^-31. */
export const CACHE_SHARE_SUM = 96;
/** 16 bytes of scratch, one per attr, when counts of a chunk are added to the counters. */
export const CACHE_LANES = 112;
// One level: byte offset of its sets, geometry, and the set that the next line of other traffic enters.
export const CACHE_LEVEL_BASE = 0;
export const CACHE_LEVEL_SETS = 4;
export const CACHE_LEVEL_WAYS = 8;
export const CACHE_LEVEL_MASK = 12;
/** log2(sets), or CACHE_SHIFT_MODULO when the sets of the LLC are no power of two. */
export const CACHE_LEVEL_SHIFT = 16;
export const CACHE_LEVEL_SET_BYTES = 20;
export const CACHE_LEVEL_CURSOR = 24;
/** Of L1: where its sets lie while touches are replayed (assembly/cache/recency.ts), 8 bytes for each of `lanes` ways. */
export const CACHE_LEVEL_RECENCY = 28;
/** The ways of such a set, padded to whole vectors of times. */
export const RECENCY_LANES = 8;
export const RECENCY_WAY_BYTES = 8;
export const RECENCY_ALIGN_BYTES = 64;
export const CACHE_SHIFT_MODULO = 255;
/** A set is padded to whole 16-byte vectors of 4-byte words. */
export const CACHE_WORD_BYTES = 4;
export const CACHE_VECTOR_BYTES = 16;
/** With fewer sets the largest line number would collide with the word that means empty. */
export const CACHE_MIN_SETS = 8;

// Events: what one level asks of the next, u32 line and u32 kind, for one chunk of accesses (assembly/cache/levels.ts).
// A kind without EVENT_WRITE_BACK and EVENT_FILL is the attr of a demand read, and from bit EVENT_POSITION_SHIFT on its position
// in instructions (assembly/cache/windows.ts). EVENT_FILL is as many lines of other traffic as `line` says.
export const CACHE_EVENT_BYTES = 8;
export const CACHE_EVENT_WRITE_BACK = 16;
export const CACHE_EVENT_FILL = 32;
/** Of a demand read after the LLC: it was a hit there. */
export const CACHE_EVENT_LLC_HIT = 16;
export const CACHE_EVENT_POSITION_SHIFT = 8;
/** Accesses or events that are counted in byte lanes before the lanes are added to the counters. */
export const CACHE_LANE_COUNTS = 255;
/** Events to L2 per chunk, 8 KiB: each makes at most two for the LLC, and at most one of these is a demand read. */
export const CACHE_CHUNK_EVENTS = 1024;
export const CACHE_EVENTS_TO_L2 = 128;
export const CACHE_EVENTS_TO_LLC = 8320;
export const CACHE_EVENTS_TO_MEMORY = 24704;
/** Fast-forward of sweeps (assembly/cache/fastForward.ts): lines not stepped so far (u64), counters and sets as they were. */
export const CACHE_SKIPPED_LINES = 104;
export const CACHE_COUNTERS_BEFORE = 33024;
export const CACHE_SETS_BEFORE = 33664;
export const CACHE_SETS_BEFORE_BYTES = 65536;
// Passes that are remembered whole (assembly/cache/rememberedPasses.ts): key, counts, state before and after, for small hierarchies.
export const CACHE_MEMO = 99200;
export const CACHE_MEMO_ENTRIES = 8;
export const CACHE_MEMO_NEXT = 100;
export const MEMO_FIRST_LINE = 0;
export const MEMO_NR_LINES = 4;
export const MEMO_STRIDE = 8;
export const MEMO_ATTR = 12;
export const MEMO_COUNTERS = 16;
export const MEMO_BEFORE = 640;
/** Room for the sets of one of 64 line classes of the largest usual hierarchy: 36 KiB. */
export const MEMO_SETS_BYTES = 36864;
export const MEMO_AFTER = 37504;
export const MEMO_BYTES = 74368;
/** Header, events, the room of the fast-forward and what is remembered: the sets follow. */
export const CACHE_HEADER_BYTES = 694144;
