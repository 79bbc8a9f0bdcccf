import { NR_WINDOW_BUCKETS } from "../../assembly/layout/windows.ts";
import { bucketCounts, bucketOf } from "../counts/windows.ts";
import type { OtherMisses, StreamFills, WorkloadWork } from "../counts/workload.ts";
import type { FillCounts, MissGaps, TaskCounts } from "../recording/countedRecording.ts";
import type { Operation } from "../recording/operationsSchema.ts";
import { type CountedEntries, kernelEntries, pagesClearedOnAlloc } from "./kernelEntries.ts";

/** What a recording says of one group of tasks, of that what a price needs. */
export type CountedTasks = Pick<
  TaskCounts,
  | "kernelInstructions"
  | "userInstructions"
  | "nrSets"
  | "nrCopies"
  | "bytesSet"
  | "bytesCopied"
  | "setFills"
  | "copyFills"
  | "otherL2Gaps"
  | "otherLlcGaps"
>;

/** What of a recording's summary is needed. */
export interface CountedSummary {
  readonly name: string;
  readonly kernel: string;
  readonly counted?: (CountedEntries & { readonly workload: CountedTasks }) | undefined;
}

/**
 * What the tasks of a workload did beside struct pages.
 *
 * @param llcBytes of the host: the recorded LLC nearest in size stands for it
 * @param operations what it ran, where that is known
 * @returns undefined for a recording that does not tell clears from loops, or its tasks from others
 */
export function workloadWork(
  summary: CountedSummary | undefined,
  llcBytes: number,
  operations: readonly Operation[] = [],
): WorkloadWork | undefined {
  if (summary?.counted === undefined) return undefined;
  const tasks = summary.counted.workload;
  const memory = missesOf(nearestLlc(tasks.otherLlcGaps, llcBytes) ?? tasks.otherL2Gaps);
  const all = missesOf(tasks.otherL2Gaps);
  return {
    instructions: tasks.kernelInstructions + tasks.userInstructions,
    ...kernelEntries(summary.counted, summary.kernel),
    pagesClearedOnAlloc: pagesClearedOnAlloc(operations),
    nrSets: tasks.nrSets,
    bytesSet: tasks.bytesSet,
    nrCopies: tasks.nrCopies,
    bytesCopied: tasks.bytesCopied,
    setFills: fillsOf(tasks.setFills, llcBytes),
    copyFills: fillsOf(tasks.copyFills, llcBytes),
    servedByMemory: memory.misses,
    servedByLlc: less(all, memory),
  };
}

/** Of recorded last-level caches the one nearest in size. */
function nearestLlc<L extends { readonly llcBytes: number }>(caches: readonly L[], llcBytes: number): L | undefined {
  const off = (bytes: number): number => Math.abs(Math.log(bytes / llcBytes));
  return [...caches].sort((a, b) => off(a.llcBytes) - off(b.llcBytes))[0];
}

function fillsOf({ l2, llc }: FillCounts, llcBytes: number): StreamFills {
  const memory = nearestLlc(llc, llcBytes)?.fills ?? l2;
  return { memory, llc: Math.max(0, l2 - memory) };
}

interface GapMisses {
  readonly misses: OtherMisses;
  readonly histogram: Float64Array;
}

function missesOf({ inStream, others }: MissGaps): GapMisses {
  const histogram = new Float64Array(NR_WINDOW_BUCKETS);
  others.forEach((count, i) => {
    histogram[bucketOf(i === 0 ? 1 : 2 ** (i - 0.5))]! += count;
  });
  const streamed = inStream.reduce((sum, count) => sum + count, 0);
  return { histogram, misses: { apart: bucketCounts(histogram), streamed } };
}

/** Those of L2 that the LLC served: their gaps are those of L2's misses, fewer by the same share in each. */
function less(all: GapMisses, memory: GapMisses): OtherMisses {
  const total = ({ histogram }: GapMisses): number => histogram.reduce((sum, count) => sum + count, 0);
  const share = total(all) > 0 ? Math.max(0, 1 - total(memory) / total(all)) : 0;
  return {
    apart: bucketCounts(all.histogram.map((count) => count * share)),
    streamed: Math.max(0, all.misses.streamed - memory.misses.streamed),
  };
}
