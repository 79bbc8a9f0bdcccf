import * as layout from "../../../../assembly/layout/hotplug.ts";
import { callerSteps, type HotplugRecipe } from "../../hotplugRecipe.ts";

export const HOTPLUG_6_1: HotplugRecipe = {
  kernel: "6.1.192-2",
  steps: {
    ...callerSteps({
      freeOnePage: "__free_one_page",
      unset: "unset_migratetype_isolate",
      move: "move_freepages_block",
      blockIsolate: "move_freepages_block",
      isolateFree: "__isolate_free_page",
      offline: "__offline_isolated_pages",
    }),
    // mm/page_alloc.c: memmap_init_range(), __init_single_page(), __SetPageReserved()
    [layout.STEP_INIT]: [
      ["__init_single_page", 0, 9],
      ["memmap_init_range", 1, 1],
    ],
    // mm/memory_hotplug.c: SetPageVmemmapSelfHosted(), one locked or
    [layout.STEP_SELF_HOSTED]: [["mhp_init_memmap_on_memory", 1, 1]],
    // mm/page_alloc.c: __pageblock_pfn_to_page()
    [layout.STEP_RESCAN_FIRST]: [["__pageblock_pfn_to_page", 1, 0]],
    [layout.STEP_RESCAN_LAST]: [["__pageblock_pfn_to_page", 1, 0]],
    // mm/page_alloc.c: __ClearPageReserved(), set_page_count(0); page_zone() of the head
    [layout.STEP_CORE_PAGE]: [["__free_pages_core", 1, 2]],
    [layout.STEP_CORE_HEAD]: [["__free_pages_core", 1, 0]],
    // mm/page_alloc.c: free_pages_prepare(), free_page_is_bad() for every page, inlined in __free_pages_ok()
    [layout.STEP_OK_HEAD_BEFORE]: [["__free_pages_ok", 6, 0]],
    [layout.STEP_OK_TAIL]: [["__free_pages_ok", 5, 1]],
    [layout.STEP_OK_HEAD_AFTER]: [["__free_pages_ok", 7, 2]],
    // mm/memory_hotplug.c, mm/page_alloc.c: page_zone() of the first page
    [layout.STEP_ADJUST_PRESENT]: [["adjust_present_page_count", 1, 0]],
    [layout.STEP_ADJUST_MANAGED]: [["adjust_managed_page_count", 1, 0]],
    // mm/memory_hotplug.c: find_smallest_section_pfn(), find_biggest_section_pfn(): node and zone in one word
    [layout.STEP_SPAN]: [["remove_pfn_range_from_zone", 1, 0]],
    [layout.STEP_DEINIT]: [["mhp_deinit_memmap_on_memory", 1, 0]],
    // lib/list_debug.c
    [layout.STEP_LIST_ADD_VALID]: [["__list_add_valid", 1, 0]],
    [layout.STEP_LIST_DEL_VALID_ENTRY]: [["__list_del_entry_valid", 2, 0]],
    [layout.STEP_LIST_DEL_VALID_NEIGHBOUR]: [["__list_del_entry_valid", 1, 0]],
    // mm/page_isolation.c
    [layout.STEP_UNSET_PAGE]: [["unset_migratetype_isolate", 2, 0]],
    [layout.STEP_UNSET_ORDER]: [["unset_migratetype_isolate", 1, 0]],
    [layout.STEP_SET_ISOLATE]: [["set_migratetype_isolate.isra.0", 2, 0]],
    [layout.STEP_HAS_UNMOVABLE]: [["set_migratetype_isolate.isra.0", 1, 0]],
    // Kernel zones: PageHuge() is called, PageTransCompound(), page_ref_count(), PageBuddy() and, of a head, its order
    [layout.STEP_HAS_UNMOVABLE_BUDDY]: [
      ["set_migratetype_isolate.isra.0", 6, 0],
      ["PageHuge", 2, 0],
    ],
    [layout.STEP_HAS_UNMOVABLE_FREE]: [
      ["set_migratetype_isolate.isra.0", 5, 0],
      ["PageHuge", 2, 0],
    ],
    [layout.STEP_SINGLE_ZONE]: [["isolate_single_pageblock", 1, 0]],
    [layout.STEP_SINGLE_USED]: [["isolate_single_pageblock", 3, 0]],
    [layout.STEP_SINGLE_BUDDY]: [["isolate_single_pageblock", 2, 0]],
    // mm/page_alloc.c: move_freepages()
    [layout.STEP_MOVE_USED]: [["move_freepages_block", 1, 0]],
    [layout.STEP_MOVE_BUDDY]: [["move_freepages_block", 2, 0]],
    [layout.STEP_ISOLATE_FREE]: [["__isolate_free_page", 1, 0]],
    [layout.STEP_PUTBACK]: [["__putback_isolated_page", 1, 0]],
    // mm/memory_hotplug.c: offline_pages(), scan_movable_pages() inlined; mm/hugetlb.c: PageHuge() is called
    [layout.STEP_OFFLINE_RANGE]: [["offline_pages", 1, 0]],
    [layout.STEP_SCAN_MOVABLE]: [
      ["offline_pages", 4, 0],
      ["PageHuge", 2, 0],
    ],
    [layout.STEP_DISSOLVE]: [["PageHuge", 2, 0]],
    [layout.STEP_TEST_ZONE]: [["test_pages_isolated", 1, 0]],
    [layout.STEP_TEST_CHUNK]: [["test_pages_isolated", 2, 0]],
    [layout.STEP_OFFLINE_ZONE]: [["__offline_isolated_pages", 1, 0]],
    [layout.STEP_OFFLINE_CHUNK]: [["__offline_isolated_pages", 4, 0]],
    // mm/sparse.c, CONFIG_DEBUG_VM, not recorded: memset(-1) of 64 bytes in eight-byte stores
    [layout.STEP_POISON]: [["page_init_poison", 0, 8]],
  },
};
