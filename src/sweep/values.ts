// The values of one axis: as listed, in steps, or drawn.
import { InputError } from "../errors.ts";
import { formatQuantity, parseQuantity } from "../machine/units.ts";
import { upToDigits } from "../units.ts";
import type { AxisValues } from "./schema.ts";

/** Values of one key, each as a scenario or a profile would say it. */
export type Values = readonly unknown[];

/** Digits of a value that is drawn or lies between two ends: more than any tool measures. */
const DIGITS = 6;

type Steps = Exclude<AxisValues, readonly unknown[]>;

/**
 * The values that an axis stands for. Draws are those of its seed: the same file gives the same values everywhere.
 *
 * @error InputError naming the key, for ends of two units, ends below zero where ratios are asked for
 */
export function valuesOf(given: AxisValues, key: string, where: string): Values {
  if (Array.isArray(given)) return given;
  const steps = given as Steps;
  const [form, ends] = Object.entries(steps).find(([, value]) => Array.isArray(value)) as [
    string,
    readonly [string | number, string | number],
  ];
  const number = "points" in steps ? steps.points : steps.draws;
  const [first, second] = ends.map((end) => amountOf(end, key, where)) as [Amount, Amount];
  // A standard deviation of logarithms has no unit.
  if (form !== "lognormal" && first.unit !== second.unit)
    throw badEnds(key, where, `${ends[0]} and ${ends[1]} have different units`);
  if (["log", "loguniform", "lognormal"].includes(form) && !(first.value > 0 && second.value > 0))
    throw badEnds(key, where, `${ends[0]} or ${ends[1]} is not above zero`);
  const at =
    "seed" in steps
      ? drawer(form, first.value, second.value, steps.seed)
      : stepper(form, first.value, second.value, number);
  return Array.from({ length: number }, (_none, i) => said(at(i), first.unit));
}

function badEnds(key: string, where: string, what: string): InputError {
  return new InputError({
    what: `"${key}": ${what}`,
    where,
    expected: "two ends of one unit",
    example: "{log: [1GiB, 1TiB], points: 11}",
  });
}

interface Amount {
  readonly value: number;
  readonly unit: "size" | "latency" | "bandwidth" | undefined;
}

/** `64GiB` in bytes, `250 ns` in ns, `17 GB/s`; a number as it is. */
function amountOf(given: string | number, key: string, where: string): Amount {
  if (typeof given === "number") return { value: given, unit: undefined };
  if (/^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(given)) return { value: Number(given), unit: undefined };
  for (const unit of ["latency", "bandwidth", "size"] as const) {
    const value = parseQuantity(given.replace(/^([\d.]+)\s*(?=[a-z])/i, "$1 "), unit);
    if (typeof value === "number") return { value, unit };
  }
  throw badEnds(key, where, `"${given.slice(0, 60)}" is no number with a unit that is known`);
}

/** As a file would say it; sizes are whole MiB where they are large, since no memory is anything else. */
function said(value: number, unit: Amount["unit"]): string | number {
  if (unit === undefined) return Number(upToDigits(value, DIGITS));
  if (unit !== "size") return formatQuantity(Number(upToDigits(value, DIGITS)), unit);
  const step = value >= 2 ** 30 ? 2 ** 20 : 1;
  return formatQuantity(Math.max(step, Math.round(value / step) * step), "size");
}

function stepper(form: string, from: number, to: number, points: number): (i: number) => number {
  const share = (i: number) => (points === 1 ? 0 : i / (points - 1));
  return form === "log" ? (i) => from * (to / from) ** share(i) : (i) => from + (to - from) * share(i);
}

function drawer(form: string, a: number, b: number, seed: number): (i: number) => number {
  const next = uniformDraws(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  switch (form) {
    case "uniform":
      return () => a + (b - a) * next();
    case "loguniform":
      return () => a * (b / a) ** next();
    case "normal":
      return () => a + b * normal();
    default:
      return () => a * Math.exp(b * normal());
  }
}

/** Uniform in [0, 1): the finalizer of MurmurHash3 over a counter. */
function uniformDraws(seed: number): () => number {
  let state = seed;
  return () => {
    // 2^32 / phi: consecutive counters lie far apart.
    state = (state + 0x9e3779b9) | 0;
    let bits = state ^ (state >>> 16);
    bits = Math.imul(bits, 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}
