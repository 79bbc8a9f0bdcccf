// State of the page engine, shared between AssemblyScript and TypeScript.
// Only `export const` and `export const enum`: valid in both languages.

// ---- Engine state, u32 each unless said otherwise: a header, then pages, recipes and output where it says ----
//
//  0        512               2048
//  | header | lists head tail | ...
export const ENGINE_NR_PAGES = 0;
/** Byte offsets of the other regions. */
export const ENGINE_PAGES = 4;
export const ENGINE_STEP_ROW = 8;
export const ENGINE_ROWS = 12;
export const ENGINE_ROW_RUNS = 16;
export const ENGINE_STREAM = 20;
/** Records that the stream holds, and has. */
export const ENGINE_STREAM_CAPACITY = 24;
export const ENGINE_STREAM_COUNT = 28;
export const ENGINE_FREED = 32;
export const ENGINE_NR_FREED = 36;
/** 1: touches are not counted (the state before). */
export const ENGINE_SILENT = 40;
/** pfn of page 0; where touches of it go in the cache hierarchy (0: nowhere). */
export const ENGINE_BASE_PFN = 44;
export const ENGINE_CACHE = 48;
export const ENGINE_COUNTERS = 52;
/** The touch that is being coalesced: i32 page, class; then loads and stores, which are added up as one u64. */
export const ENGINE_LAST_PAGE = 56;
export const ENGINE_LAST_CLASS = 60;
export const ENGINE_LAST_LOADS = 64;
export const ENGINE_LAST_STORES = 68;
/** u64 each; loads and stores are added to as one vector. */
export const ENGINE_TOUCHES = 72;
export const ENGINE_LOADS = 80;
export const ENGINE_STORES = 88;
export const ENGINE_DISTINCT = 96;
export const ENGINE_SURPRISES = 104;
/** struct per_cpu_pages of one CPU (mm/page_alloc.c): batch and high. */
export const ENGINE_PCP_BATCH = 108;
export const ENGINE_PCP_HIGH = 112;
/** Sizes of the kernel version (src/linux/recipes/table.ts KernelSizes). */
export const ENGINE_FOLIO_BATCH = 124;
export const ENGINE_RELEASE_LOCK_BATCH = 128;
export const ENGINE_FREES_BACKWARDS = 132;
export const ENGINE_ACTIVATES = 136;
export const ENGINE_THP_AT_ONCE = 140;
/** Folio batches: length, then up to 31 pages. */
export const ENGINE_NR_LRU_ADD = 144;
export const ENGINE_NR_ACTIVATE = 148;
export const ENGINE_LRU_ADD = 152;
export const ENGINE_ACTIVATE = 280;
/** struct mmu_gather, and folios freed at once. */
export const ENGINE_GATHER_BUNDLE = 408;
export const ENGINE_GATHER_BATCH = 412;
export const ENGINE_GATHER_BATCHES = 416;
export const ENGINE_FREE_BATCH = 420;
/** Pages are materialised by block of 32,768 (128 MiB): u32 a block, the byte offset of its entries, 0 when untouched. */
export const ENGINE_BLOCK_TABLE = 424;
/** Blocks that the pool of entries holds, has given away, and whether one more was asked for. */
export const ENGINE_POOL_BLOCKS = 428;
export const ENGINE_POOL_USED = 432;
export const ENGINE_POOL_FULL = 436;
/** Untouched blocks that are free as a whole: next, and end. Their chunks come to the tails when they are needed. */
export const ENGINE_LAZY_NEXT = 440;
export const ENGINE_LAZY_END = 444;
/** Four bits a pageblock: where they are; how many are isolated. */
export const ENGINE_PAGEBLOCKS = 448;
export const ENGINE_NR_ISOLATED = 452;
/** Free lists hold what belongs to pageblocks of their type; fallback claims a pageblock or takes one chunk (6.12). */
export const ENGINE_FREE_TYPE_OF_BLOCK = 456;
export const ENGINE_CLAIMS_BLOCKS = 460;
/** RMQUEUE_*: where the last page of a refill came from. */
export const ENGINE_RMQUEUE_MODE = 464;
/** KernelSizes.thpQueuedAtFault. */
export const ENGINE_THP_QUEUED = 468;
/** u8 a block: its zone; and whether there are two zones. */
export const ENGINE_ZONES = 472;
export const ENGINE_HAS_KERNEL_ZONE = 476;
/** Per zone two u32: 4 KiB pages on its pcp lists, and pcp->free_factor. */
export const ENGINE_ZONE_PCP = 480;
export const ZONE_PCP_COUNT = 0;
export const ZONE_PCP_FREE_FACTOR = 4;
export const ZONE_PCP_SHIFT = 3;
/** Windows of misses (layout.windows.ts): two regions, pages at random and in pfn order; where no caches are, unused. */
export const ENGINE_WINDOWS = 496;
/** Instructions from one touch to the next, a mean in units of 2^-8 that the host sets. */
export const ENGINE_INSTRUCTIONS_Q8 = 500;
/** 1: distinct pages are not counted, and a touch gives a block no entries. */
export const ENGINE_IS_LEAN = 120;
/** KernelSizes.migratesInBatches. */
export const ENGINE_MIGRATES_IN_BATCHES = 504;
/** Touches that have not passed the caches yet: where, and how many. */
export const ENGINE_PENDING = 508;
export const ENGINE_NR_PENDING = 116;
/** Two u32 a list: first and last page + 1, 0 when empty. */
export const ENGINE_LISTS = 512;
export const ENGINE_HEADER_BYTES = 2048;

