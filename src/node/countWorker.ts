// A second thread of startCounting(): takes jobs from the shared queue until none is left.
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadResult } from "../count/countInParallel.ts";
import { type CountingTask, type JobResult, takeJobs } from "../count/countJobs.ts";
import { InputError } from "../errors.ts";
import "./install.ts";
import { keepCounts } from "./keptCounts.ts";

if (parentPort !== null) {
  const { task, kept } = workerData as { readonly task: CountingTask; readonly kept: string | undefined };
  if (kept !== undefined) keepCounts({ folder: kept });
  const results: [number, JobResult][] = [];
  let sent: ThreadResult = { results };
  try {
    await takeJobs(task, (index, result) => results.push([index, result]));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    sent = { results, problem: error.problem };
  }
  parentPort.postMessage(sent);
}
