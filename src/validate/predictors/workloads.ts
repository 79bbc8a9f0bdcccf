import type { CasePredictor } from "./predictor.ts";

const PREFIX = "workload:";

/** Name of the packaged workload that an operation `workload:NAME` is, without `wl_`; undefined for others. */
export function workloadOf(operation: string): string | undefined {
  return operation.startsWith(PREFIX) ? operation.slice(PREFIX.length) : undefined;
}

/** Whole runs of packaged workloads: CPU time with data and memmap in DRAM, from counts made beforehand. */
export const workloadPredictor: CasePredictor = {
  quantities: ["whole-ns"],
  ofStructPages: false,
  refuses: ({ model }, { workloads }) =>
    workloads?.names.has(workloadOf(model.operation) ?? "") === true
      ? undefined
      : `${model.operation}: no packaged workload of this name was counted`,
  predict: ({ model }, { host, dram }, random, { workloads }) =>
    workloads?.wholeNs(workloadOf(model.operation) ?? "", host, dram, random) ?? Number.NaN,
};
