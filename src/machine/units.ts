import { GIB, MIB, parseBytes } from "../units.ts";

/** What a profile value measures; decides which units its YAML form may carry. */
export type Dimension = "latency" | "bandwidth" | "size" | "clock" | "cycles" | "count" | "ratio" | "share";

interface DimensionRule {
  /** Unit (lower case) to the factor of the internal unit. */
  readonly units: Readonly<Record<string, number>>;
  readonly internalUnit: string;
  readonly example: string;
  /** Outside this the value is a slip, not a machine. Internal units. */
  readonly plausible: readonly [number, number];
}

const RULES: Readonly<Record<Dimension, DimensionRule>> = {
  latency: {
    units: { ns: 1, us: 1e3, µs: 1e3, ms: 1e6 },
    internalUnit: "ns",
    example: "250 ns",
    plausible: [0.1, 1e8],
  },
  bandwidth: {
    units: { "gb/s": 1, "mb/s": 1e-3, "tb/s": 1e3, "gib/s": 1.073741824, "mib/s": 1.048576e-3 },
    internalUnit: "GB/s",
    example: "17.8 GB/s",
    plausible: [1e-3, 1e5],
  },
  size: { units: {}, internalUnit: "B", example: "48 KiB", plausible: [1, 2 ** 46] },
  clock: { units: { ghz: 1, mhz: 1e-3 }, internalUnit: "GHz", example: "2.8 GHz", plausible: [0.1, 20] },
  cycles: { units: { cycles: 1 }, internalUnit: "cycles", example: "15 cycles", plausible: [0.5, 1e5] },
  count: { units: { "": 1 }, internalUnit: "", example: "12", plausible: [0.5, 1e7] },
  ratio: { units: { "": 1 }, internalUnit: "", example: "0.6", plausible: [1e-3, 1e3] },
  share: { units: { "": 1 }, internalUnit: "", example: "0.5", plausible: [1e-3, 1] },
};

export interface UnitProblem {
  readonly what: string;
  readonly expected: string;
  readonly example: string;
}

/**
 * Reads `250 ns`, `17.8 GB/s`, `48 KiB`, `2.8 GHz`, `15 cycles`, `12`.
 *
 * @returns the number in the internal unit, or what is wrong with it
 */
export function parseQuantity(given: unknown, dimension: Dimension): number | UnitProblem {
  const rule = RULES[dimension];
  const unitNames = dimension === "size" ? "B, KiB, MiB, GiB" : Object.keys(rule.units).join(", ");
  const plain = rule.units[""] !== undefined;
  const problem = (what: string): UnitProblem => ({
    what,
    expected: plain ? "a positive number" : `a positive ${dimension} with its unit (${unitNames})`,
    example: rule.example,
  });
  if (typeof given === "number" && !plain) return problem(`the bare number ${given} has no unit`);
  if (typeof given !== "string" && typeof given !== "number") return problem(`${shown(given)} is not a ${dimension}`);
  const match = /^([-+]?[\d.]+(?:e[-+]?\d+)?|[-+]?\.?nan|[-+]?\.?inf\w*)\s*(.*)$/i.exec(String(given).trim());
  if (match === null) return problem(`${shown(given)} is not a ${dimension}`);
  const value = dimension === "size" ? sizeOf(String(given)) : Number(match[1]);
  const unit = (match[2] ?? "").trim();
  const factor = dimension === "size" ? 1 : rule.units[unit.toLowerCase()];
  if (factor === undefined || (dimension === "bandwidth" && /b\//.test(unit))) {
    return problem(unit === "" ? `the bare number ${match[1]} has no unit` : `"${unit}" is no unit of ${dimension}`);
  }
  const internal = value * factor;
  if (!Number.isFinite(internal)) return problem(`${shown(given)} is not a finite number`);
  if (internal <= 0) return problem(`${shown(given)} is not positive`);
  const [low, high] = rule.plausible;
  if (internal < low || internal > high) {
    return {
      ...problem(`${shown(given)} is no plausible ${dimension}`),
      expected: `${low} to ${high} ${rule.internalUnit}`.trimEnd(),
    };
  }
  return internal;
}

/** The YAML form of an internal value. */
export function formatQuantity(value: number, dimension: Dimension): string | number {
  const rule = RULES[dimension];
  if (rule.units[""] !== undefined) return value;
  if (dimension !== "size") return `${value} ${rule.internalUnit}`;
  if (value % GIB === 0) return `${value / GIB} GiB`;
  if (value % MIB === 0) return `${value / MIB} MiB`;
  const inKib = value / 1024;
  return Number.isInteger(inKib) ? `${inKib} KiB` : `${Math.round(value)} B`;
}

function sizeOf(text: string): number {
  try {
    return parseBytes(text, "size");
  } catch {
    return Number.NaN;
  }
}

function shown(given: unknown): string {
  return typeof given === "string" ? `"${given.slice(0, 40)}"` : String(JSON.stringify(given) ?? given).slice(0, 40);
}
