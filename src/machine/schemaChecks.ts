import { InputError } from "../errors.ts";
import type { LoadedCurve } from "./profiles.ts";
import type { Quantity } from "./provenance.ts";
import { parseQuantity } from "./units.ts";

/** Keys and indices that lead to a value of a parsed file. */
export type ProfilePath = readonly (string | number)[];
export type Raw = Record<string, unknown>;

/** Where a path of the parsed file stands, and errors that say so. */
export class Locator {
  readonly #where: (path: ProfilePath) => string;
  constructor(where: (path: ProfilePath) => string) {
    this.#where = where;
  }
  fail(path: ProfilePath, problem: { what: string; expected?: string; example?: string }): never {
    const at = path.length === 0 ? "" : `${path.join(".")}: `;
    throw new InputError({ ...problem, what: `${at}${problem.what}`, where: this.#where(path) });
  }
}

/** A 1:1 mix cannot move more than reads and writes at their full rate each. @error InputError */
export function checkMix(quantities: Record<string, Quantity>, path: ProfilePath, locator: Locator): void {
  const read = quantities["readGBps"]?.value ?? 0;
  const mixed = quantities["mixedGBps"]?.value;
  if (mixed !== undefined && mixed > 2 * read) {
    locator.fail([...path, "mixedBandwidth"], {
      what: `${mixed} GB/s of mixed traffic needs more than the ${read} GB/s of reads in each direction`,
      expected: "the total of reads and writes 1:1, at most twice readBandwidth",
    });
  }
}

/** The points of a loaded curve, in internal units. @error InputError where bandwidth falls back or latency falls */
export function curveOf(raw: Raw, path: ProfilePath, locator: Locator): LoadedCurve {
  const points = (raw["points"] as Raw[]).map((point, i) => {
    const GBps = parseQuantity(point["bandwidth"], "bandwidth");
    if (typeof GBps !== "number") return locator.fail([...path, "points", i, "bandwidth"], GBps);
    const ns = parseQuantity(point["latency"], "latency");
    if (typeof ns !== "number") return locator.fail([...path, "points", i, "latency"], ns);
    return { GBps, ns };
  });
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    if (b.GBps > a.GBps && b.ns >= a.ns) continue;
    locator.fail([...path, "points", i], {
      what: `the curve turns back: ${a.GBps} GB/s at ${a.ns} ns, then ${b.GBps} GB/s at ${b.ns} ns`,
      expected: "bandwidth that rises and latency that does not fall, point by point",
    });
  }
  return { points, scope: raw["scope"], level: raw["level"], source: raw["source"] } as LoadedCurve;
}
