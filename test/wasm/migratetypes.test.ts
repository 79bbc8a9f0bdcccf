// Mixed migratetypes: WebAssembly against the slow twin on seeded random sequences, and what must hold in between.
import { describe, expect, it } from "vitest";
import { FALLBACK_CLAIM, FALLBACK_RULE, FALLBACK_STEAL, PAGE_ON_LRU, PageOp } from "../../assembly/layout/engine.ts";
import {
  MIGRATE_ISOLATE,
  MIGRATE_MOVABLE,
  MIGRATE_RECLAIMABLE,
  MIGRATE_UNMOVABLE,
} from "../../assembly/layout/hotplug.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import { NONE, type PageEngine, WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../twin/engine.ts";
import { placesOf, strayBlocks } from "../twin/enginePlaces.ts";

const RANGE = { basePfn: 0x100000, nrPages: 8192 };
const MEMMAP = 512;
const TYPES = [MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE];
const PCP_ORDERS = [0, 1, 2, 3, 9];

function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Used {
  readonly pfn: number;
  readonly order: number;
}

/** A process of allocations of all kinds in one zone. */
class Mix {
  readonly used: Used[] = [];
  readonly #engine: PageEngine;
  readonly #pick: (below: number) => number;

  constructor(engine: PageEngine, seed: number) {
    this.#engine = engine;
    this.#pick = random(seed);
    // Where the range is of two blocks the second is a kernel zone.
    if (engine.nrPages > 32_768) engine.setKernelZone(engine.basePfn + 32_768);
    engine.quietly(() => freeRange(engine, engine.basePfn + MEMMAP, engine.nrPages - MEMMAP));
    engine.setPcp(7, 60);
  }

  step(): void {
    const choice = this.#pick(20);
    if (choice < 8) this.#allocate(this.#pick(40));
    else if (choice < 14) this.#free(this.#pick(60));
    else if (choice < 16) this.#refillWanted();
    else if (choice === 16) this.#takeWanted();
    else if (choice === 17) this.#stealChunk();
    else if (choice === 18) this.#engine.drain(NONE, this.#order(PCP_ORDERS), this.#type());
    else if (this.#pick(6) === 0) this.#engine.isolateBlock(RANGE.basePfn + MEMMAP * (1 + this.#pick(15)));
  }

  #type = (): number => TYPES[this.#pick(3)] as number;
  /** Small ones more often. */
  #order = (orders: readonly number[]): number =>
    orders[Math.min(this.#pick(orders.length), this.#pick(orders.length))] as number;

  #allocate(nr: number): void {
    const order = this.#order([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const type = this.#type();
    for (let i = 0; i < nr >> order; i++) this.#use(this.#engine.take(NONE, order, type), order, type);
    if (order === 10) this.#use(this.#engine.op(PageOp.thpFault, NONE), 9, MIGRATE_MOVABLE);
  }

  #use(pfn: number, order: number, type: number): void {
    if (pfn === NONE) return;
    this.used.push({ pfn, order });
    if (order === 0 && type === MIGRATE_MOVABLE) this.#engine.op(PageOp.anonFault, pfn);
  }

  #free(nr: number): void {
    this.#engine.lruAddDrain();
    for (let i = 0; i < nr && this.used.length > 0; i++) {
      const at = this.#pick(this.used.length);
      const { pfn, order } = this.used.splice(at, 1)[0] as Used;
      if ((this.#engine.flagsOf(pfn) & PAGE_ON_LRU) === 0) {
        this.#engine.commit(pfn, order);
        continue;
      }
      this.#engine.op(PageOp.zap, pfn);
      const nrFreed = this.#engine.release([pfn]);
      for (let freed = 0; freed < nrFreed; freed++) this.#commit(this.#engine.freeNext(freed));
    }
  }

  #commit(pfn: number): void {
    if (pfn !== NONE) this.#engine.commit(pfn);
  }

  /** A random page and order of which the engine says that they are free; undefined when it hit another. */
  #freePage(orders: readonly number[]): Used | undefined {
    const order = this.#order(orders);
    const page = this.#pick(this.#engine.nrPages);
    const pfn = RANGE.basePfn + page - (page % 2 ** order);
    for (let o = order; o <= 10; o++) {
      const head = pfn - ((pfn - RANGE.basePfn) % 2 ** o);
      const isIsolated = this.#engine.migratetypeOf(head) === MIGRATE_ISOLATE;
      if (this.#engine.orderOf(head) === o) return isIsolated ? undefined : { pfn, order };
    }
    return undefined;
  }

  #refillWanted(): void {
    for (let i = this.#pick(12); i > 0; i--) {
      const page = this.#freePage(PCP_ORDERS);
      const how = [FALLBACK_RULE, FALLBACK_CLAIM, FALLBACK_STEAL][this.#pick(3)] as number;
      if (page !== undefined) this.#engine.refill(page.pfn, page.order, this.#type(), how);
    }
  }

  #takeWanted(): void {
    const page = this.#freePage(PCP_ORDERS);
    if (page !== undefined) this.#use(this.#engine.take(page.pfn, page.order, this.#type()), page.order, NONE);
  }

  #stealChunk(): void {
    const page = this.#freePage([0]);
    const how = [FALLBACK_RULE, FALLBACK_CLAIM, FALLBACK_STEAL][this.#pick(3)] as number;
    if (page !== undefined && !this.#engine.recipes.sizes.claimsBlocks)
      this.#engine.stealChunk(page.pfn, this.#type(), how);
  }
}

