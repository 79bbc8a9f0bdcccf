import type { AnswerWorkload } from "./answerDocument.ts";
import { percent } from "./verdict.ts";

/** A slowdown with its interval, where it can be told from none. */
export function slowdown(
  given: Pick<AnswerWorkload, "slowdown_ratio" | "slowdown_interval_ratio" | "no_difference_within_error">,
): string {
  const [low, high] = given.slowdown_interval_ratio;
  if (given.no_difference_within_error)
    return percent(high) === "0 %" ? "no difference" : `no difference within error, at most ${percent(high)}`;
  return `${given.slowdown_ratio >= 1 ? "+" : ""}${percent(given.slowdown_ratio)} [${percent(low)}, ${percent(high)}]`;
}
