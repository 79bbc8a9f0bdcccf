// The per-CPU lists of one CPU on top of the buddy allocator (mm/page_alloc.c struct per_cpu_pages).

import {
  AT_TAIL,
  ENGINE_HAS_KERNEL_ZONE,
  ENGINE_HUGE_ORDER,
  ENGINE_PCP_BATCH,
  ENGINE_SILENT,
  ENGINE_ZONE_PCP,
  FALLBACK_RULE,
  PAGE_EXCLUSIVE,
  PAGE_TAIL,
  PCP_MAX_ORDER,
  ZONE_KERNEL,
  ZONE_MAIN,
  ZONE_PCP_COUNT,
  ZONE_PCP_FREE_FACTOR,
  ZONE_PCP_SHIFT,
} from "../layout/engine";
import { MIGRATE_MOVABLE } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertChunk, assertMigratetype, assertWanted } from "./arrival";
import { chunkHolding, delAndExpand } from "./buddy";
import { rmqueue, rmqueueWanted, startRmqueue } from "./fallback";
import { assertListed, engineAdd, engineRemove, firstOf, listOf, push, unlink } from "./lists";
import { isPcpList, migratetypeOfList, pcpListOf, pcpOrderOf, zoneOf } from "./migratetypes";
import { NONE, setFlags, setMapcount, surprise } from "./pages";
import { run } from "./touchPages";

/** A page on a pcp list, at its tail: the state before. */
export function engineHoldPcp(e: usize, page: u32, order: u32, migratetype: u32): void {
  assertChunk(e, page, order);
  assertMigratetype(migratetype);
  assertListed(e, page, false);
  setMapcount(e, page, migratetype);
  const zone = zoneOf(e, page);
  push(e, pcpListOf(order, migratetype, zone), page, AT_TAIL);
  addCount(e, zone, 1 << order);
}

/** A page that the recording says is free although the model has it elsewhere, in use or on another list. */
export function claim(e: usize, page: u32): void {
  surprise(e);
  if (isFree(e, page)) takeOut(e, page);
  else unlink(e, page);
  setFlags(e, page, 0);
  setMapcount(e, page, 0);
}

/** Is a page on a pcp list or part of a free chunk? */
export function isFree(e: usize, page: u32): bool {
  return isPcpList(listOf(e, page)) || chunkHolding(e, page, 0) != NONE;
}

/** Takes a page that is free out of where it is, untouched: it was in use after all. */
export function takeOut(e: usize, page: u32): void {
  const list = listOf(e, page);
  if (isPcpList(list)) {
    addCount(e, zoneOf(e, page), -(1 << pcpOrderOf(list)));
    unlink(e, page);
    return;
  }
  const silent = load<u32>(e, ENGINE_SILENT);
  store<u32>(e, 1, ENGINE_SILENT);
  const chunk = chunkHolding(e, page, 0);
  delAndExpand(e, chunk, page, 0, migratetypeOfList(listOf(e, chunk)));
  store<u32>(e, silent, ENGINE_SILENT);
}

/** The counters of a zone's pcp lists. */
export function zonePcp(e: usize, zone: u32): usize {
  return e + ENGINE_ZONE_PCP + (zone << ZONE_PCP_SHIFT);
}

/** Adds to the 4 KiB pages on a zone's pcp lists. */
export function addCount(e: usize, zone: u32, pages: i32): void {
  const pcp = zonePcp(e, zone);
  store<u32>(pcp, max<i32>(<i32>load<u32>(pcp, ZONE_PCP_COUNT) + pages, 0), ZONE_PCP_COUNT);
}

/** pcp_allowed_order(). */
export function isPcpOrder(order: u32): bool {
  return order <= <u32>PCP_MAX_ORDER || order == ENGINE_HUGE_ORDER;
}

/**
 * rmqueue_bulk, one page: out of the buddy lists to the tail of its pcp list.
 *
 * @param wanted the page, or NONE for what the allocator gives
 * @param how FALLBACK_*, of a wanted page
 * @return the page; NONE when nothing is free
 */
export function engineRefill(e: usize, wanted: i32, order: u32, migratetype: u32, how: u32): i32 {
  assertWanted(e, wanted, order);
  assertMigratetype(migratetype);
  const zone = wanted == NONE ? firstZone(e, migratetype) : zoneOf(e, wanted);
  return refillFrom(e, zone, wanted, order, migratetype, how);
}

