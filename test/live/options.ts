import { parseArgs } from "node:util";
import { RECIPE_TABLES } from "../../src/linux/recipes/tables.ts";
import { type KernelLine, parseKernelLine, parseKernelLines } from "./kernels.ts";

export interface Options {
  readonly kernels: readonly KernelLine[];
  readonly firstSeed: number;
  readonly seeds: number;
  readonly steps: number;
  /** Where every recording goes; without it only failing ones are kept. */
  readonly saveDirectory: string | undefined;
  /** Recordings whose steps are repeated on the kernel and compared with what was recorded. */
  readonly replay: readonly string[];
  /** Guests at a time. */
  readonly jobs: number;
}

/** The kernel of the default scenario, and the newest whose traffic is known. */
const DEFAULT_LINES: readonly KernelLine[] = [
  ...new Set(["6.12", Object.keys(RECIPE_TABLES).at(-1) ?? "6.12"].map((line) => parseKernelLine(line))),
];

/** Seeds that no run before has drawn; few enough digits to be read. */
const freshSeed = (): number => Math.floor(Date.now() / 10_000) % 10_000_000;

export const USAGE = `npm run test:kernel -- [options]
  --kernel LINE,...   of Debian, 6.1 to the newest (default: ${DEFAULT_LINES.join()}, the default and the newest recorded one)
  --seeds N           sequences per kernel (default 2)
  --seed S|fresh      the first seed (default 1); fresh: of this moment, told by the names of the sequences
  --steps M           steps per sequence (default 20)
  --save DIR          keep every recording there (failing ones are always kept)
  --replay FILE|DIR   repeat recorded steps on the kernel they were recorded on, instead of drawing some; may be repeated
  --jobs J            guests at a time (default 2)`;

class UsageError extends Error {}

function positive(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new UsageError(`--${name} ${text}: expected a whole number of at least 1`);
  }
  return value;
}

/** @error UsageError that says what was expected */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kernel: { type: "string" },
      seeds: { type: "string" },
      seed: { type: "string" },
      steps: { type: "string" },
      save: { type: "string" },
      replay: { type: "string", multiple: true },
      jobs: { type: "string" },
    },
  });
  return {
    kernels: values.kernel === undefined ? DEFAULT_LINES : parseKernelLines(values.kernel),
    firstSeed: values.seed === "fresh" ? freshSeed() : positive("seed", values.seed, 1),
    seeds: positive("seeds", values.seeds, 2),
    steps: positive("steps", values.steps, 20),
    saveDirectory: values.save,
    replay: values.replay ?? [],
    jobs: positive("jobs", values.jobs, 2),
  };
}
