// A second thread of startCounting(): takes jobs from the shared queue until none is left.
import { parentPort, workerData } from "node:worker_threads";
import { InputError, type InputProblem } from "../errors.ts";
import { type CountingTask, type JobResult, takeJobs } from "./countJobs.ts";

/** What the thread sends: results by index, or the first problem it met. */
export interface WorkerResult {
  readonly results: readonly (readonly [index: number, result: JobResult])[];
  readonly problem?: InputProblem;
}

if (parentPort !== null) {
  const results: [number, JobResult][] = [];
  let sent: WorkerResult = { results };
  try {
    await takeJobs(workerData as CountingTask, (index, result) => results.push([index, result]));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    sent = { results, problem: error.problem };
  }
  parentPort.postMessage(sent);
}
