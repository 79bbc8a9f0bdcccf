import * as E from "../../assembly/layout/engine.ts";
import { MIGRATE_MOVABLE, PAGEBLOCK_ORDER } from "../../assembly/layout/hotplug.ts";
import type { Step } from "../../assembly/layout/steps.ts";
import { WINDOWS_BYTES, WINDOWS_COUNTED_BYTES } from "../../assembly/layout/windows.ts";
import { type OrderedCounts, type PageRange, readOrderedCounts } from "../counts.ts";
import { type CompiledRecipes, compileRecipes } from "../linux/recipes/compile.ts";
import type { KernelRecipes } from "../linux/recipes/table.ts";
import { EngineMemory, type EngineOptions, RELEASE_PAGES, VECTOR_PAGES } from "./engineMemory.ts";
import { readTotals } from "./engineTotals.ts";
import { offlineAtOnce, offlineInParts } from "./offlineParts.ts";
import { type EngineTotals, NONE, type PageEngine, type TouchSink } from "./pageEngine.ts";
import { instructionsQ8 } from "./touchRuns.ts";

export { type EngineOptions, RELEASE_PAGES } from "./engineMemory.ts";
export { type EngineTotals, NONE, type PageEngine, type TouchSink } from "./pageEngine.ts";

/** Pages of one call of `faultRun` whose touches surely fit the stream. */
const STREAMED_PAGES = 1024;

/** The engine in WebAssembly. */
export class WasmPageEngine implements PageEngine {
  readonly recipes: CompiledRecipes;
  readonly basePfn: number;
  readonly nrPages: number;
  readonly #memory: EngineMemory;
  readonly #sink: TouchSink | undefined;

  /**
   * @param sink told every touch; undefined when only totals and counts matter
   * @error MemoryPlanTooLarge; InputError from any call that touches more than `poolBlocks`
   */
  constructor(
    recipes: KernelRecipes,
    range: { readonly basePfn: number; readonly nrPages: number },
    sink: TouchSink | undefined,
    options: EngineOptions = {},
  ) {
    this.recipes = compileRecipes(recipes);
    this.basePfn = range.basePfn;
    this.nrPages = range.nrPages;
    this.#sink = sink;
    this.#memory = new EngineMemory(this.recipes, range, sink, options);
    this.setPcp(63, 0x7fffffff);
  }

