import * as layout from "../../../../assembly/layout/hotplug.ts";
import type { HotplugRecipe } from "../../hotplugRecipe.ts";
import { HOTPLUG_6_18 } from "../6.18/hotplug.ts";

export const HOTPLUG_7_2: HotplugRecipe = {
  kernel: "7.2.12",
  steps: {
    ...HOTPLUG_6_18.steps,
    // mm/page_alloc.c: free_pages_prepare(), page->private is cleared again
    [layout.STEP_OK_HEAD_AFTER]: [["__free_pages_ok", 9, 2]],
    // mm/page_isolation.c page_is_unmovable(). Kernel zones are read, not recorded: PageReserved(), PageCompound() (no
    // PageHuge() any more), page_ref_count(), PageBuddy() and, of a head, its order
    [layout.STEP_HAS_UNMOVABLE]: [["page_is_unmovable", 1, 0]],
    [layout.STEP_HAS_UNMOVABLE_BUDDY]: [["page_is_unmovable", 6, 0]],
    [layout.STEP_HAS_UNMOVABLE_FREE]: [["page_is_unmovable", 5, 0]],
  },
};
