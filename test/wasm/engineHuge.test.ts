// Huge pages in parts, and their splits: the WebAssembly engine against its slow twin, and what both must conserve.
import { describe, expect, it } from "vitest";
import { LIST_NONE, PageOp } from "../../assembly/layout/engine.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import {
  type HugePage,
  splitDeferred,
  splitHugePage,
  splitPmd,
  wholeHugePage,
  zapPart,
} from "../../src/count/coremm/hugeSplit.ts";
import { releasePages } from "../../src/count/coremm/releasePages.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import { NONE, type PageEngine, WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../twin/engine.ts";
import { placesOf } from "../twin/enginePlaces.ts";

const RANGE = { basePfn: 0x100000, nrPages: 16384 };

/** Huge pages faulted, parts unmapped, some split, all given up. @return pages in use before the end */
function play(engine: PageEngine, seed: number): number {
  let state = seed;
  const pick = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  engine.quietly(() => freeRange(engine, RANGE.basePfn, RANGE.nrPages));
  engine.setPcp(15, 120);
  const huges: HugePage[] = [];
  for (let i = 0; i < 12; i++) huges.push(wholeHugePage(engine.op(PageOp.thpFault, NONE)));
  engine.lruAddDrain();
  for (const huge of huges) {
    const choice = pick(3);
    if (choice === 0) zapPart(engine, huge, 1 + pick(300));
    else if (choice === 1) splitPmd(engine, huge);
    if (!huge.hasPmd && pick(2) === 0) zapPart(engine, huge, 1 + pick(100));
  }
  const freed: number[] = [];
  const commit = (pfn: number): void => {
    freed.push(pfn);
    engine.commit(pfn);
  };
  const queued = huges.filter(({ pfn }) => engine.listOf(pfn + 2) !== LIST_NONE);
  const inParts = queued.filter(({ hasPmd }) => !hasPmd).slice(0, 3);
  const small = splitDeferred(engine, inParts, pick(100), commit);
  for (const huge of huges) {
    if (inParts.includes(huge) || pick(2) === 0) continue;
    small.push(...splitHugePage(engine, huge, pick(600), "debugfs", commit));
    huge.mapped = 0;
  }
  const split = huges.filter((huge) => huge.mapped === 0 || inParts.includes(huge)).length;
  expect(small.length + freed.length).toBe(512 * split);
  engine.lruAddDrain();
  for (const pfn of small) engine.op(PageOp.zap, pfn);
  for (const pfn of small) engine.run(Step.swapFree, pfn);
  releasePages(engine, small, engine.commit.bind(engine));
  engine.flush();
  return 512 * (huges.length - split);
}

describe.each([RECIPES_6_1, RECIPES_6_12])("huge pages with recipes of $kernel", (recipes) => {
  it.each([
    ["release", 1],
    ["release", 2],
    ["debug", 3],
  ] as const)("in parts and split, %s build equals the twin, seed %i", (build, seed) => {
    const stream: string[] = [];
    const wasm = new WasmPageEngine(recipes, RANGE, (pfn, l, s) => stream.push(`${pfn} ${l}/${s}`), { build });
    const twin = new ReferenceEngine(recipes, RANGE);
    expect(play(wasm, seed)).toBe(play(twin, seed));
    const want = twin.touches.map(({ pfn, loads, stores }) => `${pfn} ${loads}/${stores}`);
    const first = want.findIndex((touch, i) => touch !== stream[i]);
    expect({ first, got: stream[first] }).toEqual({ first: -1, got: undefined });
    expect(wasm.rowRuns()).toEqual(twin.rowRuns());
    expect(wasm.totals().surprises).toBe(0);
  });

  it("conserve pages: in range = free + on pcp lists + in use", () => {
    const engine = new WasmPageEngine(recipes, RANGE, () => undefined);
    const used = play(engine, 7);
    const { free, pcp } = placesOf(engine);
    expect(free + pcp + used).toBe(RANGE.nrPages);
  });
});
