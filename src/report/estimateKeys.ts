import { type Estimate, noDifferenceWithinError } from "../cost/sample.ts";
import { roundNs, roundRatio } from "./numbers.ts";

export type Interval = readonly [low: number, high: number];

type TimeKeys<K extends string> = { readonly [N in `${K}_ns`]: number } & {
  readonly [N in `${K}_interval_ns`]: Interval;
};

/** An estimate under the two keys that hold it. */
export function timeKeys<K extends string>(key: K, { value, interval: [low, high] }: Estimate): TimeKeys<K> {
  return { [`${key}_ns`]: roundNs(value), [`${key}_interval_ns`]: [roundNs(low), roundNs(high)] } as TimeKeys<K>;
}

/** null: what it is a ratio of is not known. */
export interface SlowdownKeys {
  readonly slowdown_ratio: number | null;
  readonly slowdown_interval_ratio: Interval | null;
  readonly no_difference_within_error: boolean | null;
}

export function slowdownKeys(ratio: Estimate | undefined): SlowdownKeys {
  if (ratio === undefined)
    return { slowdown_ratio: null, slowdown_interval_ratio: null, no_difference_within_error: null };
  return {
    slowdown_ratio: roundRatio(ratio.value),
    slowdown_interval_ratio: [roundRatio(ratio.interval[0]), roundRatio(ratio.interval[1])],
    no_difference_within_error: noDifferenceWithinError(ratio),
  };
}

interface BaselineKeys {
  readonly baseline_ns: number | null;
  readonly baseline_interval_ns: Interval | null;
}

export function baselineKeys({ baselineNs }: { readonly baselineNs: Estimate | undefined }): BaselineKeys {
  return baselineNs === undefined
    ? { baseline_ns: null, baseline_interval_ns: null }
    : timeKeys("baseline", baselineNs);
}
