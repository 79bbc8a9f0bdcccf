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

/** Rise of log latency for each rise of log size: below this a curve is flat. 0.35 is 27 % a doubling. */
const FLAT = 0.35;
/** Two rises are two only if the curve between them is less than half as steep as the gentler one. */
const VALLEY = 0.5;
/** Points of a stretch within this of its lowest are its own; later ones already hold misses. */
const OWN_RISE = 1.25;
/** Levels closer than this are one: a cache that is hardly faster than the next would not matter. */
const LEVEL_RATIO = 1.6;

/**
 * Levels of a latency-by-size curve. Levels are the stretches between its rises, a rise being where it is steepest;
 * a level ends at the size at which half of the loads miss it, where latency is halfway to the next level's. Sizes
 * come from the curve alone, so a cache of which others use a part shows the part that is left.
 *
 * @param curve rising (see `monotone`), about two points a doubling
 */
export function levelsOfCurve(curve: readonly CurvePoint[]): CurveLevel[] {
  if (curve.length === 0) return [];
  const slopes = curve.map((point, i) => {
    const before = curve[i - 1];
    return before === undefined ? 0 : Math.log(point.ns / before.ns) / Math.log(point.bytes / before.bytes);
  });
  let rises = separateRises(slopes);
  for (;;) {
    const latencies = segmentsOf(curve, slopes, rises);
    const tooClose = rises.findIndex((_, i) => (latencies[i + 1] ?? 0) < LEVEL_RATIO * (latencies[i] ?? 0));
    if (tooClose < 0) {
      return latencies.map((ns, i) => {
        const nextNs = latencies[i + 1];
        return nextNs === undefined ? { ns } : { ns, bytes: halfwayBytes(curve, ns, nextNs) };
      });
    }
    rises = rises.filter((_, i) => i !== tooClose);
  }
}

/** Indices of the steepest step of each rise. */
function separateRises(slopes: readonly number[]): number[] {
  const at = (i: number): number => slopes[i] ?? 0;
  const peaks: number[] = [];
  for (let i = 1; i < slopes.length; i++) {
    if (at(i) <= FLAT || at(i) < at(i - 1) || at(i) <= at(i + 1)) continue;
    const last = peaks.at(-1);
    const valley = last === undefined ? 0 : Math.min(...slopes.slice(last + 1, i));
    if (last === undefined || valley < VALLEY * Math.min(at(last), at(i))) peaks.push(i);
    else if (at(i) > at(last)) peaks[peaks.length - 1] = i;
  }
  return peaks;
}

/**
 * Latency of each stretch between rises: the median of its flat points (of its flattest one, if none is flat), as
 * far as they are near the lowest.
 */
function segmentsOf(curve: readonly CurvePoint[], slopes: readonly number[], rises: readonly number[]): number[] {
  const bounds = [-1, ...rises, curve.length];
  return bounds.slice(0, -1).map((from, i) => {
    const to = bounds[i + 1] ?? curve.length;
    // The point at the end of a rise's steepest step still rises, unless it is all there is.
    const inside = curve.slice(from + 1, to);
    const steps = slopes.slice(from + 1, to);
    const flattest = Math.max(FLAT, Math.min(...steps));
    const flat = inside.filter((_, k) => (steps[k] ?? 0) <= flattest).map((point) => point.ns);
    return flat.length > 0 ? ownOf(flat) : (curve[from]?.ns ?? Number.NaN);
  });
}

/**
 * Levels where the kernel names the caches and the curve does not show them all, as when others leave next to
 * nothing of the last level: latencies are read well inside each named size (half of L1, a quarter of L2, just
 * beyond L2), sizes as in `levelsOfCurve`.
 *
 * @param namedBytes L1, L2 and LLC
 */
export function levelsByName(
  curve: readonly CurvePoint[],
  namedBytes: readonly [number, number, number],
): CurveLevel[] {
  const [l1, l2] = namedBytes;
  const nsAt = (bytes: number): number => curve.find((point) => point.bytes >= bytes)?.ns ?? Number.NaN;
  const latencies = [nsAt(l1 / 2), nsAt(l2 / 4), nsAt(1.5 * l2), curve.at(-1)?.ns ?? Number.NaN];
  return latencies.map((ns, i) => {
    const nextNs = latencies[i + 1];
    return nextNs === undefined ? { ns } : { ns, bytes: halfwayBytes(curve, ns, nextNs) };
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

function ownOf(values: readonly number[]): number {
  const lowest = Math.min(...values);
  const own = values.filter((value) => value <= lowest * OWN_RISE).sort((a, b) => a - b);
  return own[own.length >> 1] ?? Number.NaN;
}

/** Where the curve passes (level + next) / 2, interpolated on a log scale of sizes. */
function halfwayBytes(curve: readonly CurvePoint[], ns: number, nextNs: number): number {
  const half = (ns + nextNs) / 2;
  const i = curve.findIndex((point) => point.ns >= half);
  const [a, b] = [curve[i - 1], curve[i]];
  if (a === undefined || b === undefined) return curve.at(-1)?.bytes ?? 0;
  const share = (half - a.ns) / (b.ns - a.ns);
  return Math.round(a.bytes * (b.bytes / a.bytes) ** share);
}
