// Dropping references and freeing in batches: release_pages and free_unref_page_list (6.1), folios_put_refs and
// free_unref_folios (6.12).

import {
  ENGINE_FREED,
  ENGINE_FREES_BACKWARDS,
  ENGINE_HUGE_ORDER,
  ENGINE_HUGE_PAGES,
  ENGINE_NR_FREED,
  ENGINE_RELEASE_LOCK_BATCH,
  ENGINE_THP_AT_ONCE,
  PAGE_CACHE,
  PAGE_HUGE,
  PAGE_TABLE,
} from "../layout/engine";
import { Step } from "../layout/steps";
import { assertCount } from "./arrival";
import { engineCommit } from "./drain";
import { engineRemove, nextOf, prevOf, unlink } from "./lists";
import { flagsOf, mapcountOf, NONE, setFlags } from "./pages";
import { run } from "./touchPages";

/**
 * Drops one reference of each of `nr` pages (u32 each at ENGINE_FREED) and prepares those whose last it was.
 *
 * @return how many are to be freed: ENGINE_FREED holds them in the order of engineFreeNext
 */
export function engineRelease(e: usize, nr: u32): u32 {
  assertCount(e, nr);
  const pages = <usize>load<u32>(e, ENGINE_FREED);
  const lockBatch = load<u32>(e, ENGINE_RELEASE_LOCK_BATCH);
  const atOnce = load<u32>(e, ENGINE_THP_AT_ONCE) != 0;
  let nrFreed: u32 = 0;
  let locked: u32 = 0;
  for (let i: u32 = 0; i < nr; i++) {
    const page = load<u32>(pages + (i << 2));
    const flags = flagsOf(e, page);
    // The lock is dropped after so many pages, whether they are freed or not.
    if (locked > 0) locked = locked == lockBatch ? 0 : locked + 1;
    if (flags & PAGE_HUGE) {
      run(e, locked == 0 ? Step.thpReleaseFirst : Step.thpReleaseAgain, page, prevOf(e, page + 2), nextOf(e, page + 2));
      unlink(e, page + 2);
      engineRemove(e, Step.thpRelease, page);
      locked = atOnce ? 0 : 1;
      if (atOnce) {
        run(e, Step.thpUncharge, page);
        prepareHuge(e, page);
        addHuge(e, page);
        continue;
      }
    } else if (mapcountOf(e, page) > 0) {
      run(e, Step.putShared, page);
      continue;
    } else {
      if (flags & PAGE_TABLE) run(e, Step.tableRelease, page);
      else {
        run(e, locked == 0 ? Step.releaseFirst : Step.releaseAgain, page);
        if (locked == 0) locked = 1;
        engineRemove(e, flags & PAGE_CACHE ? Step.releaseRemoveCache : Step.releaseRemove, page);
      }
      run(e, Step.releaseLink, page, NONE, nrFreed > 0 ? load<u32>(pages + ((nrFreed - 1) << 2)) : NONE);
    }
    store<u32>(pages + (nrFreed << 2), page);
    nrFreed++;
  }
  return engineFreeList(e, nrFreed);
}

/** Prepares `nr` pages without references for engineFreeNext. */
export function engineFreeList(e: usize, nr: u32): u32 {
  assertCount(e, nr);
  const pages = <usize>load<u32>(e, ENGINE_FREED);
  store<u32>(e, nr, ENGINE_NR_FREED);
  // 6.1 walks a list that was built at its head.
  if (load<u32>(e, ENGINE_FREES_BACKWARDS) != 0) reverse(pages, nr);
  prepare(e, pages, nr);
  return nr;
}

function reverse(pages: usize, nr: u32): void {
  for (let i: u32 = 0; i < nr >> 1; i++) {
    const low = pages + (i << 2);
    const high = pages + ((nr - 1 - i) << 2);
    const page = load<u32>(low);
    store<u32>(low, load<u32>(high));
    store<u32>(high, page);
  }
}

/** Uncharges and checks the pages of the batch, one loop each. */
function prepare(e: usize, pages: usize, nr: u32): void {
  for (let i: u32 = 0; i < nr; i++) {
    const page = load<u32>(pages + (i << 2));
    const flags = flagsOf(e, page);
    if (flags & PAGE_HUGE) run(e, Step.thpUncharge, page);
    else if (flags & PAGE_TABLE) run(e, Step.tableUncharge, page);
    else run(e, i == 0 ? Step.unchargeFirst : Step.unchargeAgain, page);
  }
  for (let i: u32 = 0; i < nr; i++) {
    const page = load<u32>(pages + (i << 2));
    const flags = flagsOf(e, page);
    if (flags & PAGE_HUGE) prepareHuge(e, page);
    else run(e, flags & (PAGE_CACHE | PAGE_TABLE) ? Step.prepareCache : Step.prepareAnon, page);
  }
}

/** Takes the i-th page of the batch out of it. A huge one goes to its pcp list here; others are the caller's. */
export function engineFreeNext(e: usize, i: u32): i32 {
  assertCount(e, i + 1);
  const pages = <usize>load<u32>(e, ENGINE_FREED);
  const nr = load<u32>(e, ENGINE_NR_FREED);
  const page = load<u32>(pages + (i << 2));
  run(e, Step.unlink, page, NONE, i + 1 < nr ? load<u32>(pages + ((i + 1) << 2)) : NONE);
  const isHuge = (flagsOf(e, page) & PAGE_HUGE) != 0;
  setFlags(e, page, 0);
  if (!isHuge) return page;
  addHuge(e, page);
  return NONE;
}

function addHuge(e: usize, page: u32): void {
  setFlags(e, page, 0);
  engineCommit(e, page, ENGINE_HUGE_ORDER);
}

function prepareHuge(e: usize, page: u32): void {
  run(e, Step.thpFreeTail1, page + 1);
  run(e, Step.thpFreeTail2, page + 2);
  run(e, Step.thpFreeTail3, page + 3);
  for (let tail: u32 = 4; tail < <u32>ENGINE_HUGE_PAGES; tail++) run(e, Step.thpFreeTail, page + tail);
  run(e, Step.thpFreeHead, page);
}
