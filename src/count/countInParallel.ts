import type { FootprintRun, OperationCount, WorkloadRun } from "../counts/workload.ts";
import { InputError, type InputProblem } from "../errors.ts";
import { platform } from "../platform.ts";
import { type CountingInput, type CountingTask, type JobResult, jobsOf, keptResult, takeJobs } from "./countJobs.ts";

/** What a thread sends: results by index, or the first problem it met. */
export interface ThreadResult {
  readonly results: readonly (readonly [index: number, result: JobResult])[];
  readonly problem?: InputProblem;
}

export interface Counted {
  readonly operations: readonly OperationCount[];
  /** In the order of the names. */
  readonly workloads: readonly WorkloadRun[];
  /** Recordings by name and footprint, then operations. */
  readonly footprints: readonly FootprintRun[];
}

/**
 * Starts counting operations and recordings on a second thread and returns what finishes the job: the caller may do
 * other work in between, then takes jobs from the same queue itself. The result does not depend on who took which.
 * A caller that is a worker itself has other workers beside it: it counts alone.
 *
 * @error InputError for a recording that cannot be read
 */
export function startCounting(input: CountingInput): () => Promise<Counted> {
  const jobs = jobsOf(input);
  const results = jobs.map(keptResult);
  const todo = [...results.keys()].filter((index) => results[index] === undefined);
  const isLong = todo.length > 1 && (input.names.length > 1 || input.footprints.length > 0);
  // A page without isolation has no shared memory, and no second thread then.
  const isShared = isLong && typeof SharedArrayBuffer !== "undefined";
  const task: CountingTask = {
    ...input,
    todo,
    next: isShared ? new Int32Array(new SharedArrayBuffer(4)) : new Int32Array(1),
  };
  const other = isShared ? (platform().startThread?.(task) as Promise<ThreadResult> | undefined) : undefined;
  // Its failure is reported when the caller asks for the result, not before.
  other?.catch(() => {});
  return async () => {
    const done = (index: number, result: JobResult): void => {
      results[index] = result;
    };
    await takeJobs(task, done, jobs);
    const sent = await other;
    if (sent?.problem !== undefined) throw new InputError(sent.problem);
    for (const [index, result] of sent?.results ?? []) done(index, result);
    return {
      operations: results.flatMap((result) => result?.operations ?? []),
      workloads: results.flatMap((result) => result?.workload ?? []),
      footprints: results.flatMap((result) => result?.footprints ?? []),
    };
  };
}
