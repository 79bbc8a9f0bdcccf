import * as layout from "../../../../assembly/layout/hotplug.ts";
import type { HotplugRecipe } from "../../hotplugRecipe.ts";
import { HOTPLUG_6_17 } from "../6.17/hotplug.ts";

export const HOTPLUG_6_18: HotplugRecipe = {
  kernel: "6.18.15",
  steps: {
    ...HOTPLUG_6_17.steps,
    // mm/page_isolation.c
    [layout.STEP_SET_ISOLATE]: [["set_migratetype_isolate", 3, 0]],
    [layout.STEP_HAS_UNMOVABLE]: [["set_migratetype_isolate", 1, 0]],
    [layout.STEP_HAS_UNMOVABLE_BUDDY]: [["set_migratetype_isolate", 8, 0]],
    [layout.STEP_HAS_UNMOVABLE_FREE]: [["set_migratetype_isolate", 7, 0]],
  },
};
