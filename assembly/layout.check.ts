// Compile-time proof that layout.ts says what the structs are: drift stops the build.
import {
  CACHE_CHUNK_EVENTS,
  CACHE_COUNTERS_BEFORE,
  CACHE_SETS_BEFORE,
  CACHE_SETS_BEFORE_BYTES,
  CACHE_EVENTS_TO_L2,
  CACHE_EVENTS_TO_LLC,
  CACHE_EVENTS_TO_MEMORY,
  CACHE_EVENT_BYTES,
  CACHE_HEADER_BYTES,
  COUNTERS_BYTES,
  COUNTER_DEMAND,
  COUNTER_WRITE_BACKS,
  NR_ATTRS,
  NR_CLASSES,
  NR_DEMAND,
  NR_LEVELS,
  NR_OWNERS,
  NR_RW,
  NR_WRITE_BACKS,
  PAGE_FLAGS,
  PAGE_INDEX,
  PAGE_LRU_NEXT,
  PAGE_LRU_PREV,
  PAGE_MAPPING,
  PAGE_MEMCG,
  PAGE_PRIVATE,
  PAGE_REFCOUNT,
  PAGE_TYPE,
  STRUCT_PAGE_BYTES,
  STRUCT_PAGE_SHIFT,
} from "./layout";

import {
  CALLER_DEL_CLEAR,
  CALLER_OFFLINE,
  CTX_BYTES,
  CTX_SECTIONS,
  FREE_LIST_BYTES,
  MAX_PAGE_ORDER,
  NR_FREE_LISTS,
  NR_MIGRATETYPES,
  NR_STEPS,
  PAGEBLOCK_BYTES,
  PAGEBLOCK_ONLINE,
  PAGEBLOCK_ORDER,
  PAGEBLOCK_PAGES,
  PAGEBLOCK_SHIFT,
  SECTION_PAGES,
  SECTION_SHIFT,
  ZONE_BYTES,
  ZONE_FREE_LISTS,
} from "./layout.hotplug";

@unmanaged
class StructPage {
  flags: u64;
  lruNext: u64;
  lruPrev: u64;
  mapping: u64;
  index: u64;
  priv: u64;
  pageType: u32;
  refcount: u32;
  memcg: u64;
}

export function checkLayout(): void {
  if (offsetof<StructPage>() != STRUCT_PAGE_BYTES) ERROR("STRUCT_PAGE_BYTES drifted from StructPage");
  if (1 << STRUCT_PAGE_SHIFT != STRUCT_PAGE_BYTES) ERROR("STRUCT_PAGE_SHIFT drifted from STRUCT_PAGE_BYTES");
  if (offsetof<StructPage>("flags") != PAGE_FLAGS) ERROR("PAGE_FLAGS drifted");
  if (offsetof<StructPage>("lruNext") != PAGE_LRU_NEXT) ERROR("PAGE_LRU_NEXT drifted");
  if (offsetof<StructPage>("lruPrev") != PAGE_LRU_PREV) ERROR("PAGE_LRU_PREV drifted");
  if (offsetof<StructPage>("mapping") != PAGE_MAPPING) ERROR("PAGE_MAPPING drifted");
  if (offsetof<StructPage>("index") != PAGE_INDEX) ERROR("PAGE_INDEX drifted");
  if (offsetof<StructPage>("priv") != PAGE_PRIVATE) ERROR("PAGE_PRIVATE drifted");
  if (offsetof<StructPage>("pageType") != PAGE_TYPE) ERROR("PAGE_TYPE drifted");
  if (offsetof<StructPage>("refcount") != PAGE_REFCOUNT) ERROR("PAGE_REFCOUNT drifted");
  if (offsetof<StructPage>("memcg") != PAGE_MEMCG) ERROR("PAGE_MEMCG drifted");
  if (NR_CLASSES * NR_OWNERS * NR_RW != NR_ATTRS) ERROR("NR_ATTRS drifted");
  if (NR_ATTRS * NR_LEVELS != NR_DEMAND) ERROR("NR_DEMAND drifted");
  if (COUNTER_DEMAND + NR_DEMAND != COUNTER_WRITE_BACKS) ERROR("COUNTER_WRITE_BACKS drifted");
  if ((COUNTER_WRITE_BACKS + NR_WRITE_BACKS) * 8 > COUNTERS_BYTES) ERROR("COUNTERS_BYTES is too small");
  const listBytes = CACHE_CHUNK_EVENTS * CACHE_EVENT_BYTES;
  if (CACHE_EVENTS_TO_L2 + listBytes != CACHE_EVENTS_TO_LLC) ERROR("CACHE_EVENTS_TO_LLC drifted");
  if (CACHE_EVENTS_TO_LLC + 2 * listBytes != CACHE_EVENTS_TO_MEMORY) ERROR("CACHE_EVENTS_TO_MEMORY drifted");
  if (CACHE_EVENTS_TO_MEMORY + listBytes + CACHE_EVENT_BYTES > CACHE_COUNTERS_BEFORE) ERROR("events are too long");
  if (CACHE_COUNTERS_BEFORE + (NR_DEMAND + NR_WRITE_BACKS) * 8 > CACHE_SETS_BEFORE) ERROR("CACHE_SETS_BEFORE drifted");
  if (CACHE_SETS_BEFORE + CACHE_SETS_BEFORE_BYTES != CACHE_HEADER_BYTES) ERROR("CACHE_HEADER_BYTES drifted");
  if ((MAX_PAGE_ORDER + 1) * NR_MIGRATETYPES != NR_FREE_LISTS) ERROR("NR_FREE_LISTS drifted");
  if (ZONE_FREE_LISTS + NR_FREE_LISTS * FREE_LIST_BYTES > ZONE_BYTES) ERROR("ZONE_BYTES is too small");
  if (1 << PAGEBLOCK_ORDER != PAGEBLOCK_PAGES || 1 << SECTION_SHIFT != SECTION_PAGES) ERROR("a shift drifted");
  if (1 << PAGEBLOCK_SHIFT != PAGEBLOCK_BYTES || PAGEBLOCK_ONLINE >= PAGEBLOCK_BYTES) ERROR("PAGEBLOCK_BYTES drifted");
  if (CALLER_OFFLINE + CALLER_DEL_CLEAR >= NR_STEPS) ERROR("NR_STEPS is too small");
  if (CTX_SECTIONS + 4 > CTX_BYTES) ERROR("CTX_BYTES is too small");
}
