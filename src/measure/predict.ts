import { isKernelBefore, kernelVersion, readKernelVersion } from "../linux/version.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import type { CaseMachine } from "../validate/caseMachine.ts";
import type { CaseModel, CaseQuantity } from "../validate/caseModel.ts";
import { predictCase, predictOn, refusalOf } from "../validate/predictCase.ts";
import type { ModelledRow } from "../validate/predictors/predictor.ts";
import type { Order } from "./probeOutput.ts";
import type { MeasuredSpread } from "./statistics.ts";

/** ns a page, with its 90 % interval. */
export interface Predicted {
  readonly value: number;
  readonly interval: readonly [number, number];
}

/** What the model says of one operation; absent: it does not model it. */
export interface OperationPrediction {
  readonly hot: Predicted;
  readonly coldLessHotRandom: Predicted;
  readonly coldLessHotInOrder: Predicted;
}

/** Before this release rows are not predicted as those of today. */
const OLDEST = "3.12";
/** Stands for a release that cannot be read. */
const USUAL = kernelVersion(6, 12);

/**
 * The machine that was measured, for the model: the profile of its host, and memory that is as far away as the chase found.
 *
 * @param latency of a dependent load of a line at random
 */
export function measuredMachine(host: HostProfile, dram: DeviceProfile, latency: MeasuredSpread): CaseMachine {
  const memmap: DeviceProfile = {
    ...dram,
    idleReadNs: {
      value: latency.median,
      range: [Math.min(latency.median, latency.runs[0]), Math.max(latency.median, latency.runs[1])],
      level: "M",
      source: "altmap measure",
    },
  };
  return { host, dram, memmap };
}

const rowFor = (name: string, kernel: string, quantity: CaseQuantity, order: Order): ModelledRow => {
  const read = readKernelVersion(kernel);
  const model: CaseModel = { operation: name, quantity, pfn_order: order, bound: "none", folio: "4KiB" };
  return {
    row: { id: name, source: "altmap measure", platform: "", operation: name, notes: "", use: "check" },
    model,
    kernel: read === undefined || isKernelBefore(read, OLDEST) ? USUAL : read,
  };
};

/** Cold less hot with the stated values alone; undefined where the operation is not modelled. */
export function statedColdLessHot(
  name: string,
  kernel: string,
  machine: CaseMachine,
  order: Order,
): number | undefined {
  const row = rowFor(name, kernel, "cold-less-hot-ns-a-page", order);
  return refusalOf(row) === undefined ? predictOn(row, machine, null) : undefined;
}

/** @param kernel as `uname -r` says it */
export function predictOperation(name: string, kernel: string, machine: CaseMachine): OperationPrediction | undefined {
  const predict = (quantity: CaseQuantity, order: Order): Predicted | undefined => {
    const row = rowFor(name, kernel, quantity, order);
    return refusalOf(row) === undefined ? predictCase(row, [machine]) : undefined;
  };
  const random = predict("cold-less-hot-ns-a-page", "random");
  const inOrder = predict("cold-less-hot-ns-a-page", "in-order");
  const whole = predict("ns-a-page", "random");
  if (random === undefined || inOrder === undefined || whole === undefined) return undefined;
  const hotNs = whole.value - random.value;
  // What is drawn of the hot part is drawn of the whole: the same width.
  const width = (bound: number): number => hotNs * (bound / whole.value);
  const hot = { value: hotNs, interval: [width(whole.interval[0]), width(whole.interval[1])] as const };
  return { hot, coldLessHotRandom: random, coldLessHotInOrder: inOrder };
}
