import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { MEASURED_SCHEMA, type MeasuredDocument, type MeasuredOrder, type MeasuredRow } from "./document.ts";
import type { MeasuredOperation, OrderResult } from "./evaluate.ts";
import type { Measurement } from "./measure.ts";
import { measuredMachine, type OperationPrediction, type Predicted, predictOperation } from "./predict.ts";

/** A host, and the DRAM beside it, that operations are predicted for. */
export interface PredictedFor {
  readonly host: HostProfile;
  readonly dram: DeviceProfile;
}

/** A thousandth of a ns, or of a share: more would be noise. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const pair = ([low, high]: readonly [number, number]): [number, number] => [rounded(low), rounded(high)];

/**
 * A measurement with what the model says of it.
 *
 * @param predictedFor undefined: nothing is predicted
 * @param date of the measurement
 */
export function measuredDocument(
  { machine, cpu, node, plan, quick, output, evaluation }: Measurement,
  predictedFor: PredictedFor | undefined,
  date = new Date(),
): MeasuredDocument {
  const { latency, latencyHot, control, operations } = evaluation;
  const modelled =
    predictedFor === undefined ? undefined : measuredMachine(predictedFor.host, predictedFor.dram, latency);
  const inOrder = output.inOrderPercent.get("anonymous in-order") ?? null;
  return {
    schema: MEASURED_SCHEMA,
    date: date.toISOString().slice(0, 10),
    machine: {
      cpu: machine.cpu,
      vendor: machine.vendor,
      family: machine.family,
      model: machine.model,
      architecture: machine.architecture,
      // What follows the numbers may name who built it.
      kernel: /^[\d.]+\d/.exec(machine.kernel)?.[0] ?? machine.kernel,
      virtualisation: machine.virtualisation,
      cpus: machine.nrCpus,
      l2_bytes: machine.l2Bytes,
      llc_bytes: machine.llcBytes,
      page_bytes: output.pageBytes,
    },
    circumstances: {
      cpu: cpu.cpu,
      cpu_busy_ratio: rounded(cpu.busyRatio),
      load: machine.load,
      quick,
      runs: output.nrRuns,
      footprint_bytes: plan.footprintBytes,
      slice_pages: plan.sliceBytes / output.pageBytes,
      sweep_bytes: plan.sweepBytes,
      pfns: inOrder === null ? "withheld" : "read",
      in_order_percent: inOrder,
      in_order_percent_tmpfs: output.inOrderPercent.get("tmpfs in-order") ?? null,
    },
    node:
      node === undefined
        ? null
        : {
            id: node.id,
            cpus: [...node.cpus],
            total_bytes: node.totalBytes,
            struct_pages: node.structPages.where,
            struct_pages_how: node.structPages.how,
          },
    latency_ns: rounded(latency.median),
    latency_quartiles_ns: pair(latency.quartiles),
    latency_hot_ns: rounded(latencyHot.median),
    control: control ?? null,
    predicted_for: predictedFor?.host.id ?? null,
    operations: operations.map((measured) =>
      rowOf(measured, modelled && predictOperation(measured.operation.name, machine.kernel, modelled)),
    ),
  };
}

function rowOf(measured: MeasuredOperation, predicted: OperationPrediction | undefined): MeasuredRow {
  const { operation, random, inOrder, refused } = measured;
  const hot = predicted?.hot.value;
  const cold = (order: Predicted | undefined): number | null =>
    hot === undefined || order === undefined ? null : rounded(hot + order.value);
  return {
    name: operation.name,
    does: operation.does,
    struct_page: operation.structPage,
    page_data: operation.data ?? null,
    hot_ns: random === undefined ? null : rounded(random.hot.median),
    cold_random_ns: random === undefined ? null : rounded(random.cold.median),
    cold_in_order_ns: inOrder === undefined ? null : rounded(inOrder.cold.median),
    exposed_ratio: random === undefined ? null : rounded(random.exposedRatio),
    predicted_hot_ns: hot === undefined ? null : rounded(hot),
    predicted_cold_random_ns: cold(predicted?.coldLessHotRandom),
    predicted_cold_in_order_ns: cold(predicted?.coldLessHotInOrder),
    random: orderOf(random, predicted?.coldLessHotRandom),
    in_order: orderOf(inOrder, predicted?.coldLessHotInOrder),
    refused: refused ?? null,
  };
}

function orderOf(result: OrderResult | undefined, predicted: Predicted | undefined): MeasuredOrder | null {
  if (result === undefined) return null;
  return {
    cold_less_hot_ns: rounded(result.coldLessHot.median),
    quartiles_ns: pair(result.coldLessHot.quartiles),
    runs_ns: pair(result.coldLessHot.runs),
    exposed_ratio: rounded(result.exposedRatio),
    predicted_cold_less_hot_ns: predicted === undefined ? null : rounded(predicted.value),
    predicted_interval_ns: predicted === undefined ? null : pair(predicted.interval),
    refused: result.refused ?? null,
  };
}
