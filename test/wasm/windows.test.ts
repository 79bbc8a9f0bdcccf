import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LEVEL_LLC, LEVEL_MEMORY, NR_CLASSES, NR_RW } from "../../assembly/layout/touch.ts";
import {
  MISS_ADJACENT,
  MISS_DEMAND,
  MISS_DEPENDENT,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
  NR_MISS_KINDS,
  NR_WINDOW_BUCKETS,
  PREFETCHED_IN_PAGE,
  PREFETCHED_RESTART,
} from "../../assembly/layout/windows.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import type { ReplayCounts } from "../../src/counts/workload.ts";
import { bucketOf, demandOf, distanceOf, type MissWindows, type TouchCounts, windowIndex } from "../../src/counts.ts";
import { recipesOf } from "../../src/linux/recipes/ofKernel.ts";
import { NONE } from "../../src/wasm/pageEngine.ts";
import { Replayer } from "../../src/wasm/replay.ts";
import { TouchList, TouchRuns } from "../../src/wasm/touchRuns.ts";
import { WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceCache } from "../twin/cache.ts";
import { geometries } from "../twin/geometries.ts";
import { encodeRecords, type TouchRecord } from "../twin/replay.ts";
import { ReferenceWindows } from "../twin/windows.ts";

const GEOMETRY = {
  l1: { bytes: 32768, ways: 8 },
  l2: { bytes: 1048576, ways: 16 },
  llc: { bytes: 33554432, ways: 16 },
};
const PFN_FROM = 10_000;

const at = (pfn: number, instructions = 1000): TouchRecord => ({
  ...{ pfn, loads: 1, stores: 0, otherL2Fills: 0 },
  instructions,
});

type Build = "release" | "debug";
const run = (records: readonly TouchRecord[], build: Build): Promise<ReplayCounts> =>
  new Replayer({ geometry: GEOMETRY, pfnFrom: PFN_FROM, pfnLast: 2 ** 22, build }).run([encodeRecords(records)]);

/** Misses by kind of an owner; of prefetched ones those within 4 KiB and those that start again. */
function kindsOf({ memory }: MissWindows, owner: number): number[] {
  const sum = (kind: number): number =>
    memory.subarray(windowIndex(owner, kind, 0), windowIndex(owner, kind + 1, 0)).reduce((a, b) => a + b, 0);
  const prefetched = [PREFETCHED_IN_PAGE, PREFETCHED_RESTART].map(
    (how) => memory[windowIndex(owner, MISS_PREFETCHED, how)] ?? 0,
  );
  return [...[MISS_DEMAND, MISS_INDEPENDENT, MISS_DEPENDENT, MISS_ADJACENT].map(sum), ...prefetched];
}

function served(counts: TouchCounts, owner: number, level: number): number {
  let sum = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++)
    for (let rw = 0; rw < NR_RW; rw++) sum += demandOf(counts, accessClass, owner, rw, level);
  return sum;
}

/** Each miss is in one window: by owner those to memory and those to the LLC, and each line of other traffic. */
function expectLaws(counts: TouchCounts): void {
  for (const owner of [0, 1]) {
    expect(kindsOf(counts.windows, owner).reduce((a, b) => a + b)).toBeCloseTo(served(counts, owner, LEVEL_MEMORY), 6);
    const llc = counts.windows.llc.subarray(owner * NR_WINDOW_BUCKETS, (owner + 1) * NR_WINDOW_BUCKETS);
    expect(llc.reduce((a, b) => a + b)).toBeCloseTo(served(counts, owner, LEVEL_LLC), 6);
  }
}

describe("buckets", () => {
  it("are quarter octaves, each with a distance that is in it", () => {
    expect([0, 1, 2, 3, 4, 5, 7, 8, 10, 1000, 57_343, 57_344, 65_535, 1e9].map(bucketOf)).toEqual([
      0, 0, 4, 6, 8, 9, 11, 12, 13, 39, 62, 63, 63, 63,
    ]);
    for (let distance = 1; distance < 70_000; distance++) {
      const bucket = bucketOf(distance);
      expect(bucket).toBeGreaterThanOrEqual(bucketOf(distance - 1));
      expect(bucketOf(Math.round(distanceOf(bucket)))).toBe(bucket);
    }
    expect(distanceOf(0)).toBe(1);
    expect(distanceOf(bucketOf(1000))).toBeCloseTo(Math.sqrt(896 * 1023), 9);
  });
});

