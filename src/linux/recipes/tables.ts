import type { KernelTable } from "../recordedKernels.ts";
import { RECIPES_6_1 } from "./6.1/recipes.ts";
import { RECIPES_6_12 } from "./6.12/recipes.ts";
import { RECIPES_6_16 } from "./6.16/recipes.ts";
import { RECIPES_6_17 } from "./6.17/recipes.ts";
import { RECIPES_6_18 } from "./6.18/recipes.ts";
import { RECIPES_7_2 } from "./7.2/recipes.ts";
import { RECIPES_7_3 } from "./7.3/recipes.ts";
import type { KernelRecipes } from "./table.ts";

/** What each recorded kernel did; one without an entry did what the one before it did. */
export const RECIPE_TABLES: KernelTable<KernelRecipes> = {
  "6.1": RECIPES_6_1,
  "6.12": RECIPES_6_12,
  "6.16": RECIPES_6_16,
  "6.17": RECIPES_6_17,
  "6.18": RECIPES_6_18,
  "7.2": RECIPES_7_2,
  "7.3": RECIPES_7_3,
};
