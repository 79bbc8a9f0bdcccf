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
  ["wl_fault_64m_x2", [133_145, 53_529, 20_786], [132_409, 37_046]],
  ["wl_redis_set_30k_1k", [26_518, 15_052, 14_699], [25_672, 958]],
  ["wl_churn_3g_20k", [129_445, 61_864, 59_866], [126_008, 45_475]],
  ["wl_fork_cow_20x16m", [313_949, 6_061, 6_061], [312_830, 0]],
  ["wl_tmpfs_write_read_rm_48m", [56_212, 14_248, 14_150], [55_573, 163]],
];

/** Accesses that reached at least `level`, whatever their class, owner and direction. */
function reached({ counts }: ReplayCounts, level: number): number {
  let sum = 0;
  for (let i = 0; i < counts.demand.length; i++) if (i % 4 >= level) sum += counts.demand[i]!;
  return sum;
}

describe.each(["release", "debug"] as const)("bare touches of a recorded 6.12, %s build", (build) => {
  it.each(COUNTED)("%s: the counts of the C reference", async (name, misses, writeBacks) => {
    const recording = loadRecording(name);
    const run = await new Replayer({ geometry: GEOMETRY, pfnFrom: 0x100000, build }).run(recording.touchBatches());
    expect([1, 2, 3].map((level) => reached(run, level))).toEqual(misses);
    const from = (level: number): number => run.counts.writeBacks[level * 2]! + run.counts.writeBacks[level * 2 + 1]!;
    expect([from(0), from(1)]).toEqual(writeBacks);
    expect(run.touches).toBe(recording.summary.pageSwitches);
  });
});
