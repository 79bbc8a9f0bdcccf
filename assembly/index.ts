// The export list and nothing else.
export { initLayout } from "./header";
export { cacheInit, fillClean, touch } from "./cache/cache";
export { sweep } from "./cache/stream";
export { replayBatch } from "./replay/replay";
export {
  adjustManagedPageCount,
  adjustPresentPageCount,
  mhpDeinitMemmapOnMemory,
  mhpInitMemmapOnMemory,
  movePfnRangeToZone,
  pageInitPoison,
  removePfnRangeFromZone,
} from "./memmap/memmap";
export { onlinePagesRange } from "./memmap/freePass";
export {
  startIsolatePageRange,
  startOnlineIsolated,
  undoIsolatePageRange,
} from "./memmap/isolation";
export {
  checkOfflineRange,
  dissolveFreeHugetlbFolios,
  offlineIsolatedPages,
  scanMovablePages,
  testPagesIsolated,
} from "./memmap/offline";
export { initHotplug, materialiseBlock, seedOnlineBlock } from "./memmap/hotplug";
export { flushTouch } from "./memmap/countAccess";
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
export {
  freePass,
  initPass,
  isolationPass,
  lifePass,
  pageblockPass,
  poisonPass,
  scanPass,
} from "./memmap/barePasses";
export { engineAdd, engineAddBefore, engineRemove } from "./engine/lists";
export { engineInit, engineTouchBlock } from "./engine/pages";
export { touchBatch } from "./engine/touches";
export { engineFlush, engineRun, engineRunTails } from "./engine/touchPages";
export { engineFreeChunk, engineFreeOne } from "./engine/buddy";
export { engineStealChunk } from "./engine/fallback";
export { engineSetKernelZone, engineSetMigratetype } from "./engine/migratetypes";
export { engineIsolateBlock, engineMoveBlock } from "./engine/moveBlock";
export { engineTakeCompound } from "./engine/compound";
export { engineCommit, engineDrain, engineHoldPcp, engineRefill, engineTake } from "./engine/pcp";
export { engineHoldAnon, engineLruAddDrain } from "./engine/lru";
export { enginePageOp } from "./engine/pageOperations";
export { engineFreeList, engineFreeNext, engineRelease } from "./engine/release";
export { vmemmapFree, vmemmapPopulate } from "./memmap/populate";
export { engineFaultRun, engineUnmapRun } from "./engine/faultAndUnmapRuns";
