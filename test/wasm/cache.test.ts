import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CACHE_HEADER_BYTES } from "../../assembly/layout/cache.ts";
import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import { type CacheGeometry, readTouchCounts } from "../../src/counts.ts";
import { cacheBytes, countersView, initCache } from "../../src/wasm/cache.ts";
import { loadWasm, type WasmBuild } from "../../src/wasm/instance.ts";
import { planMemory, regionOf } from "../../src/wasm/memory.ts";
import { ReferenceCache } from "../twin/cache.ts";
import { geometries } from "../twin/geometries.ts";

type Step =
  | { readonly touch: number; readonly rw: number; readonly accessClass: number }
  | { readonly fills: number; readonly share: number };

/** Small numbers so that lines meet again, and a window at the top of u32, where tags are widest. */
const lines = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 600 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 - 1 }) },
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({ touch: lines, rw: fc.nat(1), accessClass: fc.nat(3) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        fills: fc.integer({ min: 0, max: 40 }),
        share: fc.oneof(fc.constantFrom(0, 2 ** 31), fc.nat(2 ** 31)),
      }),
    },
  ),
  { minLength: 1, maxLength: 3000, size: "max" },
);

/** Struct pages from here on are hot-added. */
const PFN_FROM = 300;

function runKernel(build: WasmBuild, geometry: CacheGeometry, sequence: readonly Step[]) {
  const plan = planMemory({ cache: cacheBytes(geometry), counters: COUNTERS_BYTES }, "test");
  const kernels = loadWasm(build, plan);
  const cache = regionOf(plan, "cache");
  const counters = regionOf(plan, "counters");
  initCache(kernels, cache, geometry);
  const levels = sequence.map((step) =>
    "touch" in step
      ? kernels.callU32("touch", cache, counters, step.touch, attrOf(step))
      : kernels.callU32("fillClean", cache, counters, step.fills, step.share),
  );
  const counts = readTouchCounts(countersView(kernels, counters, COUNTERS_BYTES));
  return { levels, demand: [...counts.demand], writeBacks: [...counts.writeBacks] };
}

function attrOf(step: { readonly touch: number; readonly rw: number; readonly accessClass: number }): number {
  return (step.accessClass << 2) | (step.touch >= PFN_FROM ? 2 : 0) | step.rw;
}

function runReference(geometry: CacheGeometry, sequence: readonly Step[]) {
  const cache = new ReferenceCache(geometry);
  const levels = sequence.map((step) =>
    "touch" in step ? cache.touch(step.touch, attrOf(step)) : cache.fillClean(step.fills, step.share),
  );
  return { levels, demand: cache.demand, writeBacks: cache.writeBacks };
}

describe.each(["release", "debug"] as const)("the cache hierarchy, %s build", (build) => {
  it("is the reference on random geometries, touches and other traffic", () => {
    fc.assert(
      fc.property(geometries, steps, (geometry, sequence) => {
        const { levels, ...counts } = runReference(geometry, sequence);
        const ours = runKernel(build, geometry, sequence);
        expect({ demand: ours.demand, writeBacks: ours.writeBacks }).toEqual(counts);
        expect(ours.levels.filter((_, i) => "touch" in sequence[i]!)).toEqual(levels.filter((l) => l !== undefined));
      }),
      { seed: 20_261_121, numRuns: 60, endOnFailure: true },
    );
  });

  it("counts every touch exactly once", () => {
    fc.assert(
      fc.property(geometries, steps, (geometry, sequence) => {
        const { demand } = runKernel(build, geometry, sequence);
        expect(demand.reduce((a, b) => a + b)).toBe(sequence.filter((step) => "touch" in step).length);
      }),
      { seed: 7, numRuns: 10, endOnFailure: true },
    );
  });

  it("keeps a set of exactly `ways` lines: one more evicts the least recent", () => {
    const geometry = { l1: { bytes: 512, ways: 1 }, l2: { bytes: 512, ways: 1 }, llc: { bytes: 5 * 512, ways: 5 } };
    const read = (line: number): Step => ({ touch: line, rw: 0, accessClass: 0 });
    const inSet0 = [0, 8, 16, 24, 32];
    const fits = runKernel(build, geometry, [...inSet0, 0].map(read));
    expect(fits.levels.at(-1)).toBe(2);
    const evicted = runKernel(build, geometry, [...inSet0, 40, 0].map(read));
    expect(evicted.levels.at(-1)).toBe(3);
    const kept = runKernel(build, geometry, [...inSet0, 40, 8].map(read));
    expect(kept.levels.at(-1)).toBe(2);
  });
});

describe("cacheBytes", () => {
  const good = { l1: { bytes: 32768, ways: 8 }, l2: { bytes: 1048576, ways: 16 }, llc: { bytes: 33554432, ways: 16 } };
  it("is 4 bytes per line beside a header, and 8 more per line of L1 for replay", () => {
    expect(cacheBytes(good)).toBe(CACHE_HEADER_BYTES + (512 + 16384 + 524288) * 4 + 512 * 8 + 64);
  });
  it("takes a last-level cache whose sets are no power of two", () => {
    expect(cacheBytes({ ...good, llc: { bytes: 33 * 1048576, ways: 11 } })).toBeGreaterThan(0);
  });
  it.each([
    [{ ...good, l1: { bytes: 32768, ways: 0 } }, /cache l1: 0 ways/],
    [{ ...good, l1: { bytes: 32000, ways: 8 } }, /multiple of ways/],
    [{ ...good, l1: { bytes: 24576, ways: 8 } }, /48 sets\n.*power of two/],
    [{ ...good, l2: { bytes: 64 * 16 * 4, ways: 16 } }, /at least 8 sets/],
    [{ ...good, llc: { bytes: -1, ways: 16 } }, /cache llc: a size of -1 bytes/],
    [{ ...good, llc: { bytes: 2 ** 40, ways: 16 } }, /up to 68719476736/],
    [{ ...good, llc: { bytes: Number.NaN, ways: 16 } }, /a size of NaN/],
  ])("refuses impossible geometries", (geometry, message) => {
    expect(() => cacheBytes(geometry)).toThrow(message);
  });
});
