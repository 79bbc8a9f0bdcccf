import { clearPredictors } from "./clears.ts";
import { pagePredictors } from "./pageOperations.ts";
import { recipePredictors } from "./passPredictors.ts";
import type { CasePredictor } from "./predictor.ts";
import { transferPredictors } from "./transfers.ts";
import { workloadOf, workloadPredictor } from "./workloads.ts";
import { walkPredictors } from "./zoneWalk.ts";

/** What predicts a row, by its `model.operation`. */
export const CASE_PREDICTORS: Readonly<Record<string, CasePredictor>> = {
  ...recipePredictors,
  ...pagePredictors,
  ...walkPredictors,
  ...clearPredictors,
  ...transferPredictors,
};

/** @returns undefined for an operation that is not modelled */
export function predictorOf(operation: string): CasePredictor | undefined {
  if (workloadOf(operation) !== undefined) return workloadPredictor;
  return Object.hasOwn(CASE_PREDICTORS, operation) ? CASE_PREDICTORS[operation] : undefined;
}
