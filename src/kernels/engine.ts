import * as E from "../../assembly/engineLayout.ts";
import { COUNTERS_BYTES } from "../../assembly/layout.ts";
import { readTouchCounts, type TouchCounts } from "../counts.ts";
import { InputError } from "../errors.ts";
import { type CompiledRecipes, compileRecipes, type KernelRecipes, type KernelSizes } from "../workload/recipes.ts";
import { type CacheGeometry, cacheBytes, countersView, initCache } from "./cache.ts";
import type { KernelBuild, Kernels } from "./instance.ts";
import { loadKernels } from "./instance.ts";
import { type MemoryPlan, planMemory, regionOf } from "./memory.ts";
import { type EngineTotals, NONE, type PageEngine, type TouchSink } from "./pageEngine.ts";

export { type EngineTotals, NONE, type PageEngine, type TouchSink } from "./pageEngine.ts";

const BLOCK_BYTES = E.ENGINE_BLOCK_PAGES * E.ENTRY_BYTES;
/** 256 GiB of touched pages take 1 GiB of entries. */
const MAX_POOL_BLOCKS = 2048;
/** Pages of one call of `faultRun` or `unmapRun`; what they touch must fit the stream when there is a sink. */
const VECTOR_PAGES = 65_536;
const STREAMED_PAGES = 1024;
/** At most so many pages in one release: struct mmu_gather gives 512. */
export const RELEASE_PAGES = 1024;
const STREAM_RECORDS = 131_072;
/** A call adds at most this many touches (a refill or release of huge pages), so the stream never overflows. */
const STREAM_MARGIN = 65_536;

export interface EngineOptions {
  /** @default "release" */
  readonly build?: KernelBuild;
  /** Touches pass through caches of this geometry, empty at the start: `counts()` tells. */
  readonly caches?: CacheGeometry;
  /** Blocks of 128 MiB that may be touched. @default all of the range, at most 2048 (256 GiB) */
  readonly poolBlocks?: number;
}

