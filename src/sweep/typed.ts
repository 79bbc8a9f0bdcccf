import { parseQuantity } from "../machine/units.ts";

/** What a value of an axis is: a number of a unit, or text. */
export interface TypedValue {
  readonly value: number | string | null;
  readonly unit: "bytes" | "ns" | "gb_per_s" | "number" | "text";
}

const UNITS = { size: "bytes", latency: "ns", bandwidth: "gb_per_s" } as const;

/** `64GiB` as bytes, `250 ns` as ns, `17 GB/s`; a number as it is, `"6.12"` and all else as text. */
export function typedValue(given: unknown): TypedValue {
  if (given === undefined || given === null) return { value: null, unit: "text" };
  if (typeof given === "number") return { value: given, unit: "number" };
  if (typeof given !== "string")
    return { value: typeof given === "object" ? JSON.stringify(given) : String(given), unit: "text" };
  const spaced = given.replace(/^([\d.]+)\s*(?=[a-z])/i, "$1 ");
  if (/^[\d.]+ \D/.test(spaced))
    for (const dimension of ["latency", "bandwidth", "size"] as const) {
      const value = parseQuantity(spaced, dimension);
      if (typeof value === "number") return { value, unit: UNITS[dimension] };
    }
  return { value: given, unit: "text" };
}
