/** Nanoseconds from any origin; `process.hrtime` in earnest, a counter in tests. */
export type Clock = () => number;

export const hostClock: Clock = () => Number(process.hrtime.bigint());

/** One value measured in several rounds: the median of the rounds, and the lowest and highest of them. */
export interface Spread {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface TimingOptions {
  readonly clock: Clock;
  /** A timed call lasts at least this long: the clock's own cost and its steps then vanish. */
  readonly minCallNs: number;
  /** Calls of one round; the fastest counts, since other work on the machine only ever adds. */
  readonly calls: number;
}

/** No kernel is asked for more units a call: a clock that does not move must not hang the run. */
const MAX_UNITS = 2 ** 30;

/**
 * Time of one unit of `run`, which does as many units a call as it is told.
 *
 * @param startUnits units of the first, warming call
 * @returns ns per unit of the fastest of `calls` calls
 */
export function nsPerUnit(run: (units: number) => void, startUnits: number, options: TimingOptions): number {
  const { clock, minCallNs, calls } = options;
  let units = startUnits;
  for (;;) {
    const took = time(run, units, clock);
    if (took >= minCallNs || units >= MAX_UNITS) break;
    // Aim a little above the least duration; never more than tenfold at once, as the first call is cold.
    const factor = took <= 0 ? 10 : Math.min(10, Math.max(1.2, (1.2 * minCallNs) / took));
    units = Math.min(MAX_UNITS, Math.ceil(units * factor));
  }
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < calls; i++) best = Math.min(best, time(run, units, clock));
  return best / units;
}

function time(run: (units: number) => void, units: number, clock: Clock): number {
  const start = clock();
  run(units);
  return clock() - start;
}

/** Values of the same quantity, one a round. */
export class Rounds {
  readonly #values = new Map<string, number[]>();

  add(name: string, value: number): void {
    const values = this.#values.get(name);
    if (values) values.push(value);
    else this.#values.set(name, [value]);
  }

  /** @error RangeError for a name that was never added */
  spread(name: string): Spread {
    const values = this.#values.get(name);
    if (values === undefined) throw new RangeError(`nothing was measured under ${name}`);
    return spreadOf(values);
  }
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = sorted.length >> 1;
  const value = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { value, low: at(0), high: at(sorted.length - 1) };
}

/** `f` of a spread and of its ends, for a quantity that falls as `from` rises or rises with it. */
export function mapSpread(from: Spread, f: (value: number) => number): Spread {
  const ends = [f(from.low), f(from.high)];
  return { value: f(from.value), low: Math.min(...ends), high: Math.max(...ends) };
}
