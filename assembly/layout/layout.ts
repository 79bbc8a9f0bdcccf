// SINGLE SOURCE of the numbers that AssemblyScript and TypeScript share.
// Only `export const` and `export const enum`: valid in both languages.

/** Written at LAYOUT_MAGIC_OFFSET by `initLayout`, checked by the host: "ALTM"; the version is in version.ts. */
export const LAYOUT_MAGIC = 0x4d544c41;
export const LAYOUT_MAGIC_OFFSET = 0;
export const LAYOUT_VERSION_OFFSET = 4;

/** The host's memory plan starts here; below lie the header and static data. */
export const HEAP_BASE = 0x10000;

/** 4 KiB pages, the only page size whose struct pages the kernels here walk. */
export const PAGE_SHIFT = 12;

// struct page, 64-bit, 6.x before memdesc (include/linux/mm_types.h, 6.1 and 6.12):
//
//  0        8        16       24       32       40       48        52        56       64
//  | flags  | lru.nx | lru.pv | mapping| index  | private|_mapcount|_refcount| memcg  |
export const STRUCT_PAGE_BYTES = 64;
export const STRUCT_PAGE_SHIFT = 6;
export const PAGE_FLAGS = 0;
export const PAGE_LRU_NEXT = 8;
export const PAGE_LRU_PREV = 16;
export const PAGE_MAPPING = 24;
export const PAGE_INDEX = 32;
export const PAGE_PRIVATE = 40;
export const PAGE_TYPE = 48;
export const PAGE_REFCOUNT = 52;
export const PAGE_MEMCG = 56;

// ---- What a touch is: attr = class << 2 | owner << 1 | rw -------------------------------------

/** How exposed a touch is to latency. A raw trace does not know: unclassified. */
export const CLASS_STREAM = 0;
export const CLASS_INDEPENDENT = 1;
export const CLASS_DEPENDENT = 2;
export const CLASS_UNCLASSIFIED = 3;
export const NR_CLASSES = 4;

/** Whose struct page it is: boot memory's stays in DRAM, hot-added memory's follows the placement. */
export const OWNER_BOOT = 0;
export const OWNER_HOT_ADDED = 1;
export const NR_OWNERS = 2;

export const RW_READ = 0;
export const RW_WRITE = 1;
export const NR_RW = 2;

export const ATTR_CLASS_SHIFT = 2;
export const ATTR_OWNER_SHIFT = 1;
export const NR_ATTRS = 16;

/** Where a touch was served. */
export const LEVEL_L1 = 0;
export const LEVEL_L2 = 1;
export const LEVEL_LLC = 2;
export const LEVEL_MEMORY = 3;
export const NR_LEVELS = 4;

// ---- Counters: u64 demand[attr 16][level 4], then u64 writeBacks[from level 3][owner 2] --------
export const COUNTER_DEMAND = 0;
export const NR_DEMAND = 64;
export const COUNTER_WRITE_BACKS = 64;
export const NR_WRITE_BACKS = 6;
/** Room for counters that are added later keeps every region aligned to 1 KiB. */
export const COUNTERS_BYTES = 1024;

// ---- Touch record: one visit to one struct page, little-endian, as in a *.touch.gz -------------------
//
//  0     4       5        6                8              12
//  | pfn | loads | stores | other L2 fills | instructions |
//
// The last two are what passed since the record before.
export const TOUCH_BYTES = 12;
export const TOUCH_PFN = 0;
export const TOUCH_LOADS = 4;
export const TOUCH_STORES = 5;
export const TOUCH_OTHER_L2_FILLS = 6;
export const TOUCH_INSTRUCTIONS = 8;

