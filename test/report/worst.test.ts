import { expect, test } from "vitest";
import { worseFirst } from "../../src/report/slowdownText.ts";

const row = (ratio: number | null, high: number, extra = 0) => ({
  slowdown_ratio: ratio,
  slowdown_interval_ratio: ratio === null ? null : ([1, high] as const),
  extra_ns: extra,
  extra_interval_ns: [0, extra + high] as const,
});

test("of equal slowdowns the worst is that which may be larger; of unknown ones, that which costs more ns", () => {
  const sorted = (...rows: ReturnType<typeof row>[]) => rows.sort(worseFirst).map((one) => rows.indexOf(one));
  const [low, high, larger] = [row(1, 1.1), row(1, 1.3), row(1.01, 1.02)];
  expect([low, high, larger].sort(worseFirst)).toEqual([larger, high, low]);
  expect([row(null, 1, 5), row(null, 1, 9)].sort(worseFirst)[0]?.extra_ns).toBe(9);
  expect(sorted(row(1, 1))).toEqual([0]);
});
