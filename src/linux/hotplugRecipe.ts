// Which kernel function reads and writes a struct page how often, step by step, as data by kernel version.
//
// A row is [function, loads, stores] of one visit to one struct page, counted in instructions as the compiler of
// Debian's kernel emitted them (a 64-byte page is cleared by eight stores, not one). The steps are read in the
// sources named below; the counts were taken from the recorded loads and stores by function, per page, of the kernel
// that each recipe names, except rows whose comment says how they are known. A recipe is the one before and what changed.
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
export function callerSteps(
  callers: Readonly<Partial<Record<keyof typeof CALLERS, string>>>,
): Record<number, RecipeRow> {
  const steps: Record<number, RecipeRow> = {};
  for (const [key, name] of Object.entries(callers)) {
    const base = CALLERS[key as keyof typeof CALLERS];
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
