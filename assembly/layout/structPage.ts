// struct page, shared between AssemblyScript and TypeScript.
// Only `export const` and `export const enum`: valid in both languages.

/** 4 KiB pages, the only page size whose struct pages the kernels here walk. */
export const PAGE_SHIFT = 12;
export const PAGE_BYTES = 4096;

// struct page, 64-bit, 6.x before memdesc (include/linux/mm_types.h, 6.1 and 6.12):
//
//  0        8        16       24       32       40       48        52        56       64
//  | flags  | lru.nx | lru.pv | mapping| index  | private|_mapcount|_refcount| memcg  |
export const STRUCT_PAGE_BYTES = 64;
export const STRUCT_PAGE_SHIFT = 6;
/** Memory that a byte of its memmap describes. */
export const BYTES_PER_MEMMAP_BYTE = 64;
export const PAGE_FLAGS = 0;
export const PAGE_LRU_NEXT = 8;
export const PAGE_LRU_PREV = 16;
export const PAGE_MAPPING = 24;
export const PAGE_INDEX = 32;
export const PAGE_PRIVATE = 40;
export const PAGE_TYPE = 48;
export const PAGE_REFCOUNT = 52;
export const PAGE_MEMCG = 56;
