import { InputError } from "../../errors.ts";
import { isKernelBefore, readKernelVersion } from "../version.ts";
import type { KernelRecipes } from "./table.ts";
import { RECIPE_TABLES } from "./tables.ts";

/**
 * The recipes for a kernel release (`6.1.0-56-amd64`): those of the newest recorded kernel that is not newer.
 *
 * @error InputError on text that is no release, one older than the oldest table, or one of another architecture
 */
export function recipesOf(release: string): KernelRecipes {
  const version = /^\d/.test(release) ? readKernelVersion(release) : undefined;
  const table = RECIPE_TABLES.find(({ since }) => version !== undefined && !isKernelBefore(version, since));
  if (table === undefined || OTHER_ARCHITECTURE.test(release))
    throw new InputError({
      what: `no recipes for kernel "${release}"`,
      expected: "a release of an x86_64 kernel from 6.1 on",
      example: "6.12.117",
    });
  return table.recipes;
}

/**
 * The kernel whose recipes price the operations of a scenario: that of the newest table that is alike, else the oldest
 * one. It is a release that `recipesOf` takes.
 */
export function recipeKernelOf(release: string): string {
  const version = readKernelVersion(release) ?? 0;
  const table = RECIPE_TABLES.find(({ since, alikeSince }) => !isKernelBefore(version, alikeSince ?? since));
  return (table ?? RECIPE_TABLES.at(-1)!).recipes.kernel;
}

/** The end of a distribution's release string: the recipes were recorded on x86_64. */
const OTHER_ARCHITECTURE = /[-.](arm64|aarch64|armmp|ppc64\w*|powerpc\w*|s390x|riscv64|loongarch64)/;
