// SINGLE SOURCE of the numbers of the hotplug kernels (memmap, free pass, isolation, offline scan).
// Only `export const`: valid in AssemblyScript and TypeScript.

// 64-bit addresses as their high halves: TypeScript numbers cannot hold all of their low bits.
/** Struct page 0 lies at 0xffffea0000000000, x86_64 4-level without KASLR (arch/x86/include/asm/pgtable_64_types.h). */
export const VMEMMAP_BASE_HIGH = 0xffff_ea00;
/** List heads pretend to lie in the direct map: their words in a memmap image are compared with nothing. */
export const FREE_AREA_HIGH = 0xffff_8880;
/** include/linux/poison.h with CONFIG_ILLEGAL_POINTER_VALUE=0xdead000000000000. */
export const LIST_POISON_HIGH = 0xdead_0000;
export const LIST_POISON1_LOW = 0x100;
export const LIST_POISON2_LOW = 0x122;
/** mm/sparse.c, CONFIG_DEBUG_VM only: page_init_poison() writes PAGE_POISON_PATTERN -1. */
export const PAGE_POISON_BYTE = 0xff;

/** x86_64 with hugetlb: 2 MiB (include/linux/pageblock-flags.h); MAX_PAGE_ORDER 10 (include/linux/mmzone.h). */
export const PAGEBLOCK_ORDER = 9;
export const PAGEBLOCK_PAGES = 512;
export const MAX_PAGE_ORDER = 10;
/** 128 MiB sections of 4 KiB pages (arch/x86/include/asm/sparsemem.h). */
export const SECTION_PAGES = 32768;
export const SECTION_SHIFT = 15;

// enum migratetype (include/linux/mmzone.h) with CONFIG_CMA and CONFIG_MEMORY_ISOLATION
export const MIGRATE_UNMOVABLE = 0;
export const MIGRATE_MOVABLE = 1;
export const MIGRATE_RECLAIMABLE = 2;
export const MIGRATE_HIGHATOMIC = 3;
export const MIGRATE_CMA = 4;
export const MIGRATE_ISOLATE = 5;
export const NR_MIGRATETYPES = 6;

// enum zone_type on x86_64
export const ZONE_DMA = 0;
export const ZONE_DMA32 = 1;
export const ZONE_NORMAL = 2;
export const ZONE_MOVABLE = 3;

export const EBUSY = 16;
export const ENOENT = 2;

// ---- One pageblock: 16 bytes ------------------------------------------------------------------
// Free lists of idle blocks link pageblock heads only, so a list node is a pageblock. The links are
// pfns (or FREE_LIST_HEAD | list number); the struct page in the window carries the kernel pointers.
//
//  0      4      8        9             10     11      12
//  | next | prev | order  | migratetype | zone | online | inaccessible |
export const PAGEBLOCK_BYTES = 16;
export const PAGEBLOCK_SHIFT = 4;
export const PAGEBLOCK_NEXT = 0;
export const PAGEBLOCK_PREV = 4;
export const PAGEBLOCK_BUDDY_ORDER = 8;
export const PAGEBLOCK_MIGRATETYPE = 9;
export const PAGEBLOCK_ZONE = 10;
export const PAGEBLOCK_ONLINE = 11;
/** 1: the memory is out of reach, and with it the struct pages that lie on it (MHP_OFFLINE_INACCESSIBLE). */
export const PAGEBLOCK_INACCESSIBLE = 12;
/** PAGEBLOCK_BUDDY_ORDER of a pageblock whose first page heads no free chunk. */
export const NOT_BUDDY = 255;
/** PAGEBLOCK_ZONE of struct pages that were never initialised. */
export const NO_ZONE = 255;
/** A link that is a list head; the low bits say which. */
export const FREE_LIST_HEAD = 0xffff_ff00;

// ---- One zone: 48 bytes, then its free lists: next u32, prev u32, [order 0..10][migratetype] ----
export const ZONE_START_PFN = 0;
export const ZONE_SPANNED = 4;
export const ZONE_MANAGED = 8;
export const ZONE_PRESENT = 12;
export const ZONE_NR_ISOLATE = 16;
export const ZONE_CONTIGUOUS = 20;
/** The zone's number within its node (ZONE_MOVABLE...) and what PAGEBLOCK_ZONE calls it. */
export const ZONE_INDEX = 24;
/** How far from the start of the zone the contiguity walk is known to succeed: a cache, not kernel state. */
export const ZONE_WALKED_TO = 28;
export const ZONE_FREE_LISTS = 48;
export const FREE_LIST_BYTES = 8;
export const NR_FREE_LISTS = 66;
export const ZONE_BYTES = 1024;

