import { existsSync } from "node:fs";
import { isMainThread, Worker } from "node:worker_threads";
import { InputError } from "../errors.ts";
import { type CountingInput, type CountingTask, type JobResult, takeJobs } from "./countJobs.ts";
import type { WorkerResult } from "./countWorker.ts";
import type { WorkloadRun } from "./countWorkload.ts";
import type { FootprintRun } from "./operations/footprint.ts";
import type { OperationCount } from "./operations/operationCounts.ts";

const WORKER = new URL("../../dist/cli/countWorker.js", import.meta.url);

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
  const task: CountingTask = { ...input, next: new Int32Array(new SharedArrayBuffer(4)) };
  const isLong = input.names.length > 1 || input.footprints.length > 0;
  const other = isMainThread && isLong && existsSync(WORKER) ? runWorker(task) : undefined;
  // Its failure is reported when the caller asks for the result, not before.
  other?.catch(() => {});
  return async () => {
    const results: JobResult[] = [];
    await takeJobs(task, (index, result) => {
      results[index] = result;
    });
    const sent = await other;
    if (sent?.problem !== undefined) throw new InputError(sent.problem);
    for (const [index, result] of sent?.results ?? []) results[index] = result;
    return {
      operations: results.flatMap((result) => result.operations ?? []),
      workloads: results.flatMap((result) => result.workload ?? []),
      footprints: results.flatMap((result) => result.footprints),
    };
  };
}

function runWorker(task: CountingTask): Promise<WorkerResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: task });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
