import type { FootprintRun, OperationCount, WorkloadRun } from "../counts/workload.ts";
import type { CacheGeometry } from "../counts.ts";
import { isPackagedName } from "../recording/recording.ts";
import type { OperationName } from "../scenario/operationNames.ts";
import { countTrace, openTrace } from "./countWorkload.ts";
import { moveTrace } from "./movedTrace.ts";
import { countOperations } from "./operations/operationCounts.ts";
import { runAtFootprints, scriptsOf } from "./operations/runAtFootprints.ts";

/** What is counted for one answer. */
export interface CountingInput {
  /** Whose recipes operations follow: `recipeKernelOf`. */
  readonly kernel: string;
  readonly geometry: CacheGeometry;
  /** Recordings. */
  readonly names: readonly string[];
  /** Bytes of hot-added memory in use, at which recordings and named operations are also run. */
  readonly footprints: readonly number[];
  readonly footprintOperations: readonly OperationName[];
  /** Of a memory block. */
  readonly blockPages: number;
}

/** What threads count between them. */
export interface CountingTask extends CountingInput {
  /** Shared: the index of the next job that nobody has taken. */
  readonly next: Int32Array;
}

export interface JobResult {
  readonly workload?: WorkloadRun;
  readonly operations?: readonly OperationCount[];
  readonly footprints: readonly FootprintRun[];
}

/** Does jobs until none is left to take. @error InputError for a recording that cannot be read */
export async function takeJobs(task: CountingTask, done: (index: number, result: JobResult) => void): Promise<void> {
  const jobs = jobsOf(task);
  for (;;) {
    const index = Atomics.add(task.next, 0, 1);
    const job = jobs[index];
    if (job === undefined) return;
    done(index, await countOnce(job));
  }
}

interface Job {
  /** Jobs of one key give the same result; undefined where a file of the user's may change. */
  readonly key: string | undefined;
  readonly count: () => Promise<JobResult>;
}

/** One for each recording, the operations of core-mm per page, then each script of these at the footprints. */
function jobsOf(task: CountingInput): readonly Job[] {
  const { kernel, geometry, names, footprints, footprintOperations, blockPages } = task;
  const host = { kernel, caches: geometry, blockPages };
  const scripts = footprints.length === 0 ? [] : scriptsOf(footprintOperations);
  return [
    ...names.map((name) => ({
      key: isPackagedName(name) ? JSON.stringify([name, geometry, footprints]) : undefined,
      count: () => countRecording(name, geometry, footprints),
    })),
    {
      key: JSON.stringify([kernel, geometry]),
      count: async () => ({ operations: countOperations(kernel, geometry), footprints: [] }),
    },
    ...scripts.map((script, i) => ({
      key: JSON.stringify([i, host, footprints, footprintOperations]),
      count: async () => ({ footprints: runAtFootprints(script, footprintOperations, footprints, host) }),
    })),
  ];
}

/** What this thread has counted: a sweep over scenarios asks for the same again and again. */
const counted = new Map<string, Promise<JobResult>>();

function countOnce({ key, count }: Job): Promise<JobResult> {
  if (key === undefined) return count();
  const result = counted.get(key) ?? count();
  counted.set(key, result);
  return result;
}

/** As recorded, and moved over each footprint; its trace is decoded once. */
async function countRecording(
  name: string,
  geometry: CacheGeometry,
  footprints: readonly number[],
): Promise<JobResult> {
  const trace = await openTrace(name, geometry);
  const workload = await countTrace(trace, name, geometry);
  const moved: FootprintRun[] = [];
  for (const footprintBytes of footprints) moved.push(await moveTrace(trace, geometry, footprintBytes));
  return { workload, footprints: moved };
}
