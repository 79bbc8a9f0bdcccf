import { seededRandom } from "../../src/cost/sample.ts";
import type { CaseRow } from "../../src/validate/caseFile.ts";
import { machinesOf } from "../../src/validate/caseMachine.ts";
import { kernelOf, modelOf } from "../../src/validate/caseOperation.ts";
import { FITTED_PARAMETERS } from "../../src/validate/fit.ts";
import { predictOn } from "../../src/validate/predictCase.ts";
import { predictorOf } from "../../src/validate/predictors/table.ts";
import { publishedOf } from "../../src/validate/validate.ts";

/** Standard deviations of logs, each source and operation counted once. */
export interface Residuals {
  readonly groups: number;
  /** Of predicted over published. */
  readonly all: number;
  /** Of what the draws of the profiles make of the prediction. */
  readonly profiles: number;
}

const SAMPLES = 200;

/** What the calibration rows of struct pages that nothing was fitted to leave: `MODEL_ERROR` rests on it. */
export function residualsOf(rows: readonly CaseRow[]): Residuals {
  const used = new Set(FITTED_PARAMETERS.flatMap((parameter) => parameter.rows));
  const groups = new Map<string, { residual: number; drawn: number }[]>();
  for (const row of rows) {
    const model = modelOf(row);
    if (row.use !== "calibration" || used.has(row.id) || "reason" in model) continue;
    if (predictorOf(model.operation)?.ofStructPages !== true) continue;
    const key = `${row.source} ${model.operation}`;
    groups.set(key, [...(groups.get(key) ?? []), residualOf(row, model)]);
  }
  const squares = (of: "residual" | "drawn") =>
    mean([...groups.values()].map((group) => mean(group.map((row) => row[of] ** 2))));
  return { groups: groups.size, all: Math.sqrt(squares("residual")), profiles: Math.sqrt(squares("drawn")) };
}

function residualOf(row: CaseRow, model: NonNullable<CaseRow["model"]>): { residual: number; drawn: number } {
  const modelled = { row, model, kernel: kernelOf(row, row.id) };
  const machines = machinesOf(row, row.id);
  const point = mean(machines.map((machine) => Math.log(predictOn(modelled, machine, null))));
  const random = seededRandom(1);
  const draws = Array.from({ length: SAMPLES }, (_, i) =>
    Math.log(predictOn(modelled, machines[i % machines.length]!, random)),
  );
  const middle = mean(draws);
  return {
    residual: point - Math.log(publishedOf(row, model) ?? Number.NaN),
    drawn: Math.sqrt(mean(draws.map((log) => (log - middle) ** 2))),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
