// Compile-time proof that engine.ts lays out what these structs are: nothing overlaps, everything is aligned.
import * as E from "./engine";

/** What lies before the folio batches. */
@unmanaged
class EngineHead {
  nrPages: u32;
  pages: u32;
  stepRow: u32;
  rows: u32;
  rowRuns: u32;
  stream: u32;
  streamCapacity: u32;
  streamCount: u32;
  freed: u32;
  nrFreed: u32;
  silent: u32;
  basePfn: u32;
  cache: u32;
  counters: u32;
  lastPage: i32;
  lastClass: u32;
  lastLoads: u32;
  lastStores: u32;
  touches: u64;
  loads: u64;
  stores: u64;
  distinct: u64;
  surprises: u32;
  pcpBatch: u32;
  pcpHigh: u32;
  nrPending: u32;
  isLean: u32;
  folioBatch: u32;
  releaseLockBatch: u32;
  freesBackwards: u32;
  activates: u32;
  thpAtOnce: u32;
  nrLruAdd: u32;
  nrActivate: u32;
}

/** What lies behind them. */
@unmanaged
class EngineTail {
  gatherBundle: u32;
  gatherBatch: u32;
  gatherBatches: u32;
  freeBatch: u32;
  blockTable: u32;
  poolBlocks: u32;
  poolUsed: u32;
  poolFull: u32;
  lazyNext: u32;
  lazyEnd: u32;
  pageblocks: u32;
  nrIsolated: u32;
  freeTypeOfBlock: u32;
  claimsBlocks: u32;
  rmqueueMode: u32;
  thpQueued: u32;
  zones: u32;
  hasKernelZone: u32;
  zonePcp: u64;
  kernelZonePcp: u64;
  windows: u32;
  instructionsQ8: u32;
  migratesInBatches: u32;
  pending: u32;
}

@unmanaged
class Entry {
  next: u32;
  prev: u32;
  list: u8;
  order: i8;
  flags: u16;
  mapcount: u32;
}

@unmanaged
class EngineTouch {
  pfn: u32;
  loads: u16;
  stores: u16;
  accessClass: u32;
}

/** A folio batch holds up to 31 pages (include/linux/pagevec.h PAGEVEC_SIZE, 6.12). */
const BATCH_BYTES = 128;

/** Fails the build where the layout of the page engine has drifted. */
export function checkEngineLayout(): void {
  checkHead();
  checkTail();
  if (E.ENGINE_LISTS % 8 != 0 || E.ENGINE_LISTS + E.NR_LISTS * 8 > E.ENGINE_HEADER_BYTES) ERROR("ENGINE_LISTS drifted");
  if (E.NR_LISTS > E.LIST_NONE || E.NR_LISTS > 2 << E.ZONE_LISTS_SHIFT) ERROR("NR_LISTS is too large");
  if (E.ZONE_LISTS_MASK != (1 << E.ZONE_LISTS_SHIFT) - 1 || E.LIST_POOL_ACTIVE > E.ZONE_LISTS_MASK)
    ERROR("a zone's lists drifted");
  if (E.PCP_TYPES * (E.PCP_MAX_ORDER + 1) != E.LIST_PCP_HUGE || E.NR_PCP_LISTS > E.LIST_FREE)
    ERROR("pcp lists drifted");
  if (E.ENGINE_MAX_ORDER + 1 != E.NR_ORDERS) ERROR("NR_ORDERS drifted");
  if (E.LIST_FREE + (E.FREE_ISOLATED + 1) * E.NR_ORDERS > E.LIST_LRU_FIRST) ERROR("free lists overlap the LRU");
  if (1 << E.ZONE_PCP_SHIFT != E.ZONE_PCP_FREE_FACTOR + 4 || E.ZONE_KERNEL != 1) ERROR("ENGINE_ZONE_PCP drifted");
  if (1 << E.ENGINE_BLOCK_SHIFT != E.ENGINE_BLOCK_PAGES) ERROR("ENGINE_BLOCK_SHIFT drifted");
  if (1 << E.ENGINE_HUGE_ORDER != E.ENGINE_HUGE_PAGES) ERROR("ENGINE_HUGE_PAGES drifted");
  if (offsetof<Entry>() != E.ENTRY_BYTES || 1 << E.ENTRY_SHIFT != E.ENTRY_BYTES) ERROR("ENTRY_BYTES drifted");
  if (offsetof<Entry>("next") != E.ENTRY_NEXT) ERROR("ENTRY_NEXT drifted");
  if (offsetof<Entry>("prev") != E.ENTRY_PREV) ERROR("ENTRY_PREV drifted");
  if (offsetof<Entry>("list") != E.ENTRY_LIST) ERROR("ENTRY_LIST drifted");
  if (offsetof<Entry>("order") != E.ENTRY_ORDER) ERROR("ENTRY_ORDER drifted");
  if (offsetof<Entry>("flags") != E.ENTRY_FLAGS) ERROR("ENTRY_FLAGS drifted");
  if (offsetof<Entry>("mapcount") != E.ENTRY_MAPCOUNT) ERROR("ENTRY_MAPCOUNT drifted");
  if (offsetof<EngineTouch>() != E.ENGINE_TOUCH_BYTES) ERROR("ENGINE_TOUCH_BYTES drifted");
  if (offsetof<EngineTouch>("pfn") != E.ENGINE_TOUCH_PFN) ERROR("ENGINE_TOUCH_PFN drifted");
  if (offsetof<EngineTouch>("loads") != E.ENGINE_TOUCH_LOADS) ERROR("ENGINE_TOUCH_LOADS drifted");
  if (offsetof<EngineTouch>("stores") != E.ENGINE_TOUCH_STORES) ERROR("ENGINE_TOUCH_STORES drifted");
  if (offsetof<EngineTouch>("accessClass") != E.ENGINE_TOUCH_CLASS) ERROR("ENGINE_TOUCH_CLASS drifted");
}

