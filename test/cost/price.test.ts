import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CLASS_DEPENDENT,
  CLASS_INDEPENDENT,
  CLASS_STREAM,
  CLASS_UNCLASSIFIED,
  LEVEL_L1,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_OWNERS,
  OWNER_BOOT,
  OWNER_HOT_ADDED,
  RW_READ,
  RW_WRITE,
} from "../../assembly/layout/layout.ts";
import { priceCounts } from "../../src/cost/price.ts";
import { priceWorkload } from "../../src/cost/priceWorkload.ts";
import { draw, estimate, noDifferenceWithinError, quantile, seededRandom } from "../../src/cost/sample.ts";
import { demandIndex, emptyTouchCounts, type TouchCounts } from "../../src/counts.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { defaultHost } from "../../src/machine/hosts.ts";

const dram = deviceById("dram-ddr5-4800-spr");
const cxl = deviceById("cxl-e3s-96g-spr");
const optane = deviceById("optane100-1x");
const { nrLinesInFlight, nrStreamLinesInFlight, l1Cycles, clockGHz } = defaultHost;
/** A miss replaces the L1 latency that its instructions already hold. */
const exposed = (idleNs: number) => idleNs - (l1Cycles?.value ?? 0) / clockGHz.value;

function misses(accessClass: number, nr: number, owner = OWNER_HOT_ADDED, rw = RW_READ): TouchCounts {
  const counts = emptyTouchCounts();
  counts.demand[demandIndex(accessClass, owner, rw, LEVEL_MEMORY)] = nr;
  return counts;
}

describe("priceCounts", () => {
  const price = (counts: TouchCounts, hotAdded = cxl) =>
    priceCounts(counts, defaultHost, { boot: dram, hotAdded }, { samples: 100 });

  test("dependent misses cost the whole latency", () => {
    expect(price(misses(CLASS_DEPENDENT, 1000)).ns).toBeCloseTo(1000 * exposed(250), 6);
  });

  test("independent misses overlap up to the lines in flight", () => {
    expect(price(misses(CLASS_INDEPENDENT, 1600)).ns).toBeCloseTo((1600 * exposed(250)) / nrLinesInFlight.value, 6);
  });

  test("a stream is bounded by the device's bandwidth when that is slower", () => {
    const lines = 1e6;
    const { ns, binding } = price(misses(CLASS_STREAM, lines), deviceById("optane100-6x-interleaved"));
    expect(binding).toBe("line buffers");
    expect(ns).toBeCloseTo((lines * exposed(305)) / nrStreamLinesInFlight.value, 3);
    const slow = { ...optane, readGBps: { ...optane.readGBps, value: 1 } };
    expect(price(misses(CLASS_STREAM, lines), slow)).toMatchObject({ ns: lines * 64, binding: "hot-added medium" });
  });

  test("unclassified misses are a range from independent to dependent", () => {
    const { ns, interval } = price(misses(CLASS_UNCLASSIFIED, 1600));
    const dependent = 1600 * exposed(250);
    const independent = dependent / nrLinesInFlight.value;
    expect(ns).toBeCloseTo((independent + dependent) / 2, 6);
    expect(interval[0]).toBeLessThan(independent + 0.15 * dependent);
    expect(interval[1]).toBeGreaterThan(0.85 * dependent);
  });

  test("boot memory's struct pages cost the same on every device", () => {
    const counts = misses(CLASS_DEPENDENT, 1000, OWNER_BOOT);
    expect(price(counts, cxl).ns).toBe(price(counts, optane).ns);
  });

  test("evicted lines cost a 64-byte medium once and Optane four times", () => {
    const counts = emptyTouchCounts();
    counts.writeBacks[LEVEL_LLC * NR_OWNERS + OWNER_HOT_ADDED] = 1000;
    expect(price(counts, optane).ns).toBeCloseTo((1000 * 64 * 4) / 2.24, 6);
    expect(price(counts, cxl).ns).toBeCloseTo(1000 * 64 * (2 / 27.2 - 1 / 17.8), 6);
  });

  test("a hit in L1 is free", () => {
    const counts = emptyTouchCounts();
    counts.demand[demandIndex(CLASS_DEPENDENT, OWNER_HOT_ADDED, RW_WRITE, LEVEL_L1)] = 1e9;
    expect(price(counts).ns).toBe(0);
  });

  test("the same seed gives the same interval, and the value lies in it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer(), (nr, seed) => {
        const run = () =>
          priceCounts(
            misses(CLASS_UNCLASSIFIED, nr),
            defaultHost,
            { boot: dram, hotAdded: cxl },
            { samples: 20, seed },
          );
        const { ns, interval } = run();
        expect(run()).toEqual({ ...run(), ns, interval });
        expect(interval[0] <= ns && ns <= interval[1]).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe("priceWorkload", () => {
  const workload = { counts: misses(CLASS_DEPENDENT, 1e5), instructions: 1e9, otherLlcFills: 1e5 };

  test("the memmap on slower memory slows the workload by its extra latency", () => {
    const priced = priceWorkload(workload, defaultHost, { dram, device: cxl });
    const baseline = 1e9 / 2.8 + 1e5 * 250;
    expect(priced.baselineNs.value).toBeCloseTo(baseline, 3);
    expect(priced.slowdownRatio.value).toBeCloseTo(
      (baseline + 1e5 * exposed(250)) / (baseline + 1e5 * exposed(95.4)),
      10,
    );
    expect(noDifferenceWithinError(priced.slowdownRatio)).toBe(false);
  });

  test("on memory like DRAM there is no difference within error", () => {
    const priced = priceWorkload(workload, defaultHost, { dram, device: deviceById("dram-ddr5-genoa-9224") });
    expect(noDifferenceWithinError(priced.slowdownRatio)).toBe(true);
    const same = priceWorkload(workload, defaultHost, { dram, device: dram });
    expect(same.slowdownRatio).toEqual({ value: 1, interval: [1, 1] });
  });

  test("a ratio cannot be told from 1 when its interval holds 1, to a hundredth of a percent", () => {
    const within = (low: number, high: number) => noDifferenceWithinError({ interval: [low, high] });
    expect([within(0.9, 1.1), within(1, 1.2), within(0.8, 1), within(1.00004, 1.01)]).toEqual([true, true, true, true]);
    expect([within(1.00006, 1.01), within(0.9, 0.9999)]).toEqual([false, false]);
  });

  test("data left in DRAM makes the baseline shorter", () => {
    const near = priceWorkload(workload, defaultHost, { dram, device: cxl }, { dataShareOnHotAdded: 0 });
    expect(near.baselineNs.value).toBeCloseTo(1e9 / 2.8 + 1e5 * 95.4, 3);
  });
});

describe("draws", () => {
  test("5 % lie below the range and 5 % above", () => {
    const random = seededRandom(7);
    const q = { value: 100, range: [80, 150], level: "V", source: "recall" } as const;
    const draws = Float64Array.from({ length: 20_000 }, () => draw(q, random)).sort();
    expect(quantile(draws, 0.05)).toBeGreaterThan(79);
    expect(quantile(draws, 0.05)).toBeLessThan(81);
    expect(quantile(draws, 0.95)).toBeGreaterThan(148);
    expect(quantile(draws, 0.95)).toBeLessThan(152);
    expect(draw(q, null)).toBe(100);
  });

  test("an interval is widened to hold its value", () => {
    expect(estimate(5, Float64Array.of(1, 2, 3)).interval).toEqual([1.1, 5]);
  });
});
