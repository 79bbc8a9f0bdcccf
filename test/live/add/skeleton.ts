/** The first draft of a new kernel's recipes: those of the nearest, with what has to be looked at. */
import { type KernelRecipes, STEP_NAMES } from "../../../src/linux/recipes/table.ts";
import type { Rename, WorkloadRow } from "./functions.ts";

const identifier = (kernel: string): string => `RECIPES_${kernel.replace(".", "_")}`;

/** Whether `rows` of a recipe step name a kernel function. */
const names = (rows: string, name: string): boolean => rows.split(/[\s:|]+/).includes(name);

const renamed = (rows: string, renames: readonly Rename[]): string =>
  rows
    .split(/(\s+|:)/)
    .map((word) => renames.find(({ from }) => from === word)?.to ?? word)
    .join("");

/**
 * TypeScript of `src/linux/recipes/LINE/recipes.ts`: every step of the nearest kernel that names a function whose counts
 * differ, renamed functions renamed, the counts beside it. Unchanged rows are the nearest kernel's until somebody edits them.
 */
export function recipeSkeleton(
  line: string,
  release: string,
  nearest: KernelRecipes,
  workloads: readonly WorkloadRow[],
  renames: readonly Rename[],
): string {
  const differing = new Map<string, string[]>();
  for (const { name: workload, functions } of workloads)
    for (const { name, recorded, predicted } of functions) {
      const said = `${workload}: recorded ${recorded.join("/")}, ${nearest.kernel}'s rows give ${predicted.join("/")}`;
      differing.set(name, [...(differing.get(name) ?? []), said]);
    }
  const named = new Set<string>();
  const steps = STEP_NAMES.flatMap((step) => {
    const { cite, rows } = nearest.steps[step];
    const functions = [...differing.keys()].filter((name) => names(rows, name));
    if (functions.length === 0) return [];
    for (const name of functions) named.add(name);
    const fields = `cite: ${JSON.stringify(cite)}, rows: ${JSON.stringify(renamed(rows, renames))}`;
    return [`    // ${functions.join(", ")}`, `    ${step}: { ${fields} },`];
  });
  const told = [...differing].map(([name, said]) => {
    const unnamed = named.has(name) ? "" : " (in no step)";
    return [`// ${name}${unnamed}`, ...said.map((text) => `//   ${text}`)].join("\n");
  });
  return `import { ${identifier(nearest.kernel)} } from "../${nearest.kernel}/recipes.ts";
import type { KernelRecipes } from "../table.ts";

// Linux ${line} (Debian ${release}): a draft by \`npm run kernel:add\`. Functions whose loads/stores differ:
${told.join("\n")}

export const ${identifier(line)}: KernelRecipes = {
  ...${identifier(nearest.kernel)},
  kernel: ${JSON.stringify(line)},
  steps: {
    ...${identifier(nearest.kernel)}.steps,
${steps.join("\n")}
  },
};
`;
}
