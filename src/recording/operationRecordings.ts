import * as v from "valibot";
import { InputError } from "../errors.ts";
import { platform } from "../platform.ts";
import { type TaskCounts, taskCounts } from "./countedRecording.ts";
import { functionInstructions, groupSchema } from "./countedSchema.ts";

// src/recording/data/operations.json: single operations on real kernels, by `npm run pack:recordings -- --operations FOLDER`.
const FILE = "operations.json";

const schema = v.array(
  v.object({
    kernel: v.string(),
    name: v.string(),
    command: v.string(),
    workload: groupSchema,
    kernel_threads: groupSchema,
    kernel_instructions_by_function: functionInstructions,
  }),
);

/** One operation as a real kernel did it, counted; without its touches. */
export interface OperationRecording {
  /** `uname -r`. */
  readonly kernel: string;
  /** `hp_*`: hotplug of one block. `op_*_64m_random`, `op_*_64m_ordered`: done to 16,384 pages whose pfns lie so. */
  readonly name: string;
  readonly command: string;
  readonly workload: TaskCounts;
  /** Who adds memory: the kernel's ACPI worker. */
  readonly kernelThreads: TaskCounts;
  /** Of all tasks, most first; functions that make up 98 % of them. */
  readonly kernelInstructionsByFunction: readonly { readonly name: string; readonly instructions: number }[];
}

/** Hotplug and single operations of core-mm on real kernels, counted. @error InputError when the package is damaged */
export function loadOperationRecordings(): readonly OperationRecording[] {
  const parsed = v.safeParse(schema, JSON.parse(new TextDecoder().decode(platform().readPackaged(FILE))));
  if (!parsed.success)
    throw new InputError({ where: "operations.json", what: "the packaged recordings are damaged", example: "npm ci" });
  return parsed.output.map((row) => ({
    kernel: row.kernel,
    name: row.name,
    command: row.command,
    workload: taskCounts(row.workload),
    kernelThreads: taskCounts(row.kernel_threads),
    kernelInstructionsByFunction: row.kernel_instructions_by_function.map(([name, instructions]) => ({
      name,
      instructions,
    })),
  }));
}
