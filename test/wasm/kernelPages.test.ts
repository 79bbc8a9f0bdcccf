// Memory of the kernel, allocated and freed at random: the WebAssembly engine against its slow twin.
import { describe, expect, it } from "vitest";
import { MIGRATE_RECLAIMABLE, MIGRATE_UNMOVABLE } from "../../assembly/layout/hotplug.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { KernelPages } from "../../src/count/coremm/kernelPages.ts";
import { giveUp } from "../../src/count/follow/unexplainedFrees.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import { FILL_KERNEL, FILL_PARTS, FILL_SLAB, FILL_TABLE } from "../../src/recording/allocatorEventColumns.ts";
import { type PageEngine, WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../twin/engine.ts";
import { placesOf } from "../twin/enginePlaces.ts";

const BASE_PFN = 0x100000;
const NR_PAGES = 4096;
const ROUNDS = 600;
const RANGE = { basePfn: BASE_PFN, nrPages: 32_768 };

interface Held {
  readonly pfn: number;
  readonly order: number;
  readonly fill: number;
}

/** @return pages still in use */
function play(engine: PageEngine, seed: number): number {
  engine.quietly(() => freeRange(engine, BASE_PFN, NR_PAGES));
  engine.setPcp(15, 120);
  const kernel = new KernelPages(engine);
  const held: Held[] = [];
  let state = seed;
  const pick = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const freeOne = ({ pfn, order, fill }: Held): void => {
    // Tables are freed with the pages that they mapped, but for the top.
    if (fill === FILL_TABLE && order === 0) {
      giveUp(engine, [[pfn]], "unmap", [], (page) => engine.commit(page));
      return;
    }
    kernel.free(pfn, order, fill);
    engine.commit(pfn, order);
  };
  for (let round = 0; round < ROUNDS; round++) {
    if (pick(5) < 2 && held.length > 0) freeOne(held.splice(pick(held.length), 1)[0] as Held);
    else {
      const fill = [FILL_KERNEL, FILL_PARTS, FILL_SLAB, FILL_SLAB, FILL_TABLE][pick(5)] as number;
      const order = fill === FILL_TABLE ? pick(2) : pick(5);
      const migratetype = fill === FILL_SLAB && pick(2) === 0 ? MIGRATE_RECLAIMABLE : MIGRATE_UNMOVABLE;
      const pfn = engine.take(-1, order, migratetype);
      if (pfn < 0) continue;
      // As a recording would have it: the page is known before it is allocated.
      engine.commit(pfn, order);
      kernel.allocate({ pfn, order, migratetype, fill, pid: 1 });
      held.push({ pfn, order, fill });
    }
  }
  engine.flush();
  return held.reduce((sum, { order }) => sum + 2 ** order, 0);
}

describe.each([RECIPES_6_1, RECIPES_6_12])("memory of the kernel with recipes of $kernel", (recipes) => {
  it.each([
    ["release", 1],
    ["release", 2],
    ["debug", 3],
    ["debug", 4],
  ] as const)("%s build equals the twin, seed %i; nothing is lost", (build, seed) => {
    const stream: string[] = [];
    const wasm = new WasmPageEngine(recipes, RANGE, (pfn, l, s) => stream.push(`${pfn} ${l}/${s}`), { build });
    const twin = new ReferenceEngine(recipes, RANGE);
    const inUse = play(wasm, seed);
    expect(inUse).toBe(play(twin, seed));
    expect(inUse).toBeGreaterThan(100);
    const want = twin.touches.map(({ pfn, loads, stores }) => `${pfn} ${loads}/${stores}`);
    const first = want.findIndex((touch, i) => touch !== stream[i]);
    expect({ first, got: stream[first], want: want[first] }).toEqual({ first: -1, got: undefined, want: undefined });
    expect(wasm.rowRuns()).toEqual(twin.rowRuns());
    const { free, pcp } = placesOf(wasm);
    expect(free + pcp + inUse).toBe(NR_PAGES);
  });
});
