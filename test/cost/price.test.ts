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
} from "../../assembly/layout/touch.ts";
import { MISS_DEMAND } from "../../assembly/layout/windows.ts";
import { drawHost } from "../../src/cost/drawMachine.ts";
import { aloneNs, bucketShares } from "../../src/cost/exposure.ts";
import { priceCounts } from "../../src/cost/price.ts";
import { priceWorkload } from "../../src/cost/priceWorkload.ts";
import { draw, estimate, noDifferenceWithinError, quantile, seededRandom } from "../../src/cost/sample.ts";
import { bucketCounts } from "../../src/counts/windows.ts";
import { NO_MISSES, type WorkloadWork } from "../../src/counts/workload.ts";
import { bucketOf, demandIndex, emptyTouchCounts, type TouchCounts, windowIndex } from "../../src/counts.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { defaultHost } from "../../src/machine/hosts.ts";
import type { DeviceProfile } from "../../src/machine/profiles.ts";
import { streamedRates } from "../../src/machine/streams.ts";

const dram = deviceById("dram-ddr5-4800-spr");
const cxl = deviceById("cxl-e3s-96g-spr");
const optane = deviceById("optane100-1x");
function misses(accessClass: number, nr: number, owner = OWNER_HOT_ADDED, rw = RW_READ): TouchCounts {
  const counts = emptyTouchCounts();
  counts.demand[demandIndex(accessClass, owner, rw, LEVEL_MEMORY)] = nr;
  return counts;
}

