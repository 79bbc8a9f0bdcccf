// A pageblock changes its migratetype, and its free chunks change lists: move_freepages_block and its variant for isolation
// (mm/page_alloc.c).

import { ENGINE_FREE_TYPE_OF_BLOCK, ENGINE_MAX_ORDER } from "../layout/engine";
import { MIGRATE_ISOLATE, PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { assertChunk, assertMigratetype } from "./arrival";
import { freeOnePage, moveToFreeList, removeFree } from "./buddy";
import { engineSetMigratetype, migratetypeOf } from "./migratetypes";
import { orderOf, setOrder } from "./pages";
import { run } from "./touchPages";

/** move_freepages_block(): every page is looked at; free chunks go to the tails of the new lists. */
export function engineMoveBlock(e: usize, block: u32, migratetype: u32): void {
  assertChunk(e, block, PAGEBLOCK_ORDER);
  assertMigratetype(migratetype);
  for (let page = block; page < block + PAGEBLOCK_PAGES; ) {
    const order = orderOf(e, page);
    if (order < 0) {
      run(e, Step.scanMove, page);
      page++;
      continue;
    }
    moveToFreeList(e, Step.moveFree, Step.moveFreeAdd, page, migratetype);
    page += 1 << order;
  }
  engineSetMigratetype(e, block, migratetype);
}

/** set_migratetype_isolate() of a pageblock: from 6.10 on a chunk that spans pageblocks is split, so that only this one changes. */
export function engineIsolateBlock(e: usize, block: u32): void {
  assertChunk(e, block, PAGEBLOCK_ORDER);
  if (load<u32>(e, ENGINE_FREE_TYPE_OF_BLOCK) != 0) {
    const chunk = findLargeBuddy(e, block);
    if (orderOf(e, chunk) > <i32>PAGEBLOCK_ORDER) {
      const end = chunk + (1 << orderOf(e, chunk));
      removeFree(e, Step.isolateRemove, chunk);
      setOrder(e, chunk, -1);
      engineSetMigratetype(e, block, MIGRATE_ISOLATE);
      for (let piece = chunk; piece < end; piece += PAGEBLOCK_PAGES)
        freeOnePage(e, piece, PAGEBLOCK_ORDER, migratetypeOf(e, piece));
      return;
    }
  }
  engineMoveBlock(e, block, MIGRATE_ISOLATE);
}

/** find_large_buddy(): the free chunk that covers the first page of a pageblock, if it starts earlier. */
function findLargeBuddy(e: usize, block: u32): u32 {
  if (orderOf(e, block) >= 0) {
    run(e, Step.isolateHead, block);
    return block;
  }
  let page = block;
  for (let order: u32 = 0; orderOf(e, page) < 0; ) {
    run(e, Step.isolateTail, page);
    if (++order > <u32>ENGINE_MAX_ORDER) return block;
    page &= ~(<u32>0) << order;
  }
  run(e, Step.isolateStraddling, page);
  return page + (1 << orderOf(e, page)) > block ? page : block;
}
