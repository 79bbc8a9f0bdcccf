// Every number that is printed is read back, over all magnitudes and units.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decimals,
  formatBytes,
  formatNs,
  GIB,
  grouped,
  parseBytes,
  percent,
  threeDigits,
  upToDigits,
} from "../src/units.ts";

const UNITS = ["", "KiB", "MiB", "GiB", "TiB", "PiB"];
const NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
/** Positive values whose logarithms are spread evenly. */
const spread = (from: number, to: number) =>
  fc.double({ min: Math.log10(from), max: Math.log10(to), noNaN: true }).map((exponent) => 10 ** exponent);
const PLAIN = /^-?\d+(\.\d+)?$/;

function near(read: number, value: number, error: number): void {
  expect(Math.abs(read - value), `${value} was printed as ${read}`).toBeLessThanOrEqual(error * Math.abs(value));
}

/** Bytes of a printed size; its decimals may be no whole number of bytes, which `parseBytes` refuses. */
function bytesOf(text: string): number {
  const [value = "", unit = ""] = text.split(" ");
  expect(value).toMatch(PLAIN);
  return Number(value) * 1024 ** UNITS.indexOf(unit === "B" ? "" : unit);
}

describe("formatBytes", () => {
  it("is exact for whole multiples of a quarter of the unit", () => {
    const quarters = fc.tuple(fc.integer({ min: 4, max: 4095 }), fc.integer({ min: 1, max: 4 }));
    fc.assert(
      fc.property(quarters, ([nr, unit]) => {
        const bytes = (nr / 4) * 1024 ** unit;
        expect(formatBytes(bytes)).toBe(`${nr / 4} ${UNITS[unit]}`);
        expect(parseBytes(formatBytes(bytes), "size")).toBe(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it("is exact for every device of whole memory blocks of 128 MiB below 1 TiB, and of 1 GiB below 16 TiB", () => {
    for (let nr = 1; nr < 8192; nr++) expect(parseBytes(formatBytes((nr * GIB) / 8), "size")).toBe((nr * GIB) / 8);
    for (let nr = 1; nr <= 16384; nr++) expect(parseBytes(formatBytes(nr * GIB), "size")).toBe(nr * GIB);
  });

  it("is within half a per cent of any size, and of no unit that is too large", () => {
    fc.assert(
      fc.property(spread(1, 2 ** 53).map(Math.floor), fc.boolean(), (size, negative) => {
        const bytes = negative ? -size : size;
        near(bytesOf(formatBytes(bytes)), bytes, 0.005);
        expect(formatBytes(bytes)).not.toMatch(/^-?0/);
      }),
      { numRuns: 5000 },
    );
  });

  it("is right for what a memmap leaves of every device of 102 to 1024 GiB", () => {
    for (let nr = 102; nr <= 1024; nr++) near(bytesOf(formatBytes((nr * GIB * 63) / 64)), (nr * GIB * 63) / 64, 0.005);
  });

  it.each([
    [132 * GIB - (132 * GIB) / 64, "130 GiB"],
    [118.125 * GIB, "118.125 GiB"],
    [1026 * GIB, "1026 GiB"],
    [8 * GIB - 4096, "8 GiB"],
    [1024 * GIB - 4096, "1 TiB"],
    [490 * 2 ** 20 + 1, "490 MiB"],
    [2 ** 52, "4 PiB"],
    [0, "0 B"],
    [1023, "1023 B"],
  ])("prints %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("other numbers", () => {
  it("times are within half a per cent, in the unit that leaves one to three digits before the point", () => {
    fc.assert(
      fc.property(spread(1e-3, 1e14), fc.boolean(), (size, negative) => {
        const ns = negative ? -size : size;
        const [value = "", unit = ""] = formatNs(ns).split(" ");
        expect(value).toMatch(PLAIN);
        near(Number(value) * (NS[unit] ?? Number.NaN), ns, 0.005);
        if (unit !== "s") expect(Math.abs(Number(value))).toBeLessThan(1000);
        if (unit !== "ns") expect(Math.abs(Number(value))).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 5000 },
    );
  });

  it("counts are exact", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (count) => {
        expect(Number(grouped(count).replaceAll(",", ""))).toBe(count);
        expect(grouped(count)).toMatch(/^\d{1,3}(,\d{3})*$/);
      }),
    );
  });

  it("ratios are within half a per cent, whole parts exact, and per cents as they say", () => {
    fc.assert(
      fc.property(spread(1e-9, 1e15), fc.boolean(), fc.integer({ min: 3, max: 9 }), (size, negative, digits) => {
        const value = negative ? -size : size;
        for (const text of [threeDigits(value), upToDigits(value, digits)]) {
          expect(text).toMatch(PLAIN);
          near(Number(text), value, 0.005);
        }
        const whole = Math.round(value);
        expect(Number(threeDigits(whole))).toBe(whole + 0);
        expect(Number(upToDigits(whole, digits))).toBe(whole + 0);
        expect(Math.abs(Number(decimals(value, 2)) - value)).toBeLessThanOrEqual(0.005 + 1e-15 * size);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 50, noNaN: true }), (ratio) => {
        const text = percent(ratio);
        expect(text).toMatch(/^-?\d+(\.\d+)? %$/);
        const of = 100 * (ratio - 1);
        expect(Math.abs(Number.parseFloat(text) - of)).toBeLessThanOrEqual(Math.max(0.0051, 0.005 * Math.abs(of)));
      }),
      { numRuns: 5000 },
    );
  });

  it("have no minus before a zero", () => {
    const texts = [
      decimals(-0.001, 2),
      grouped(-0.2),
      threeDigits(-0),
      upToDigits(-0, 3),
      formatNs(-0),
      formatBytes(-0),
    ];
    expect(texts).toEqual(["0.00", "0", "0", "0", "0 ns", "0 B"]);
  });
});

describe("numbers are formatted in one place", () => {
  const src = fileURLToPath(new URL("../src/", import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));

  it("and nowhere else in src", () => {
    expect(files.length).toBeGreaterThan(100);
    // toPrecision only to round a number that stays one.
    const other = /\.toFixed\(|\.toLocaleString\(|NumberFormat|(?<!Number\([^;]*)\.toPrecision\(/;
    const found = files.filter((name) => name !== "units.ts" && other.test(readFileSync(join(src, name), "utf8")));
    expect(found).toEqual([]);
  });
});
