import { describe, expect, it } from "vitest";
import { PageOp } from "../../assembly/layout/engine.ts";
import { LEVEL_MEMORY, OWNER_HOT_ADDED } from "../../assembly/layout/touch.ts";
import { memmapInDram, priceOn, sampleMachine } from "../../src/cost/price.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { reclaim } from "../../src/count/coremm/migration.ts";
import { SMALL_BLOCKS_ERROR_RATIO, scaledFootprint } from "../../src/count/operations/footprintScale.ts";
import { countScript, runAtFootprints, scriptsOf } from "../../src/count/operations/runAtFootprints.ts";
import { BASE_PFN, type OperationScript, SCRIPTS } from "../../src/count/operations/scripts.ts";
import type { TouchCounts } from "../../src/counts.ts";
import { recipesOf } from "../../src/linux/recipes/ofKernel.ts";
import { findDevice } from "../../src/machine/find.ts";
import { geometryOf } from "../../src/machine/geometry.ts";
import { defaultHost } from "../../src/machine/hosts.ts";
import { servedBy } from "../../src/report/replayDocument.ts";
import { OPERATION_NAMES, type OperationName } from "../../src/scenario/operationNames.ts";
import { GIB, KIB, MIB } from "../../src/units.ts";
import { NONE } from "../../src/wasm/pageEngine.ts";
import { WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { wholeFootprint } from "../twin/wholeFootprint.ts";

/** Its LLC holds half of the struct pages of 1 GiB. */
const SMALL = {
  l1: { bytes: 32 * KIB, ways: 8 },
  l2: { bytes: MIB, ways: 16 },
  llc: { bytes: 8 * MIB, ways: 16 },
};
const LARGE = geometryOf(defaultHost);
const BLOCK_2G = 2 ** 19;
const BLOCK_128M = 2 ** 15;

const scriptOf = (name: OperationName): OperationScript => scriptsOf([name])[0] as OperationScript;
const missesOf = (counts: TouchCounts): number => servedBy(counts, LEVEL_MEMORY, OWNER_HOT_ADDED);

describe.each([
  ["small caches, 2 GiB blocks", "6.12", SMALL, BLOCK_2G],
  ["small caches, 128 MiB blocks", "6.1", SMALL, BLOCK_128M],
  ["the default host", "6.1", LARGE, BLOCK_2G],
] as const)("the scaled model of 1 GiB: %s, %s", (_, kernel, caches, blockPages) => {
  const host = { kernel, caches, blockPages };
  const onMemory = sampleMachine(
    defaultHost,
    { boot: findDevice("dram-ddr5-4800-spr"), hotAdded: findDevice("cxl-samsung-mxp-genoa") },
    { samples: 1 },
  );

  it.each(
    SCRIPTS.map((script) => [script.flatMap(({ name }) => name ?? []).join(), script] as const),
  )("%s costs what page by page costs", (_names, script) => {
    const part = scaledFootprint(script, GIB, host);
    expect(part.errorRatio).toBeGreaterThan(0);
    expect(part.pages).toBeLessThan(GIB / 4096);
    const scaled = countScript(script, part, kernel);
    const whole = countScript(script, wholeFootprint(script, GIB, host), kernel);
    expect([...scaled.keys()]).toEqual([...whole.keys()]);
    for (const [operation, { perUnit }] of whole) {
      const model = scaled.get(operation)?.perUnit as TouchCounts;
      for (const machine of [onMemory, memmapInDram(onMemory)]) {
        const ratio = priceOn(model, machine).ns / priceOn(perUnit, machine).ns;
        expect(Math.abs(ratio - 1), operation).toBeLessThan(part.errorRatio);
      }
    }
  });
});

it("offline of blocks as small as L2 costs what page by page costs, within its wider bound", () => {
  const [script, host] = [scriptOf("offline"), { kernel: "6.1", caches: LARGE, blockPages: BLOCK_128M }];
  const part = scaledFootprint(script, 4 * GIB, host);
  expect(part.errorRatio).toBe(SMALL_BLOCKS_ERROR_RATIO);
  const machine = sampleMachine(
    defaultHost,
    { boot: findDevice("dram-ddr5-4800-spr"), hotAdded: findDevice("cxl-samsung-mxp-genoa") },
    { samples: 1 },
  );
  const [model, whole] = [part, wholeFootprint(script, 4 * GIB, host)].map(
    (size) => priceOn(countScript(script, size, host.kernel).get("offline")?.perUnit as TouchCounts, machine).ns,
  ) as [number, number];
  expect(Math.abs(model / whole - 1)).toBeLessThan(part.errorRatio);
});

describe("operations at a footprint", () => {
  const host = { kernel: "6.12", caches: LARGE, blockPages: BLOCK_2G };

  it.each(
    SCRIPTS.map((script) => [script.flatMap(({ name }) => name ?? []).join(), script] as const),
  )("%s miss no less, the larger it is; from 1 GiB to 1 TiB", (_names, script) => {
    const sizes = [1, 16, 1024].map((gib) => gib * GIB);
    const all = runAtFootprints(script, OPERATION_NAMES, sizes, host);
    expect(all.length).toBe(3 * script.filter(({ name }) => name !== undefined).length);
    for (const name of new Set(all.map((run) => run.name))) {
      const runs = all.filter((run) => run.name === name);
      expect(runs.map((run) => run.footprintBytes)).toEqual(sizes);
      const [small, middle, large] = runs.map(({ counts }) => missesOf(counts)) as [number, number, number];
      expect(middle).toBeGreaterThanOrEqual(small * 0.999);
      expect(large).toBeGreaterThanOrEqual(middle * 0.999);
      const [first, , last] = runs.map((run) => run.nrUnits);
      expect(last, name).toBe(name === "churn" ? undefined : 1024 * (first ?? 0));
    }
  });

  it("decides whether struct pages are still in cache: those of 1 GiB are, those of 64 GiB are not", () => {
    for (const name of ["fork", "exit", "reclaim", "churn"] as const) {
      const [small, large] = runAtFootprints(scriptOf(name), [name], [GIB, 64 * GIB], host);
      expect(missesOf(small!.counts), name).toBeLessThan(0.01);
      expect(missesOf(large!.counts), name).toBeGreaterThan(0.99);
    }
  });

  it.each([0, -GIB, Number.NaN, GIB + 1, 2048 * GIB])("refuses %d bytes", (bytes) => {
    expect(() => runAtFootprints(scriptOf("fork"), ["fork"], [bytes], host)).toThrow(/a footprint of /);
  });
});

describe.each(["6.1", "6.12"] as const)("against the engine itself, %s", (kernel) => {
  const nrPages = 4 * BLOCK_128M;
  const size = { pages: 3 * BLOCK_128M, blockPages: BLOCK_128M, nrBlocks: 4, caches: SMALL, errorRatio: 0 };
  const idle = (): WasmPageEngine => {
    const engine = new WasmPageEngine(recipesOf(kernel), { basePfn: BASE_PFN, nrPages }, undefined, { caches: SMALL });
    engine.setPcp(63, 252);
    engine.quietly(() => freeRange(engine, BASE_PFN, nrPages));
    return engine;
  };
  const take = (engine: WasmPageEngine, op: PageOp): number[] =>
    Array.from({ length: size.pages }, () => {
      const pfn = engine.take(NONE);
      engine.op(op, pfn);
      return pfn;
    });
  const expectEqual = (engine: WasmPageEngine, name: OperationName): void => {
    engine.flush();
    const counted = countScript(scriptOf(name), size, kernel).get(name);
    expect(counted?.units).toBe(size.pages);
    expect((counted?.touchesPerUnit ?? 0) * size.pages).toBeCloseTo(engine.totals().touches, 3);
    expect(missesOf(counted?.perUnit as TouchCounts) * size.pages).toBeCloseTo(missesOf(engine.counts().random), 3);
  };

  it("reclaim takes the page cache from its oldest page", () => {
    const engine = idle();
    const pfns = take(engine, PageOp.shmemWrite);
    engine.forget();
    reclaim(engine, pfns, (pfn) => engine.commit(pfn));
    expectEqual(engine, "reclaim");
  });

  it("offline goes block by block, each followed by a walk over the rest of the zone", () => {
    const engine = idle();
    take(engine, PageOp.anonFault);
    engine.forget();
    engine.lruAddDrain();
    const zone = { startPfn: BASE_PFN, nrPages };
    for (let block = 0; block < 3; block++)
      engine.offlineBusy({ startPfn: BASE_PFN + block * BLOCK_128M, nrPages: BLOCK_128M }, zone);
    expectEqual(engine, "offline");
  });
});
