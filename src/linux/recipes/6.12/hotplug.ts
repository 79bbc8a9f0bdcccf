import * as layout from "../../../../assembly/layout/hotplug.ts";
import { callerSteps, type HotplugRecipe } from "../../hotplugRecipe.ts";
import { HOTPLUG_6_1 } from "../6.1/hotplug.ts";

export const HOTPLUG_6_12: HotplugRecipe = {
  kernel: "6.12.117-1~deb12u1",
  steps: {
    ...HOTPLUG_6_1.steps,
    ...callerSteps({
      freeOnePage: "__free_one_page",
      unset: "unset_migratetype_isolate",
      move: "__move_freepages_block",
      blockIsolate: "move_freepages_block_isolate",
      isolateFree: "__isolate_free_page",
      offline: "__offline_isolated_pages",
    }),
    // mm/mm_init.c: __init_single_page() inlined, __SetPageOffline()
    [layout.STEP_INIT]: [["memmap_init_range", 0, 10]],
    // mm/memory_hotplug.c: __ClearPageOffline(), SetPageVmemmapSelfHosted()
    [layout.STEP_SELF_HOSTED]: [["mhp_init_memmap_on_memory", 2, 2]],
    // mm/page_alloc.c: __ClearPageOffline(), set_page_count(0); adjust_managed_page_count() of each chunk
    [layout.STEP_CORE_HEAD]: [["adjust_managed_page_count", 1, 0]],
    [layout.STEP_OK_TAIL]: [["__free_pages_ok", 6, 1]],
    [layout.STEP_OK_HEAD_AFTER]: [["__free_pages_ok", 8, 2]],
    // lib/list_debug.c
    [layout.STEP_LIST_ADD_VALID]: [["__list_add_valid_or_report", 1, 0]],
    [layout.STEP_LIST_DEL_VALID_ENTRY]: [["__list_del_entry_valid_or_report", 2, 0]],
    [layout.STEP_LIST_DEL_VALID_NEIGHBOUR]: [["__list_del_entry_valid_or_report", 1, 0]],
    // mm/page_isolation.c: one more load, PageUnaccepted()
    [layout.STEP_SET_ISOLATE]: [["set_migratetype_isolate.isra.0", 3, 0]],
    [layout.STEP_HAS_UNMOVABLE_BUDDY]: [["set_migratetype_isolate.isra.0", 8, 0]],
    [layout.STEP_HAS_UNMOVABLE_FREE]: [["set_migratetype_isolate.isra.0", 7, 0]],
    [layout.STEP_SINGLE_ZONE]: [["isolate_single_pageblock.constprop.0", 1, 0]],
    [layout.STEP_SINGLE_USED]: [["isolate_single_pageblock.constprop.0", 3, 0]],
    [layout.STEP_SINGLE_BUDDY]: [["isolate_single_pageblock.constprop.0", 2, 0]],
    // mm/page_alloc.c: move_freepages_block_isolate(), find_large_buddy(), __move_freepages_block()
    [layout.STEP_BLOCK_ISOLATE_HEAD]: [["move_freepages_block_isolate", 3, 0]],
    [layout.STEP_BLOCK_ISOLATE_TAIL]: [["move_freepages_block_isolate", 1, 0]],
    [layout.STEP_BLOCK_ISOLATE_STRADDLING]: [["move_freepages_block_isolate", 2, 0]],
    [layout.STEP_MOVE_USED]: [["__move_freepages_block", 1, 0]],
    [layout.STEP_MOVE_BUDDY]: [["__move_freepages_block", 2, 0]],
    // mm/memory_hotplug.c: scan_movable_pages() and folio_test_hugetlb() inlined
    [layout.STEP_SCAN_MOVABLE]: [["offline_pages", 5, 0]],
    // mm/hugetlb.c
    [layout.STEP_DISSOLVE]: [
      ["dissolve_free_hugetlb_folios", 1, 0],
      ["dissolve_free_hugetlb_folio", 1, 0],
    ],
  },
};
