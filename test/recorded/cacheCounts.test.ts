import { describe, expect, it } from "vitest";
import type { ReplayCounts } from "../../src/counts/workload.ts";
import { loadRecording } from "../../src/recording/packagedRecording.ts";
import { Replayer } from "../../src/wasm/replay.ts";

const GEOMETRY = {
  l1: { bytes: 32768, ways: 8 },
  l2: { bytes: 1048576, ways: 16 },
  llc: { bytes: 33554432, ways: 16 },
};

/** Counted by an independent C program: misses of L1, L2, LLC, and write-backs from L1 and from L2. */
const COUNTED: readonly [string, readonly number[], readonly number[]][] = [
  ["wl_fault_64m_x2", [133_023, 42_119, 17_983], [131_141, 26_363]],
  ["wl_redis_set_30k_1k", [17_614, 11_766, 11_764], [16_128, 4]],
  ["wl_churn_3g_20k", [124_952, 61_884, 59_859], [121_870, 45_495]],
  ["wl_fork_cow_20x16m", [335_896, 5_668, 5_668], [321_005, 0]],
  ["wl_tmpfs_write_read_rm_48m", [47_103, 13_102, 13_099], [46_391, 5]],
];

/** Accesses that reached at least `level`, whatever their class, owner and direction. */
function reached({ counts }: ReplayCounts, level: number): number {
  let sum = 0;
  for (let i = 0; i < counts.demand.length; i++) if (i % 4 >= level) sum += counts.demand[i]!;
  return sum;
}

describe.each(["release", "debug"] as const)("bare touches of a recorded 6.1, %s build", (build) => {
  it.each(COUNTED)("%s: the counts of the C reference", async (name, misses, writeBacks) => {
    const recording = loadRecording(name);
    const run = await new Replayer({ geometry: GEOMETRY, pfnFrom: 0x100000, build }).run(recording.touchBatches());
    expect([1, 2, 3].map((level) => reached(run, level))).toEqual(misses);
    const from = (level: number): number => run.counts.writeBacks[level * 2]! + run.counts.writeBacks[level * 2 + 1]!;
    expect([from(0), from(1)]).toEqual(writeBacks);
    expect(run.touches).toBe(recording.summary.pageSwitches);
  });
});
