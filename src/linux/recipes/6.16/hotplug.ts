import * as layout from "../../../../assembly/layout/hotplug.ts";
import type { HotplugRecipe } from "../../hotplugRecipe.ts";
import { HOTPLUG_6_12 } from "../6.12/hotplug.ts";

export const HOTPLUG_6_16: HotplugRecipe = {
  kernel: "6.16.12",
  steps: {
    ...HOTPLUG_6_12.steps,
    // mm/page_alloc.c: adjust_managed_page_count() is inlined
    [layout.STEP_CORE_HEAD]: [["__free_pages_core", 1, 0]],
    // mm/page_alloc.c: free_pages_prepare(), one more load of every tail; page->private is not cleared from 6.13 to 6.16 on
    [layout.STEP_OK_TAIL]: [["__free_pages_ok", 7, 1]],
    [layout.STEP_OK_HEAD_AFTER]: [["__free_pages_ok", 8, 1]],
    // mm/page_isolation.c
    [layout.STEP_SINGLE_ZONE]: [["isolate_single_pageblock", 1, 0]],
    [layout.STEP_SINGLE_USED]: [["isolate_single_pageblock", 3, 0]],
    [layout.STEP_SINGLE_BUDDY]: [["isolate_single_pageblock", 2, 0]],
    // mm/page_alloc.c: find_large_buddy() is called: it loads what it finds once more than its caller
    [layout.STEP_BLOCK_ISOLATE_HEAD]: [
      ["find_large_buddy", 2, 0],
      ["move_freepages_block_isolate", 2, 0],
    ],
    [layout.STEP_BLOCK_ISOLATE_TAIL]: [["find_large_buddy", 1, 0]],
    [layout.STEP_BLOCK_ISOLATE_STRADDLING]: [
      ["find_large_buddy", 2, 0],
      ["move_freepages_block_isolate", 1, 0],
    ],
  },
};
