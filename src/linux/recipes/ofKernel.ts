import { InputError } from "../../errors.ts";
import { RECIPES_6_1 } from "./6.1/recipes.ts";
import { RECIPES_6_12 } from "./6.12/recipes.ts";
import type { KernelRecipes } from "./table.ts";

/** First version that a table stands for: later kernels use it until the next table. */
const TABLES: readonly { readonly major: number; readonly minor: number; readonly recipes: KernelRecipes }[] = [
  { major: 6, minor: 12, recipes: RECIPES_6_12 },
  { major: 6, minor: 1, recipes: RECIPES_6_1 },
];

/**
 * The recipes for a kernel release (`6.1.0-56-amd64`): those of the newest recorded kernel that is not newer.
 *
 * @error InputError on text that is no release, one older than the oldest table, or one of another architecture
 */
export function recipesOf(release: string): KernelRecipes {
  const match = /^(\d{1,3})\.(\d{1,3})(?![\w])/.exec(release);
  const major = Number(match?.[1]);
  const minor = Number(match?.[2]);
  const table = TABLES.find((row) => major > row.major || (major === row.major && minor >= row.minor));
  if (match === null || table === undefined || OTHER_ARCHITECTURE.test(release))
    throw new InputError({
      what: `no recipes for kernel "${release}"`,
      expected: "a release of an x86_64 kernel from 6.1 on",
      example: "6.12.117",
    });
  return table.recipes;
}

/** The end of a distribution's release string: the recipes were recorded on x86_64. */
const OTHER_ARCHITECTURE = /[-.](arm64|aarch64|armmp|ppc64\w*|powerpc\w*|s390x|riscv64|loongarch64)/;
