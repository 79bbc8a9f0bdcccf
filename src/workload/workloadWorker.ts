// A second thread of countWorkloads(): takes recordings from the shared queue until none is left.
import { parentPort, workerData } from "node:worker_threads";
import { InputError, type InputProblem } from "../errors.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { countWorkload, type WorkloadRun } from "./countWorkload.ts";

/** What the thread is started with; `next` is shared: the index of the next recording that nobody has taken. */
export interface WorkerTask {
  readonly names: readonly string[];
  readonly geometry: CacheGeometry;
  readonly next: Int32Array;
}

/** What it sends: runs by index, or the first problem it met. */
export interface WorkerResult {
  readonly runs: readonly (readonly [index: number, run: WorkloadRun])[];
  readonly problem?: InputProblem;
}

if (parentPort !== null) {
  const task = workerData as WorkerTask;
  const runs: [number, WorkloadRun][] = [];
  let result: WorkerResult = { runs };
  try {
    for (;;) {
      const index = Atomics.add(task.next, 0, 1);
      const name = task.names[index];
      if (name === undefined) break;
      runs.push([index, await countWorkload(name, task.geometry)]);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    result = { runs, problem: error.problem };
  }
  parentPort.postMessage(result);
}
