// Records of allocator events, written by importers and read by whoever follows them.
// Only `export const` and `export const enum`: valid in both languages.

// Event record: one line of a kmem (or related) trace, little-endian
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
