import { median, quantile } from "../cost/sample.ts";
import { decimals } from "../units.ts";
import type { SliceTiming } from "./probeOutput.ts";

/** ns a page: over all slices of all runs, and how far the medians of runs lie apart. */
export interface MeasuredSpread {
  readonly median: number;
  readonly quartiles: readonly [number, number];
  /** Least and most median of a run. */
  readonly runs: readonly [number, number];
}

/** @error RangeError for no timing */
export function spreadOfTimings(timings: readonly SliceTiming[], of: (timing: SliceTiming) => number): MeasuredSpread {
  if (timings.length === 0) throw new RangeError("no timing");
  const sorted = timings.map(of).sort((a, b) => a - b);
  const byRun = new Map<number, number[]>();
  for (const timing of timings) byRun.set(timing.run, [...(byRun.get(timing.run) ?? []), of(timing)]);
  const medians = [...byRun.values()].map(median);
  return {
    median: median(sorted),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    runs: [Math.min(...medians), Math.max(...medians)],
  };
}

/** ns with struct pages in L2. */
export const hotOf = ({ hotNs }: SliceTiming): number => hotNs;
/** ns with struct pages in no cache. */
export const coldOf = ({ coldNs }: SliceTiming): number => coldNs;
/** ns that the misses cost. */
export const coldLessHotOf = ({ coldNs, hotNs }: SliceTiming): number => coldNs - hotNs;

/** The spread of a time of which another's median is taken away. */
export function less(spread: MeasuredSpread, ns: number): MeasuredSpread {
  return {
    median: spread.median - ns,
    quartiles: [spread.quartiles[0] - ns, spread.quartiles[1] - ns],
    runs: [spread.runs[0] - ns, spread.runs[1] - ns],
  };
}

/** A reader of page tables alone may be slower cold by at most this share of the latency. */
const CONTROL_LIMIT = 0.1;
/** Quartiles further apart than this, up over down, are refused, and so is a lower one below 0... */
const QUARTILE_LIMIT = 2;
/** ...unless they lie within this share of the latency of each other. */
const NARROW_SHARE = 0.2;

/** Why a time cold less hot says nothing about misses of struct pages; undefined when it does. */
export function spreadRefusal(coldLessHot: MeasuredSpread, latencyNs: number): string | undefined {
  const [low, high] = coldLessHot.quartiles;
  const near = NARROW_SHARE * latencyNs;
  if (coldLessHot.median < -near / 2) return "faster cold than hot";
  if (high - low <= near) return undefined;
  if (low <= 0 || high / low > QUARTILE_LIMIT)
    return `quartiles ${decimals(low, 0)} to ${decimals(high, 0)} ns: more than a factor of ${QUARTILE_LIMIT}`;
  return undefined;
}

/** Why nothing can be said with this control; undefined when it is near zero. */
export function controlRefusal(name: string, coldLessHotNs: number, latencyNs: number): string | undefined {
  if (Math.abs(coldLessHotNs) <= CONTROL_LIMIT * latencyNs) return undefined;
  const ns = decimals(coldLessHotNs, 1);
  return `its control ${name}, which reads no struct page, differs by ${ns} ns: more than a tenth of the latency`;
}
