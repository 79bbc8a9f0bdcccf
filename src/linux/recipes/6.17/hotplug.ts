import * as layout from "../../../../assembly/layout/hotplug.ts";
import { callerSteps, type HotplugRecipe } from "../../hotplugRecipe.ts";
import { HOTPLUG_6_16 } from "../6.16/hotplug.ts";

/** mm/page_alloc.c: isolation is a bit of the pageblock since 6.17. */
const BLOCK_ISOLATE = "__move_freepages_block_isolate";

/**
 * No recording of 6.17 was at hand: these are the rows of 6.18 whose change is dated to 6.17 by its recordings' summary
 * (offline_pages, __move_freepages_block_isolate, and free_pages_prepare in free_unref_folios) or read in the source.
 */
export const HOTPLUG_6_17: HotplugRecipe = {
  kernel: "6.17",
  steps: {
    ...HOTPLUG_6_16.steps,
    ...callerSteps({ blockIsolate: BLOCK_ISOLATE }),
    [layout.STEP_BLOCK_ISOLATE_HEAD]: [
      ["find_large_buddy", 2, 0],
      [BLOCK_ISOLATE, 2, 0],
    ],
    // Head or not, what covers the pageblock is asked for type and order.
    [layout.STEP_BLOCK_ISOLATE_STRADDLING]: [
      ["find_large_buddy", 2, 0],
      [BLOCK_ISOLATE, 2, 0],
    ],
    // mm/page_alloc.c: free_pages_prepare(), page_has_type()
    [layout.STEP_OK_HEAD_AFTER]: [["__free_pages_ok", 9, 1]],
    // mm/memory_hotplug.c scan_movable_pages(): page_has_movable_ops() for __PageMovable(), the folio for PageHuge()
    [layout.STEP_SCAN_MOVABLE]: [["offline_pages", 7, 0]],
  },
};
