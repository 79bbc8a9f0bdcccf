/** One number of a document, and the error that it states. */
export interface Leaf {
  /** `results[cxl-a, dram].online_ns`. */
  readonly path: string;
  /** The last word of the path: what a condition names. */
  readonly key: string;
  readonly value: number;
  /** undefined: exact, or nobody says. */
  readonly interval: readonly [number, number] | undefined;
}

/** What tells items of a list apart, in this order of weight. */
const NAMES = ["device", "id", "name", "placement", "event", "footprint_bytes", "node", "of"];

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Every number of a document under a path that does not depend on the order of lists. */
export function leavesOf(document: unknown): Leaf[] {
  const found: Leaf[] = [];
  visit(document as Json, "", found);
  return found;
}

function visit(value: Json, path: string, found: Leaf[]): void {
  if (Array.isArray(value)) {
    value.forEach((item: Json, i: number) => {
      visit(item, `${path}[${labelOf(item, i)}]`, found);
    });
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const fields = value as { readonly [key: string]: Json };
  for (const [key, item] of Object.entries(fields)) {
    if (isIntervalKey(key)) continue;
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof item === "number") found.push({ path: at, key, value: item, interval: intervalOf(fields, key) });
    else visit(item as Json, at, found);
  }
}

/** `online_interval_ns` belongs to `online_ns`, `percent_of_machine_interval` to `percent_of_machine`. */
const isIntervalKey = (key: string): boolean => /_interval(_|$)/.test(key);

function intervalOf(of: { readonly [key: string]: Json }, key: string): readonly [number, number] | undefined {
  const parts = key.split("_");
  for (let at = parts.length; at > 0; at--) {
    const name = [...parts.slice(0, at), "interval", ...parts.slice(at)].join("_");
    const ends = of[name];
    if (Array.isArray(ends) && ends.length === 2 && ends.every((end) => typeof end === "number"))
      return ends as unknown as readonly [number, number];
  }
  return undefined;
}

function labelOf(item: Json, index: number): string {
  if (typeof item !== "object" || item === null) return String(index);
  const names = NAMES.flatMap((name) => {
    const value = (item as { readonly [key: string]: Json })[name];
    return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
  });
  return names.length === 0 ? String(index) : names.join(", ");
}
