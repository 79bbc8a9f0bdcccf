import { describe, expect, it } from "vitest";
import { otherLlcShare } from "../../src/recording/otherTraffic.ts";
import { MIB } from "../../src/units.ts";

const traffic = { l2Fills: 1000, llcFills8MiB: 800, llcFills32MiB: 600, llcFills128MiB: 100 };

describe("otherLlcShare", () => {
  it.each([
    [1, 0.8],
    [8, 0.8],
    [16, 0.7],
    [32, 0.6],
    [64, 0.35],
    [128, 0.1],
    [512, 0.1],
  ])("of %s MiB is %s", (mib, share) => {
    expect(otherLlcShare(traffic, mib * MIB)).toBeCloseTo(share, 12);
  });
  it("is 0 without other traffic", () => {
    expect(otherLlcShare({ l2Fills: 0, llcFills8MiB: 0, llcFills32MiB: 0, llcFills128MiB: 0 }, 32 * MIB)).toBe(0);
  });
  it("refuses more LLC fills than L2 fills", () => {
    expect(() => otherLlcShare({ ...traffic, llcFills8MiB: 1001 }, 32 * MIB)).toThrow("1001 of 1000");
  });
});
