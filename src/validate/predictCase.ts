import { draw, type Estimate, estimate, type Random, seededRandom } from "../cost/sample.ts";
import type { Quantity } from "../machine/provenance.ts";
import type { CaseMachine } from "./caseMachine.ts";
import type { CaseContext, CasePredictor, ModelledRow } from "./predictors/predictor.ts";
import { predictorOf } from "./predictors/table.ts";

/**
 * What the terms leave out, beyond the ranges of the profiles. Residuals of the seven sources and operations among the
 * calibration rows of struct pages that nothing was fitted to have a standard deviation of 13 % (`residualsOf`); so
 * few cannot tell the model's share of it from the profiles': half of the variance is taken, 9 %.
 */
export const MODEL_ERROR: Quantity = { value: 1, range: [0.86, 1.16], level: "C", source: "memmap-rows" };

/** The same of device figures: stores that are flushed lie 0.78 to 1.3 times the published. */
const TRANSFER_ERROR: Quantity = { value: 1, range: [0.75, 1.33], level: "C", source: "memmap-rows" };

const SAMPLES = 300;

/** Why a row with this model is not predicted; undefined when it is. */
export function refusalOf(row: ModelledRow, context: CaseContext = {}): string | undefined {
  const { operation, quantity } = row.model;
  const predictor = predictorOf(operation);
  if (predictor === undefined) return `operation "${operation}" is not modelled`;
  if (!predictor.quantities.includes(quantity)) {
    return `${operation}: ${quantity} is not modelled, only ${predictor.quantities.join(", ")}`;
  }
  return predictor.refuses?.(row, context);
}

/** The row's quantity on one machine, in its unit: one draw, or the stated values. @error RangeError for a refused row */
export function predictOn(row: ModelledRow, machine: CaseMachine, random: Random, context: CaseContext = {}): number {
  return predictorFor(row).predict(row, machine, random, context);
}

/**
 * The row's quantity (ns, ns a page or GB/s) with its 90 % interval, over the machines that it may have run on.
 *
 * @error RangeError for a row that `refusalOf` gives a reason for
 */
export function predictCase(row: ModelledRow, machines: readonly CaseMachine[], context: CaseContext = {}): Estimate {
  const random = seededRandom(1);
  const points = machines.map((machine) => predictOn(row, machine, null, context));
  const value = Math.exp(points.reduce((sum, point) => sum + Math.log(point), 0) / points.length);
  const leftOut = predictorFor(row).ofStructPages ? MODEL_ERROR : TRANSFER_ERROR;
  const draws = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES; i++) {
    draws[i] = predictOn(row, machines[i % machines.length]!, random, context) * draw(leftOut, random);
  }
  return estimate(value, draws);
}

/** @error RangeError when nothing predicts the row's operation */
export function predictorFor({ row, model }: ModelledRow): CasePredictor {
  const predictor = predictorOf(model.operation);
  if (predictor === undefined) throw new RangeError(`row ${row.id}: nothing predicts ${model.operation}`);
  return predictor;
}
