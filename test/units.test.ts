import { describe, expect, it } from "vitest";
import { formatBytes, formatNs, parseBytes } from "../src/units.ts";

describe("parseBytes", () => {
  it.each([
    ["4096", 4096],
    ["4k", 4096],
    ["4KiB", 4096],
    ["128M", 134217728],
    ["1.5G", 1610612736],
    ["1TiB", 2 ** 40],
    ["0x8000000", 134217728],
    ["1GB", 1e9],
    [" 2 MiB ", 2097152],
    ["64B", 64],
  ])("reads %j", (text, bytes) => {
    expect(parseBytes(text, "size")).toBe(bytes);
  });

  it.each([
    "",
    "-1",
    "1e3",
    "4 Q",
    "0.3",
    "1.0001KiB",
    "9000PiB",
    "NaN",
    "Infinity",
    "0x",
    "99999999999999999999999",
  ])("refuses %j", (text) => {
    expect(() => parseBytes(text, "size")).toThrow(/size "/);
  });
});

describe("format", () => {
  it("uses the units that people use", () => {
    expect([formatBytes(512 * 2 ** 30), formatBytes(1.5 * 2 ** 20), formatBytes(64)]).toEqual([
      "512 GiB",
      "1.5 MiB",
      "64 B",
    ]);
    expect([formatNs(81.44), formatNs(1234), formatNs(45.61e6), formatNs(7.9e9), formatNs(0)]).toEqual([
      "81.4 ns",
      "1.23 us",
      "45.6 ms",
      "7.90 s",
      "0 ns",
    ]);
  });
});
