import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CACHE_SKIPPED_LINES } from "../../assembly/layout/cache.ts";
import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import { type CacheGeometry, readTouchCounts } from "../../src/counts.ts";
import { cacheBytes, countersView, initCache } from "../../src/wasm/cache.ts";
import { loadWasm, type WasmBuild } from "../../src/wasm/instance.ts";
import { planMemory, regionOf } from "../../src/wasm/memory.ts";
import { ReferenceCache } from "../twin/cache.ts";
import { geometries } from "../twin/geometries.ts";

interface Pass {
  readonly firstLine: number;
  readonly nrLines: number;
  readonly stride: number;
  readonly attr: number;
}

const OWNER_HOT_ADDED = 2;
const pass: fc.Arbitrary<Pass> = fc.record({
  // All lines are hot-added: a line has one owner.
  firstLine: fc.oneof(fc.integer({ min: 1_000_000, max: 1_000_040 }), fc.integer({ min: 990_000, max: 1_010_000 })),
  nrLines: fc.oneof(fc.nat(20), fc.integer({ min: 1000, max: 9000 })),
  stride: fc.constantFrom(1, 1, 1, -1, 2, 3, -5, 8, 16, -16, 24, 32, 96, 512, 0),
  attr: fc.nat(15).map((attr) => attr | OWNER_HOT_ADDED),
});

function hierarchy(build: WasmBuild, geometry: CacheGeometry) {
  const plan = planMemory({ cache: cacheBytes(geometry), counters: COUNTERS_BYTES }, "test");
  const kernels = loadWasm(build, plan);
  const cache = regionOf(plan, "cache");
  const counters = regionOf(plan, "counters");
  initCache(kernels, cache, geometry);
  const view = new DataView(kernels.buffer);
  return {
    sweep: ({ firstLine, nrLines, stride, attr }: Pass) =>
      kernels.call("sweep", cache, counters, firstLine, nrLines, stride, attr),
    touch: (line: number, attr: number) => kernels.callU32("touch", cache, counters, line, attr),
    counts: () => {
      const { demand, writeBacks } = readTouchCounts(countersView(kernels, counters, COUNTERS_BYTES));
      return { demand: [...demand], writeBacks: [...writeBacks] };
    },
    skipped: () => Number(view.getBigUint64(cache + CACHE_SKIPPED_LINES, true)),
  };
}

function step(reference: ReferenceCache, { firstLine, nrLines, stride, attr }: Pass): void {
  for (let i = 0; i < nrLines; i++) reference.touch(firstLine + i * stride, attr);
}

describe.each(["release", "debug"] as const)("sweep, %s build", (build) => {
  it("counts and leaves what stepping does, fast-forwarded or not", () => {
    let skipped = 0;
    let touched = 0;
    fc.assert(
      fc.property(geometries, fc.array(pass, { minLength: 1, maxLength: 5 }), (geometry, passes) => {
        const reference = new ReferenceCache(geometry);
        const ours = hierarchy(build, geometry);
        for (const each of passes) {
          ours.sweep(each);
          step(reference, each);
          expect(ours.counts()).toEqual({ demand: reference.demand, writeBacks: reference.writeBacks });
          touched += each.nrLines;
        }
        // What is left in the caches: the lines around both ends of the passes, and their order of leaving.
        for (const { firstLine, nrLines, stride } of passes) {
          for (const line of [firstLine, firstLine + (nrLines - 1) * stride]) {
            for (let i = -40; i < 40; i++) {
              const levels = [ours.touch(line + i * stride, 6), reference.touch(line + i * stride, 6)];
              expect(levels[0]).toBe(levels[1]);
            }
          }
        }
        expect(ours.counts()).toEqual({ demand: reference.demand, writeBacks: reference.writeBacks });
        skipped += ours.skipped();
      }),
      { seed: 11, numRuns: 60, endOnFailure: true },
    );
    // The property would say nothing about fast-forward if it never happened.
    expect(skipped / touched).toBeGreaterThan(0.2);
  });

  it("remembers passes that repeat from block to block, and only if the caches hold the same", () => {
    const blockLines = fc.constantFrom(512, 1024, 1536);
    const inBlock = fc.record({
      from: fc.nat(100),
      nrLines: fc.integer({ min: 200, max: 500 }),
      attr: fc.nat(15).map((attr) => attr | OWNER_HOT_ADDED),
    });
    let skipped = 0;
    let touched = 0;
    fc.assert(
      fc.property(
        geometries,
        blockLines,
        fc.array(inBlock, { minLength: 1, maxLength: 3 }),
        fc.array(fc.record({ block: fc.nat(11), line: fc.integer({ min: 990_000, max: 1_010_000 }) }), {
          maxLength: 3,
        }),
        (shape, nrBlockLines, passes, strays) => {
          // Powers of two, and an LLC that shifts by whole blocks too.
          const geometry = { ...shape, llc: { bytes: 64 * 64 * shape.llc.ways, ways: shape.llc.ways } };
          const reference = new ReferenceCache(geometry);
          const ours = hierarchy(build, geometry);
          for (let block = 0; block < 12; block++) {
            for (const { from, nrLines, attr } of passes) {
              const each = { firstLine: 1_000_000 + block * nrBlockLines + from, nrLines, stride: 1, attr };
              ours.sweep(each);
              step(reference, each);
              touched += nrLines;
            }
            // A stray touch makes the next state another one.
            for (const stray of strays.filter((one) => one.block === block)) {
              expect(ours.touch(stray.line, 7)).toBe(reference.touch(stray.line, 7));
            }
            expect(ours.counts()).toEqual({ demand: reference.demand, writeBacks: reference.writeBacks });
          }
          skipped += ours.skipped();
        },
      ),
      { seed: 5, numRuns: 30, endOnFailure: true },
    );
    expect(skipped / touched).toBeGreaterThan(0.3);
  });

  it("steps across the top of the line numbers", () => {
    const geometry = { l1: { bytes: 1024, ways: 2 }, l2: { bytes: 2048, ways: 4 }, llc: { bytes: 4096, ways: 4 } };
    const ours = hierarchy(build, geometry);
    const reference = new ReferenceCache(geometry);
    const wraps = { firstLine: 2 ** 32 - 500, nrLines: 1000, stride: 1, attr: 3 };
    ours.sweep(wraps);
    for (let i = 0; i < 1000; i++) reference.touch((wraps.firstLine + i) >>> 0, 3);
    expect(ours.counts()).toEqual({ demand: reference.demand, writeBacks: reference.writeBacks });
    expect(ours.skipped()).toBe(0);
  });

  it("skips almost all of the zone-contiguous walk of 1 TiB in a real hierarchy", () => {
    const geometry = {
      l1: { bytes: 32768, ways: 8 },
      l2: { bytes: 1048576, ways: 16 },
      llc: { bytes: 33554432, ways: 16 },
    };
    const nrLines = 2 ** 40 / 2 ** 21;
    const ours = hierarchy(build, geometry);
    for (let walk = 0; walk < 3; walk++) ours.sweep({ firstLine: 0x100000, nrLines, stride: 512, attr: 2 });
    expect(ours.skipped()).toBeGreaterThan(0.99 * 3 * nrLines);
    // Every line of every walk misses: 64 sets of the LLC for 524,288 lines.
    expect(ours.counts().demand[2 * 4 + 3]).toBe(3 * nrLines);
  });
});
