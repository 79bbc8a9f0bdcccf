import { RECIPES_6_17 } from "../6.17/recipes.ts";
import type { KernelRecipes } from "../table.ts";

// Linux 6.18 (Debian 6.18.15): 6.17 and what changed. Fault, unmap and fork are recorded; of tmpfs one function is named
// by the recordings' summary.

export const RECIPES_6_18: KernelRecipes = {
  ...RECIPES_6_17,
  kernel: "6.18",
  steps: {
    ...RECIPES_6_17.steps,
    truncateFolio: {
      cite: "mm/truncate.c truncate_inode_folio; mm/filemap.c filemap_unaccount_folio reads once more",
      rows: RECIPES_6_17.steps.truncateFolio.rows.replace("filemap_unaccount_folio:4/0", "filemap_unaccount_folio:5/0"),
    },
  },
};
