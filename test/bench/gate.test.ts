import { describe, expect, it } from "vitest";
import type { CaseReport } from "../../bench/run.ts";
import { medianInterval } from "../../bench/statistics.ts";
import { brokenFloors, type Floor, readFloors } from "../../bench/suite/floors.ts";
import { SUITES } from "../../bench/suites.ts";

const floor: Floor = { suite: "cache", case: "redis", row: "WASM", against: "native C", floor: 0.5 };

function reported(ratios: readonly number[]): CaseReport {
  const times = { median_ms: 1, p99_ms: 1, mad_ms: 0, rate_per_s: 1 };
  const row = { name: "WASM", ...times, ratios: { "native C": medianInterval(ratios) } };
  const clock = "processor";
  return { suite: "cache", case: "redis", work: 1, unit: "touches", clock, rounds: 9, checksum: "", rows: [row] };
}

describe("bench gate", () => {
  it("fails when the whole interval of a ratio lies below its floor", () => {
    const slow = [0.4, 0.41, 0.42, 0.43, 0.44, 0.45, 0.46, 0.47, 0.48];
    expect(brokenFloors([floor], [reported(slow)], true)).toHaveLength(1);
  });
  it("passes when noise reaches the floor", () => {
    const noisy = [0.3, 0.41, 0.45, 0.48, 0.49, 0.5, 0.55, 0.6, 0.9];
    expect(brokenFloors([floor], [reported(noisy)], true)).toEqual([]);
  });
  it("fails when a row with a floor did not run, unless there is no compiler for it", () => {
    expect(brokenFloors([floor], [], true)).toEqual(["cache / redis: WASM against native C: did not run"]);
    expect(brokenFloors([floor], [], false)).toEqual([]);
  });
  it("has floors for suites that exist", () => {
    const names = SUITES.map((suite) => suite.name);
    for (const each of readFloors()) expect(names).toContain(each.suite);
  });
  it("does not ask one processor to be two, nor a busy one to be idle", () => {
    const judgesTwoWorkers = (nrCpus: number, load: number) =>
      readFloors(nrCpus, load).some(({ row }) => row === "2 workers");
    expect(judgesTwoWorkers(1, 0)).toBe(false);
    expect(judgesTwoWorkers(2, 0.3)).toBe(true);
    expect(judgesTwoWorkers(2, 1.5)).toBe(false);
  });
});

describe("medianInterval", () => {
  it("holds the median between order statistics", () => {
    expect(medianInterval([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 1, high: 5 });
    const { median, low, high } = medianInterval(Array.from({ length: 21 }, (_, i) => i));
    expect([low, median, high]).toEqual([6, 10, 14]);
  });
});
