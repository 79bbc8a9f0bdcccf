import type { CacheGeometry } from "../kernels/cache.ts";
import type { HotplugKernel } from "../kernels/hotplugKernel.ts";
import { countWorkload, type WorkloadRun } from "./countWorkload.ts";
import { countOperations, type OperationCount } from "./operationCounts.ts";

/** What two threads count between them: one recording a job, then the operations of core-mm. */
export interface CountingTask {
  readonly kernel: HotplugKernel;
  readonly names: readonly string[];
  readonly geometry: CacheGeometry;
  /** Shared: the index of the next job that nobody has taken. */
  readonly next: Int32Array;
}

export type JobResult = readonly OperationCount[] | WorkloadRun;

/** Does jobs until none is left to take. @error InputError for a recording that cannot be read */
export async function takeJobs(task: CountingTask, done: (index: number, result: JobResult) => void): Promise<void> {
  for (;;) {
    const index = Atomics.add(task.next, 0, 1);
    const name = task.names[index];
    if (name !== undefined) done(index, await countWorkload(name, task.geometry));
    else if (index === task.names.length) done(index, await countOperations(task.kernel, task.geometry));
    else return;
  }
}
