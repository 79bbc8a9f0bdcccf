/** Nanoseconds that `work` took; a counter of its own in tests. */
export type Stopwatch = (work: () => void) => number;

/**
 * Wall time, or the CPU time of this process if that is less: time in which other work had the CPU is not the
 * machine's. (CPU time alone would count compiler threads.)
 */
export const hostStopwatch: Stopwatch = (work) => {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  work();
  const wallNs = Number(process.hrtime.bigint() - start);
  const { user, system } = process.cpuUsage(cpu);
  return Math.min(wallNs, (user + system) * 1000);
};

/**
 * One value measured in several rounds. Other work on the machine only ever adds time, so the fastest round is the
 * machine's own and the others say how disturbed it was.
 */
export interface Spread {
  /** The fastest round. */
  readonly value: number;
  readonly median: number;
  readonly slowest: number;
}

export interface TimingOptions {
  readonly stopwatch: Stopwatch;
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
  const { stopwatch, minCallNs, calls } = options;
  let units = startUnits;
  for (;;) {
    const took = stopwatch(() => run(units));
    if (took < minCallNs && units < MAX_UNITS) {
      // Aim a little above the least duration; never more than tenfold at once, as the first call is cold.
      const factor = took <= 0 ? 10 : Math.min(10, Math.max(1.2, (1.2 * minCallNs) / took));
      units = Math.min(MAX_UNITS, Math.ceil(units * factor));
      continue;
    }
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < calls; i++)
      best = Math.min(
        best,
        stopwatch(() => run(units)),
      );
    // A disturbed first call may have looked long enough.
    if (best >= minCallNs / 2 || units >= MAX_UNITS) return best / units;
    units = Math.min(MAX_UNITS, units * 2);
  }
}

/** Values of the same quantity, one a round. */
export class Rounds {
  readonly #values = new Map<string, number[]>();

  add(name: string, value: number): void {
    const values = this.#values.get(name);
    if (values) values.push(value);
    else this.#values.set(name, [value]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** @error RangeError for a name that was never added */
  spread(name: string): Spread {
    const values = this.#values.get(name);
    if (values === undefined) throw new RangeError(`nothing was measured under ${name}`);
    return spreadOf(values);
  }
}

/** Fastest, median and slowest of timings, in their unit; `value` is the fastest, which the least else disturbed. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { value: at(0), median, slowest: at(sorted.length - 1) };
}
