// The WebAssembly engine against its slow twin on seeded random operations, and what both must conserve.
import { describe, expect, it } from "vitest";
import { LIST_PCP, PageOp } from "../../assembly/layout/engine.ts";
import { MIGRATE_MOVABLE } from "../../assembly/layout/hotplug.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { compactZone } from "../../src/count/coremm/compaction.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { reclaim } from "../../src/count/coremm/migration.ts";
import { releasePages } from "../../src/count/coremm/releasePages.ts";
import { InputError } from "../../src/errors.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import { NONE, type PageEngine, WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../twin/engine.ts";
import { placesOf } from "../twin/enginePlaces.ts";

const RANGE = { basePfn: 0x100000, nrPages: 16384 };

/** Numbers from a seed: the same for both engines. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Owned {
  readonly anon: number[];
  readonly file: number[];
  readonly huge: number[];
}

const unmap = (engine: PageEngine, pfns: readonly number[]): void => {
  engine.lruAddDrain();
  for (const pfn of pfns) engine.op(PageOp.zap, pfn);
  for (const pfn of pfns) engine.run(Step.swapFree, pfn);
  releasePages(engine, pfns, (pfn) => pfn !== NONE && engine.commit(pfn));
};

function faultSome(engine: PageEngine, owned: Owned, nr: number): void {
  for (let i = 0; i < nr; i++) {
    const pfn = engine.take(NONE);
    if (pfn === NONE) return;
    engine.op([PageOp.anonFault, PageOp.fileCow, PageOp.argumentPage][i % 3] as PageOp, pfn);
    owned.anon.push(pfn);
  }
}

function cowSome(engine: PageEngine, owned: Owned): void {
  for (const pfn of owned.anon) engine.op(PageOp.fork, pfn);
  const child = owned.anon.slice();
  for (let i = 0; i < child.length; i += 3) {
    engine.op(PageOp.cowBegin, child[i] as number);
    const copy = engine.take(NONE);
    if (copy === NONE) break;
    engine.run(Step.cowAlloc, copy);
    engine.run(Step.cowCopy, child[i] as number);
    engine.op(PageOp.cowRmap, copy);
    engine.op(PageOp.cowDrop, child[i] as number);
    child[i] = copy;
  }
  unmap(engine, child);
  for (let i = 0; i < owned.anon.length; i += 2) engine.op(PageOp.cowReuse, owned.anon[i] as number);
}

function truncate(engine: PageEngine, pfns: readonly number[]): void {
  for (const pfn of pfns) engine.run(Step.truncateFind, pfn);
  for (const pfn of pfns) engine.op(PageOp.truncate, pfn);
  engine.lruAddDrain();
  releasePages(engine, pfns, engine.commit.bind(engine));
}

const freeAll = (engine: PageEngine): void => freeRange(engine, RANGE.basePfn + 512, RANGE.nrPages - 512);

/** So many random operations. @return pages that are in use at the end, in units of 4 KiB */
function play(engine: PageEngine, seed: number, steps: number, setUp = freeAll): number {
  const pick = random(seed);
  const owned: Owned = { anon: [], file: [], huge: [] };
  engine.quietly(() => setUp(engine));
  engine.setPcp(15, 120);
  for (let i = 0; i < steps; i++) {
    const choice = pick(9);
    if (choice <= 1) faultSome(engine, owned, 1 + pick(200));
    else if (choice === 2) unmap(engine, owned.anon.splice(0, pick(Math.min(300, owned.anon.length + 1))));
    else if (choice === 3) cowSome(engine, owned);
    else if (choice === 4) {
      for (let n = pick(80); n > 0; n--) {
        const pfn = engine.take(NONE);
        if (pfn === NONE) break;
        engine.op(PageOp.shmemWrite, pfn);
        owned.file.push(pfn);
      }
    } else if (choice === 5) for (const pfn of owned.file) engine.op(PageOp.shmemRead, pfn);
    else if (choice === 6) truncate(engine, owned.file.splice(0, pick(31)));
    else if (choice === 7) {
      const pfn = engine.op(PageOp.thpFault, NONE);
      if (pfn !== NONE) owned.huge.push(pfn);
    } else unmap(engine, owned.huge.splice(0, pick(3)));
  }
  engine.lruAddDrain();
  reclaim(engine, owned.file.splice(0, 40), engine.commit.bind(engine));
  engine.flush();
  return owned.anon.length + owned.file.length + 512 * owned.huge.length;
}