// ---- Where the memmap lies: one u32 per section, and one altmap per memory block ---------------
/** A section's slice of the memmap: 2 MiB, one PMD on x86_64, mapped by vmemmap_populate_hugepages(). */
export const SLICE_PAGES = 512;
/** A section entry is the first pfn of its slice, or one of these. */
export const SLICE_NONE = 0xffff_ffff;
export const SLICE_IN_DRAM = 0xffff_fffe;
// struct vmem_altmap (include/linux/memremap.h), u32 pages each.
export const ALTMAP_BASE_PFN = 0;
export const ALTMAP_RESERVE = 4;
export const ALTMAP_FREE = 8;
export const ALTMAP_ALIGN = 12;
export const ALTMAP_ALLOC = 16;
export const ALTMAP_BYTES = 32;
export const ENOMEM = 12;

// ---- The context every hotplug kernel gets: one struct, filled by the host --------------------
export const CTX_WINDOW = 0; // u32 byte offset of the struct page of CTX_WINDOW_START
export const CTX_WINDOW_START = 4; // u32 pfn
export const CTX_WINDOW_END = 8; // u32 pfn, exclusive
export const CTX_PAGEBLOCKS = 12; // u32 byte offset of the entry of CTX_DEVICE_START
export const CTX_DEVICE_START = 16; // u32 pfn, section aligned
export const CTX_DEVICE_END = 20; // u32 pfn, exclusive
export const CTX_ZONE = 24; // u32 byte offset
export const CTX_RECIPE = 28; // u32 byte offset of NR_STEPS rows
export const CTX_FUNCTIONS = 32; // u32 byte offset of u64 [function][loads, stores]
export const CTX_CACHE = 36; // u32 byte offset of the cache hierarchy, 0: count only
export const CTX_COUNTERS = 40; // u32 byte offset
export const CTX_STREAM = 44; // u32 byte offset of 12-byte touch records, 0: none
export const CTX_STREAM_CAPACITY = 48; // u32 records
export const CTX_STREAM_LENGTH = 52; // u32 records wanted so far; beyond the capacity they are not written
export const CTX_FEATURES = 56; // u32 FEATURE_*
export const CTX_BAD_PAGES = 60; // u32 pages that __free_pages_ok found in an unexpected state
export const CTX_PAGE_FLAGS = 64; // u64 flags of a page in its zone and node: zone, node, last_cpupid reset
export const CTX_INIT_FLAGS = 72; // u64 what memmap_init_range adds to the flags (PG_reserved or nothing)
export const CTX_RESERVED_FLAG = 80; // u64 1 << PG_reserved
export const CTX_SELF_HOSTED_FLAG = 88; // u64 1 << PG_vmemmap_self_hosted
export const CTX_LRU_FLAG = 96; // u64 1 << PG_lru
export const CTX_CHECK_AT_PREP = 104; // u64 PAGE_FLAGS_CHECK_AT_PREP
export const CTX_INIT_TYPE = 112; // u32 page type word after init (PageOffline or -1)
export const CTX_BUDDY_TYPE = 116; // u32 page type word of a free chunk's head
export const CTX_OFFLINE_TYPE = 120; // u32 page type word of PageOffline
export const CTX_TOUCHES = 128; // u64 touches flushed so far
export const CTX_PENDING_PFN = 136; // u32 the touch that still gathers accesses
export const CTX_PENDING_LOADS = 140; // u32
export const CTX_PENDING_STORES = 144; // u32
export const CTX_PENDING_CLASS = 148; // u32
export const CTX_LOADS = 152; // u64
export const CTX_STORES = 160; // u64
export const CTX_SAMPLE_CLASSES = 168; // u32 number of line classes, 0: every touch goes to the hierarchy
export const CTX_SAMPLE_COUNTERS = 172; // u32 byte offset of the counters of the one ordinary class that runs
export const CTX_CLASS_CACHE_BYTES = 176; // u32 bytes of the hierarchy of one class; three lie at CTX_CACHE
export const CTX_SECTIONS = 180; // u32 byte offset of the section entry of CTX_DEVICE_START
export const CTX_BYTES = 256;
export const NO_PENDING = 0xffff_ffff;

