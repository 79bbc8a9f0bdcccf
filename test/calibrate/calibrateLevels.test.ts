import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizesTo } from "../../src/calibrate/calibrate.ts";
import { type CurvePoint, levelsByName, levelsOfCurve, monotone } from "../../src/machine/cacheLevels.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A curve as random chases give it: half of a level's loads miss at its size, fewer below, more above. */
function syntheticCurve(levels: readonly { ns: number; bytes?: number }[], steepness: number): CurvePoint[] {
  return sizesTo(256 * MIB).map((bytes) => {
    let ns = levels[0]!.ns;
    for (let i = 0; i + 1 < levels.length; i++) {
      const missShare = 1 / (1 + (levels[i]!.bytes! / bytes) ** steepness);
      ns += missShare * (levels[i + 1]!.ns - levels[i]!.ns);
    }
    return { bytes, ns };
  });
}

describe("levels of a latency curve", () => {
  test("finds latencies and sizes of a curve that was made from them", () => {
    fc.assert(
      fc.property(
        fc.record({
          l1: fc.constantFrom(32 * KIB, 48 * KIB, 64 * KIB),
          l2: fc.constantFrom(512 * KIB, 1 * MIB, 2 * MIB),
          llc: fc.constantFrom(16 * MIB, 32 * MIB, 48 * MIB),
          ns: fc.tuple(
            fc.double({ min: 1, max: 1.6, noNaN: true }),
            fc.double({ min: 3.5, max: 6, noNaN: true }),
            fc.double({ min: 13, max: 35, noNaN: true }),
            fc.double({ min: 80, max: 300, noNaN: true }),
          ),
          steepness: fc.double({ min: 6, max: 12, noNaN: true }),
        }),
        ({ l1, l2, llc, ns, steepness }) => {
          const made = [{ ns: ns[0], bytes: l1 }, { ns: ns[1], bytes: l2 }, { ns: ns[2], bytes: llc }, { ns: ns[3] }];
          const found = levelsOfCurve(syntheticCurve(made, steepness));
          expect(found).toHaveLength(4);
          found.forEach((level, i) => {
            expect(level.ns / made[i]!.ns).toBeGreaterThan(0.9);
            expect(level.ns / made[i]!.ns).toBeLessThan(1.2);
            const size = made[i]!.bytes;
            expect(level.bytes === undefined).toBe(size === undefined);
            const ratio = size === undefined ? 1 : (level.bytes ?? 0) / size;
            expect(ratio).toBeGreaterThan(0.8);
            expect(ratio).toBeLessThan(1.25);
          });
        },
      ),
    );
  });

  // Measured on a 2-vCPU virtual machine with neighbours: hardly any LLC is left between L2 and memory.
  test("separates two rises with one point between them", () => {
    const ns = [1.1, 1.1, 1.11, 1.24, 3.96, 4.0, 4.11, 5.84, 10.7, 13.9, 99.5, 105, 96.3, 97.6];
    const levels = levelsOfCurve(monotone(ns.map((value, i) => ({ bytes: 4096 * 2 ** i, ns: value }))));
    expect(levels.map((level) => Number(level.ns.toFixed(1)))).toEqual([1.1, 4.1, 13.9, 96.3]);
    expect(levels[2]?.bytes).toBeGreaterThan(2 * MIB);
    expect(levels[2]?.bytes).toBeLessThan(4 * MIB);
  });

  test("with sizes named by the kernel, reads latencies inside them when the curve hides a level", () => {
    const ns = [1.1, 1.1, 1.1, 1.2, 4.0, 4.0, 4.1, 6.2, 11.7, 28.3, 108, 108, 108, 108];
    const curve = monotone(ns.map((value, i) => ({ bytes: 4096 * 2 ** i, ns: value })));
    expect(levelsOfCurve(curve)).toHaveLength(3);
    const named = levelsByName(curve, [32 * KIB, MIB, 32 * MIB]);
    expect(named.map((level) => level.ns)).toEqual([1.1, 4.1, 28.3, 108]);
    expect(named[2]?.bytes).toBeLessThan(4 * MIB);
  });

  test("a flat curve is one level, an empty one none, and a disturbed point does not make a level", () => {
    expect(levelsOfCurve(sizesTo(MIB).map((bytes) => ({ bytes, ns: 2 })))).toEqual([{ ns: 2 }]);
    expect(levelsOfCurve([])).toEqual([]);
    const disturbed = sizesTo(MIB).map((bytes) => ({ bytes, ns: bytes === 64 * KIB ? 9 : 2 }));
    expect(levelsOfCurve(monotone(disturbed))).toEqual([{ ns: 2 }]);
  });
});
