import { type Quantity, rangeOf } from "../machine/provenance.ts";

/** A value with its 90 % interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
}

/** 90 % of a normal distribution lies within this many standard deviations. */
const Z90 = 1.6448536269514722;

/** Draws for every uncertain value of one run; `null` asks for the stated values themselves. */
export type Random = (() => number) | null;

/** mulberry32: small, seeded, and the same on every machine. Uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Inputs that are not drawn but taken as stated, each `scope.key`. */
export type Held = ReadonlySet<string>;

/** The stream of one value of a profile. */
export type Drawn = (key: string) => Random;

/**
 * A stream of its own for each value, from one number of `random`: whether another value is drawn at all, and how often,
 * moves none of its draws. What two profiles or two commands share is so drawn alike.
 *
 * @param held `scope.key` of values that are taken as stated
 */
export function keyed(random: Random, scope: string, held?: Held): Drawn {
  if (random === null) return () => null;
  const seed = Math.floor(random() * 4294967296);
  return (key) => (held?.has(`${scope}.${key}`) === true ? null : seededRandom(seed ^ hashOf(key)));
}

const hashes = new Map<string, number>();

/** FNV-1a. */
function hashOf(key: string): number {
  const known = hashes.get(key);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hashes.set(key, hash);
  return hash;
}

/**
 * One draw of `q`: log-normal on either side of the value, so that 5 % of draws lie below the range
 * and 5 % above, and none is negative.
 */
export function draw(q: Quantity, random: Random): number {
  if (random === null) return q.value;
  const z = Math.max(-3, Math.min(3, normal(random)));
  const [low, high] = rangeOf(q);
  const bound = z < 0 ? low : high;
  return q.value * (bound / q.value) ** (Math.abs(z) / Z90);
}

/** Uniform in [low, high]; the middle when nothing is drawn. */
export function drawUniform(low: number, high: number, random: Random): number {
  return random === null ? (low + high) / 2 : low + (high - low) * random();
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The p-quantile of `sorted`, interpolated. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low] ?? Number.NaN;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] ?? Number.NaN;
  return a + (b - a) * (at - low);
}

/** The stated value with the 5 % and 95 % quantiles of `draws`, widened to hold the value itself. */
export function estimate(value: number, draws: Float64Array): Estimate {
  const sorted = draws.slice().sort();
  return {
    value,
    interval: [Math.min(value, quantile(sorted, 0.05)), Math.max(value, quantile(sorted, 0.95))],
  };
}

/** Half a hundredth of a percent: what is nearer to 1 is printed as 0 %. */
const RATIO_RESOLUTION = 5e-5;

/** Whether a ratio cannot be told from 1: its interval holds 1, to within what is printed. */
export function noDifferenceWithinError({ interval: [low, high] }: Pick<Estimate, "interval">): boolean {
  return low < 1 + RATIO_RESOLUTION && high > 1 - RATIO_RESOLUTION;
}

/** Median of any list; NaN when empty. */
export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
