// The export list and nothing else.

export { cacheInit, fillClean, touch } from "./cache/cache";
export { sweep } from "./cache/stream";
export { buildChase, chase, chaseMany, randomStore, spin, streamRead, streamStore } from "./calibrate/calibrate";
export {
  buildList,
  churnList,
  countChurnList,
  countRandomUpdate,
  randomUpdate,
  timeCheckFreed,
  timeFreePass,
  timeInit,
  timeRelease,
  timeScan,
  timeScanMovable,
} from "./calibrate/calibratePages";
export { engineFreeChunk, engineFreeOne } from "./engine/buddy";
export { engineTakeCompound } from "./engine/compound";
export { engineCommit, engineDrain } from "./engine/drain";
export { engineStealChunk } from "./engine/fallback";
export { engineFaultRun, engineUnmapRun } from "./engine/faultAndUnmapRuns";
export { engineFillBlock } from "./engine/fillBlock";
export { engineAdd, engineAddBefore, engineRemove } from "./engine/lists";
export { engineHoldAnon, engineHoldFolio, engineLruAddDrain } from "./engine/lru";
export { engineSetKernelZone, engineSetMigratetype } from "./engine/migratetypes";
export { engineIsolateBlock, engineMoveBlock } from "./engine/moveBlock";
export { engineOfflineBusy, engineOfflinePart } from "./engine/offlineBusy";
export { enginePageOp } from "./engine/pageOperations";
export { engineInit, engineTouchBlock } from "./engine/pages";
export { engineHoldPcp, engineRefill, engineTake } from "./engine/pcp";
export { engineFreeList, engineFreeNext, engineRelease } from "./engine/release";
export { touchBatch } from "./engine/touches";
export { engineFlush, engineRun, engineRunTails } from "./engine/touchPages";
export { initLayout } from "./header";
export {
  freePass,
  initPass,
  isolationPass,
  lifePass,
  pageblockPass,
  poisonPass,
  scanPass,
} from "./memmap/barePasses";
export { flushTouch } from "./memmap/countAccess";
export { onlinePagesRange } from "./memmap/freePass";
export { initHotplug, materialiseBlock, seedOnlineBlock } from "./memmap/hotplug";
export {
  startIsolatePageRange,
  startOnlineIsolated,
  undoIsolatePageRange,
} from "./memmap/isolation";
export {
  adjustManagedPageCount,
  adjustPresentPageCount,
  mhpDeinitMemmapOnMemory,
  mhpInitMemmapOnMemory,
  movePfnRangeToZone,
  pageInitPoison,
  removePfnRangeFromZone,
} from "./memmap/memmap";
export {
  checkOfflineRange,
  dissolveFreeHugetlbFolios,
  offlineIsolatedPages,
  scanMovablePages,
  testPagesIsolated,
} from "./memmap/offline";
export { setInaccessible } from "./memmap/pageblock";
export { vmemmapFree, vmemmapPopulate } from "./memmap/populate";
export { replayBatch } from "./replay/replay";