describe.each([RECIPES_6_1, RECIPES_6_12])("engine with recipes of $kernel", (recipes) => {
  it.each([
    ["release", 1],
    ["release", 2],
    ["debug", 3],
  ] as const)("%s build equals the twin, seed %i", (build, seed) => {
    const stream: string[] = [];
    const wasm = new WasmPageEngine(recipes, RANGE, (pfn, l, s) => stream.push(`${pfn} ${l}/${s}`), { build });
    const twin = new ReferenceEngine(recipes, RANGE);
    expect(play(wasm, seed, 60)).toBe(play(twin, seed, 60));
    const want = twin.touches.map(({ pfn, loads, stores }) => `${pfn} ${loads}/${stores}`);
    const first = want.findIndex((touch, i) => touch !== stream[i]);
    expect({ first, got: stream[first] }).toEqual({ first: -1, got: undefined });
    expect(stream.length).toBe(want.length);
    expect(wasm.totals()).toEqual(twin.totals());
    expect(wasm.rowRuns()).toEqual(twin.rowRuns());
    expect(wasm.totals().surprises).toBe(0);
  });

  it("conserves pages: in range = memmap + free + on pcp lists + in use", () => {
    const engine = new WasmPageEngine(recipes, RANGE, () => undefined);
    const used = play(engine, 7, 200);
    const { free, pcp } = placesOf(engine);
    expect(512 + free + pcp + used).toBe(RANGE.nrPages);
  });

  it("offlines a block in use like the twin, and nothing of it stays free", () => {
    const run = (engine: PageEngine): number => {
      engine.quietly(() => freeRange(engine, RANGE.basePfn, RANGE.nrPages));
      faultSome(engine, { anon: [], file: [], huge: [] }, 900);
      engine.lruAddDrain();
      while (engine.lastOf(LIST_PCP + MIGRATE_MOVABLE) !== NONE) engine.drain(NONE, 0);
      return engine.offlineBusy(
        { startPfn: RANGE.basePfn, nrPages: 8192 },
        { startPfn: RANGE.basePfn, nrPages: 16384 },
      );
    };
    const wasm = new WasmPageEngine(recipes, RANGE, () => undefined);
    const twin = new ReferenceEngine(recipes, RANGE);
    const moved = run(wasm);
    expect(moved).toBe(run(twin));
    expect(moved).toBeGreaterThan(500);
    wasm.flush();
    expect(wasm.totals()).toEqual(twin.totals());
    expect(wasm.rowRuns()).toEqual(twin.rowRuns());
  });

  it("gives the same with untouched blocks summarised as with all of them materialised", () => {
    const range = { basePfn: 0x100000, nrPages: 4 * 32768 };
    const streams = [true, false].map((isSparse) => {
      const stream: string[] = [];
      const engine = new WasmPageEngine(recipes, range, (pfn, l, s) => stream.push(`${pfn} ${l}/${s}`));
      play(engine, 5, 300, () => {
        freeRange(engine, range.basePfn + 512, isSparse ? 32768 - 512 : range.nrPages - 512);
        if (isSparse) (engine as WasmPageEngine).freeBlocks(1, 4);
      });
      const pages = engine.faultRun(40_000);
      engine.flush();
      return { stream: stream.length, last: stream.at(-1), pages: pages.length, totals: engine.totals() };
    });
    expect(streams[0]).toEqual(streams[1]);
    expect(streams[0]?.pages).toBe(40_000);
  });

  it("holds the touched part of 16 TiB, and says when it is too much", () => {
    const range = { basePfn: 0, nrPages: 2 ** 32 - 32768 };
    const engine = new WasmPageEngine(recipes, range, undefined, { poolBlocks: 4 });
    engine.freeBlocks(2 ** 17 - 8, 2 ** 17 - 1);
    const pages = engine.faultRun(100_000);
    expect(Math.min(...pages.slice(0, 10))).toBe((2 ** 17 - 8) * 32768);
    engine.unmapRun(pages);
    expect(engine.totals().surprises).toBe(0);
    expect(() => engine.faultRun(200_000)).toThrow(InputError);
  });

  it("compacts like the twin: pages move up, their old places come free", () => {
    const run = (engine: PageEngine): number[] => {
      engine.quietly(() => freeRange(engine, RANGE.basePfn, RANGE.nrPages));
      const owned: Owned = { anon: [], file: [], huge: [] };
      faultSome(engine, owned, 3000);
      unmap(
        engine,
        owned.anon.filter((_, i) => i % 4 !== 0),
      );
      while (engine.lastOf(LIST_PCP + MIGRATE_MOVABLE) !== NONE) engine.drain(NONE, 0);
      const freed: number[] = [];
      const zone = { startPfn: RANGE.basePfn, endPfn: RANGE.basePfn + RANGE.nrPages, isOnline: () => true };
      compactZone(engine, zone, (pfn, order) => {
        freed.push(pfn);
        engine.commit(pfn, order);
      });
      return freed;
    };
    const wasm = new WasmPageEngine(recipes, RANGE, () => undefined);
    const twin = new ReferenceEngine(recipes, RANGE);
    const freed = run(wasm);
    expect(freed).toEqual(run(twin));
    expect(freed.length).toBeGreaterThan(100);
    wasm.flush();
    expect(wasm.totals()).toEqual(twin.totals());
  });
});
