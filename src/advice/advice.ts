import type { Evidence } from "../hotplug/evidence.ts";
import type { FitFacts } from "./facts.ts";
import type { AdviceRule } from "./rule.ts";
import { FAILURE_RULES } from "./rules/failure.ts";
import { HUGE_PAGE_RULES } from "./rules/hugePages.ts";
import { ONLINE_RULES } from "./rules/online.ts";
import { PLACEMENT_RULES } from "./rules/placement.ts";
import { USE_RULES } from "./rules/use.ts";

/** A rule that fired. */
export interface Advice {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly evidence: Evidence;
}

/** Every rule, by topic. */
export const ADVICE_RULES: readonly AdviceRule[] = [
  ...PLACEMENT_RULES,
  ...ONLINE_RULES,
  ...HUGE_PAGE_RULES,
  ...FAILURE_RULES,
  ...USE_RULES,
];

/** What is to be minded on this machine, weightiest first. */
export function adviceOf(facts: FitFacts): Advice[] {
  return ADVICE_RULES.filter((rule) => rule.fires(facts))
    .sort((a, b) => b.weight - a.weight)
    .map(({ id, text, source, evidence }) => ({ id, text: text(facts), source, evidence }));
}
