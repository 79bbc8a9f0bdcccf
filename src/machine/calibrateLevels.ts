/** One point of a pointer chase: ns per load over `bytes`. */
export interface CurvePoint {
  readonly bytes: number;
  readonly ns: number;
}

/** One level of the memory hierarchy as the curve shows it. `bytes` is absent for memory, the last level. */
export interface CurveLevel {
  readonly ns: number;
  readonly bytes?: number;
}

/** Latency that rises by less than this from one size to twice that size belongs to one level. */
const PLATEAU_RISE = 1.25;
/** Two plateaus closer than this are one level: a cache below it that is no slower would not matter. */
const LEVEL_RATIO = 1.6;

/**
 * Levels of a latency-by-size curve: flat stretches are levels, and a level ends at the size at which half of the
 * loads miss it, where latency is halfway to the next level's. Sizes come from the curve alone; a cache of which
 * others use a part shows the part that is left.
 *
 * @param curve at least two points a doubling, sizes ascending
 */
export function levelsOfCurve(curve: readonly CurvePoint[]): CurveLevel[] {
  const plateaus: { points: CurvePoint[] }[] = [];
  let open: CurvePoint[] = [];
  for (const point of curve) {
    const start = open[0];
    // A plateau may climb slowly (TLB, conflicts), so each point is compared with the middle of what it joins.
    if (start === undefined || point.ns <= medianNs(open) * PLATEAU_RISE) {
      open.push(point);
      continue;
    }
    if (spansDoubling(open)) plateaus.push({ points: open });
    open = [point];
  }
  if (open.length > 0) plateaus.push({ points: open });
  const merged: { points: CurvePoint[] }[] = [];
  for (const plateau of plateaus) {
    const last = merged.at(-1);
    if (last && medianNs(plateau.points) < medianNs(last.points) * LEVEL_RATIO) last.points.push(...plateau.points);
    else merged.push({ points: [...plateau.points] });
  }
  return merged.map(({ points }, index) => {
    const ns = medianNs(points);
    const next = merged[index + 1];
    return next === undefined ? { ns } : { ns, bytes: halfwayBytes(curve, points, ns, medianNs(next.points)) };
  });
}

/**
 * The lowest latency at this size or any larger one: a larger footprint is never faster, so a point above a later
 * one was disturbed.
 */
export function monotone(curve: readonly CurvePoint[]): CurvePoint[] {
  let lowest = Number.POSITIVE_INFINITY;
  const out: CurvePoint[] = [];
  for (const { bytes, ns } of [...curve].reverse()) {
    lowest = Math.min(lowest, ns);
    out.push({ bytes, ns: lowest });
  }
  return out.reverse();
}

function spansDoubling(points: readonly CurvePoint[]): boolean {
  const first = points[0];
  const last = points.at(-1);
  return first !== undefined && last !== undefined && last.bytes >= 2 * first.bytes;
}

function medianNs(points: readonly CurvePoint[]): number {
  const sorted = points.map((point) => point.ns).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Where the curve passes (level + next) / 2 for good, interpolated on a log scale of sizes. */
function halfwayBytes(curve: readonly CurvePoint[], level: readonly CurvePoint[], ns: number, nextNs: number): number {
  const half = (ns + nextNs) / 2;
  const from = curve.indexOf(level.at(-1) ?? curve[0]!);
  for (let i = Math.max(1, from); i < curve.length; i++) {
    const a = curve[i - 1]!;
    const b = curve[i]!;
    if (b.ns < half) continue;
    if (a.ns >= half) return a.bytes;
    const share = (half - a.ns) / (b.ns - a.ns);
    return Math.round(a.bytes * (b.bytes / a.bytes) ** share);
  }
  return curve.at(-1)?.bytes ?? 0;
}
