import type { FootprintRun, OperationCount, WorkloadRun } from "../counts/workload.ts";
import type { CacheGeometry } from "../counts.ts";
import { contentOfRecording } from "../recording/recording.ts";
import type { OperationName } from "../scenario/operationNames.ts";
import { type CountPart, countedBefore, countedOnce } from "./countedOnce.ts";
import { countTrace, openTrace, type Trace } from "./countWorkload.ts";
import { moveTrace } from "./movedTrace.ts";
import { countOperations } from "./operations/operationCounts.ts";
import {
  countScript,
  footprintRuns,
  type ScriptCounts,
  scaledFootprints,
  scriptsOf,
} from "./operations/runAtFootprints.ts";
import type { OperationScript } from "./operations/scripts.ts";

/** What is counted for one answer. */
export interface CountingInput {
  /** Whose recipes operations follow: `recordedKernelOf`. */
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
  /** Indices of the jobs that are not kept from before. */
  readonly todo: readonly number[];
  /** Shared: how many of these are taken. */
  readonly next: Int32Array;
}

export interface JobResult {
  readonly workload?: WorkloadRun;
  readonly operations?: readonly OperationCount[];
  readonly footprints: readonly FootprintRun[];
}

/** One for each recording, the operations of core-mm per page, then each script of these at the footprints. */
export interface CountingJob {
  readonly parts: readonly CountPart<unknown>[];
  resultOf(counted: readonly unknown[]): JobResult;
}

/** Does jobs until none is left to take. @error InputError for a recording that cannot be read */
export async function takeJobs(
  task: CountingTask,
  done: (index: number, result: JobResult) => void,
  jobs = jobsOf(task),
): Promise<void> {
  for (;;) {
    const index = task.todo[Atomics.add(task.next, 0, 1)];
    const job = index === undefined ? undefined : jobs[index];
    if (index === undefined || job === undefined) return;
    const counted: unknown[] = [];
    for (const part of job.parts) counted.push(await countedOnce(part));
    done(index, job.resultOf(counted));
  }
}

/** What a job gives, where all of it was counted before. */
export function keptResult(job: CountingJob): JobResult | undefined {
  const counted: unknown[] = [];
  for (const { key } of job.parts) {
    const kept = countedBefore(key);
    if (kept === undefined) return undefined;
    counted.push(kept);
  }
  return job.resultOf(counted);
}

/** @error InputError on a footprint outside 1 GiB to 1 TiB */
export function jobsOf({ kernel, geometry, names, ...at }: CountingInput): readonly CountingJob[] {
  const scripts = at.footprints.length === 0 ? [] : scriptsOf(at.footprintOperations);
  return [
    ...names.map((name) => recordingJob(name, geometry, at.footprints)),
    {
      parts: [{ key: ["operations", kernel, geometry], count: () => countOperations(kernel, geometry) }],
      resultOf: ([counts]) => ({ operations: counts as readonly OperationCount[], footprints: [] }),
    },
    ...scripts.map((script) => scriptJob(script, kernel, geometry, at)),
  ];
}

/** As recorded, and moved over each footprint; its trace is decoded once. */
function recordingJob(name: string, geometry: CacheGeometry, footprints: readonly number[]): CountingJob {
  const content = contentOfRecording(name);
  const key = (...what: readonly unknown[]) => (content === undefined ? undefined : [name, content, geometry, ...what]);
  let opened: Promise<Trace> | undefined;
  const open = (): Promise<Trace> => {
    opened ??= openTrace(name, geometry);
    return opened;
  };
  return {
    parts: [
      { key: key("as recorded"), count: async () => countTrace(await open(), name, geometry) },
      ...footprints.map((footprintBytes) => ({
        key: key("moved", footprintBytes),
        count: async () => moveTrace(await open(), geometry, footprintBytes),
      })),
    ],
    resultOf: ([workload, ...moved]) => ({
      workload: workload as WorkloadRun,
      footprints: moved as readonly FootprintRun[],
    }),
  };
}

/** Footprints that no cache holds are scaled to the same run: they share what is counted. */
function scriptJob(
  script: OperationScript,
  kernel: string,
  caches: CacheGeometry,
  { footprints, footprintOperations, blockPages }: Omit<CountingInput, "kernel" | "geometry" | "names">,
): CountingJob {
  const host = { kernel, caches, blockPages };
  const names = script.flatMap(({ name }) => name ?? []);
  return {
    parts: scaledFootprints(script, footprints, host).map((scaled) => ({
      key: ["script", names, kernel, scaled],
      count: () => countScript(script, scaled, kernel),
    })),
    resultOf: (counted) => ({
      footprints: footprintRuns(script, footprintOperations, footprints, host, counted as readonly ScriptCounts[]),
    }),
  };
}
