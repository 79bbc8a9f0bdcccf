import { isKernelBefore, readKernelVersion } from "../linux/version.ts";
import { CONTROLS, PROBE_OPERATIONS, type ProbeOperation } from "./operations.ts";
import type { Order, ProbeOutput, SliceTiming } from "./probeOutput.ts";
import {
  coldLessHotOf,
  coldOf,
  controlRefusal,
  hotOf,
  less,
  type MeasuredSpread,
  spreadOfTimings,
  spreadRefusal,
} from "./statistics.ts";

/** One operation in one order of pfns, ns a page. */
export interface OrderResult {
  readonly hot: MeasuredSpread;
  readonly cold: MeasuredSpread;
  /** What is left of cold less hot when the control's is taken away. */
  readonly coldLessHot: MeasuredSpread;
  /** Of the latency of a dependent load. */
  readonly exposedRatio: number;
  readonly refused?: string;
}

/** One operation as measured. */
export interface MeasuredOperation {
  readonly operation: ProbeOperation;
  readonly random?: OrderResult;
  readonly inOrder?: OrderResult;
  /** Why nothing of it holds. */
  readonly refused?: string;
}

/** All of a measurement. */
export interface Evaluation {
  /** ns of a dependent load of a line at random, in no cache, on the node of the pages; and in L2. */
  readonly latency: MeasuredSpread;
  readonly latencyHot: MeasuredSpread;
  readonly control: string | undefined;
  readonly operations: readonly MeasuredOperation[];
}

/** Less than this share of pages beside the page before is not in order. */
const IN_ORDER_PERCENT = 90;

/**
 * What the timings say, operation by operation, those that say nothing with their reason.
 *
 * @param kernel release that ran, as `uname -r` says it
 * @error RangeError without a timing of the chase: `output` is of no complete run
 */
export function evaluate(output: ProbeOutput, names: readonly string[], kernel: string): Evaluation {
  const latency = spreadOfTimings(output.chase, coldOf);
  const control = CONTROLS.find((name) => output.timings.has(`${name} random`));
  const operations = PROBE_OPERATIONS.filter(({ name }) => names.includes(name)).map((operation) =>
    operationOf(operation, output, latency.median, control, kernel),
  );
  return { latency, latencyHot: spreadOfTimings(output.chase, hotOf), control, operations };
}

function operationOf(
  operation: ProbeOperation,
  output: ProbeOutput,
  latencyNs: number,
  control: string | undefined,
  kernel: string,
): MeasuredOperation {
  const skipped = output.skipped.get(operation.name) ?? output.skipped.get(operation.without ?? "");
  if (skipped !== undefined) return { operation, refused: skippedWords(operation, skipped, kernel) };
  const of = (order: Order): OrderResult | undefined => {
    const timings = output.timings.get(`${operation.name} ${order}`);
    const subtracted = output.timings.get(`${operation.without ?? control} ${order}`);
    if (timings === undefined || subtracted === undefined) return undefined;
    return orderOf(operation, order, timings, subtracted, output, latencyNs, control);
  };
  const [random, inOrder] = [of("random"), of("in-order")];
  if (random === undefined && inOrder === undefined) return { operation, refused: "no run of it was complete" };
  const refused = random === undefined ? "another process took the CPU in every slice of it" : random.refused;
  return {
    operation,
    ...(random === undefined ? {} : { random }),
    ...(inOrder === undefined ? {} : { inOrder }),
    ...(refused === undefined ? {} : { refused }),
  };
}

function orderOf(
  operation: ProbeOperation,
  order: Order,
  timings: readonly SliceTiming[],
  subtracted: readonly SliceTiming[],
  output: ProbeOutput,
  latencyNs: number,
  control: string | undefined,
): OrderResult {
  const without = operation.without !== undefined;
  const controlNs = spreadOfTimings(subtracted, coldLessHotOf).median;
  const isControl = operation.name === control;
  const coldLessHot = less(spreadOfTimings(timings, coldLessHotOf), isControl ? 0 : controlNs);
  const refused =
    (without || isControl ? undefined : controlRefusal(control ?? "", controlNs, latencyNs)) ??
    (order === "in-order" ? orderRefusal(operation, output) : undefined) ??
    (operation.structPage === "none"
      ? controlRefusal(operation.name, coldLessHot.median, latencyNs)
      : spreadRefusal(coldLessHot, latencyNs));
  return {
    hot: less(spreadOfTimings(timings, hotOf), without ? spreadOfTimings(subtracted, hotOf).median : 0),
    cold: less(spreadOfTimings(timings, coldOf), without ? spreadOfTimings(subtracted, coldOf).median : 0),
    coldLessHot,
    exposedRatio: coldLessHot.median / latencyNs,
    ...(refused === undefined ? {} : { refused }),
  };
}

function orderRefusal({ name }: ProbeOperation, { inOrderPercent }: ProbeOutput): string | undefined {
  const backing = name === "mincore-file" || name.startsWith("tmpfs-") ? "tmpfs" : "anonymous";
  const percent = inOrderPercent.get(`${backing} in-order`);
  return percent == null || percent >= IN_ORDER_PERCENT
    ? undefined
    : `of its pages ${percent} % lie beside the page before: not in pfn order`;
}

function skippedWords({ since, does }: ProbeOperation, reason: string, kernel: string): string {
  const version = readKernelVersion(kernel);
  const isOld = since !== undefined && version !== undefined && isKernelBefore(version, since);
  if (isOld) return `needs Linux ${since}, this is ${kernel}`;
  return reason === "kernel" ? `this kernel does not know ${does}` : reason;
}
