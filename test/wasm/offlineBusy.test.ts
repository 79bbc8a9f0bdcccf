// Offline of a block in use: one call, the same in parts, and page by page through the twin's steps.
import { describe, expect, it } from "vitest";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import type { KernelRecipes } from "../../src/linux/recipes/table.ts";
import type { PageEngine } from "../../src/wasm/pageEngine.ts";
import { WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../twin/engine.ts";
import { offlinePageByPage } from "../twin/offlineBusy.ts";

const ZONE = { startPfn: 0x100000, nrPages: 8192 };
const BLOCK = { startPfn: 0x100000 + 3072, nrPages: 3072 };
const RANGE = { basePfn: ZONE.startPfn, nrPages: ZONE.nrPages };
const CACHES = {
  l1: { bytes: 48 * 1024, ways: 12 },
  l2: { bytes: 256 * 1024, ways: 16 },
  llc: { bytes: 15 * 64 * 320, ways: 15 },
};

/** Folios of these orders after one another, every `gap`-th of them missing: free. */
function fill(engine: PageEngine, orders: readonly number[], gap: number): void {
  engine.quietly(() => {
    let nr = 0;
    for (let pfn = ZONE.startPfn; pfn < ZONE.startPfn + ZONE.nrPages; nr++) {
      const wanted = orders[nr % orders.length] as number;
      const order = pfn % 2 ** wanted === 0 ? wanted : 0;
      if (nr % gap === 0) freeRange(engine, pfn, 2 ** order);
      else engine.holdFolio(pfn, order);
      pfn += 2 ** order;
    }
  });
}

const CASES: readonly (readonly [KernelRecipes, readonly number[], number])[] = [
  [RECIPES_6_1, [0], 7],
  [RECIPES_6_12, [0], 7],
  [RECIPES_6_12, [0, 2, 4, 1, 9, 3], 5],
  [RECIPES_6_1, [9, 0, 4], 3],
  [RECIPES_6_12, [9], 1_000_000],
  [RECIPES_6_12, [0], 1],
];

describe.each(CASES)("recipes %o, folios of orders %j, every %d-th free", ({ ...recipes }, orders, gap) => {
  const run = <Engine extends PageEngine>(engine: Engine, offline: (engine: Engine) => number): Engine => {
    fill(engine, orders, gap);
    const moved = offline(engine);
    expect(moved > 0).toBe(gap > 1);
    engine.flush();
    return engine;
  };
  const atOnce = (engine: PageEngine): number => engine.offlineBusy(BLOCK, ZONE);

  it("touches what the twin touches, at once and in parts, and leaves nothing free", () => {
    const twin = run(new ReferenceEngine(recipes, RANGE), atOnce);
    const stream: number[] = [];
    const inParts = run(new WasmPageEngine(recipes, RANGE, (...touch) => stream.push(...touch.slice(0, 3))), atOnce);
    const whole = run(new WasmPageEngine(recipes, RANGE, undefined, { build: "debug" }), atOnce);
    expect(stream).toEqual(twin.touches.flatMap(({ pfn, loads, stores }) => [pfn, loads, stores]));
    for (const engine of [inParts, whole]) {
      expect(engine.totals()).toEqual(twin.totals());
      expect(engine.rowRuns()).toEqual(twin.rowRuns());
    }
  });

  it("counts in the caches what a call a step counts", () => {
    const [one, many] = [atOnce, (engine: PageEngine) => offlinePageByPage(engine, BLOCK, ZONE).size].map((offline) => {
      const engine = new WasmPageEngine(recipes, RANGE, undefined, { caches: CACHES });
      engine.setInstructionsPerTouch(21.7);
      return run(engine, offline).counts();
    });
    expect(one).toEqual(many);
  });
});
