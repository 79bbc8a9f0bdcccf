import type { AnswerWorkload } from "./answerDocument.ts";
import { percent } from "./verdict.ts";

/** A slowdown with its interval, where it can be told from none. */
export function slowdown(
  given: Pick<AnswerWorkload, "slowdown_ratio" | "slowdown_interval_ratio" | "no_difference_within_error">,
): string {
  if (given.slowdown_ratio === null || given.slowdown_interval_ratio === null) return "not known";
  const [low, high] = given.slowdown_interval_ratio;
  if (given.no_difference_within_error)
    return percent(high) === "0 %" ? "no difference" : `no difference within error, at most ${percent(high)}`;
  return `${given.slowdown_ratio >= 1 ? "+" : ""}${percent(given.slowdown_ratio)} [${percent(low)}, ${percent(high)}]`;
}

/** Larger slowdown first, of equal ones that which may be larger; by ns where no slowdown is known. */
export function worseFirst(
  a: Pick<AnswerWorkload, "slowdown_ratio" | "slowdown_interval_ratio" | "extra_ns" | "extra_interval_ns">,
  b: Pick<AnswerWorkload, "slowdown_ratio" | "slowdown_interval_ratio" | "extra_ns" | "extra_interval_ns">,
): number {
  return (
    (b.slowdown_ratio ?? 0) - (a.slowdown_ratio ?? 0) ||
    (b.slowdown_interval_ratio?.[1] ?? 0) - (a.slowdown_interval_ratio?.[1] ?? 0) ||
    b.extra_ns - a.extra_ns ||
    b.extra_interval_ns[1] - a.extra_interval_ns[1]
  );
}