describe("priceCounts", () => {
  const price = (counts: TouchCounts, hotAdded = cxl) =>
    priceCounts(counts, defaultHost, { boot: dram, hotAdded }, { samples: 100 });

  const { value: cores } = defaultHost.nrLinesInFlight;
  const host = drawHost(defaultHost, null);
  const beyondL1 = (ns: number): number => ns - host.l1Ns;

  test("dependent misses cost the latency that the window behind them does not hide", () => {
    expect(price(misses(CLASS_DEPENDENT, 1000)).ns).toBeCloseTo(1000 * aloneNs(beyondL1(250), host), 6);
  });

  test("independent misses with nothing between them overlap up to the lines in flight", () => {
    expect(price(misses(CLASS_INDEPENDENT, 1600)).ns).toBeCloseTo((1600 * aloneNs(beyondL1(250), host)) / cores, 6);
  });

  test("a stream is bounded by the device's bandwidth when that is slower", () => {
    const lines = 1e6;
    const { ns, binding } = price(misses(CLASS_STREAM, lines), deviceById("optane100-6x-interleaved"));
    expect(binding).toBe("line buffers");
    expect(ns).toBeCloseTo((lines * beyondL1(305)) / host.nrStreamLinesInFlight, 3);
    const slow = { ...optane, readGBps: { ...optane.readGBps, value: 1 } };
    expect(price(misses(CLASS_STREAM, lines), slow)).toMatchObject({ ns: lines * 64, binding: "hot-added medium" });
  });

  test("misses of which nothing is known are a range from independent to dependent", () => {
    const { ns, interval } = price(misses(CLASS_UNCLASSIFIED, 1600));
    const dependent = 1600 * aloneNs(beyondL1(250), host);
    expect(ns).toBeCloseTo((dependent / cores + dependent) / 2, 6);
    expect(interval[0]).toBeLessThan(dependent / cores + 0.15 * dependent);
    expect(interval[1]).toBeGreaterThan(0.8 * dependent);
  });

  test("misses alone in their window cost the same whatever is known of them: their interval is that of the latency", () => {
    const counts = emptyTouchCounts();
    counts.demand[demandIndex(CLASS_UNCLASSIFIED, OWNER_HOT_ADDED, RW_READ, LEVEL_MEMORY)] = 1000;
    counts.windows.memory[windowIndex(OWNER_HOT_ADDED, MISS_DEMAND, bucketOf(60_000))] = 1000;
    const { ns, interval } = price(counts);
    expect(ns).toBeGreaterThan(0.99 * 1000 * aloneNs(beyondL1(250), host));
    expect(interval[1] / interval[0]).toBeLessThan(1.45);
  });

  test("the same memory is drawn alike whatever else is plugged", () => {
    const counts = misses(CLASS_DEPENDENT, 1000, OWNER_BOOT);
    expect(price(counts, cxl).interval).toEqual(price(counts, optane).interval);
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
  const apart = new Float64Array(64);
  apart[bucketOf(60_000)] = 1e5;
  const work: WorkloadWork = {
    instructions: 1e9,
    nrSets: 1000,
    bytesSet: 4096e3,
    nrCopies: 500,
    bytesCopied: 2048e3,
    syscalls: 100,
    faults: 1000,
    pagesClearedOnAlloc: 0,
    setFills: { memory: 64e3, llc: 0 },
    copyFills: { memory: 64e3, llc: 0 },
    servedByMemory: { apart: bucketCounts(apart), streamed: 1e5 },
    servedByLlc: NO_MISSES,
  };
  const workload = { counts: misses(CLASS_DEPENDENT, 1e5), work };
  const host = drawHost(defaultHost, null);
  const baselineOn = (device: DeviceProfile): number => {
    const rates = streamedRates(defaultHost, dram, device);
    const ns = device.idleReadNs.value - host.l1Ns;
    const share = bucketShares(host)[bucketOf(60_000)]!;
    return (
      (1e9 * defaultHost.cpi.value) / host.turboGHz +
      100 * host.syscallEntryNs +
      1000 * host.faultEntryNs +
      1000 * rates.clearStartNs.value +
      4096e3 / rates.clearGBps.value +
      500 * rates.copyStartNs.value +
      2048e3 / rates.copyGBps.value +
      1e5 * aloneNs(ns, host) * (share + host.dependence * (1 - share)) +
      (1e5 * ns) / host.nrStreamLinesInFlight
    );
  };

  test("clears and copies whose lines are in L2 go at its rate; the LLC's at its latency over the lines in flight", () => {
    const baseline = (fills: Pick<WorkloadWork, "setFills" | "copyFills">): number => {
      const cached = { counts: workload.counts, work: { ...work, ...fills } };
      return priceWorkload(cached, defaultHost, { dram, device: dram }).baselineNs!.value;
    };
    const none = { memory: 0, llc: 0 };
    const rates = streamedRates(defaultHost, dram, dram);
    const slower = (GBps: "clearGBps" | "copyGBps", inCache: "clearInCacheGBps" | "copyInCacheGBps"): number =>
      1 / rates[GBps].value - 1 / rates[inCache].value;
    const inL2 = baseline({ setFills: none, copyFills: none });
    const inMemory = baseline(work);
    const expected = 4096e3 * slower("clearGBps", "clearInCacheGBps") + 2048e3 * slower("copyGBps", "copyInCacheGBps");
    expect((inMemory - inL2) / expected).toBeCloseTo(1, 9);
    const inLlc = baseline({ setFills: { memory: 0, llc: 64e3 }, copyFills: none });
    expect((inLlc - inL2) / ((64e3 * host.llcNs) / host.nrStreamLinesInFlight)).toBeCloseTo(1, 9);
  });

  test("the baseline is instructions, entries into the kernel, clears, copies and other misses, on the memory where the data lies", () => {
    const far = priceWorkload(workload, defaultHost, { dram, device: cxl }).baselineNs!;
    expect(far.value / baselineOn(cxl)).toBeCloseTo(1, 9);
    const near = priceWorkload(workload, defaultHost, { dram, device: cxl }, { dataShareOnHotAdded: 0 }).baselineNs!;
    expect(near.value / baselineOn(dram)).toBeCloseTo(1, 9);
    const half = priceWorkload(workload, defaultHost, { dram, device: cxl }, { dataShareOnHotAdded: 0.5 }).baselineNs!;
    expect(half.value / ((far.value + near.value) / 2)).toBeCloseTo(1, 9);
    for (const { value, interval } of [far, near, half]) {
      expect(interval[0]).toBeLessThanOrEqual(value);
      expect(interval[1]).toBeGreaterThanOrEqual(value);
    }
  });

  test("the memmap on slower memory slows the workload by its extra latency", () => {
    const priced = priceWorkload(workload, defaultHost, { dram, device: cxl });
    const extra = 1e5 * (aloneNs(250 - host.l1Ns, host) - aloneNs(95.4 - host.l1Ns, host));
    expect(priced.extraNs.value / extra).toBeCloseTo(1, 9);
    expect(priced.slowdownRatio!.value).toBeCloseTo(1 + extra / priced.wholeDramNs!.value, 9);
    expect(noDifferenceWithinError(priced.slowdownRatio!)).toBe(false);
  });

  test("a recording that does not tell what else it did has ns, and no ratio", () => {
    const { counts } = workload;
    const known = priceWorkload(workload, defaultHost, { dram, device: cxl });
    const unknown = priceWorkload({ counts, work: undefined }, defaultHost, { dram, device: cxl });
    expect(unknown).toMatchObject({ extraNs: known.extraNs, metadataDramNs: known.metadataDramNs });
    expect([unknown.baselineNs, unknown.wholeDramNs, unknown.wholeOnMemoryNs, unknown.slowdownRatio]).toEqual(
      Array(4).fill(undefined),
    );
  });

  test("on memory like DRAM there is no difference within error", () => {
    const priced = priceWorkload(workload, defaultHost, { dram, device: deviceById("dram-ddr5-genoa-9224") });
    expect(noDifferenceWithinError(priced.slowdownRatio!)).toBe(true);
    const same = priceWorkload(workload, defaultHost, { dram, device: dram });
    expect(same.slowdownRatio).toEqual({ value: 1, interval: [1, 1] });
  });

  test("a ratio cannot be told from 1 when its interval holds 1, to a hundredth of a percent", () => {
    const within = (low: number, high: number) => noDifferenceWithinError({ interval: [low, high] });
    expect([within(0.9, 1.1), within(1, 1.2), within(0.8, 1), within(1.00004, 1.01)]).toEqual([true, true, true, true]);
    expect([within(1.00006, 1.01), within(0.9, 0.9999)]).toEqual([false, false]);
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
