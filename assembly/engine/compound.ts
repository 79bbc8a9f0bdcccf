// Allocation of compound pages: prep_compound_page (mm/page_alloc.c).

import { ENGINE_HUGE_ORDER, ENGINE_HUGE_PAGES, PAGE_EXCLUSIVE, PAGE_TAIL } from "../layout/engine";
import { MIGRATE_MOVABLE } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertMigratetype, assertWanted } from "./arrival";
import { NONE, setFlags, setMapcount } from "./pages";
import { takePage } from "./pcp";
import { run } from "./touchPages";

/** The head and tails of the page that was given, or of the next. */
function prepare(e: usize, page: u32, order: u32): void {
  const end = page + (1 << order);
  run(e, Step.compoundTake, page);
  for (let tail = page + 1; tail < end; tail++) run(e, Step.compoundTakeTail, tail);
  run(e, Step.compoundPrep, page);
  for (let tail = page + 1; tail < end; tail++) run(e, Step.compoundPrepTail, tail);
}

/** get_page_from_freelist() with __GFP_COMP. */
export function engineTakeCompound(e: usize, wanted: i32, order: u32, migratetype: u32): i32 {
  assertWanted(e, wanted, order);
  assertMigratetype(migratetype);
  const page = takePage(e, wanted, order, migratetype);
  if (page == NONE) return NONE;
  prepare(e, page, order);
  for (let tail = 1; tail < 1 << order; tail++) setFlags(e, page + tail, PAGE_TAIL);
  run(e, order == 1 ? Step.compoundDoneShort : Step.compoundDone, page);
  setFlags(e, page, PAGE_EXCLUSIVE);
  setMapcount(e, page, 1);
  return page;
}

/** One 2 MiB page of user memory: what follows in the rows of its user is the end of this. */
export function takeHuge(e: usize, wanted: i32): i32 {
  const page = takePage(e, wanted, ENGINE_HUGE_ORDER, MIGRATE_MOVABLE);
  if (page != NONE) prepare(e, page, ENGINE_HUGE_ORDER);
  return page;
}
