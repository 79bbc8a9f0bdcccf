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

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
/** 16 TiB, the largest device, in GiB: more digits than that are not read at a glance. */
const MOST_WHOLE_UNITS = 16 * 1024;

/**
 * `512 GiB`, `242.5 GiB`, `118.125 GiB`, `1026 GiB`, `64 B`: exact where three decimals or a whole number of the next
 * smaller unit are, so that a size that was asked for is printed as it was asked; else three significant digits, but
 * every digit of the whole part: `130 GiB` for 129.9375 GiB. `parseBytes` reads it back.
 */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes);
  let unit = 0;
  while (unit < SIZES.length - 1 && size >= 1024 ** (unit + 1)) unit++;
  const value = bytes / 1024 ** unit;
  // A multiple of an eighth has at most three decimals, and no other binary fraction has.
  if (Number.isInteger(8 * value)) return `${SIZE.format(value)} ${SIZES[unit]}`;
  const below = 1024 * value;
  if (unit > 0 && Number.isInteger(below) && Math.abs(below) <= MOST_WHOLE_UNITS)
    return `${SIZE.format(below)} ${SIZES[unit - 1]}`;
  const text = upToDigits(value, 3);
  const isNextUnit = Math.abs(Number(text)) === 1024 && unit < SIZES.length - 1;
  return isNextUnit ? `${Math.sign(bytes)} ${SIZES[unit + 1]}` : `${text} ${SIZES[unit]}`;
}

const TIMES = ["ns", "us", "ms"] as const;

/** `81.0 ns`, `1.23 us`, `45.6 ms`, `7.89 s`: three significant digits, and every digit of whole seconds. */
export function formatNs(ns: number): string {
  for (const [i, unit] of TIMES.entries()) {
    const text = threeDigits(ns / 1000 ** i);
    if (Math.abs(Number(text)) < 1000) return `${text} ${unit}`;
  }
  return `${threeDigits(ns / 1e9)} s`;
}

/** `0`, `0.0123`, `1.20`, `81.0`, `12346`: three significant digits, and every digit of the whole part. */
export function threeDigits(value: number): string {
  return value === 0 ? "0" : THREE_DIGITS.format(value);
}

/** `1.5`, `0.25`, `62914560`: at most so many significant digits, every digit of the whole part, no zeros at the end. */
export function upToDigits(value: number, digits: number): string {
  return numberFormat({ maximumSignificantDigits: digits, ...WHOLE_PART }).format(value);
}

/** `0.000123`, `1,230,000`: three significant digits, however small or large. */
export function threeSignificant(value: number): string {
  return SIGNIFICANT.format(value);
}

/** `12.30` for 12.3 with two decimals. */
export function decimals(value: number, nrDecimals: number): string {
  return numberFormat({ minimumFractionDigits: nrDecimals, maximumFractionDigits: nrDecimals }).format(value);
}

/** `0x3060200000`: an address, a pfn, an offset. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** `1,234,567`: a count, rounded to a whole number. */
export function grouped(count: number): string {
  return GROUPED.format(count);
}

/** `2.00 %` for a ratio of 1.02: how far it is from 1; `0 %` where that is below half a hundredth of a per cent. */
export function percent(ratio: number): string {
  const value = 100 * (ratio - 1);
  if (Math.abs(value) < 0.005) return "0 %";
  return `${Math.abs(value) < 0.1 ? decimals(value, 2) : threeDigits(value)} %`;
}

/** Digits of the whole part are never rounded away, however few are asked for. */
const WHOLE_PART = { minimumFractionDigits: 0, maximumFractionDigits: 0, roundingPriority: "morePrecision" } as const;

/** The one locale: output is the same everywhere, and `parseBytes` and spreadsheets read it. No "-0". */
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return new Intl.NumberFormat("en-US", { useGrouping: false, signDisplay: "negative", ...options });
}

const SIZE = numberFormat({ maximumFractionDigits: 3 });
const SIGNIFICANT = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const THREE_DIGITS = numberFormat({ minimumSignificantDigits: 3, maximumSignificantDigits: 3, ...WHOLE_PART });
const GROUPED = numberFormat({ useGrouping: true, maximumFractionDigits: 0 });
