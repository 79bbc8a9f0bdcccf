// The export list and nothing else.
export { initLayout } from "./header";
export { cacheInit, fillClean, touch } from "./cache";
export { sweep } from "./stream";
export { replayBatch } from "./replay";
export {
  adjustManagedPageCount,
  adjustPresentPageCount,
  mhpDeinitMemmapOnMemory,
  mhpInitMemmapOnMemory,
  movePfnRangeToZone,
  pageInitPoison,
  removePfnRangeFromZone,
} from "./memmap";
export { onlinePagesRange } from "./freepass";
export {
  startIsolatePageRange,
  startOnlineIsolated,
  undoIsolatePageRange,
} from "./isolation";
export {
  checkOfflineRange,
  dissolveFreeHugetlbFolios,
  offlineIsolatedPages,
  scanMovablePages,
  testPagesIsolated,
} from "./offline";
export { initHotplug, materialiseBlock, seedOnlineBlock } from "./hotplug";
export { flushTouch } from "./access";
export { buildChase, chase, chaseMany, randomStore, spin, streamRead, streamStore } from "./calibrate";
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
} from "./calibratePages";
export {
  freePass,
  initPass,
  isolationPass,
  lifePass,
  pageblockPass,
  poisonPass,
  scanPass,
} from "./passes";
export { engineAdd, engineAddBefore, engineRemove } from "./engineLists";
export { engineInit, engineTouchBlock } from "./enginePages";
export { engineFlush, engineRun, engineRunTails } from "./engineTouch";
export { engineFreeChunk, engineFreeOne } from "./buddy";
export { engineStealChunk } from "./fallback";
export { engineSetKernelZone, engineSetMigratetype } from "./migratetypes";
export { engineIsolateBlock, engineMoveBlock } from "./moveBlock";
export { engineTakeCompound } from "./compound";
export { engineCommit, engineDrain, engineHoldPcp, engineRefill, engineTake } from "./pcp";
export { engineHoldAnon, engineLruAddDrain } from "./lru";
export { enginePageOp } from "./pageOps";
export { engineFreeList, engineFreeNext, engineRelease } from "./release";
export { vmemmapFree, vmemmapPopulate } from "./populate";
export { engineFaultRun, engineUnmapRun } from "./runs";
