// Compaction of a zone: what moves where follows from mm/compaction.c, for both kernels.
import { describe, expect, it } from "vitest";
import { LIST_PCP, PAGE_ON_LRU, PageOp } from "../../assembly/layout/engine.ts";
import { MIGRATE_MOVABLE, MIGRATE_UNMOVABLE } from "../../assembly/layout/hotplug.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { compactZone } from "../../src/count/coremm/compaction.ts";
import type { CompactionZone } from "../../src/count/coremm/compactionZone.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import type { KernelRecipes } from "../../src/linux/recipes/table.ts";
import { NONE, WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { placesOf } from "../twin/enginePlaces.ts";

const RANGE = { basePfn: 0x100000, nrPages: 16_384 };
const ZONE: CompactionZone = { startPfn: RANGE.basePfn, endPfn: RANGE.basePfn + RANGE.nrPages, isOnline: () => true };

/** A zone of which the first `nrHeld` pages were faulted and all but every `keep`-th given up again. */
function fragmented(recipes: KernelRecipes, nrHeld: number, keep: number, first = 0) {
  const touched: number[] = [];
  const engine = new WasmPageEngine(recipes, RANGE, (pfn) => touched.push(pfn));
  engine.quietly(() => {
    freeRange(engine, RANGE.basePfn, RANGE.nrPages);
    const pfns = Array.from({ length: nrHeld }, () => engine.take(NONE));
    for (const pfn of pfns.filter((_, i) => i % keep === first)) engine.op(PageOp.addLru, pfn);
    engine.lruAddDrain();
    for (const pfn of pfns.filter((_, i) => i % keep !== first)) engine.commit(pfn);
    while (engine.lastOf(LIST_PCP + MIGRATE_MOVABLE) !== NONE) engine.drain(NONE, 0);
  });
  return { engine, touched };
}

function compact(engine: WasmPageEngine, zone = ZONE): number[] {
  const freed: number[] = [];
  compactZone(engine, zone, (pfn, order) => {
    freed.push(pfn);
    engine.commit(pfn, order);
  });
  engine.flush();
  return freed;
}

const runsOf = (engine: WasmPageEngine, step: Step): number =>
  engine.rowRuns()[engine.recipes.stepRow[step] as number] as number;

describe.each([RECIPES_6_1, RECIPES_6_12])("compaction with recipes of $kernel", (recipes) => {
  it("leaves a pageblock in two rounds, 32 pages and then all others, the newest isolated first", () => {
    const { engine } = fragmented(recipes, 8192, 3);
    const freed = compact(engine);
    const first = freed.slice(0, 32);
    expect(first[0]).toBe(RANGE.basePfn + 93);
    expect(first.at(-1)).toBe(RANGE.basePfn);
    // 171 pages of the first pageblock are held: 139 are left.
    expect(freed[32]).toBe(RANGE.basePfn + 510);
    expect(freed[32 + 138]).toBe(RANGE.basePfn + 96);
    expect(freed[32 + 139]).toBeGreaterThan(RANGE.basePfn + 512);
  });

  it("moves held pages up until the scanners meet, and loses none", () => {
    const { engine } = fragmented(recipes, 8192, 3);
    const freed = compact(engine);
    engine.lruAddDrain();
    const held: number[] = [];
    for (let pfn = RANGE.basePfn; pfn < RANGE.basePfn + RANGE.nrPages; pfn++)
      if (engine.flagsOf(pfn) & PAGE_ON_LRU) held.push(pfn);
    expect(held.length).toBe(Math.ceil(8192 / 3));
    // What is below the last page that moved has moved, and is free or on the pcp list.
    expect(Math.min(...held)).toBeGreaterThan(Math.max(...freed.slice(-1)) - 512);
    const { free, pcp } = placesOf(engine);
    expect(free + pcp + held.length).toBe(RANGE.nrPages);
  });

  it("looks for free pages with longer strides while it finds none", () => {
    // Pages 0, 2, 4... are held: once its stride is even the free scanner reads held pages only, and finds no free one.
    const held = fragmented(recipes, 8192, 2);
    // The same with pages 1, 3, 5...: every page it reads is free.
    const free = fragmented(recipes, 8192, 2, 1);
    expect(compact(held.engine).length).toBe(0);
    expect(compact(free.engine).length).toBeGreaterThan(1000);
  });

  it("takes no free page of a pageblock of another type, and looks at no block that is offline", () => {
    const { engine, touched } = fragmented(recipes, 8192, 3);
    const unmovable = RANGE.basePfn + 512 * 12;
    engine.setMigratetype(unmovable, MIGRATE_UNMOVABLE);
    const free = Array.from({ length: 512 }, (_, i) => unmovable + i).filter((pfn) => engine.orderOf(pfn) >= 0);
    compact(engine, { ...ZONE, isOnline: (pfn: number) => pfn < RANGE.basePfn + 15_360 });
    expect(free.every((pfn) => engine.orderOf(pfn) >= 0 || engine.flagsOf(pfn) === 0)).toBe(true);
    expect(touched.filter((pfn) => pfn >= RANGE.basePfn + 15_360 && engine.orderOf(pfn) < 0)).toEqual([]);
  });

  it("splits what it isolates at once in 6.1, page by page as they are used in 6.12", () => {
    const { engine } = fragmented(recipes, 2048 - 32, 63);
    const freed = compact(engine);
    expect(freed.length).toBeGreaterThan(0);
    const isLate = recipes.sizes.keepsFreeChunks;
    expect(runsOf(engine, Step.compactSplit) > 0).toBe(true);
    if (!isLate) expect(runsOf(engine, Step.compactSplitLink)).toBeGreaterThan(0);
  });
});
