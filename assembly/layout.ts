// SINGLE SOURCE of the numbers that AssemblyScript and TypeScript share.
// Only `export const` and `export const enum`: valid in both languages.

/** Written at LAYOUT_MAGIC_OFFSET by `initLayout`, checked by the host: "ALTM". */
export const LAYOUT_MAGIC = 0x4d544c41;
export const LAYOUT_VERSION = 1;
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
