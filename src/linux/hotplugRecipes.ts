// Which kernel function reads and writes a struct page how often, step by step, as data by kernel version.
//
// A row is [function, loads, stores] of one visit to one struct page, counted in instructions as the compiler of
// Debian's kernel emitted them (a 64-byte page is cleared by eight stores, not one). The steps are read in the
// sources named below; the counts were taken from the recorded loads and stores by function, per page
// (kernels 6.1.192-2 and 6.12.117-1~deb12u1), except rows whose comment says how they are known.
import * as layout from "../../assembly/layout/hotplug.ts";

/** Loads and stores of one kernel function. */
export type RecipeAccess = readonly [kernelFunction: string, loads: number, stores: number];
/** One step: what it does to a page, in at most two functions. */
export type RecipeRow = readonly [] | readonly [RecipeAccess] | readonly [RecipeAccess, RecipeAccess];

export interface HotplugRecipe {
  /** The recorded kernel that the rows come from. */
  readonly kernel: string;
  readonly steps: Readonly<Record<number, RecipeRow>>;
}

/** List and buddy code is inlined into five callers, which differ in name only. */
const CALLERS = {
  freeOnePage: layout.CALLER_FREE_ONE_PAGE,
  unset: layout.CALLER_UNSET,
  move: layout.CALLER_MOVE,
  blockIsolate: layout.CALLER_BLOCK_ISOLATE,
  isolateFree: layout.CALLER_ISOLATE_FREE,
  offline: layout.CALLER_OFFLINE,
} as const;

/**
 * page_is_buddy() reads the type, the order and both zone ids; list_add() writes both links of the new entry and
 * one of each neighbour; list_del() reads both links; __ClearPageBuddy() and set_page_private() write one word
 * each, and list_del()'s poison two (include/linux/list.h, mm/internal.h, mm/page_alloc.c).
 */
function callerSteps(callers: Readonly<Record<keyof typeof CALLERS, string>>): Record<number, RecipeRow> {
  const steps: Record<number, RecipeRow> = {};
  for (const key of Object.keys(CALLERS) as (keyof typeof CALLERS)[]) {
    const base = CALLERS[key];
    const name = callers[key];
    steps[base + layout.CALLER_BUDDY_TYPE] = [[name, 1, 0]];
    steps[base + layout.CALLER_BUDDY_ORDER] = [[name, 1, 0]];
    steps[base + layout.CALLER_BUDDY_ZONE] = [[name, 1, 0]];
    steps[base + layout.CALLER_SET_BUDDY] = [[name, 1, 2]];
    steps[base + layout.CALLER_LIST_NEIGHBOUR] = [[name, 0, 1]];
    steps[base + layout.CALLER_LIST_NEW] = [[name, 0, 2]];
    steps[base + layout.CALLER_LIST_DEL] = [[name, 2, 0]];
    steps[base + layout.CALLER_DEL_CLEAR] = [[name, 1, 4]];
  }
  return steps;
}

const RECIPE_6_1: HotplugRecipe = {
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

const RECIPE_6_12: HotplugRecipe = {
  kernel: "6.12.117-1~deb12u1",
  steps: {
    ...RECIPE_6_1.steps,
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

export const HOTPLUG_RECIPES = { "6.1": RECIPE_6_1, "6.12": RECIPE_6_12 } as const;

/** The names of a recipe's functions; their order is their number in linear memory. */
export function recipeFunctions(recipe: HotplugRecipe): string[] {
  const names = new Set<string>();
  for (const row of Object.values(recipe.steps)) for (const [name] of row) names.add(name);
  return [...names];
}

/** The rows as linear memory holds them: NR_STEPS x RECIPE_ROW_BYTES. */
export function encodeRecipe(recipe: HotplugRecipe): Uint8Array {
  const functions = recipeFunctions(recipe);
  if (functions.length > layout.NR_FUNCTIONS) throw new RangeError(`${functions.length} functions in a recipe`);
  const bytes = new Uint8Array(layout.NR_STEPS * layout.RECIPE_ROW_BYTES);
  for (const [step, row] of Object.entries(recipe.steps)) {
    row.forEach(([name, loads, stores], i) => {
      bytes.set([functions.indexOf(name), loads, stores], Number(step) * layout.RECIPE_ROW_BYTES + i * 4);
    });
  }
  return bytes;
}