  /** What the caches counted since the start, or since `forget`. */
  counts(): OrderedCounts {
    this.#memory.call("engineFlush");
    return readOrderedCounts(this.#memory.counters(), this.#memory.windows());
  }

  /** A mean, from one touch to the next, for the windows of misses. @error RangeError outside 0 to 65,536 */
  setInstructionsPerTouch(instructions: number): void {
    this.flush();
    this.#memory.set(E.ENGINE_INSTRUCTIONS_Q8, instructionsQ8(instructions));
  }

  /** Starts counting touches again; caches and pages stay as they are. */
  forget(): void {
    this.flush();
    this.#memory.counters().fill(0n);
    const windows = this.#memory.windows();
    for (const at of [0, WINDOWS_BYTES / 4]) windows.fill(0, at, at + WINDOWS_COUNTED_BYTES / 4);
    for (let offset = E.ENGINE_TOUCHES; offset < E.ENGINE_SURPRISES; offset += 4) this.#memory.set(offset, 0);
  }

  /** Blocks of 128 MiB, from the base, that are free as a whole and untouched: their chunks follow all others. */
  freeBlocks(firstBlock: number, endBlock: number): void {
    this.#memory.set(E.ENGINE_LAZY_NEXT, firstBlock);
    this.#memory.set(E.ENGINE_LAZY_END, endBlock);
  }

  quietly(build: () => void): void {
    this.#memory.set(E.ENGINE_SILENT, 1);
    build();
    this.#memory.set(E.ENGINE_SILENT, 0);
  }

  freeChunk(pfn: number, order: number, migratetype = MIGRATE_MOVABLE): void {
    this.#memory.call("engineFreeChunk", this.#memory.pageOf(pfn), order, migratetype);
  }
  holdPcp(pfn: number, order = 0, migratetype = MIGRATE_MOVABLE): void {
    this.#memory.call("engineHoldPcp", this.#memory.pageOf(pfn), order, migratetype);
  }
  holdAnon(pfn: number): void {
    this.#memory.call("engineHoldAnon", this.#memory.pageOf(pfn));
  }
  holdFolio(pfn: number, order: number): void {
    this.#memory.call("engineHoldFolio", this.#memory.pageOf(pfn), order);
  }
  setPcp(batch: number, high: number): void {
    this.#memory.set(E.ENGINE_PCP_BATCH, batch);
    this.#memory.set(E.ENGINE_PCP_HIGH, high);
  }
  refill(pfn: number, order: number, migratetype = MIGRATE_MOVABLE, how = E.FALLBACK_RULE): number {
    return this.#memory.pfnOf(this.#memory.call("engineRefill", this.#memory.pageOf(pfn), order, migratetype, how));
  }
  stealChunk(pfn: number, migratetype: number, how: number): void {
    this.#memory.call("engineStealChunk", this.#memory.pageOf(pfn), migratetype, how);
  }
  take(pfn: number, order = 0, migratetype = MIGRATE_MOVABLE): number {
    return this.#memory.pfnOf(this.#memory.call("engineTake", this.#memory.pageOf(pfn), order, migratetype));
  }
  takeCompound(pfn: number, order: number, migratetype: number): number {
    return this.#memory.pfnOf(this.#memory.call("engineTakeCompound", this.#memory.pageOf(pfn), order, migratetype));
  }
  commit(pfn: number, order = 0): void {
    this.#memory.call("engineCommit", this.#memory.pageOf(pfn), order);
  }
  drain(pfn: number, order: number, migratetype = MIGRATE_MOVABLE): void {
    this.#memory.call("engineDrain", this.#memory.pageOf(pfn), order, migratetype);
  }
  freeOne(pfn: number, order: number): void {
    this.#memory.call("engineFreeOne", this.#memory.pageOf(pfn), order);
  }
  op(op: E.PageOp, pfn: number): number {
    return this.#memory.pfnOf(this.#memory.call("enginePageOp", op, this.#memory.pageOf(pfn)));
  }
  lruAddDrain(): void {
    this.#memory.call("engineLruAddDrain");
  }
  release(pfns: readonly number[]): number {
    if (pfns.length > RELEASE_PAGES) throw new RangeError(`a release of ${pfns.length} pages`);
    pfns.forEach((pfn, i) => {
      this.#memory.freed[i] = this.#memory.pageOf(pfn);
    });
    return this.#memory.call("engineRelease", pfns.length);
  }
  freeList(pfns: readonly number[]): number {
    pfns.forEach((pfn, i) => {
      this.#memory.freed[i] = this.#memory.pageOf(pfn);
    });
    return this.#memory.call("engineFreeList", pfns.length);
  }
  takeChunk(step: Step, pfn: number): void {
    this.remove(step, pfn);
    this.#memory.data.setInt8(this.#memory.materialised(this.#memory.pageOf(pfn)) + E.ENTRY_ORDER, -1);
  }
  mark(pfn: number, flag: number): void {
    const at = this.#memory.materialised(this.#memory.pageOf(pfn)) + E.ENTRY_FLAGS;
    this.#memory.data.setUint16(at, this.#memory.data.getUint16(at, true) | flag, true);
  }
  freeNext(index: number): number {
    return this.#memory.pfnOf(this.#memory.call("engineFreeNext", index));
  }
  run(step: Step, pfn: number, prev = NONE, next = NONE): void {
    this.#memory.call(
      "engineRun",
      step,
      this.#memory.pageOf(pfn),
      this.#memory.pageOf(prev),
      this.#memory.pageOf(next),
    );
  }
  runTails(step: Step, head: number, from: number, to: number): void {
    this.#memory.call("engineRunTails", step, this.#memory.pageOf(head), from, to);
  }
  addBefore(step: Step, head: number, pfn: number): void {
    this.#memory.call("engineAddBefore", step, this.#memory.pageOf(head), this.#memory.pageOf(pfn));
  }
  remove(step: Step, pfn: number): void {
    this.#memory.call("engineRemove", step, this.#memory.pageOf(pfn));
  }
  add(step: Step, list: number, pfn: number, where: number): void {
    this.#memory.call("engineAdd", step, list, this.#memory.pageOf(pfn), where);
  }
  flagsOf(pfn: number): number {
    const at = this.#memory.entryAt(this.#memory.pageOf(pfn));
    return at === 0 ? 0 : this.#memory.data.getUint16(at + E.ENTRY_FLAGS, true) & ~E.PAGE_SEEN;
  }
  mapcountOf(pfn: number): number {
    const at = this.#memory.entryAt(this.#memory.pageOf(pfn));
    return at === 0 ? 0 : this.#memory.data.getUint32(at + E.ENTRY_MAPCOUNT, true);
  }
  orderOf(pfn: number): number {
    const at = this.#memory.entryAt(this.#memory.pageOf(pfn));
    return at === 0 ? -1 : this.#memory.data.getInt8(at + E.ENTRY_ORDER);
  }
  listOf(pfn: number): number {
    const at = this.#memory.entryAt(this.#memory.pageOf(pfn));
    return at === 0 ? E.LIST_NONE : this.#memory.data.getUint8(at + E.ENTRY_LIST);
  }
  lastOf(list: number): number {
    return this.#memory.pfnOf(this.#memory.get(E.ENGINE_LISTS + list * 8 + 4) - 1);
  }
  setKernelZone(pfn: number): void {
    this.#memory.call("engineSetKernelZone", this.#memory.pageOf(pfn));
  }
  migratetypeOf(pfn: number): number {
    const block = this.#memory.pageOf(pfn) >>> PAGEBLOCK_ORDER;
    const two = this.#memory.data.getUint8(this.#memory.region("pageblocks") + (block >>> 1));
    return (two >> ((block & 1) * E.PAGEBLOCK_BITS)) & E.PAGEBLOCK_TYPE_MASK;
  }
  setMigratetype(pfn: number, migratetype: number): void {
    this.#memory.call("engineSetMigratetype", this.#memory.pageOf(pfn), migratetype);
  }
  moveBlock(pfn: number, migratetype: number): void {
    this.#memory.call("engineMoveBlock", this.#memory.pageOf(pfn), migratetype);
  }
  isolateBlock(pfn: number): void {
    this.#memory.call("engineIsolateBlock", this.#memory.pageOf(pfn));
  }
  offlineBusy(range: PageRange, zone: PageRange): number {
    const offline = this.#sink === undefined ? offlineAtOnce : offlineInParts;
    return offline(this.#memory, this.#memory.pagesOf(range), this.#memory.pagesOf(zone));
  }
  /** Faults so many anonymous pages, without a call a page; fewer when memory runs out. Where nothing is recorded. */
  faultRun(nrPages: number): number[] {
    const vector = this.#memory.region("vector");
    const most = this.#sink === undefined ? VECTOR_PAGES : STREAMED_PAGES;
    const pfns: number[] = [];
    while (pfns.length < nrPages) {
      const want = Math.min(most, nrPages - pfns.length);
      const got = this.#memory.call("engineFaultRun", vector, want);
      const pages = this.#memory.u32s("vector", got);
      for (let i = 0; i < got; i++) pfns.push(this.basePfn + (pages[i] as number));
      if (got < want) break;
    }
    return pfns;
  }

  /** Unmaps in this order, in gathers as long as the kernel's. Only without a sink: a gather overflows the stream. */
  unmapRun(pfns: readonly number[]): void {
    if (this.#sink !== undefined) throw new RangeError("unmapRun hands out no stream of touches");
    const vector = this.#memory.region("vector");
    const { gatherBundle, gatherBatch, gatherBatches } = this.recipes.sizes;
    const gather = gatherBundle + gatherBatch * gatherBatches;
    const most = Math.floor(VECTOR_PAGES / gather) * gather;
    const pages = this.#memory.u32s("vector", VECTOR_PAGES);
    for (let from = 0; from < pfns.length; from += most) {
      const part = pfns.slice(from, from + most);
      part.forEach((pfn, i) => {
        pages[i] = pfn - this.basePfn;
      });
      this.#memory.call("engineUnmapRun", vector, part.length);
    }
  }

  flush(): void {
    this.#memory.call("engineFlush");
    this.#memory.takeStream();
  }
  totals(): EngineTotals {
    return readTotals(this.#memory);
  }
  rowRuns(): readonly number[] {
    const nr = this.recipes.rowRole.length;
    return Array.from(this.#memory.u64s("rowRuns", nr), Number);
  }
}