// ---- Event record: one line of a kmem (or related) trace, little-endian ------------------------------
//
//  0          8     12         14    16    20    24   25      26            27      28      32
//  | time, ns | pfn | pfn high | cpu | pid | arg | op | order | migratetype | flags | count |
//
// pfn = bits 0..31, pfn high = bits 32..47; pid is that of the thread, as ftrace prints it. Which of arg and count an
// op uses is said beside it; both are 0 otherwise. Numbers above the width of their field are stored as its maximum.
export const EVENT_BYTES = 32;
export const EVENT_TIME_NS = 0;
export const EVENT_PFN = 8;
export const EVENT_PFN_HIGH = 12;
export const EVENT_CPU = 14;
export const EVENT_PID = 16;
export const EVENT_ARG = 20;
export const EVENT_OP = 24;
export const EVENT_ORDER = 25;
export const EVENT_MIGRATETYPE = 26;
export const EVENT_FLAGS = 27;
export const EVENT_COUNT = 28;

/** What the text did not say. */
export const EVENT_CPU_UNKNOWN = 0xffff;
export const EVENT_PID_UNKNOWN = 0xffffffff;
export const EVENT_MIGRATETYPE_UNKNOWN = 0xff;

/** This line repeats a free that is already in the stream (mm_page_free and mm_page_free_batched): free once. */
export const EVENT_FLAG_REPEAT = 1;
/** The recorder lost events just before this one. */
export const EVENT_FLAG_AFTER_LOSS = 2;

// Allocator events. pfn is a page frame; order counts pages as 2^order.
/** arg = gfp bits, numbered as in include/linux/gfp_types.h of 6.12. */
export const EVENT_ALLOC = 1;
export const EVENT_FREE = 2;
export const EVENT_FREE_BATCHED = 3;
/** count = percpu_refill. */
export const EVENT_ZONE_LOCKED = 4;
export const EVENT_PCPU_DRAIN = 5;
/** order, migratetype = what was asked for; count = fallback order | fallback migratetype << 8 | change ownership << 16. */
export const EVENT_EXTFRAG = 6;
// LRU and page cache.
/** count = index of the LRU list. */
export const EVENT_LRU_INSERT = 7;
export const EVENT_LRU_ACTIVATE = 8;
/** count = page offset in the file, arg = inode number. */
export const EVENT_PAGE_CACHE_ADD = 9;
export const EVENT_PAGE_CACHE_DELETE = 10;
// Processes. In a fault, pfn and pfn high hold the virtual page number.
/** count = error code of the fault. */
export const EVENT_FAULT_USER = 11;
/** migratetype = counter (0 file, 1 anon, 2 swap, 3 shmem), count = its value in 4 KiB pages, arg = mm id. */
export const EVENT_RSS_STAT = 12;
/** pid = parent, count = pid of the child. */
export const EVENT_FORK = 13;
export const EVENT_EXEC = 14;
export const EVENT_EXIT = 15;
// Migration, compaction, reclaim, isolation: no page is named, or a range is (pfn = its start).
/** count = pages migrated, arg = pages that failed, order = mode (0 async, 1 sync light, 2 sync), migratetype = reason. */
export const EVENT_MIGRATE = 16;
/** pfn = migrate scanner, count = zone pages, order = 1 when sync. */
export const EVENT_COMPACTION_BEGIN = 17;
export const EVENT_COMPACTION_END = 18;
/** pfn = start of the range, count = pages taken, arg = pages scanned. */
export const EVENT_ISOLATE_MIGRATE = 19;
export const EVENT_ISOLATE_FREE = 20;
/** count = pages migrated, arg = pages that failed. */
export const EVENT_COMPACTION_MIGRATE = 21;
/** order, count = pages taken, arg = pages scanned. */
export const EVENT_LRU_ISOLATE = 22;
/** count = pages reclaimed, arg = pages scanned. */
export const EVENT_LRU_SHRINK = 23;
/** order of the request that entered direct reclaim. */
export const EVENT_DIRECT_RECLAIM_BEGIN = 24;
/** count = pages reclaimed. */
export const EVENT_DIRECT_RECLAIM_END = 25;
export const EVENT_KSWAPD_WAKE = 26;
/** pfn = start, count = pages of the range tested, order = 1 when isolated (offlining). */
export const EVENT_TEST_ISOLATED = 27;
export const NR_EVENT_OPS = 28;
// ---- Cache hierarchy state: a header, events between levels, then the sets (assembly/cache/cache.ts) --
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
