import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { solveNetwork } from "../../src/cost/queueingNetwork.ts";

describe("closed network", () => {
  test("one customer never waits", () => {
    const { cycleNs, residenceNs } = solveNetwork(1, 100, [
      { name: "a", serviceNs: 20 },
      { name: "b", serviceNs: 5, variability: 0 },
    ]);
    expect(cycleNs).toBe(125);
    expect(residenceNs).toEqual([20, 5]);
  });

  /** The machine repairman: M/M/1//n has a closed form. */
  test.each([2, 5, 20])("%d customers at one exponential station match the closed form", (n) => {
    const [think, service] = [100, 30];
    let [term, sum] = [1, 1];
    for (let k = 1; k <= n; k++) {
      term *= (n - k + 1) * (service / think);
      sum += term;
    }
    const exact = (1 - 1 / sum) / service;
    expect(solveNetwork(n, think, [{ name: "lock", serviceNs: service }]).throughputPerNs).toBeCloseTo(exact, 12);
  });

  test("no station is busy for more than all of the time, and more customers never finish less", () => {
    const station = fc.record({
      serviceNs: fc.double({ min: 0, max: 1e4, noNaN: true }),
      variability: fc.constantFrom(0, 0.5, 1),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.array(station, { minLength: 1, maxLength: 4 }),
        (n, think, given) => {
          const stations = given.map((s, i) => ({ ...s, name: `s${i}` }));
          const total = think + stations.reduce((sum, s) => sum + s.serviceNs, 0);
          fc.pre(total > 1e-6);
          const few = solveNetwork(n, think, stations);
          const more = solveNetwork(n + 1, think, stations);
          for (const busy of few.utilisation) expect(busy).toBeLessThanOrEqual(1 + 1e-9);
          expect(more.throughputPerNs).toBeGreaterThanOrEqual(few.throughputPerNs * (1 - 1e-9));
          expect(few.throughputPerNs).toBeLessThanOrEqual((n / total) * (1 + 1e-9));
        },
      ),
    );
  });

  test.each([
    [0, 1],
    [1.5, 1],
    [2, -1],
    [2, Number.NaN],
    [2, Infinity],
  ])("%d customers thinking %d ns are refused", (n, think) => {
    expect(() => solveNetwork(n, think, [])).toThrow(RangeError);
  });
});
