import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReplayCounts } from "../../src/counts/workload.ts";
import type { CacheGeometry } from "../../src/counts.ts";
import { Replayer, type ReplayOptions, replay } from "../../src/wasm/replay.ts";
import { geometries } from "../twin/geometries.ts";
import { encodeRecords, ReferenceReplayer, type TouchRecord } from "../twin/replay.ts";

const GEOMETRY = {
  l1: { bytes: 32768, ways: 8 },
  l2: { bytes: 1048576, ways: 16 },
  llc: { bytes: 33554432, ways: 16 },
};
const PFN_FROM = 500;

const record: fc.Arbitrary<TouchRecord> = fc.record({
  pfn: fc.oneof(fc.integer({ min: 400, max: 900 }), fc.integer({ min: 480, max: 520 }), fc.nat(50_000)),
  loads: fc.nat(255),
  stores: fc.oneof(fc.constant(0), fc.nat(255)),
  otherL2Fills: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(30) }),
  instructions: fc.oneof(
    { weight: 6, arbitrary: fc.nat(2000) },
    { weight: 2, arbitrary: fc.nat(100_000) },
    { weight: 1, arbitrary: fc.nat(0xffff_ffff) },
  ),
});
/** Lines in a row, up or down, across the ends of 4 KiB of struct pages, some left out: what prefetchers follow. */
const walk: fc.Arbitrary<TouchRecord[]> = fc
  .tuple(fc.nat(49_000), fc.boolean(), fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), record), { maxLength: 150 }))
  .map(([start, isDown, steps]) => {
    let pfn = start + 500;
    return steps.map(([step, of]) => {
      pfn = Math.max(0, pfn + (isDown ? -1 : 1) * (step === 3 ? 2 : Math.min(step, 1)));
      return { ...of, pfn };
    });
  });
const records = fc
  .array(fc.oneof({ weight: 20, arbitrary: record.map((one) => [one]) }, { weight: 1, arbitrary: walk }), {
    minLength: 1,
    maxLength: 1000,
    size: "max",
  })
  .map((parts) => parts.flat())
  .filter((all) => all.length > 0);
const shares = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });

/** Splits bytes anywhere, also within a record. */
function* batchesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Beyond 2^16 lines of every set of L1, and 2^21 pages (8 GiB). */
const LONG_PFN_LAST = 2 ** 26 - 1;
const LONG: readonly [string, CacheGeometry, number][] = [
  ["8 ways", GEOMETRY, 0],
  ["12 ways", { ...GEOMETRY, l1: { bytes: 48 * 1024, ways: 12 }, llc: { bytes: 33 * 2 ** 20, ways: 11 } }, 0],
  ["8 ways, other traffic", { ...GEOMETRY, l2: { bytes: 65536, ways: 16 }, llc: { bytes: 2 ** 20, ways: 16 } }, 3000],
  ["20 ways, other traffic", { ...GEOMETRY, l1: { bytes: 8 * 64 * 20, ways: 20 } }, 1500],
];

/** Pages of a small working set, of one around the 2^21st and of one before the last, and now and then far away. */
function longTrace(mostFills: number): TouchRecord[] {
  let state = 7;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const starts = [PFN_FROM - 300, 2 ** 21 - 300, LONG_PFN_LAST - 599];
  return Array.from({ length: 70_000 }, () => ({
    pfn: draw(50) === 0 ? draw(LONG_PFN_LAST + 1) : (starts[draw(3)] ?? 0) + draw(600),
    loads: 1,
    stores: draw(2),
    otherL2Fills: mostFills > 0 && draw(500) === 0 ? draw(mostFills) : 0,
    instructions: draw(draw(9) === 0 ? 2 ** 32 : 3000),
  }));
}

function plain(run: ReplayCounts) {
  const { demand, writeBacks, windows } = run.counts;
  const [memory, llc, other] = [[...windows.memory], [...windows.llc], [...windows.other]];
  return { ...run, counts: { demand: [...demand], writeBacks: [...writeBacks], memory, llc, other } };
}

