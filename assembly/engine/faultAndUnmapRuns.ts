// Whole runs of operations where nothing is recorded to follow: faults and unmaps of a process, without a call a page.

import {
  ENGINE_FREE_BATCH,
  ENGINE_FREED,
  ENGINE_GATHER_BATCH,
  ENGINE_GATHER_BATCHES,
  ENGINE_GATHER_BUNDLE,
  PageOp,
} from "../layout/engine";
import { MIGRATE_MOVABLE } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertCount } from "./arrival";
import { engineCommit } from "./drain";
import { engineLruAddDrain } from "./lru";
import { enginePageOp } from "./pageOperations";
import { NONE } from "./pages";
import { engineTake } from "./pcp";
import { engineFreeNext, engineRelease } from "./release";
import { run } from "./touchPages";

/** Faults `nr` anonymous pages and writes them to `pages` (u32 each). @return how many there were */
export function engineFaultRun(e: usize, pages: usize, nr: u32): u32 {
  assert((pages & 3) == 0, "unaligned");
  assertCount(e, nr);
  for (let i: u32 = 0; i < nr; i++) {
    const page = engineTake(e, NONE, 0, MIGRATE_MOVABLE);
    if (page == NONE) return i;
    enginePageOp(e, PageOp.anonFault, page);
    store<u32>(pages + (i << 2), page);
  }
  return nr;
}

/** Unmaps `nr` pages (u32 each at `pages`) in this order, and frees them as struct mmu_gather batches it. */
export function engineUnmapRun(e: usize, pages: usize, nr: u32): void {
  assert((pages & 3) == 0, "unaligned");
  assertCount(e, nr);
  const bundle = load<u32>(e, ENGINE_GATHER_BUNDLE);
  const batch = load<u32>(e, ENGINE_GATHER_BATCH);
  const most = bundle + batch * load<u32>(e, ENGINE_GATHER_BATCHES);
  engineLruAddDrain(e);
  for (let from: u32 = 0; from < nr; from += most) {
    const gathered = min<u32>(most, nr - from);
    const first = pages + (from << 2);
    for (let i: u32 = 0; i < gathered; i++) enginePageOp(e, PageOp.zap, load<u32>(first + (i << 2)));
    for (let at: u32 = 0; at < gathered; ) {
      const size = min<u32>(at == 0 ? bundle : batch, gathered - at);
      release(e, first + (at << 2), size);
      at += size;
    }
  }
}

/** free_pages_and_swap_cache of one flush, in parts of the kernel's size. */
function release(e: usize, pages: usize, nr: u32): void {
  const freed = <usize>load<u32>(e, ENGINE_FREED);
  const most = load<u32>(e, ENGINE_FREE_BATCH);
  const part = most == 0 ? nr : most;
  for (let from: u32 = 0; from < nr; from += part) {
    const size = min<u32>(part, nr - from);
    for (let i = from; i < from + size; i++) run(e, Step.swapFree, load<u32>(pages + (i << 2)));
    memory.copy(freed, pages + (from << 2), size << 2);
    const nrFreed = engineRelease(e, size);
    for (let i: u32 = 0; i < nrFreed; i++) {
      const page = engineFreeNext(e, i);
      if (page != NONE) engineCommit(e, page, 0);
    }
  }
}
