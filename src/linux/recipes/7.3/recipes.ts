import { RECIPES_7_2 } from "../7.2/recipes.ts";
import type { KernelRecipes } from "../table.ts";

// Linux 7.3 (Debian 7.3.4): 7.2 and what changed.

export const RECIPES_7_3: KernelRecipes = {
  ...RECIPES_7_2,
  kernel: "7.3",
  steps: {
    ...RECIPES_7_2.steps,
    cowCheck: { cite: "mm/memory.c do_wp_page: reads once less", rows: "self do_wp_page:13/1" },
  },
};
