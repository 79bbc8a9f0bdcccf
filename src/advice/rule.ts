import type { Evidence } from "../hotplug/evidence.ts";
import type { FitFacts } from "./facts.ts";

/** One piece of advice as data. */
export interface AdviceRule {
  readonly id: string;
  /** Whether it is said of this machine. */
  readonly fires: (facts: FitFacts) => boolean;
  /** One clause, at most about 70 characters where it can be: fit shows it on one line. */
  readonly text: (facts: FitFacts) => string;
  readonly source: string;
  readonly evidence: Evidence;
  /** Higher is said first. */
  readonly weight: number;
}