/** Kernel allocations cannot have movable zones; what is movable goes there first. */
export function firstZone(e: usize, migratetype: u32): u32 {
  return migratetype == MIGRATE_MOVABLE || load<u32>(e, ENGINE_HAS_KERNEL_ZONE) == 0 ? ZONE_MAIN : ZONE_KERNEL;
}

function refillFrom(e: usize, zone: u32, wanted: i32, order: u32, migratetype: u32, how: u32): i32 {
  const page = rmqueueChecked(e, zone, wanted, order, migratetype, how);
  if (page == NONE) return NONE;
  setMapcount(e, page, migratetype);
  engineAdd(e, Step.refillLink, pcpListOf(order, migratetype, zone), page, AT_TAIL);
  addCount(e, zone, 1 << order);
  return page;
}

function rmqueueChecked(e: usize, zone: u32, wanted: i32, order: u32, migratetype: u32, how: u32): i32 {
  let page = wanted;
  if (wanted == NONE) page = rmqueue(e, order, migratetype, zone);
  else if (!rmqueueWanted(e, wanted, order, migratetype, how)) claim(e, wanted);
  if (page == NONE) return NONE;
  run(e, Step.refillCheck, page);
  for (let tail = 1; tail < 1 << order; tail++) run(e, Step.refillCheckTail, page + tail);
  return page;
}

/** __rmqueue_pcplist(): the first page of a list, which is refilled when it is empty. */
function firstOnPcp(e: usize, zone: u32, order: u32, migratetype: u32): i32 {
  const list = pcpListOf(order, migratetype, zone);
  if (firstOf(e, list) != NONE) return firstOf(e, list);
  let batch = load<u32>(e, ENGINE_PCP_BATCH);
  if (batch > 1) batch = max<u32>(batch >> order, 2);
  startRmqueue(e);
  for (let i: u32 = 0; i < batch; i++) if (refillFrom(e, zone, NONE, order, migratetype, FALLBACK_RULE) == NONE) break;
  return firstOf(e, list);
}

/** rmqueue_pcplist: the given page, or the first; refills when the list is empty and none is given. */
function takeFromPcp(e: usize, wanted: i32, order: u32, migratetype: u32): i32 {
  let page = wanted;
  if (wanted == NONE) {
    page = firstOnPcp(e, firstZone(e, migratetype), order, migratetype);
    // Movable pages may come from the kernel zone too.
    if (page == NONE && load<u32>(e, ENGINE_HAS_KERNEL_ZONE) != 0 && firstZone(e, migratetype) == ZONE_MAIN)
      page = firstOnPcp(e, ZONE_KERNEL, order, migratetype);
    if (page == NONE) return NONE;
  }
  const zone = zoneOf(e, page);
  const found = listOf(e, page);
  if (found != pcpListOf(order, migratetype, zone)) {
    // It was allocated, so it was there after all: from the buddy lists, or where the model does not know.
    if (isPcpList(found) || chunkHolding(e, page, order) == NONE) claim(e, page);
    else {
      surprise(e);
      refillFrom(e, zone, page, order, migratetype, FALLBACK_RULE);
    }
  }
  engineRemove(e, Step.pcpTake, page);
  const pcp = zonePcp(e, zone);
  store<u32>(pcp, load<u32>(pcp, ZONE_PCP_FREE_FACTOR) >> 1, ZONE_PCP_FREE_FACTOR);
  addCount(e, zone, -(1 << order));
  startRmqueue(e);
  return page;
}

/** rmqueue(): a page of any order, from a pcp list or straight from the buddy lists; the given one, or the next. */
export function takePage(e: usize, wanted: i32, order: u32, migratetype: u32): i32 {
  if (isPcpOrder(order)) return takeFromPcp(e, wanted, order, migratetype);
  const zone = wanted == NONE ? firstZone(e, migratetype) : zoneOf(e, wanted);
  return rmqueueChecked(e, zone, wanted, order, migratetype, FALLBACK_RULE);
}

/** get_page_from_freelist(), without __GFP_COMP. */
export function engineTake(e: usize, wanted: i32, order: u32, migratetype: u32): i32 {
  assertWanted(e, wanted, order);
  assertMigratetype(migratetype);
  const page = takePage(e, wanted, order, migratetype);
  if (page == NONE) return NONE;
  run(e, Step.pcpPrep, page);
  for (let tail = 1; tail < 1 << order; tail++) {
    run(e, Step.pcpPrepTail, page + tail);
    setFlags(e, page + tail, PAGE_TAIL);
  }
  setFlags(e, page, PAGE_EXCLUSIVE);
  setMapcount(e, page, 1);
  return page;
}
