/** Nanoseconds in JSON: whole above a microsecond, else to a thousandth, so that no false digits are printed. */
export function roundNs(ns: number): number {
  return Math.abs(ns) >= 1000 ? Math.round(ns) : Math.round(ns * 1000) / 1000;
}

/** Ratios in JSON: six digits behind the point. */
export function roundRatio(ratio: number): number {
  return Math.round(ratio * 1e6) / 1e6;
}

/** Six significant digits: rates and shares of a machine span many powers of ten. */
export function roundSignificant(value: number): number {
  return Number(value.toPrecision(6));
}