describe.each(["release", "debug"] as const)("replay, %s build", (build) => {
  it("is the reference, cold and warm, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(geometries, records, shares, fc.integer({ min: 1, max: 5000 }), async (...given) => {
        const [geometry, trace, llcShare, size] = given;
        const options: ReplayOptions = { geometry, pfnFrom: PFN_FROM, pfnLast: 50_000, llcShare, build };
        const reference = new ReferenceReplayer(options);
        const { cold, warm } = await replay(() => batchesOf(encodeRecords(trace), size), options);
        expect(plain(cold)).toEqual(reference.run(trace));
        expect(plain(warm)).toEqual(reference.run(trace));
      }),
      { seed: 3, numRuns: 40, endOnFailure: true },
    );
  });

  it.each(LONG)("is the reference over more touches than times have numbers: %s", async (_, geometry, fills) => {
    const trace = longTrace(fills);
    const llcShare = fills > 0 ? 0.4 : undefined;
    const options: ReplayOptions = { geometry, pfnFrom: PFN_FROM, pfnLast: LONG_PFN_LAST, llcShare, build };
    const reference = new ReferenceReplayer(options);
    const { cold, warm } = await replay(() => batchesOf(encodeRecords(trace), 100_000), options);
    expect(plain(cold)).toEqual(reference.run(trace));
    expect(plain(warm)).toEqual(reference.run(trace));
  });

  it("takes a touch next to the one before as stream, in both directions, and the first as unclassified", async () => {
    const pfns = [510, 511, 510, 512, 511, 511, 499, 500];
    const trace = pfns.map((pfn) => ({ pfn, loads: 1, stores: 0, otherL2Fills: 0, instructions: 1 }));
    const { cold } = await replay(() => [encodeRecords(trace)], {
      geometry: GEOMETRY,
      pfnFrom: 500,
      pfnLast: 600,
      build,
    });
    const perAttr = Array.from({ length: 16 }, (_, a) =>
      cold.counts.demand.subarray(a * 4, a * 4 + 4).reduce((x, y) => x + y),
    );
    expect(perAttr[(0 << 2) | 2]).toBe(4); // 511, 510, 511 and 500
    expect(perAttr[(3 << 2) | 2]).toBe(3); // 510, 512, 511 again
    expect(perAttr[3 << 2]).toBe(1); // 499
    expect(cold.firstTouches).toEqual({ boot: 1, hotAdded: 4 });
  });

  it("starts a warm run after the pages that were in use before", async () => {
    const trace = [{ pfn: 700, loads: 1, stores: 0, otherL2Fills: 0, instructions: 1 }];
    const tiny = { l1: { bytes: 512, ways: 1 }, l2: { bytes: 512, ways: 1 }, llc: { bytes: 8192, ways: 16 } };
    const options = { geometry: tiny, pfnFrom: 500, pfnLast: 1000, build };
    const before = [{ startPfn: 500, nrPages: 300 }];
    const { warm } = await replay(() => [encodeRecords(trace)], options, before);
    expect(warm.counts.demand.subarray(14 * 4, 14 * 4 + 4)).toEqual(new Float64Array([1, 0, 0, 0]));
    // The first run after `before` writes back what `before` left dirty in L1, not the warm run.
    expect([...warm.counts.writeBacks]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("refuses a pfn beyond the machine, naming the record", async () => {
    const at = (pfn: number): TouchRecord => ({ pfn, loads: 1, stores: 0, otherL2Fills: 0, instructions: 0 });
    const options = { geometry: GEOMETRY, pfnFrom: 500, pfnLast: 0x3ff, build };
    await expect(replay(() => [encodeRecords([at(0x3ff)])], options)).resolves.toBeDefined();
    await expect(replay(() => [encodeRecords([at(1), at(0x400)])], options)).rejects.toThrow(
      "record 1: pfn 0x400 is outside the machine",
    );
  });
});

describe("replay", () => {
  const options = { geometry: GEOMETRY, pfnFrom: 0, pfnLast: 100 };
  it("refuses an empty trace", async () => {
    await expect(replay(() => [], options)).rejects.toThrow("the trace is empty");
  });
  it("refuses bytes that are no whole record", async () => {
    await expect(replay(() => [new Uint8Array(13)], options)).rejects.toThrow("1 bytes that are no whole record");
  });
  it.each([-0.1, 1.1, Number.NaN])("refuses a share of %s", (llcShare) => {
    expect(() => new Replayer({ ...options, llcShare })).toThrow("expected: 0 to 1");
  });
  it.each([-1, 0.5, 2 ** 32])("refuses pfnFrom %s", (pfnFrom) => {
    expect(() => new Replayer({ ...options, pfnFrom })).toThrow("pfnFrom");
  });
});
