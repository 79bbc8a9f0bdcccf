// Scripts of operations, drawn from a seed: the WebAssembly engine against its slow twin, debug and release.
import { describe, expect, it } from "vitest";
import { FreshPages } from "../../src/count/coremm/freshPages.ts";
import { freeRange, type HotLayout } from "../../src/count/coremm/hotLayout.ts";
import { OperationRunner } from "../../src/count/coremm/runOperations.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import type { Operation } from "../../src/recording/operationsSchema.ts";
import { type PageEngine, WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../twin/engine.ts";
import { placesOf } from "../twin/enginePlaces.ts";

const BASE_PFN = 0x100000;
const BLOCK_PAGES = 32_768;
/** Of a block that hosts its own struct pages. */
const VMEMMAP_PAGES = 512;

function layoutOf(selfHosted: boolean): HotLayout {
  const reserved = selfHosted ? VMEMMAP_PAGES : 0;
  return {
    basePfn: BASE_PFN,
    nrPages: BLOCK_PAGES,
    online: [{ startPfn: BASE_PFN, selfHosted }],
    ranges: [{ startPfn: BASE_PFN + reserved, nrPages: BLOCK_PAGES - reserved }],
  };
}

/** Everything that is allocated by a script is given back by its end. */
function draw(seed: number): Operation[] {
  let state = seed;
  const pick = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const script: Operation[] = [];
  const huge = 3 + pick(4);
  const pool = 3 + pick(4);
  const pages = 100 + pick(300);
  script.push({ op: "anon_fault", pages }, { op: "thp_fault", huge_pages: huge });
  script.push({ op: "hugetlb_grow", huge_pages: pool, hvo: pick(2) === 0 });
  script.push({ op: "thp_unmap_part", huge_pages: 1 + pick(2), pages: 1 + pick(400) });
  script.push({ op: "thp_split_deferred", huge_pages: 1, zero_pages: pick(100) });
  script.push({ op: "thp_split_pmd", huge_pages: pick(2) }, { op: "thp_split", huge_pages: 1, zero_pages: pick(512) });
  script.push({ op: "hugetlb_fault", huge_pages: pool - 1 }, { op: "fork", anon_pages: pages });
  script.push({ op: "cow_fault_in_child", pages: pick(50) });
  script.push({ op: "child_exit", shared_anon_pages: 0, own_anon_pages: 0 });
  script.push({ op: "hugetlb_unmap", huge_pages: pick(pool) }, { op: "gup", pages: 20 }, { op: "unpin", pages: 20 });
  script.push({ op: "shmem_write", pages: 60 }, { op: "shmem_read", pages: 60 });
  script.push({ op: "shmem_truncate", pages: 60 }, { op: "hugetlb_unmap", huge_pages: pool });
  script.push({ op: "hugetlb_shrink", huge_pages: pool }, { op: "munmap_thp", huge_pages: huge });
  script.push({ op: "exit_anon", pages: 1e6 });
  return script;
}

/** @return operations that had no rule */
function play(engine: PageEngine, layout: HotLayout, script: readonly Operation[]): string[] {
  engine.quietly(() => {
    for (const { startPfn, nrPages } of layout.ranges) freeRange(engine, startPfn, nrPages);
  });
  engine.setPcp(15, 120);
  const runner = new OperationRunner(engine, new FreshPages(engine), [], layout);
  runner.run(script);
  runner.finish();
  return [...runner.unmodelled.keys()];
}

describe.each([RECIPES_6_1, RECIPES_6_12])("scripts of operations with recipes of $kernel", (recipes) => {
  it.each([
    ["release", 1, false],
    ["release", 2, true],
    ["debug", 3, false],
    ["debug", 4, true],
  ] as const)("%s build equals the twin, seed %i, self-hosted %s; nothing is lost", (build, seed, selfHosted) => {
    const layout = layoutOf(selfHosted);
    const stream: string[] = [];
    const wasm = new WasmPageEngine(recipes, layout, (pfn, l, s) => stream.push(`${pfn} ${l}/${s}`), { build });
    const twin = new ReferenceEngine(recipes, layout);
    const script = draw(seed);
    const unmodelled = play(wasm, layout, script);
    expect(unmodelled).toEqual(play(twin, layout, script));
    const want = twin.touches.map(({ pfn, loads, stores }) => `${pfn} ${loads}/${stores}`);
    const first = want.findIndex((touch, i) => touch !== stream[i]);
    expect({ first, got: stream[first] }).toEqual({ first: -1, got: undefined });
    expect(wasm.rowRuns()).toEqual(twin.rowRuns());
    expect(wasm.totals().surprises).toBe(0);
    const { free, pcp } = placesOf(wasm);
    const kept = unmodelled.includes("hugetlb_shrink") ? poolPages(script) : 0;
    expect(free + pcp + kept).toBe(layout.ranges[0]?.nrPages);
  });
});

const poolPages = (script: readonly Operation[]): number =>
  script.reduce((sum, row) => sum + (row.op === "hugetlb_grow" ? 512 * row.huge_pages : 0), 0);
