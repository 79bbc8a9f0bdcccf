import { percent } from "../units.ts";
import type { SlowdownRow, WorkloadRow } from "./answerRows.ts";
import { llcWords } from "./machineVerdict.ts";

/**
 * A slowdown with its interval, where it can be told from none.
 *
 * @param llcShare share of the LLC that struct pages had: that there is no difference is said for it alone
 */
export function slowdown(given: SlowdownRow, llcShare: number): string {
  if (given.slowdown_ratio === null || given.slowdown_interval_ratio === null) return "not known";
  const [low, high] = given.slowdown_interval_ratio;
  if (given.no_difference_within_error) {
    const most = percent(high) === "0 %" ? "" : ` within error, at most ${percent(high)}`;
    return `no difference${most}, with ${llcWords(llcShare)}`;
  }
  return `${given.slowdown_ratio >= 1 ? "+" : ""}${percent(given.slowdown_ratio)} [${percent(low)}, ${percent(high)}]`;
}

type Compared = Pick<SlowdownRow, "slowdown_ratio" | "slowdown_interval_ratio"> &
  Pick<WorkloadRow, "extra_ns" | "extra_interval_ns">;

/** Larger slowdown first, of equal ones that which may be larger; by ns where no slowdown is known. */
export function worseFirst(a: Compared, b: Compared): number {
  return (
    (b.slowdown_ratio ?? 0) - (a.slowdown_ratio ?? 0) ||
    (b.slowdown_interval_ratio?.[1] ?? 0) - (a.slowdown_interval_ratio?.[1] ?? 0) ||
    b.extra_ns - a.extra_ns ||
    b.extra_interval_ns[1] - a.extra_interval_ns[1]
  );
}
