import { describe, expect, it } from "vitest";
import { loadRecording } from "../../src/recording/packagedRecording.ts";
import { type ReplayCounts, Replayer } from "../../src/wasm/replay.ts";

const GEOMETRY = {
  l1: { bytes: 32768, ways: 8 },
  l2: { bytes: 1048576, ways: 16 },
  llc: { bytes: 33554432, ways: 16 },
};

/** Counted by an independent C program: misses of L1, L2, LLC, and write-backs from L1 and from L2. */
const COUNTED: readonly [string, readonly number[], readonly number[]][] = [
  ["wl_fault_64m_x2", [132_755, 41_845, 17_902], [130_886, 26_086]],
  ["wl_redis_set_30k_1k", [17_064, 11_510, 11_504], [15_460, 9]],
  ["wl_churn_3g_20k", [151_126, 61_901, 59_933], [144_400, 45_516]],
  ["wl_fork_cow_20x16m", [357_644, 5_641, 5_641], [308_140, 0]],
  ["wl_tmpfs_write_read_rm_48m", [46_770, 13_069, 13_069], [46_046, 0]],
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