describe.each([RECIPES_6_1, RECIPES_6_12])("migratetypes with recipes of $kernel", (recipes) => {
  it.each([
    ["release", 1],
    ["release", 2],
    ["release", 3],
    ["debug", 4],
    ["debug", 5],
  ] as const)("%s build equals the twin, seed %i; pages are conserved", (build, seed) => {
    const stream: string[] = [];
    const wasm = new WasmPageEngine(recipes, RANGE, (pfn, l, s) => stream.push(`${pfn} ${l}/${s}`), { build });
    const twin = new ReferenceEngine(recipes, RANGE);
    const [wasmMix, twinMix] = [new Mix(wasm, seed), new Mix(twin, seed)];
    for (let i = 0; i < 400; i++) {
      wasmMix.step();
      twinMix.step();
      if (i % 50 !== 49) continue;
      const used = wasmMix.used.reduce((sum, { order }) => sum + 2 ** order, 0);
      const { free, pcp } = placesOf(wasm);
      expect({ step: i, pages: MEMMAP + used + free + pcp }).toEqual({ step: i, pages: RANGE.nrPages });
    }
    wasm.flush();
    expect(wasmMix.used).toEqual(twinMix.used);
    const want = twin.touches.map(({ pfn, loads, stores }) => `${pfn} ${loads}/${stores}`);
    const first = want.findIndex((touch, i) => touch !== stream[i]);
    expect({ first, got: stream[first] }).toEqual({ first: -1, got: undefined });
    expect(wasm.totals()).toEqual(twin.totals());
    expect(wasm.rowRuns()).toEqual(twin.rowRuns());
    for (const step of [Step.stealScan, Step.stealScanMovable, Step.stealScanTail])
      expect(wasm.rowRuns()[wasm.recipes.stepRow[step] as number]).toBeGreaterThan(0);
    for (let pfn = RANGE.basePfn; pfn < RANGE.basePfn + RANGE.nrPages; pfn += 512)
      expect(wasm.migratetypeOf(pfn)).toBe(twin.migratetypeOf(pfn));
  });

  it("equals the twin with a kernel zone beside a movable one; no kernel page comes from the movable one", () => {
    const range = { basePfn: RANGE.basePfn, nrPages: 32_768 + 4096 };
    const stream: string[] = [];
    const wasm = new WasmPageEngine(recipes, range, (pfn, l, s) => stream.push(`${pfn} ${l}/${s}`));
    const twin = new ReferenceEngine(recipes, range);
    const mixes = [wasm, twin].map((engine) => new Mix(engine, 11));
    for (let i = 0; i < 300; i++) for (const mix of mixes) mix.step();
    wasm.flush();
    expect(stream).toEqual(twin.touches.map(({ pfn, loads, stores }) => `${pfn} ${loads}/${stores}`));
    expect(wasm.totals()).toEqual(twin.totals());
    for (let i = 0; i < 100; i++) {
      const pfn = wasm.take(NONE, 0, MIGRATE_UNMOVABLE);
      expect(pfn === NONE || pfn >= range.basePfn + 32_768).toBe(true);
    }
  });

  it("keeps free chunks on the lists of their pageblock's type from 6.10 on", () => {
    const engine = new WasmPageEngine(recipes, RANGE, undefined);
    const mix = new Mix(engine, 7);
    const stray = new Set<string>();
    for (let i = 0; i < 600; i++) {
      mix.step();
      for (const { pfn, listType } of i % 20 === 0 ? strayBlocks(engine) : []) stray.add(`${pfn} ${listType}`);
    }
    expect(stray.size > 0).toBe(!recipes.sizes.freeTypeOfBlock);
  });

  it("touches nothing of other types while its own lists hold pages", () => {
    const movable = new WasmPageEngine(recipes, RANGE, undefined);
    movable.quietly(() => freeRange(movable, RANGE.basePfn, RANGE.nrPages));
    for (let i = 0; i < 5000; i++) movable.take(NONE);
    const steps = movable.rowRuns();
    const names = movable.recipes.rowFunctions.map((shares) => shares.map(({ name }) => name).join());
    expect(steps.filter((runs, row) => runs > 0 && /move_freepages/.test(names[row] ?? ""))).toEqual([]);
    expect(movable.totals().surprises).toBe(0);
  });

  it("gives an unmovable page out of movable memory, and its pageblock with it", () => {
    const engine = new WasmPageEngine(recipes, RANGE, undefined);
    engine.quietly(() => freeRange(engine, RANGE.basePfn, RANGE.nrPages));
    const pfn = engine.take(NONE, 0, MIGRATE_UNMOVABLE);
    // The chunk of MAX_PAGE_ORDER that is taken changes both its pageblocks.
    expect(pfn).toBe(RANGE.basePfn);
    const types = Array.from({ length: 4 }, (_, i) => engine.migratetypeOf(RANGE.basePfn + 512 * i));
    expect(types).toEqual([MIGRATE_UNMOVABLE, MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_MOVABLE]);
    expect(engine.take(NONE, 3, MIGRATE_UNMOVABLE)).toBeLessThan(RANGE.basePfn + 1024);
    expect(engine.take(NONE, 0, MIGRATE_MOVABLE)).toBe(RANGE.basePfn + 1024);
  });
});
