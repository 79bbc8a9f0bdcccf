// What happens to one page: faults, fork, copy on write, tmpfs, unmap, huge pages.

import {
  AT_TAIL,
  ENGINE_ACTIVATES,
  ENGINE_THP_QUEUED,
  LIST_DEFERRED,
  PAGE_CACHE,
  PAGE_EXCLUSIVE,
  PAGE_HUGE,
  PAGE_ON_LRU,
  PAGE_PENDING_ACTIVATE,
  PAGE_PENDING_ADD,
  PAGE_REFERENCED,
  PAGE_SECOND_LIST,
  PAGE_TABLE,
  PageOp,
} from "../layout/engine";
import { Step } from "../layout/steps";
import { takeHuge } from "./compound";
import { lastOf, push } from "./lists";
import { drainLruAdd, queueActivate, queueLru, queueQuietly } from "./lru";
import { dropMapping, flagsOf, mapcountOf, NONE, setFlags, setMapcount, surprise } from "./pages";
import { isFree, takeOut } from "./pcp";
import { run } from "./touchPages";

/** Does one PageOp; @return the page of thpFault (NONE when none is free), else `page`. */
export function enginePageOp(e: usize, op: u32, page: i32): i32 {
  switch (op) {
    case PageOp.anonFault:
      run(e, Step.anonFault, page);
      queueLru(e, page, Step.folioAddLru, Step.folioAddLruFull);
      break;
    case PageOp.argumentPage:
      run(e, Step.anonFault, page);
      setFlags(e, page, flagsOf(e, page) | PAGE_SECOND_LIST);
      queueLru(e, page, Step.shmemAddLru, Step.shmemAddLruFull);
      run(e, Step.execArguments, page);
      break;
    case PageOp.fork:
      forkPage(e, page);
      break;
    case PageOp.cowBegin:
      run(e, Step.cowCheck, page);
      if (flagsOf(e, page) & PAGE_PENDING_ADD) drainLruAdd(e);
      break;
    case PageOp.cowRmap:
      run(e, Step.cowRmap, page);
      queueLru(e, page, Step.folioAddLru, Step.folioAddLruFull);
      break;
    case PageOp.cowDrop:
      run(e, Step.cowDrop, page);
      dropMapping(e, page);
      break;
    case PageOp.fileCow:
      run(e, Step.fileCow, page);
      queueLru(e, page, Step.folioAddLru, Step.folioAddLruFull);
      break;
    case PageOp.cowReuse:
      run(e, Step.cowReuse, page);
      setFlags(e, page, flagsOf(e, page) | PAGE_EXCLUSIVE);
      break;
    case PageOp.splitPage:
      setFlags(e, page, PAGE_ON_LRU | PAGE_EXCLUSIVE);
      setMapcount(e, page, 1);
      break;
    case PageOp.shmemWrite:
      run(e, Step.shmemAlloc, page);
      setFlags(e, page, PAGE_REFERENCED | PAGE_CACHE);
      queueLru(e, page, Step.shmemAddLru, Step.shmemAddLruFull);
      run(e, Step.shmemWritten, page);
      break;
    case PageOp.shmemRead:
      shmemRead(e, page);
      break;
    case PageOp.truncate:
      run(e, Step.truncateFolio, page);
      setMapcount(e, page, 0);
      break;
    case PageOp.zap:
      zap(e, page);
      break;
    case PageOp.settle:
      settle(e, page);
      break;
    case PageOp.addLru:
      setFlags(e, page, PAGE_EXCLUSIVE);
      setMapcount(e, page, 1);
      queueLru(e, page, Step.shmemAddLru, Step.shmemAddLruFull);
      break;
    case PageOp.takeHuge:
      return takeHuge(e, page);
    case PageOp.thpFault:
      return thpFault(e, page);
  }
  return page;
}

function forkPage(e: usize, page: u32): void {
  const flags = flagsOf(e, page);
  run(e, flags & PAGE_EXCLUSIVE ? Step.forkExclusive : Step.forkShared, page);
  setFlags(e, page, flags & ~PAGE_EXCLUSIVE);
  setMapcount(e, page, mapcountOf(e, page) + 1);
}

function shmemRead(e: usize, page: u32): void {
  const flags = flagsOf(e, page);
  run(e, Step.shmemRead, page);
  if (load<u32>(e, ENGINE_ACTIVATES) == 0) run(e, Step.shmemReadInactive, page);
  else if (flags & PAGE_SECOND_LIST) run(e, Step.shmemReadActive, page);
  else if (flags & PAGE_PENDING_ADD) {
    run(e, Step.shmemReadPending, page);
    setFlags(e, page, flags | PAGE_SECOND_LIST);
  } else if ((flags & PAGE_PENDING_ACTIVATE) == 0) {
    queueActivate(e, page);
    run(e, Step.activatePut, page);
  }
  run(e, Step.shmemReadDone, page);
}

function zap(e: usize, page: u32): void {
  const flags = flagsOf(e, page);
  if (flags & (PAGE_HUGE | PAGE_TABLE)) {
    run(e, flags & PAGE_HUGE ? Step.thpZap : Step.tableUnmap, page);
    setMapcount(e, page, 0);
    return;
  }
  run(e, mapcountOf(e, page) > 1 ? Step.zapShared : Step.zapLast, page);
  dropMapping(e, page);
}

/** Makes a page what a free or an unmap of it needs: mapped once, and not free. */
function settle(e: usize, page: u32): void {
  if (flagsOf(e, page) & PAGE_HUGE) return;
  if (!isFree(e, page)) {
    setMapcount(e, page, 1);
    return;
  }
  surprise(e);
  takeOut(e, page);
  setMapcount(e, page, 1);
}

function thpFault(e: usize, wanted: i32): i32 {
  const page = takeHuge(e, wanted);
  if (page == NONE) return NONE;
  run(e, Step.thpFault, page);
  setFlags(e, page, PAGE_HUGE | PAGE_EXCLUSIVE);
  setMapcount(e, page, 1);
  // A large folio does not wait in the batch: it moves it.
  queueQuietly(e, page);
  drainLruAdd(e);
  const isQueued = load<u32>(e, ENGINE_THP_QUEUED) != 0;
  run(e, Step.thpMapped, page, isQueued ? lastOf(e, LIST_DEFERRED) : NONE);
  if (isQueued) push(e, LIST_DEFERRED, page + 2, AT_TAIL);
  return page;
}
