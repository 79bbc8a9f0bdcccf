import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { InputError } from "../errors.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { countWorkload, type WorkloadRun } from "./countWorkload.ts";
import type { WorkerResult, WorkerTask } from "./workloadWorker.ts";

const WORKER = new URL("../../dist/cli/workloadWorker.js", import.meta.url);

/**
 * Starts counting recordings on a second thread and returns what finishes the job: the caller may do other work in
 * between, then takes recordings from the same queue itself. The result does not depend on who took which.
 *
 * @error InputError for a recording that cannot be read, of the first such in the list
 */
export function startWorkloads(
  names: readonly string[],
  geometry: CacheGeometry,
): () => Promise<readonly WorkloadRun[]> {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const other = names.length > 1 && existsSync(WORKER) ? runWorker({ names, geometry, next }) : undefined;
  // Its failure is reported when the caller asks for the runs, not before.
  other?.catch(() => {});
  return async () => {
    const runs: WorkloadRun[] = [];
    for (;;) {
      const index = Atomics.add(next, 0, 1);
      const name = names[index];
      if (name === undefined) break;
      runs[index] = await countWorkload(name, geometry);
    }
    const result = await other;
    if (result?.problem !== undefined) throw new InputError(result.problem);
    for (const [index, run] of result?.runs ?? []) runs[index] = run;
    return runs;
  };
}

function runWorker(task: WorkerTask): Promise<WorkerResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: task });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
