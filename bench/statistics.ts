// Order statistics only: times on a shared machine have no distribution worth naming.

export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** The middle one, or between the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(ascending(values), 0.5);
}

export interface Interval {
  readonly median: number;
  /** Ends of the distribution-free 95 % interval of the median; the extremes below 6 values. */
  readonly low: number;
  readonly high: number;
}

/** Ranks n/2 -+ 0.98 sqrt(n) bracket the median with 95 % confidence (binomial, normal approximation). */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = ascending(values);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const at = (rank: number): number => sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? Number.NaN;
  return {
    median: quantile(sorted, 0.5),
    low: at(Math.floor(sorted.length / 2 - reach)),
    high: at(Math.ceil(sorted.length / 2 + reach) - 1),
  };
}

export function medianAbsoluteDeviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}
