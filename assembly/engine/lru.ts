// Per-CPU folio batches and the LRU lists behind them (mm/swap.c).

import {
  AT_HEAD,
  ENGINE_ACTIVATE,
  ENGINE_ACTIVATES,
  ENGINE_FOLIO_BATCH,
  ENGINE_HUGE_ORDER,
  ENGINE_LRU_ADD,
  ENGINE_NR_ACTIVATE,
  ENGINE_NR_LRU_ADD,
  ENGINE_ROWS,
  ENGINE_SILENT,
  ENGINE_STEP_ROW,
  FOLIO_ORDER_SHIFT,
  LIST_LRU_FIRST,
  LIST_LRU_SECOND,
  PAGE_CACHE,
  PAGE_EXCLUSIVE,
  PAGE_HUGE,
  PAGE_ON_LRU,
  PAGE_PENDING_ACTIVATE,
  PAGE_PENDING_ADD,
  PAGE_SECOND_LIST,
  PAGE_TAIL,
} from "../layout/engine";
import { ROLE_NEXT, ROLE_PREV, Step } from "../layout/steps";
import { assertChunk, assertPage } from "./arrival";
import { assertListed, engineAdd, firstOf, nextOf, prevOf, push, unlink } from "./lists";
import { flagsOf, NONE, setFlags, setMapcount } from "./pages";
import { run, runRow } from "./touchPages";

/** A mapped anonymous page that has been on its list for long: the state before. */
export function engineHoldAnon(e: usize, page: u32): void {
  assertPage(e, page);
  assertListed(e, page, false);
  setFlags(e, page, PAGE_ON_LRU | PAGE_EXCLUSIVE);
  setMapcount(e, page, 1);
  push(e, LIST_LRU_FIRST, page, AT_HEAD);
}

/** The same of a large folio, mapped by a page table entry a page, or by one of the level above (PAGE_HUGE). */
export function engineHoldFolio(e: usize, page: u32, order: u32): void {
  assertChunk(e, page, order);
  engineHoldAnon(e, page);
  if (order == 0) return;
  const size = order == <u32>ENGINE_HUGE_ORDER ? PAGE_HUGE : order << FOLIO_ORDER_SHIFT;
  setFlags(e, page, PAGE_ON_LRU | PAGE_EXCLUSIVE | size);
  for (let tail = page + 1; tail < page + (1 << order); tail++) setFlags(e, tail, PAGE_TAIL);
}

/** folio_add_lru: into the batch, which is moved to the lists when it is full. */
export function queueLru(e: usize, page: u32, addStep: u32, fullStep: u32): void {
  const full = queueQuietly(e, page) >= load<u32>(e, ENGINE_FOLIO_BATCH);
  run(e, full ? fullStep : addStep, page);
  if (full) drainLruAdd(e);
}

/** @return pages in the batch */
export function queueQuietly(e: usize, page: u32): u32 {
  const count = load<u32>(e, ENGINE_NR_LRU_ADD);
  store<u32>(e + ENGINE_LRU_ADD + (count << 2), page);
  store<u32>(e, count + 1, ENGINE_NR_LRU_ADD);
  setFlags(e, page, flagsOf(e, page) | PAGE_PENDING_ADD);
  return count + 1;
}

/** The whole batch to its lists, then the batch's references. */
export function drainLruAdd(e: usize): void {
  const count = load<u32>(e, ENGINE_NR_LRU_ADD);
  store<u32>(e, 0, ENGINE_NR_LRU_ADD);
  for (let i: u32 = 0; i < count; i++) {
    const page = load<u32>(e + ENGINE_LRU_ADD + (i << 2));
    const flags = flagsOf(e, page);
    run(e, i == 0 ? Step.lruAddFirst : Step.lruAddAgain, page);
    const isOlder = (flags & (PAGE_CACHE | PAGE_SECOND_LIST)) != 0;
    const step = flags & PAGE_HUGE ? Step.thpAddLru : isOlder ? Step.lruAddCache : Step.lruAddAnon;
    engineAdd(e, step, lruOf(e, flags), page, AT_HEAD);
    setFlags(e, page, (flags & ~PAGE_PENDING_ADD) | PAGE_ON_LRU);
  }
  for (let i: u32 = 0; i < count; i++) run(e, Step.lruAddPut, load<u32>(e + ENGINE_LRU_ADD + (i << 2)));
}

function lruOf(e: usize, flags: u32): u32 {
  const second = load<u32>(e, ENGINE_ACTIVATES) != 0 ? PAGE_SECOND_LIST : PAGE_SECOND_LIST | PAGE_CACHE;
  return flags & second ? LIST_LRU_SECOND : LIST_LRU_FIRST;
}

/** folio_activate: into its batch. */
export function queueActivate(e: usize, page: u32): void {
  const count = load<u32>(e, ENGINE_NR_ACTIVATE);
  store<u32>(e + ENGINE_ACTIVATE + (count << 2), page);
  store<u32>(e, count + 1, ENGINE_NR_ACTIVATE);
  setFlags(e, page, flagsOf(e, page) | PAGE_PENDING_ACTIVATE);
  const full = count + 1 >= load<u32>(e, ENGINE_FOLIO_BATCH);
  run(e, full ? Step.shmemReadInactiveFull : Step.shmemReadInactive, page);
  if (full) drainActivate(e);
}

function drainActivate(e: usize): void {
  const count = load<u32>(e, ENGINE_NR_ACTIVATE);
  store<u32>(e, 0, ENGINE_NR_ACTIVATE);
  for (let i: u32 = 0; i < count; i++) {
    const page = load<u32>(e + ENGINE_ACTIVATE + (i << 2));
    run(e, i == 0 ? Step.activateFirst : Step.activateAgain, page);
    const prev = prevOf(e, page);
    const next = nextOf(e, page);
    unlink(e, page);
    runMove(e, Step.activateMove, page, prev, next, firstOf(e, LIST_LRU_SECOND));
    push(e, LIST_LRU_SECOND, page, AT_HEAD);
    setFlags(e, page, (flagsOf(e, page) & ~PAGE_PENDING_ACTIVATE) | PAGE_SECOND_LIST);
  }
  for (let i: u32 = 0; i < count; i++) run(e, Step.lruAddPut, load<u32>(e + ENGINE_ACTIVATE + (i << 2)));
}

/** A step that unlinks and links: after the row that writes `prev`, `next` means the new list's first page. */
function runMove(e: usize, step: u32, page: i32, prev: i32, next: i32, first: i32): void {
  if (load<u32>(e, ENGINE_SILENT) != 0) return;
  const steps = <usize>load<u32>(e, ENGINE_STEP_ROW) + (step << 2);
  let unlinked = false;
  for (let row = load<u32>(steps); row < load<u32>(steps, 4); row++) {
    const packed = load<u32>(<usize>load<u32>(e, ENGINE_ROWS) + (row << 2));
    const role = packed & 0xff;
    if (role == ROLE_PREV && ((packed >> 16) & 0xff) != 0) unlinked = true;
    const target = role == ROLE_PREV ? prev : role == ROLE_NEXT ? (unlinked ? first : next) : page;
    if (target != NONE) runRow(e, row, packed, target);
  }
}

/** lru_add_drain: what unmapping and freeing begin with. */
export function engineLruAddDrain(e: usize): void {
  if (load<u32>(e, ENGINE_NR_LRU_ADD) > 0) drainLruAdd(e);
  if (load<u32>(e, ENGINE_NR_ACTIVATE) > 0) drainActivate(e);
}
