import { NR_WINDOW_BUCKETS } from "../../assembly/layout/windows.ts";
import { bucketCounts, bucketOf } from "../counts/windows.ts";
import type { OtherMisses, WorkloadWork } from "../counts/workload.ts";
import type { MissGaps, TaskCounts } from "../recording/countedRecording.ts";

/** What a recording says of one group of tasks, of that what a price needs. */
export type CountedTasks = Pick<
  TaskCounts,
  | "kernelInstructions"
  | "userInstructions"
  | "nrSets"
  | "nrCopies"
  | "bytesSet"
  | "bytesCopied"
  | "otherL2Gaps"
  | "otherLlcGaps"
>;

/**
 * What the tasks of a workload did beside struct pages.
 *
 * @param llcBytes of the host: the recorded LLC nearest in size stands for it
 * @returns undefined for a recording that does not tell clears from loops, or its tasks from others
 */
export function workloadWork(
  summary: { readonly name: string; readonly counted?: { readonly workload: CountedTasks } | undefined } | undefined,
  llcBytes: number,
): WorkloadWork | undefined {
  const tasks = summary?.counted?.workload;
  if (tasks === undefined) return undefined;
  const off = (bytes: number): number => Math.abs(Math.log(bytes / llcBytes));
  const [nearest] = [...tasks.otherLlcGaps].sort((a, b) => off(a.llcBytes) - off(b.llcBytes));
  const memory = missesOf(nearest ?? tasks.otherL2Gaps);
  const all = missesOf(tasks.otherL2Gaps);
  return {
    instructions: tasks.kernelInstructions + tasks.userInstructions,
    nrSets: tasks.nrSets,
    bytesSet: tasks.bytesSet,
    nrCopies: tasks.nrCopies,
    bytesCopied: tasks.bytesCopied,
    servedByMemory: memory.misses,
    servedByLlc: less(all, memory),
  };
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
