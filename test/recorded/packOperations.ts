import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Of instructions by function: what is left out are hundreds of functions with a few instructions each. */
const KEPT_SHARE = 0.98;

type Row = readonly [name: string, instructions: number];

function mostOf(rows: readonly Row[]): readonly Row[] {
  const total = rows.reduce((sum, [, instructions]) => sum + instructions, 0);
  let kept = 0;
  return rows.filter(([, instructions]) => {
    const isKept = kept < KEPT_SHARE * total;
    kept += instructions;
    return isKept;
  });
}

function packOne(path: string): string {
  const { kernel, name, cmd, counted } = JSON.parse(readFileSync(path, "utf8"));
  const { workload, kernel_threads, kernel_instructions_by_function } = counted;
  const functions = mostOf(kernel_instructions_by_function);
  return JSON.stringify({
    ...{ kernel, name, command: cmd, workload, kernel_threads },
    kernel_instructions_by_function: functions,
  });
}

/** The recorded operations of a folder with kernel-LINE/traffic, as src/recording/data/operations.json; a line for each. */
export function packOperations(folder: string): string {
  const lines = readdirSync(folder)
    .filter((entry) => entry.startsWith("kernel-"))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .flatMap((kernel) => {
      const traffic = join(folder, kernel, "traffic");
      const names = readdirSync(traffic).filter((name) => /^(hp|op)_.*\.json$/.test(name));
      return names.sort().map((name) => packOne(join(traffic, name)));
    });
  return `[\n${lines.join(",\n")}\n]\n`;
}
