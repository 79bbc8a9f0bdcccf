// Touches of struct pages, shared between AssemblyScript and TypeScript.
// Only `export const` and `export const enum`: valid in both languages.

// What a touch is: attr = class << 2 | owner << 1 | rw

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

// Touch record: one visit to one struct page, little-endian, as in a *.touch.gz
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
