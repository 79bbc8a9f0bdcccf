import { median } from "../cost/sample.ts";
import type { KernelVersion } from "../linux/version.ts";
import type { CaseRow } from "./caseFile.ts";
import { type CaseMachine, machinesOf } from "./caseMachine.ts";
import type { CaseModel } from "./caseModel.ts";
import { kernelOf, modelOf } from "./caseOperation.ts";
import type { PassPrice } from "./predict.ts";
import { predictCase, predictorFor, refusalOf } from "./predictCase.ts";
import type { CaseContext, ModelledRow } from "./predictors/predictor.ts";

/** One row with what the model says of it. */
export interface CaseResult {
  readonly id: string;
  readonly use: "calibration" | "check";
  readonly model: CaseModel;
  /** An operation on struct pages, or a figure of a device or a whole program. */
  readonly ofStructPages: boolean;
  /** As `model.quantity` says: of the whole, or of a page; a bandwidth as the time of 1e9 bytes. */
  readonly predictedNs: number;
  readonly publishedNs: number;
  /** Predicted over published. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
  readonly source: string;
  readonly nrPages: number | undefined;
  readonly kernel: KernelVersion;
  /** Where it may have run: one machine when the row names it, else the plausible ones. */
  readonly machines: readonly string[];
  /** Passes on the first machine, with the path that binds each, where the operation has any. */
  readonly passes: readonly PassPrice[];
  /** Why a prediction far off is as it is, where that is known. */
  readonly reason?: string;
}

export interface Skipped {
  readonly id: string;
  readonly reason: string;
}

export interface Validation {
  readonly cases: readonly CaseResult[];
  readonly skipped: readonly Skipped[];
}

/** A bandwidth figure is compared as the time to move this much. */
const BANDWIDTH_BYTES = 1e9;

/**
 * Predicts every row that can be predicted, and says of the others why not.
 *
 * @param where name of the file, for errors
 * @param context what the predictors of some operations need, see `CaseContext`; without it their rows are left out
 * @error InputError for a row whose host, device or kernel is not known
 */
export function validate(rows: readonly CaseRow[], where: string, context: CaseContext = {}): Validation {
  const cases: CaseResult[] = [];
  const skipped: Skipped[] = [];
  rows.forEach((row, i) => {
    const result = resultOf(row, `${where}: row ${i} (${row.id.slice(0, 60)})`, context);
    if (typeof result === "string") skipped.push({ id: row.id, reason: result });
    else cases.push(result);
  });
  return { cases, skipped };
}

/** @returns the reason when the row is not predicted */
function resultOf(row: CaseRow, where: string, context: CaseContext): CaseResult | string {
  if (row.use === "context") return "context: not meant to be predicted";
  const model = modelOf(row);
  if ("reason" in model) return model.reason;
  const modelled: ModelledRow = { row, model, kernel: kernelOf(row, where) };
  const refusal = refusalOf(modelled, context);
  if (refusal !== undefined) return refusal;
  const published = publishedOf(row, model);
  if (published === undefined) return `no figure for ${model.quantity} published`;
  const machines = machinesOf(row, where);
  if (machines.length === 0)
    return "an architecture whose instructions were not recorded (x86_64 was): name a host to predict it all the same";
  return caseOf(modelled, published, machines, context);
}

function caseOf(
  modelled: ModelledRow,
  publishedNs: number,
  machines: readonly CaseMachine[],
  context: CaseContext,
): CaseResult {
  const { row, model, kernel } = modelled;
  const predictor = predictorFor(modelled);
  const { value, interval } = predictCase(modelled, machines, context);
  const predictedNs = asNs(value, model);
  const [low, high] = interval.map((bound) => asNs(bound, model)).sort((a, b) => a - b) as [number, number];
  const reason = reasonOf(row, model);
  return {
    id: row.id,
    use: row.use as "calibration" | "check",
    model,
    ofStructPages: predictor.ofStructPages,
    predictedNs,
    publishedNs,
    ratio: predictedNs / publishedNs,
    interval: [low, high],
    source: row.source,
    nrPages: row.pages ?? row.struct_pages_touched ?? undefined,
    kernel,
    machines: [...new Set(machines.map(({ host, memmap }) => `${host.id}/${memmap.id}`))],
    passes: predictor.passes?.(modelled, machines[0]!) ?? [],
    ...(reason === undefined ? {} : { reason }),
  };
}

const asNs = (value: number, { quantity }: CaseModel): number =>
  quantity === "GBps" ? BANDWIDTH_BYTES / value : value;

/** The figure of a row in the unit of its quantity, a bandwidth as ns; undefined when there is none. */
export function publishedOf(row: CaseRow, model: CaseModel): number | undefined {
  const value = row.value ?? undefined;
  switch (model.quantity) {
    case "GBps":
      return value === undefined ? undefined : BANDWIDTH_BYTES / value;
    case "cold-less-hot-ns-a-page":
      return value;
    case "ns-a-page":
      if (value !== undefined && /^ns\b/.test(row.unit ?? "")) return value;
      return row.time_ms != null && row.pages != null
        ? (row.time_ms * 1e6) / row.pages
        : (row.ns_per_page ?? undefined);
    case "whole-ns":
      if (row.time_ms != null) return row.time_ms * 1e6;
      return row.unit === "ns" ? value : undefined;
  }
}

/** What is known to be missing where a row is far off. */
function reasonOf(row: CaseRow, { operation }: CaseModel): string | undefined {
  if (operation === "stream-read" && (row.threads ?? 1) > 8 && row.medium === "pmem") {
    return "many read streams losing each other's 256-byte lines in the device's buffer is not modelled";
  }
  if (operation === "stream-flush" && row.medium === "pmem") {
    return "how much of a flush overlaps the next fetch is taken from DRAM";
  }
  return undefined;
}

/** Median of |ratio - 1| over `cases`, in percent, bounds left out; undefined when there are none. */
export function medianErrorPercent(cases: readonly CaseResult[]): number | undefined {
  const timed = cases.filter(isTime);
  return timed.length === 0 ? undefined : 100 * median(timed.map(({ ratio }) => Math.abs(ratio - 1)));
}

/** A figure of the operation itself, not one that it must stay below. */
export const isTime = ({ model }: CaseResult): boolean => model.bound === "none";

/** Whether the row holds: the figure inside the interval, or the prediction at most the bound. */
export function isInside({ model, interval, publishedNs, ratio }: CaseResult): boolean {
  return model.bound === "upper" ? ratio <= 1 : interval[0] <= publishedNs && publishedNs <= interval[1];
}

/** Off by more than a factor of two; an upper bound only when it is exceeded. */
export function isFar(result: CaseResult, factor = 2): boolean {
  return result.ratio > factor || (isTime(result) && result.ratio < 1 / factor);
}
