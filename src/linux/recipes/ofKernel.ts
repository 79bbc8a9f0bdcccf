import { InputError } from "../../errors.ts";
import { entryOf, recordedKernelOf } from "../recordedKernels.ts";
import { isKernelBefore, readKernelVersion } from "../version.ts";
import type { KernelRecipes } from "./table.ts";
import { RECIPE_TABLES } from "./tables.ts";

const OLDEST = "6.1";

/**
 * The recipes for a kernel release (`6.1.0-56-amd64`): those of the recorded kernel that stands for it.
 *
 * @error InputError on text that is no release, one older than the oldest recorded, or one of another architecture
 */
export function recipesOf(release: string): KernelRecipes {
  const version = /^\d/.test(release) ? readKernelVersion(release) : undefined;
  if (version === undefined || isKernelBefore(version, OLDEST) || OTHER_ARCHITECTURE.test(release))
    throw new InputError({
      what: `no recipes for kernel "${release}"`,
      expected: "a release of an x86_64 kernel from 6.1 on",
      example: "6.12.117",
    });
  return entryOf(RECIPE_TABLES, recordedKernelOf(release));
}

/** The end of a distribution's release string: the recipes were recorded on x86_64. */
const OTHER_ARCHITECTURE = /[-.](arm64|aarch64|armmp|ppc64\w*|powerpc\w*|s390x|riscv64|loongarch64)/;