describe.each(["release", "debug"] as const)("windows of misses, %s build", (build) => {
  it.each([
    ["in order", [0, 1, 2, 3, 4, 5], [1, 0, 0, 1, 4, 0]],
    ["descending", [5, 4, 3, 2, 1, 0], [1, 0, 0, 1, 4, 0]],
    ["every second", [0, 2, 4, 6, 8], [2, 0, 0, 0, 3, 0]],
    ["every third", [0, 3, 6, 9, 12], [5, 0, 0, 0, 0, 0]],
    ["there and back", [10, 11, 40, 12, 13], [3, 0, 0, 2, 0, 0]],
    ["beside another 4 KiB", [10, 11, 73, 12, 13], [2, 0, 0, 1, 2, 0]],
    ["over the end of 4 KiB", [59, 60, 61, 62, 63, 64, 65, 66], [2, 0, 0, 0, 4, 2]],
    ["below the start of 4 KiB", [68, 67, 66, 65, 64, 63, 62, 61], [2, 0, 0, 0, 4, 2]],
    ["too few for a stream at the end of 4 KiB", [62, 63, 64, 65], [2, 0, 0, 2, 0, 0]],
    ["halves of pairs apart", [0, 8, 16, 9, 1], [3, 0, 0, 2, 0, 0]],
    ["two streams at once", [0, 128, 1, 129, 2, 130, 3, 131], [2, 0, 0, 2, 4, 0]],
  ])("finds what prefetchers bring: %s", async (_, lines, kinds) => {
    const base = PFN_FROM - (PFN_FROM % 64) + 64;
    const { counts } = await run(
      lines.map((line) => at(base + line)),
      build,
    );
    expect(kindsOf(counts.windows, 1)).toEqual(kinds);
    expect(kindsOf(counts.windows, 0)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("tells distances between misses, hits in between or not, and those that are too long", async () => {
    const far = [100, 200, 100, 300, 400, 500].map((line) => PFN_FROM + 7 * line);
    const instructions = [5, 40, 30, 31, 65_535, 0xffff_ffff];
    const { counts } = await run(
      far.map((pfn, i) => at(pfn, instructions[i])),
      build,
    );
    const expected = new Float64Array(NR_WINDOW_BUCKETS);
    for (const distance of [65_535, 40, 61, 65_535, 65_535])
      expected[bucketOf(distance)] = (expected[bucketOf(distance)] ?? 0) + 1;
    const from = windowIndex(1, MISS_DEMAND, 0);
    expect(counts.windows.memory.subarray(from, from + NR_WINDOW_BUCKETS)).toEqual(expected);
  });

  it("counts other traffic by the instructions for each of its lines", async () => {
    const { counts, otherL2Fills } = await run(
      [
        { ...at(1, 100), otherL2Fills: 1 },
        { ...at(1, 100), otherL2Fills: 64 },
        { ...at(1, 9), otherL2Fills: 64 },
        { ...at(1, 0xffff_ffff), otherL2Fills: 3 },
      ],
      build,
    );
    const { other } = counts.windows;
    expect([bucketOf(100), 0, 63].map((bucket) => other[bucket])).toEqual([1, 128, 3]);
    expect(other.reduce((a, b) => a + b)).toBe(otherL2Fills);
  });

  it("counts each miss once, over many chunks and positions that are set back", async () => {
    let state = 5;
    const draw = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const small = { ...GEOMETRY, l2: { bytes: 65536, ways: 16 }, llc: { bytes: 2 ** 20, ways: 16 } };
    const records = Array.from({ length: 30_000 }, () => ({
      ...at(draw(4) === 0 ? draw(2 ** 22) : draw(40_000), draw(9) === 0 ? draw(2 ** 32) : draw(3000)),
      otherL2Fills: draw(20) === 0 ? draw(100) : 0,
    }));
    const replayer = new Replayer({ geometry: small, pfnFrom: PFN_FROM, pfnLast: 2 ** 22, llcShare: 0.3, build });
    for (let times = 0; times < 2; times++) {
      const { counts, otherL2Fills } = await replayer.run([encodeRecords(records)]);
      expectLaws(counts);
      expect(counts.windows.other.reduce((a, b) => a + b)).toBe(otherL2Fills);
    }
  });

  it("keeps the roles of an engine's touches: the reference, pages at random and in order", () => {
    const touch = fc.tuple(
      fc.oneof(fc.nat(300), fc.nat(5000)),
      fc.constantFrom(0, 1, 2, 3),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
    );
    fc.assert(
      fc.property(
        geometries,
        fc.array(touch, { maxLength: 400, size: "max" }),
        fc.double({ min: 0, max: 70_000, noNaN: true }).map((mean) => Math.min(mean, 65_536)),
        (geometry, touches, mean) => {
          const list = new TouchList();
          const cache = new ReferenceCache(geometry);
          const [random, inOrder] = [new ReferenceWindows(), new ReferenceWindows()];
          let nr = 0;
          for (const [start, accessClass, isWrite, length] of touches)
            for (let pfn = PFN_FROM + start; pfn < PFN_FROM + start + length; pfn++) {
              list.add(pfn, 1, isWrite ? 1 : 0, accessClass);
              const attr = (accessClass << 2) | 2 | (isWrite ? 1 : 0);
              const level = cache.touch(pfn, attr);
              const position = Math.floor((++nr * Math.round(mean * 256)) / 256);
              if (level < 2) continue;
              const by = level === 2 ? "LLC" : "memory";
              random.miss(Math.imul(pfn, 0x9e37_79b1) >>> 0, attr, position, by);
              inOrder.miss(pfn, attr, position, by);
            }
          const counts = new TouchRuns(geometry, build).run(list, mean);
          for (const [ours, reference] of [
            [counts.random, random],
            [counts.inOrder, inOrder],
          ] as const) {
            expect([...ours.demand]).toEqual(cache.demand);
            expect([...ours.windows.memory]).toEqual(reference.memory);
            expect([...ours.windows.llc]).toEqual(reference.llc);
            expectLaws(ours);
          }
        },
      ),
      { seed: 12, numRuns: 30, endOnFailure: true },
    );
  });

  it("an engine with caches counts what the touches that it hands out count", () => {
    const range = { basePfn: 0x100000, nrPages: 32_768 };
    const list = new TouchList();
    const engine = new WasmPageEngine(recipesOf("6.12"), range, list.add, { caches: GEOMETRY, build });
    engine.quietly(() => freeRange(engine, range.basePfn, range.nrPages));
    engine.setInstructionsPerTouch(77.5);
    const pfns = Array.from({ length: 3000 }, () => engine.take(NONE));
    for (const pfn of pfns) engine.commit(pfn);
    engine.flush();
    const handed = new TouchRuns(GEOMETRY, build).run(list, 77.5);
    expect(engine.counts()).toEqual(handed);
    expect(kindsOf(handed.random.windows, 1).slice(MISS_ADJACENT)).toEqual([0, 0, 0]);
    expect(kindsOf(handed.inOrder.windows, 1)[MISS_ADJACENT]).toBeGreaterThan(1000);
    expectLaws(handed.inOrder);
    engine.forget();
    expect(engine.counts().inOrder.windows.memory).toEqual(new Float64Array(2 * NR_MISS_KINDS * NR_WINDOW_BUCKETS));
  });
});

it.each([-1, Number.NaN, 65_537])("refuses %s instructions per touch", (mean) => {
  expect(() => new TouchRuns(GEOMETRY).run(new TouchList(), mean)).toThrow("0 to 65536");
});
