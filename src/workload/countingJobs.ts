import type { CacheGeometry } from "../kernels/cache.ts";
import type { HotplugKernel } from "../kernels/hotplugKernel.ts";
import { countWorkload, type WorkloadRun } from "./countWorkload.ts";
import { countOperations, type OperationCount } from "./operationCounts.ts";
import { isPackagedName } from "./recording.ts";

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
    if (index > task.names.length) return;
    done(index, await countOnce(task, task.names[index]));
  }
}

/** What this thread has counted: a sweep over scenarios asks for the same again and again. */
const counted = new Map<string, Promise<JobResult>>();

/** A packaged recording and the operations give the same counts for one geometry; a file of the user's may change. */
function countOnce({ kernel, geometry }: CountingTask, recording: string | undefined): Promise<JobResult> {
  if (recording !== undefined && !isPackagedName(recording)) return countWorkload(recording, geometry);
  const key = JSON.stringify([recording ?? kernel, geometry]);
  const known = counted.get(key);
  if (known !== undefined) return known;
  const result = recording === undefined ? countOperations(kernel, geometry) : countWorkload(recording, geometry);
  counted.set(key, result);
  return result;
}
