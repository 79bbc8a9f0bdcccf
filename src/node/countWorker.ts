// A second thread of startCounting(): takes jobs from the shared queue until none is left.
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadResult } from "../count/countInParallel.ts";
import { type CountingTask, type JobResult, takeJobs } from "../count/countJobs.ts";
import { InputError } from "../errors.ts";
import "./install.ts";

if (parentPort !== null) {
  const results: [number, JobResult][] = [];
  let sent: ThreadResult = { results };
  try {
    await takeJobs(workerData as CountingTask, (index, result) => results.push([index, result]));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    sent = { results, problem: error.problem };
  }
  parentPort.postMessage(sent);
}