// One page: 16 bytes, so that 256 GiB of 4 KiB pages take 1 GiB.
//
//  0      4      8      9       10      12         16
//  | next | prev | list | order | flags | mapcount |
//
// next and prev are page + 1, 0 at the ends; order is i8, -1 for what is no head of a free chunk. A page on a pcp list keeps
// its migratetype in mapcount, as the kernel does in page->index (get_pcppage_migratetype, 6.1).
export const ENTRY_BYTES = 16;
export const ENTRY_SHIFT = 4;
export const ENTRY_NEXT = 0;
export const ENTRY_PREV = 4;
export const ENTRY_LIST = 8;
export const ENTRY_ORDER = 9;
export const ENTRY_FLAGS = 10;
export const ENTRY_MAPCOUNT = 12;

export const ENGINE_BLOCK_SHIFT = 15;
export const ENGINE_BLOCK_PAGES = 32768;

/** One recipe row: role, loads, stores, access class. */
export const ROW_BYTES = 4;

/** Touches that pass the caches together, a u64 each. */
export const PENDING_TOUCHES = 240;
export const PENDING_BYTES = 8;

/** One touch that the engine hands out: pfn, loads, stores, class; loads and stores up to 65535. */
export const ENGINE_TOUCH_BYTES = 12;
export const ENGINE_TOUCH_PFN = 0;
export const ENGINE_TOUCH_LOADS = 4;
export const ENGINE_TOUCH_STORES = 6;
export const ENGINE_TOUCH_CLASS = 8;

// Zones of hot-added memory: that in which everything is (or is movable), and a kernel zone beside a movable one.
export const ZONE_MAIN = 0;
export const ZONE_KERNEL = 1;

// Lists. pcp lists and free lists of the kernel zone have the same numbers, 128 higher.
export const ZONE_LISTS_SHIFT = 7;
export const ZONE_LISTS_MASK = 127;
/** pcp lists by order and migratetype (order_to_pindex): orders 0 to 3, then huge pages of other types, and movable ones. */
export const LIST_PCP = 0;
export const PCP_TYPES = 3;
export const PCP_MAX_ORDER = 3;
export const LIST_PCP_HUGE = 12;
export const NR_PCP_LISTS = 14;
/** Free chunks by migratetype and order; the fourth set is that of isolated pageblocks. */
export const LIST_FREE = 14;
export const NR_ORDERS = 11;
export const FREE_ISOLATED = 3;
/** Classic LRU: inactive and active; multi-gen LRU: the youngest generation and an older one. */
export const LIST_LRU_FIRST = 58;
export const LIST_LRU_SECOND = 59;
/** A list in the making: pages isolated for migration. */
export const LIST_PRIVATE = 60;
/** 6.12: pages unmapped, waiting to be moved. */
export const LIST_UNMAPPED = 61;
/** Huge pages that a split may shrink, by their second tail page, whose list head it is (page_deferred_list). */
export const LIST_DEFERRED = 62;
/** hugepage_freelists and hugepage_activelist. */
export const LIST_POOL = 63;
export const LIST_POOL_ACTIVE = 64;
export const NR_LISTS = 192;
export const LIST_NONE = 255;

// Page flags.
export const PAGE_ON_LRU = 1;
export const PAGE_SECOND_LIST = 2;
export const PAGE_REFERENCED = 4;
export const PAGE_EXCLUSIVE = 8;
export const PAGE_PENDING_ADD = 16;
export const PAGE_CACHE = 32;
export const PAGE_HUGE = 64;
export const PAGE_PENDING_ACTIVATE = 128;
/** Its struct page was touched before. */
export const PAGE_SEEN = 256;
/** Not the first page of an allocation of higher order. */
export const PAGE_TAIL = 512;
/** A page table of a process. */
export const PAGE_TABLE = 1024;
/** Four bits: the order of a large folio on an LRU list, at its head; PAGE_HUGE has none, being of ENGINE_HUGE_ORDER. */
export const FOLIO_ORDER_SHIFT = 12;

/** Where a page goes on a list. */
export const AT_HEAD = 0;
export const AT_TAIL = 1;

/** What the engine does to one page: exported as one call so that drivers stay short. */
export const enum PageOp {
  anonFault,
  argumentPage,
  fork,
  cowBegin,
  cowRmap,
  cowDrop,
  shmemWrite,
  shmemRead,
  truncate,
  zap,
  settle,
  thpFault,
  addLru,
  fileCow,
  cowReuse,
  splitPage,
  takeHuge,
}

/** Parts of an offline of a block in use, in their order. */
export const enum OfflinePart {
  isolate,
  edge,
  scan,
  collect,
  look,
  batch,
  dissolve,
  test,
  take,
  walk,
}

export const ENGINE_MAX_ORDER = 10;
export const ENGINE_HUGE_ORDER = 9;
export const ENGINE_HUGE_PAGES = 512;

/** NR_PAGEBLOCK_BITS, of which three are the migratetype (include/linux/pageblock-flags.h). */
export const PAGEBLOCK_BITS = 4;
export const PAGEBLOCK_TYPE_MASK = 7;

/** enum rmqueue_mode, as far as it is remembered from page to page. */
export const RMQUEUE_NORMAL = 0;
export const RMQUEUE_STEAL = 1;

/** How a page comes from a chunk of another migratetype: as the rule says, or as was recorded. */
export const FALLBACK_RULE = 0;
export const FALLBACK_CLAIM = 1;
export const FALLBACK_STEAL = 2;