function checkHead(): void {
  if (offsetof<EngineHead>("nrPages") != E.ENGINE_NR_PAGES) ERROR("ENGINE_NR_PAGES drifted");
  if (offsetof<EngineHead>("pages") != E.ENGINE_PAGES) ERROR("ENGINE_PAGES drifted");
  if (offsetof<EngineHead>("stepRow") != E.ENGINE_STEP_ROW) ERROR("ENGINE_STEP_ROW drifted");
  if (offsetof<EngineHead>("rows") != E.ENGINE_ROWS) ERROR("ENGINE_ROWS drifted");
  if (offsetof<EngineHead>("rowRuns") != E.ENGINE_ROW_RUNS) ERROR("ENGINE_ROW_RUNS drifted");
  if (offsetof<EngineHead>("stream") != E.ENGINE_STREAM) ERROR("ENGINE_STREAM drifted");
  if (offsetof<EngineHead>("streamCapacity") != E.ENGINE_STREAM_CAPACITY) ERROR("ENGINE_STREAM_CAPACITY drifted");
  if (offsetof<EngineHead>("streamCount") != E.ENGINE_STREAM_COUNT) ERROR("ENGINE_STREAM_COUNT drifted");
  if (offsetof<EngineHead>("freed") != E.ENGINE_FREED) ERROR("ENGINE_FREED drifted");
  if (offsetof<EngineHead>("nrFreed") != E.ENGINE_NR_FREED) ERROR("ENGINE_NR_FREED drifted");
  if (offsetof<EngineHead>("silent") != E.ENGINE_SILENT) ERROR("ENGINE_SILENT drifted");
  if (offsetof<EngineHead>("basePfn") != E.ENGINE_BASE_PFN) ERROR("ENGINE_BASE_PFN drifted");
  if (offsetof<EngineHead>("cache") != E.ENGINE_CACHE) ERROR("ENGINE_CACHE drifted");
  if (offsetof<EngineHead>("counters") != E.ENGINE_COUNTERS) ERROR("ENGINE_COUNTERS drifted");
  if (offsetof<EngineHead>("lastPage") != E.ENGINE_LAST_PAGE) ERROR("ENGINE_LAST_PAGE drifted");
  if (offsetof<EngineHead>("lastLoads") != E.ENGINE_LAST_LOADS) ERROR("ENGINE_LAST_LOADS drifted");
  if (offsetof<EngineHead>("lastStores") != E.ENGINE_LAST_STORES) ERROR("ENGINE_LAST_STORES drifted");
  if (offsetof<EngineHead>("lastClass") != E.ENGINE_LAST_CLASS) ERROR("ENGINE_LAST_CLASS drifted");
  if (offsetof<EngineHead>("touches") != E.ENGINE_TOUCHES) ERROR("ENGINE_TOUCHES drifted");
  if (offsetof<EngineHead>("loads") != E.ENGINE_LOADS) ERROR("ENGINE_LOADS drifted");
  if (offsetof<EngineHead>("stores") != E.ENGINE_STORES) ERROR("ENGINE_STORES drifted");
  if (offsetof<EngineHead>("distinct") != E.ENGINE_DISTINCT) ERROR("ENGINE_DISTINCT drifted");
  if (offsetof<EngineHead>("surprises") != E.ENGINE_SURPRISES) ERROR("ENGINE_SURPRISES drifted");
  if (offsetof<EngineHead>("pcpBatch") != E.ENGINE_PCP_BATCH) ERROR("ENGINE_PCP_BATCH drifted");
  if (offsetof<EngineHead>("pcpHigh") != E.ENGINE_PCP_HIGH) ERROR("ENGINE_PCP_HIGH drifted");
  if (offsetof<EngineHead>("nrPending") != E.ENGINE_NR_PENDING) ERROR("ENGINE_NR_PENDING drifted");
  if (offsetof<EngineHead>("isLean") != E.ENGINE_IS_LEAN) ERROR("ENGINE_IS_LEAN drifted");
  if (offsetof<EngineHead>("folioBatch") != E.ENGINE_FOLIO_BATCH) ERROR("ENGINE_FOLIO_BATCH drifted");
  if (offsetof<EngineHead>("releaseLockBatch") != E.ENGINE_RELEASE_LOCK_BATCH)
    ERROR("ENGINE_RELEASE_LOCK_BATCH drifted");
  if (offsetof<EngineHead>("freesBackwards") != E.ENGINE_FREES_BACKWARDS) ERROR("ENGINE_FREES_BACKWARDS drifted");
  if (offsetof<EngineHead>("activates") != E.ENGINE_ACTIVATES) ERROR("ENGINE_ACTIVATES drifted");
  if (offsetof<EngineHead>("thpAtOnce") != E.ENGINE_THP_AT_ONCE) ERROR("ENGINE_THP_AT_ONCE drifted");
  if (offsetof<EngineHead>("nrLruAdd") != E.ENGINE_NR_LRU_ADD) ERROR("ENGINE_NR_LRU_ADD drifted");
  if (offsetof<EngineHead>("nrActivate") != E.ENGINE_NR_ACTIVATE) ERROR("ENGINE_NR_ACTIVATE drifted");
  if (offsetof<EngineHead>() != E.ENGINE_LRU_ADD) ERROR("ENGINE_LRU_ADD drifted");
  if (E.ENGINE_LRU_ADD + BATCH_BYTES != E.ENGINE_ACTIVATE) ERROR("ENGINE_ACTIVATE drifted");
}

