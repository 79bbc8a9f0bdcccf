import { RECIPES_6_1 } from "./6.1/recipes.ts";
import { RECIPES_6_12 } from "./6.12/recipes.ts";
import type { KernelRecipes } from "./table.ts";

/** What one recorded kernel did, and the releases that it stands for. */
interface RecipeRow {
  /** First release whose recordings follow it; later ones too, until the next table. */
  readonly since: string;
  /** First release that a scenario prices with it, where kernels before the recorded one already did the same. */
  readonly alikeSince?: string;
  readonly recipes: KernelRecipes;
}

/** Newest first: a new kernel is a folder and a row here. */
export const RECIPE_TABLES: readonly RecipeRow[] = [
  // Free lists by pageblock and free chunks of compaction came with 6.10.
  { since: "6.12", alikeSince: "6.10", recipes: RECIPES_6_12 },
  { since: "6.1", recipes: RECIPES_6_1 },
];
