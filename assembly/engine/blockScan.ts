// What a pageblock is made of, looked at before it changes its migratetype: the loops of move_freepages (6.1) and
// prep_move_freepages_block (6.12), mm/page_alloc.c.
import { PAGE_ON_LRU, PAGE_TAIL } from "../layout/engine";
import { MIGRATE_MOVABLE, PAGEBLOCK_PAGES } from "../layout/hotplug";
import { Step } from "../layout/steps";
import { flagsOf, NONE } from "./pages";
import { run } from "./touchPages";

/** Looks at a page in use. @return 1 when it can be moved (PageLRU) */
export function scanUsed(e: usize, page: u32): u32 {
  const flags = flagsOf(e, page);
  if (flags & PAGE_TAIL) {
    let head = page;
    while (flagsOf(e, head) & PAGE_TAIL) head--;
    run(e, Step.stealScanTail, page, NONE, head);
    return 0;
  }
  const isMovable = (flags & PAGE_ON_LRU) != 0;
  run(e, isMovable ? Step.stealScanMovable : Step.stealScan, page);
  return u32(isMovable);
}

/** Are at least half of a pageblock's pages free or of a kind that suits `startType`? */
export function isHalfCompatible(free: u32, movable: u32, startType: u32, blockType: u32): bool {
  let alike: u32 = 0;
  if (startType == MIGRATE_MOVABLE) alike = movable;
  else if (blockType == MIGRATE_MOVABLE) alike = PAGEBLOCK_PAGES - (free + movable);
  return free + alike >= <u32>PAGEBLOCK_PAGES >> 1;
}