/** The engine in WebAssembly. */
export class WasmPageEngine implements PageEngine {
  readonly recipes: CompiledRecipes;
  readonly basePfn: number;
  readonly nrPages: number;
  readonly #kernels: Kernels;
  readonly #plan: MemoryPlan;
  readonly #state: Uint32Array;
  readonly #memory: DataView;
  readonly #blockTable: Uint32Array;
  readonly #freed: Uint32Array;
  readonly #stream: DataView;
  readonly #sink: TouchSink | undefined;
  readonly #engine: number;

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
    const { stepRow, rowRole } = this.recipes;
    const nrBlocks = Math.ceil(range.nrPages / E.ENGINE_BLOCK_PAGES);
    const poolBlocks = Math.min(nrBlocks, options.poolBlocks ?? MAX_POOL_BLOCKS);
    this.#plan = planMemory(
      {
        engine: E.ENGINE_HEADER_BYTES,
        stepRow: stepRow.length * 4,
        rows: rowRole.length * E.ROW_BYTES,
        rowRuns: rowRole.length * 8,
        freed: RELEASE_PAGES * 4,
        stream: STREAM_RECORDS * E.ENGINE_TOUCH_BYTES,
        caches: options.caches === undefined ? 0 : cacheBytes(options.caches),
        counters: COUNTERS_BYTES,
        vector: VECTOR_PAGES * 4,
        blockTable: nrBlocks * 4,
        pages: poolBlocks * BLOCK_BYTES,
      },
      `struct pages of ${range.nrPages} pages`,
    );
    this.#kernels = loadKernels(options.build ?? "release", this.#plan);
    const buffer = this.#kernels.buffer;
    this.#engine = regionOf(this.#plan, "engine");
    this.#state = new Uint32Array(buffer, this.#engine, E.ENGINE_HEADER_BYTES / 4);
    this.#memory = new DataView(buffer);
    this.#blockTable = new Uint32Array(buffer, regionOf(this.#plan, "blockTable"), nrBlocks);
    this.#freed = new Uint32Array(buffer, regionOf(this.#plan, "freed"), RELEASE_PAGES);
    this.#stream = new DataView(buffer, regionOf(this.#plan, "stream"), STREAM_RECORDS * E.ENGINE_TOUCH_BYTES);
    this.#set(E.ENGINE_BLOCK_TABLE, regionOf(this.#plan, "blockTable"));
    this.#set(E.ENGINE_POOL_BLOCKS, poolBlocks);
    this.#writeHeader(this.recipes.sizes);
    this.#writeRecipes();
    this.#call("engineInit");
    if (options.caches === undefined) return;
    initCache(this.#kernels, regionOf(this.#plan, "caches"), options.caches);
    this.#set(E.ENGINE_CACHE, regionOf(this.#plan, "caches"));
    this.#set(E.ENGINE_COUNTERS, regionOf(this.#plan, "counters"));
  }

  /** What the caches counted since the start, or since `forget`. */
  counts(): TouchCounts {
    return readTouchCounts(this.#counters());
  }

  /** Starts counting touches again; caches and pages stay as they are. */
  forget(): void {
    this.flush();
    this.#counters().fill(0n);
    this.#state.fill(0, E.ENGINE_TOUCHES >> 2, E.ENGINE_SURPRISES >> 2);
  }

  #counters(): BigUint64Array {
    return countersView(this.#kernels, regionOf(this.#plan, "counters"), COUNTERS_BYTES);
  }

  #set(offset: number, value: number): void {
    this.#state[offset >> 2] = value;
  }

  #writeHeader(sizes: KernelSizes): void {
    const region = (name: string) => regionOf(this.#plan, name);
    this.#set(E.ENGINE_NR_PAGES, this.nrPages);
    this.#set(E.ENGINE_BASE_PFN, this.basePfn);
    this.#set(E.ENGINE_PAGES, region("pages"));
    this.#set(E.ENGINE_STEP_ROW, region("stepRow"));
    this.#set(E.ENGINE_ROWS, region("rows"));
    this.#set(E.ENGINE_ROW_RUNS, region("rowRuns"));
    this.#set(E.ENGINE_FREED, region("freed"));
    this.#set(E.ENGINE_STREAM, region("stream"));
    this.#set(E.ENGINE_STREAM_CAPACITY, this.#sink === undefined ? 0 : STREAM_RECORDS);
    this.#set(E.ENGINE_FOLIO_BATCH, sizes.folioBatch);
    this.#set(E.ENGINE_RELEASE_LOCK_BATCH, sizes.releaseLockBatch);
    this.#set(E.ENGINE_FREES_BACKWARDS, sizes.freeBatch === 0 ? 1 : 0);
    this.#set(E.ENGINE_ACTIVATES, sizes.activates ? 1 : 0);
    this.#set(E.ENGINE_THP_AT_ONCE, sizes.thpFreedAtOnce ? 1 : 0);
    this.#set(E.ENGINE_GATHER_BUNDLE, sizes.gatherBundle);
    this.#set(E.ENGINE_GATHER_BATCH, sizes.gatherBatch);
    this.#set(E.ENGINE_GATHER_BATCHES, sizes.gatherBatches);
    this.#set(E.ENGINE_FREE_BATCH, sizes.freeBatch);
    this.setPcp(63, 0x7fffffff);
  }

  #writeRecipes(): void {
    const { stepRow, rowRole, rowLoads, rowStores, rowClass } = this.recipes;
    const buffer = this.#kernels.buffer;
    new Uint32Array(buffer, regionOf(this.#plan, "stepRow"), stepRow.length).set(stepRow);
    const rows = new Uint8Array(buffer, regionOf(this.#plan, "rows"), rowRole.length * E.ROW_BYTES);
    rowRole.forEach((role, row) => {
      rows.set([role, rowLoads[row] ?? 0, rowStores[row] ?? 0, rowClass[row] ?? 0], row * E.ROW_BYTES);
    });
  }

  #call(name: string, ...args: number[]): number {
    const result = this.#kernels.call(name, this.#engine, ...args);
    if (this.#state[E.ENGINE_POOL_FULL >> 2] !== 0) throw this.#poolFull();
    if ((this.#state[E.ENGINE_STREAM_COUNT >> 2] as number) >= STREAM_RECORDS - STREAM_MARGIN) this.#takeStream();
    return result;
  }

  #poolFull(): InputError {
    const blocks = this.#state[E.ENGINE_POOL_BLOCKS >> 2] as number;
    return new InputError({
      what: `more than ${blocks} blocks of 128 MiB of hot-added memory are touched`,
      expected: "at most 256 GiB of touched pages; the rest of the range may be as large as 16 TiB",
    });
  }

  /** Address of the entry of a page; 0 when nothing touched its block. */
  #entryAt(page: number): number {
    const entries = this.#blockTable[page >>> E.ENGINE_BLOCK_SHIFT] as number;
    return entries === 0 ? 0 : entries + (page & (E.ENGINE_BLOCK_PAGES - 1)) * E.ENTRY_BYTES;
  }

  #materialised(page: number): number {
    if (this.#entryAt(page) === 0) this.#call("engineTouchBlock", page);
    return this.#entryAt(page);
  }

  /** Blocks of 128 MiB, from the base, that are free as a whole and untouched: their chunks follow all others. */
  freeBlocks(firstBlock: number, endBlock: number): void {
    this.#set(E.ENGINE_LAZY_NEXT, firstBlock);
    this.#set(E.ENGINE_LAZY_END, endBlock);
  }

  /** pfn -> page of the engine; NONE stays. */
  #page(pfn: number): number {
    return pfn === NONE ? NONE : pfn - this.basePfn;
  }

  #pfn(page: number): number {
    return page === NONE ? NONE : (page >>> 0) + this.basePfn;
  }

  #takeStream(): void {
    const count = this.#state[E.ENGINE_STREAM_COUNT >> 2] as number;
    const sink = this.#sink;
    if (sink === undefined) return;
    for (let i = 0, at = 0; i < count; i++, at += E.ENGINE_TOUCH_BYTES)
      sink(
        this.#stream.getUint32(at + E.ENGINE_TOUCH_PFN, true),
        this.#stream.getUint16(at + E.ENGINE_TOUCH_LOADS, true),
        this.#stream.getUint16(at + E.ENGINE_TOUCH_STORES, true),
        this.#stream.getUint32(at + E.ENGINE_TOUCH_CLASS, true),
      );
    this.#set(E.ENGINE_STREAM_COUNT, 0);
  }

  quietly(build: () => void): void {
    this.#set(E.ENGINE_SILENT, 1);
    build();
    this.#set(E.ENGINE_SILENT, 0);
  }

  freeChunk(pfn: number, order: number): void {
    this.#call("engineFreeChunk", this.#page(pfn), order);
  }
  holdPcp(pfn: number): void {
    this.#call("engineHoldPcp", this.#page(pfn));
  }
  holdAnon(pfn: number): void {
    this.#call("engineHoldAnon", this.#page(pfn));
  }
  setPcp(batch: number, high: number): void {
    this.#set(E.ENGINE_PCP_BATCH, batch);
    this.#set(E.ENGINE_PCP_HIGH, high);
  }
  refill(pfn: number, order: number): number {
    return this.#pfn(this.#call("engineRefill", this.#page(pfn), order));
  }
  take(pfn: number): number {
    return this.#pfn(this.#call("engineTake", this.#page(pfn)));
  }
  commit(pfn: number): void {
    this.#call("engineCommit", this.#page(pfn));
  }
  drain(pfn: number, order: number): void {
    this.#call("engineDrain", this.#page(pfn), order);
  }
  freeOne(pfn: number, order: number): void {
    this.#call("engineFreeOne", this.#page(pfn), order);
  }
  op(op: E.PageOp, pfn: number): number {
    return this.#pfn(this.#call("enginePageOp", op, this.#page(pfn)));
  }
  lruAddDrain(): void {
    this.#call("engineLruAddDrain");
  }
  release(pfns: readonly number[]): number {
    if (pfns.length > RELEASE_PAGES) throw new RangeError(`a release of ${pfns.length} pages`);
    pfns.forEach((pfn, i) => {
      this.#freed[i] = this.#page(pfn);
    });
    return this.#call("engineRelease", pfns.length);
  }
  freeList(pfns: readonly number[]): number {
    pfns.forEach((pfn, i) => {
      this.#freed[i] = this.#page(pfn);
    });
    return this.#call("engineFreeList", pfns.length);
  }
  takeChunk(step: E.Step, pfn: number): void {
    this.remove(step, pfn);
    this.#memory.setInt8(this.#materialised(this.#page(pfn)) + E.ENTRY_ORDER, -1);
  }
  markCache(pfn: number): void {
    const at = this.#materialised(this.#page(pfn)) + E.ENTRY_FLAGS;
    this.#memory.setUint16(at, this.#memory.getUint16(at, true) | E.PAGE_CACHE, true);
  }
  freeNext(index: number): number {
    return this.#pfn(this.#call("engineFreeNext", index));
  }
  run(step: E.Step, pfn: number, prev = NONE, next = NONE): void {
    this.#call("engineRun", step, this.#page(pfn), this.#page(prev), this.#page(next));
  }
  remove(step: E.Step, pfn: number): void {
    this.#call("engineRemove", step, this.#page(pfn));
  }
  add(step: E.Step, list: number, pfn: number, where: number): void {
    this.#call("engineAdd", step, list, this.#page(pfn), where);
  }
  flagsOf(pfn: number): number {
    const at = this.#entryAt(this.#page(pfn));
    return at === 0 ? 0 : this.#memory.getUint16(at + E.ENTRY_FLAGS, true) & ~E.PAGE_SEEN;
  }
  mapcountOf(pfn: number): number {
    const at = this.#entryAt(this.#page(pfn));
    return at === 0 ? 0 : this.#memory.getUint32(at + E.ENTRY_MAPCOUNT, true);
  }
  orderOf(pfn: number): number {
    const at = this.#entryAt(this.#page(pfn));
    return at === 0 ? -1 : this.#memory.getInt8(at + E.ENTRY_ORDER);
  }
  lastOf(list: number): number {
    return this.#pfn((this.#state[(E.ENGINE_LISTS >> 2) + list * 2 + 1] as number) - 1);
  }
  setIsolated(pfn: number, isolated: boolean): void {
    const at = this.#materialised((this.#page(pfn) & ~511) >>> 0) + E.ENTRY_FLAGS;
    const flags = this.#memory.getUint16(at, true);
    this.#memory.setUint16(at, isolated ? flags | E.PAGE_ISOLATED : flags & ~E.PAGE_ISOLATED, true);
  }
  /** Faults so many anonymous pages, without a call a page; fewer when memory runs out. Where nothing is recorded. */
  faultRun(nrPages: number): number[] {
    const vector = regionOf(this.#plan, "vector");
    const most = this.#sink === undefined ? VECTOR_PAGES : STREAMED_PAGES;
    const pfns: number[] = [];
    while (pfns.length < nrPages) {
      const want = Math.min(most, nrPages - pfns.length);
      const got = this.#call("engineFaultRun", vector, want);
      const pages = new Uint32Array(this.#kernels.buffer, vector, got);
      for (let i = 0; i < got; i++) pfns.push(this.basePfn + (pages[i] as number));
      if (got < want) break;
    }
    return pfns;
  }

  /** Unmaps in this order, in gathers as long as the kernel's. Only without a sink: a gather overflows the stream. */
  unmapRun(pfns: readonly number[]): void {
    if (this.#sink !== undefined) throw new RangeError("unmapRun hands out no stream of touches");
    const vector = regionOf(this.#plan, "vector");
    const { gatherBundle, gatherBatch, gatherBatches } = this.recipes.sizes;
    const gather = gatherBundle + gatherBatch * gatherBatches;
    const most = Math.floor(VECTOR_PAGES / gather) * gather;
    const pages = new Uint32Array(this.#kernels.buffer, vector, VECTOR_PAGES);
    for (let from = 0; from < pfns.length; from += most) {
      const part = pfns.slice(from, from + most);
      part.forEach((pfn, i) => {
        pages[i] = pfn - this.basePfn;
      });
      this.#call("engineUnmapRun", vector, part.length);
    }
  }

  /** 4 KiB pages on pcp lists. */
  listPages(): number {
    let pages = 0;
    for (let page = 0; page < this.nrPages; page++) {
      const list = this.#memory.getUint8(this.#materialised(page) + E.ENTRY_LIST);
      if (list === E.LIST_PCP) pages++;
      if (list === E.LIST_PCP_HUGE) pages += E.ENGINE_HUGE_PAGES;
    }
    return pages;
  }
  flush(): void {
    this.#call("engineFlush");
    this.#takeStream();
  }
  totals(): EngineTotals {
    const u64 = (offset: number): number =>
      (this.#state[offset >> 2] as number) + (this.#state[(offset >> 2) + 1] as number) * 2 ** 32;
    return {
      touches: u64(E.ENGINE_TOUCHES),
      loads: u64(E.ENGINE_LOADS),
      stores: u64(E.ENGINE_STORES),
      distinctPages: u64(E.ENGINE_DISTINCT),
      surprises: this.#state[E.ENGINE_SURPRISES >> 2] as number,
    };
  }
  rowRuns(): readonly number[] {
    const nr = this.recipes.rowRole.length;
    return Array.from(new BigUint64Array(this.#kernels.buffer, regionOf(this.#plan, "rowRuns"), nr), Number);
  }
}
