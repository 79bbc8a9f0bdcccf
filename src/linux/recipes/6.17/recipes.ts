import { RECIPES_6_16 } from "../6.16/recipes.ts";
import type { KernelRecipes } from "../table.ts";

// Linux 6.17: 6.16 and what its recording's summary names; no recording was at hand.

export const RECIPES_6_17: KernelRecipes = {
  ...RECIPES_6_16,
  kernel: "6.17",
  steps: {
    ...RECIPES_6_16.steps,
    prepareCache: {
      cite: "mm/page_alloc.c free_unref_folios, __free_pages_prepare: page_has_type()",
      rows: "self free_unref_folios:15/2",
    },
  },
};