/** free_one_page() splits chunks into pageblocks and isolation splits buddies (6.10+). */
export const FEATURE_SPLIT_LARGE_BUDDY = 1;
/** Struct pages are poisoned at add and when they leave a zone (CONFIG_DEBUG_VM). */
export const FEATURE_DEBUG_VM = 2;
/** A zone counts its online pages, so that none is read to see whether it is contiguous (posted in 2026). */
export const FEATURE_TRACKED_CONTIGUOUS = 4;
/** find_large_buddy() begins at the order that the pfn is aligned to, not at 0 (6.18+). */
export const FEATURE_BUDDY_BY_ALIGNMENT = 8;

// ---- Steps: what one kernel function does to one struct page -----------------------------------
// A recipe row is 8 bytes: function, loads, stores, unused; then a second function of the same step.
export const RECIPE_ROW_BYTES = 8;
export const NR_FUNCTIONS = 64;

export const STEP_POISON = 0;
export const STEP_INIT = 1;
export const STEP_SELF_HOSTED = 2;
export const STEP_RESCAN_FIRST = 3;
export const STEP_RESCAN_LAST = 4;
export const STEP_CORE_PAGE = 5;
export const STEP_CORE_HEAD = 6;
export const STEP_OK_HEAD_BEFORE = 7;
export const STEP_OK_TAIL = 8;
export const STEP_OK_HEAD_AFTER = 9;
export const STEP_ADJUST_PRESENT = 10;
export const STEP_ADJUST_MANAGED = 11;
export const STEP_SPAN = 12;
export const STEP_DEINIT = 13;
export const STEP_LIST_ADD_VALID = 14;
export const STEP_LIST_DEL_VALID_ENTRY = 15;
export const STEP_LIST_DEL_VALID_NEIGHBOUR = 16;
export const STEP_UNSET_PAGE = 17;
export const STEP_UNSET_ORDER = 18;
export const STEP_SET_ISOLATE = 19;
export const STEP_HAS_UNMOVABLE = 20;
export const STEP_SINGLE_ZONE = 21;
export const STEP_SINGLE_USED = 22;
export const STEP_SINGLE_BUDDY = 23;
export const STEP_MOVE_USED = 24;
export const STEP_MOVE_BUDDY = 25;
export const STEP_BLOCK_ISOLATE_HEAD = 26;
export const STEP_BLOCK_ISOLATE_TAIL = 28;
export const STEP_BLOCK_ISOLATE_STRADDLING = 29;
export const STEP_ISOLATE_FREE = 30;
export const STEP_PUTBACK = 31;
export const STEP_OFFLINE_RANGE = 32;
export const STEP_SCAN_MOVABLE = 33;
export const STEP_DISSOLVE = 34;
export const STEP_TEST_ZONE = 35;
export const STEP_TEST_CHUNK = 36;
export const STEP_OFFLINE_ZONE = 37;
export const STEP_OFFLINE_CHUNK = 38;
export const STEP_HAS_UNMOVABLE_BUDDY = 39;
export const STEP_HAS_UNMOVABLE_FREE = 40;
/** The list and buddy steps below exist once per function that inlines them: caller + step. */
export const CALLER_FREE_ONE_PAGE = 48;
export const CALLER_UNSET = 64;
export const CALLER_MOVE = 80;
export const CALLER_BLOCK_ISOLATE = 96;
export const CALLER_ISOLATE_FREE = 112;
export const CALLER_OFFLINE = 128;
export const CALLER_BUDDY_TYPE = 0;
export const CALLER_BUDDY_ORDER = 1;
export const CALLER_BUDDY_ZONE = 2;
export const CALLER_SET_BUDDY = 3;
export const CALLER_LIST_NEIGHBOUR = 4;
export const CALLER_LIST_NEW = 5;
export const CALLER_LIST_DEL = 6;
export const CALLER_DEL_CLEAR = 7;
export const NR_STEPS = 144;
