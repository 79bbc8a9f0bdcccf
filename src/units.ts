import { InputError } from "./errors.ts";

export const KIB = 1024;
export const MIB = 1024 ** 2;
export const GIB = 1024 ** 3;
export const TIB = 1024 ** 4;

const BINARY: Readonly<Record<string, number>> = { "": 1, k: KIB, m: MIB, g: GIB, t: TIB, p: 1024 ** 5 };
const DECIMAL: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/** 8 PiB: above it a byte count is no exact JavaScript number, and no machine has it. */
const MAX_BYTES = 2 ** 53;

/**
 * Reads a size: `4096`, `4k`, `4KiB`, `128M`, `1.5G`, `1TiB`, `0x8000000`. K/M/G/T and KiB... are 1024s,
 * KB/MB/GB/TB are 1000s. Must give a whole number of bytes.
 *
 * @error InputError naming `what` when empty, negative, unknown unit, not whole, or above 8 PiB
 */
export function parseBytes(text: string, what: string): number {
  const fail = (why: string): never => {
    throw new InputError({
      what: `${what} "${text.slice(0, 60)}" ${why}`,
      expected: "a whole number of bytes with an optional unit",
      example: "512GiB",
    });
  };
  const trimmed = text.trim();
  if (/^0x[0-9a-f]{1,14}$/i.test(trimmed)) return Number(trimmed);
  const match = /^(\d{1,20}(?:\.\d{1,15})?)\s*([a-z]*)$/i.exec(trimmed);
  if (!match) return fail("is not a size");
  const unit = (match[2] ?? "").toLowerCase();
  const factor = BINARY[unit.replace(/ib$/, "")] ?? DECIMAL[unit] ?? (unit === "b" ? 1 : undefined);
  if (factor === undefined) return fail(`has the unknown unit "${match[2]}"`);
  const bytes = Number(match[1]) * factor;
  if (!Number.isInteger(bytes)) return fail("is not a whole number of bytes");
  if (bytes > MAX_BYTES) return fail("is more than 8 PiB");
  return bytes;
}

/** `512 GiB`, `1.5 MiB`, `64 B`: at most three significant digits after rounding. */
export function formatBytes(bytes: number): string {
  const units: readonly [number, string][] = [
    [TIB, "TiB"],
    [GIB, "GiB"],
    [MIB, "MiB"],
    [KIB, "KiB"],
  ];
  for (const [size, name] of units) {
    if (Math.abs(bytes) >= size * 0.9995) return `${trimNumber(bytes / size)} ${name}`;
  }
  return `${bytes} B`;
}

/** `81 ns`, `1.23 us`, `45.6 ms`, `7.89 s`: three significant digits. */
export function formatNs(ns: number): string {
  const units: readonly [number, string][] = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "us"],
  ];
  for (const [size, name] of units) {
    if (Math.abs(ns) >= size * 0.9995) return `${threeDigits(ns / size)} ${name}`;
  }
  return `${threeDigits(ns)} ns`;
}

export function threeDigits(value: number): string {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return magnitude >= 2 ? value.toFixed(0) : value.toFixed(Math.min(3, 2 - magnitude));
}

function trimNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : threeDigits(value).replace(/\.?0+$/, "");
}