function checkTail(): void {
  if (E.ENGINE_ACTIVATE + BATCH_BYTES != E.ENGINE_GATHER_BUNDLE) ERROR("ENGINE_GATHER_BUNDLE drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("gatherBundle") != E.ENGINE_GATHER_BUNDLE)
    ERROR("ENGINE_GATHER_BUNDLE drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("gatherBatch") != E.ENGINE_GATHER_BATCH)
    ERROR("ENGINE_GATHER_BATCH drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("gatherBatches") != E.ENGINE_GATHER_BATCHES)
    ERROR("ENGINE_GATHER_BATCHES drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("freeBatch") != E.ENGINE_FREE_BATCH)
    ERROR("ENGINE_FREE_BATCH drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("blockTable") != E.ENGINE_BLOCK_TABLE)
    ERROR("ENGINE_BLOCK_TABLE drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("poolBlocks") != E.ENGINE_POOL_BLOCKS)
    ERROR("ENGINE_POOL_BLOCKS drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("poolUsed") != E.ENGINE_POOL_USED)
    ERROR("ENGINE_POOL_USED drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("poolFull") != E.ENGINE_POOL_FULL)
    ERROR("ENGINE_POOL_FULL drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("lazyNext") != E.ENGINE_LAZY_NEXT)
    ERROR("ENGINE_LAZY_NEXT drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("lazyEnd") != E.ENGINE_LAZY_END) ERROR("ENGINE_LAZY_END drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("pageblocks") != E.ENGINE_PAGEBLOCKS)
    ERROR("ENGINE_PAGEBLOCKS drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("nrIsolated") != E.ENGINE_NR_ISOLATED)
    ERROR("ENGINE_NR_ISOLATED drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("freeTypeOfBlock") != E.ENGINE_FREE_TYPE_OF_BLOCK)
    ERROR("ENGINE_FREE_TYPE_OF_BLOCK drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("claimsBlocks") != E.ENGINE_CLAIMS_BLOCKS)
    ERROR("ENGINE_CLAIMS_BLOCKS drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("rmqueueMode") != E.ENGINE_RMQUEUE_MODE)
    ERROR("ENGINE_RMQUEUE_MODE drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("thpQueued") != E.ENGINE_THP_QUEUED)
    ERROR("ENGINE_THP_QUEUED drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("zones") != E.ENGINE_ZONES) ERROR("ENGINE_ZONES drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("hasKernelZone") != E.ENGINE_HAS_KERNEL_ZONE)
    ERROR("ENGINE_HAS_KERNEL_ZONE drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("zonePcp") != E.ENGINE_ZONE_PCP) ERROR("ENGINE_ZONE_PCP drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("windows") != E.ENGINE_WINDOWS) ERROR("ENGINE_WINDOWS drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("migratesInBatches") != E.ENGINE_MIGRATES_IN_BATCHES)
    ERROR("ENGINE_MIGRATES_IN_BATCHES drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("pending") != E.ENGINE_PENDING) ERROR("ENGINE_PENDING drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>("instructionsQ8") != E.ENGINE_INSTRUCTIONS_Q8)
    ERROR("ENGINE_INSTRUCTIONS_Q8 drifted");
  if (E.ENGINE_GATHER_BUNDLE + offsetof<EngineTail>() > E.ENGINE_LISTS) ERROR("the header runs into ENGINE_LISTS");
}
