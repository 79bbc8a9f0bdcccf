import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import * as E from "../../assembly/layout/engine.ts";
import { PAGEBLOCK_PAGES } from "../../assembly/layout/hotplug.ts";
import { WINDOWS_BYTES } from "../../assembly/layout/windows.ts";
import type { CacheGeometry, PageRange } from "../counts.ts";
import { InputError } from "../errors.ts";
import type { CompiledRecipes } from "../linux/recipes/compile.ts";
import type { KernelSizes } from "../linux/recipes/table.ts";
import { cacheBytes, countersView, initCache } from "./cache.ts";
import {
  type ContextArgs,
  type ExportArgs,
  type ExportName,
  loadWasm,
  type WasmBuild,
  type WasmInstance,
} from "./instance.ts";
import { type MemoryRegions, planMemory, regionOf } from "./memory.ts";
import { NONE, type TouchSink } from "./pageEngine.ts";

const BLOCK_BYTES = E.ENGINE_BLOCK_PAGES * E.ENTRY_BYTES;
/** 256 GiB of touched pages take 1 GiB of entries. */
const MAX_POOL_BLOCKS = 2048;
/** Pages of one call of `faultRun` or `unmapRun`; what they touch must fit the stream when there is a sink. */
export const VECTOR_PAGES = 65_536;
/** At most so many pages in one release: struct mmu_gather gives 512. */
export const RELEASE_PAGES = 1024;
const STREAM_RECORDS = 131_072;
/** A call adds at most this many touches (a refill or release of huge pages), so the stream never overflows. */
const STREAM_MARGIN = 65_536;

export interface EngineOptions {
  /** @default "release" */
  readonly build?: WasmBuild;
  /** Touches pass through caches of this geometry, empty at the start: `counts()` tells. */
  readonly caches?: CacheGeometry;
  /** Blocks of 128 MiB that may be touched. @default all of the range, at most 2048 (256 GiB) */
  readonly poolBlocks?: number;
}

export type EngineRegion =
  | "engine"
  | "stepRow"
  | "rows"
  | "rowRuns"
  | "freed"
  | "stream"
  | "caches"
  | "counters"
  | "windows"
  | "pending"
  | "vector"
  | "blockTable"
  | "zones"
  | "pageblocks"
  | "pages";

/** The WebAssembly memory of one engine: its regions, its header, entries of pages, and the stream of touches. */
export class EngineMemory {
  readonly basePfn: number;
  readonly data: DataView;
  readonly freed: Uint32Array;
  readonly #kernels: WasmInstance;
  readonly #plan: MemoryRegions<EngineRegion>;
  readonly #engine: number;
  readonly #state: Uint32Array;
  readonly #blockTable: Uint32Array;
  readonly #stream: DataView;
  readonly #sink: TouchSink | undefined;

  /** @error MemoryPlanTooLarge */
  constructor(
    recipes: CompiledRecipes,
    range: { readonly basePfn: number; readonly nrPages: number },
    sink: TouchSink | undefined,
    options: EngineOptions,
  ) {
    const { stepRow, rowRole } = recipes;
    const nrBlocks = Math.ceil(range.nrPages / E.ENGINE_BLOCK_PAGES);
    const poolBlocks = Math.min(nrBlocks, options.poolBlocks ?? MAX_POOL_BLOCKS);
    this.basePfn = range.basePfn;
    this.#sink = sink;
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
        windows: 2 * WINDOWS_BYTES,
        pending: E.PENDING_TOUCHES * E.PENDING_BYTES,
        vector: VECTOR_PAGES * 4,
        blockTable: nrBlocks * 4,
        zones: nrBlocks,
        pageblocks: Math.ceil((range.nrPages * E.PAGEBLOCK_BITS) / (8 * PAGEBLOCK_PAGES)),
        pages: poolBlocks * BLOCK_BYTES,
      },
      `struct pages of ${range.nrPages} pages`,
    );
    this.#kernels = loadWasm(options.build ?? "release", this.#plan);
    const buffer = this.#kernels.buffer;
    this.#engine = this.region("engine");
    this.#state = new Uint32Array(buffer, this.#engine, E.ENGINE_HEADER_BYTES / 4);
    this.data = new DataView(buffer);
    this.#blockTable = new Uint32Array(buffer, this.region("blockTable"), nrBlocks);
    this.freed = new Uint32Array(buffer, this.region("freed"), RELEASE_PAGES);
    this.#stream = new DataView(buffer, this.region("stream"), STREAM_RECORDS * E.ENGINE_TOUCH_BYTES);
    this.set(E.ENGINE_NR_PAGES, range.nrPages);
    this.set(E.ENGINE_POOL_BLOCKS, poolBlocks);
    this.#writeRegions();
    this.#writeSizes(recipes.sizes);
    this.#writeRecipes(recipes);
    this.call("engineInit");
    if (options.caches === undefined) return;
    initCache(this.#kernels, this.region("caches"), options.caches);
    this.set(E.ENGINE_CACHE, this.region("caches"));
    this.set(E.ENGINE_COUNTERS, this.region("counters"));
    this.set(E.ENGINE_PENDING, this.region("pending"));
    this.set(E.ENGINE_WINDOWS, this.region("windows"));
  }

  region(name: EngineRegion): number {
    return regionOf(this.#plan, name);
  }

  u32s(region: EngineRegion, length: number): Uint32Array {
    return new Uint32Array(this.#kernels.buffer, this.region(region), length);
  }

  u64s(region: EngineRegion, length: number): BigUint64Array {
    return new BigUint64Array(this.#kernels.buffer, this.region(region), length);
  }

  counters(): BigUint64Array {
    return countersView(this.#kernels, this.region("counters"), COUNTERS_BYTES);
  }

  /** Two regions: pages at random, and in pfn order. */
  windows(): Uint32Array {
    return this.u32s("windows", (2 * WINDOWS_BYTES) / 4);
  }

  get(offset: number): number {
    return this.#state[offset >> 2] as number;
  }

  getU64(offset: number): number {
    return this.get(offset) + this.get(offset + 4) * 2 ** 32;
  }

  set(offset: number, value: number): void {
    this.#state[offset >> 2] = value;
  }

  #writeRegions(): void {
    this.set(E.ENGINE_BASE_PFN, this.basePfn);
    this.set(E.ENGINE_BLOCK_TABLE, this.region("blockTable"));
    this.set(E.ENGINE_PAGES, this.region("pages"));
    this.set(E.ENGINE_PAGEBLOCKS, this.region("pageblocks"));
    this.set(E.ENGINE_ZONES, this.region("zones"));
    this.set(E.ENGINE_STEP_ROW, this.region("stepRow"));
    this.set(E.ENGINE_ROWS, this.region("rows"));
    this.set(E.ENGINE_ROW_RUNS, this.region("rowRuns"));
    this.set(E.ENGINE_FREED, this.region("freed"));
    this.set(E.ENGINE_STREAM, this.region("stream"));
    this.set(E.ENGINE_STREAM_CAPACITY, this.#sink === undefined ? 0 : STREAM_RECORDS);
  }

  #writeSizes(sizes: KernelSizes): void {
    this.set(E.ENGINE_FOLIO_BATCH, sizes.folioBatch);
    this.set(E.ENGINE_RELEASE_LOCK_BATCH, sizes.releaseLockBatch);
    this.set(E.ENGINE_FREES_BACKWARDS, sizes.freeBatch === 0 ? 1 : 0);
    this.set(E.ENGINE_ACTIVATES, sizes.activates ? 1 : 0);
    this.set(E.ENGINE_THP_QUEUED, sizes.thpQueuedAtFault ? 1 : 0);
    this.set(E.ENGINE_THP_AT_ONCE, sizes.thpFreedAtOnce ? 1 : 0);
    this.set(E.ENGINE_GATHER_BUNDLE, sizes.gatherBundle);
    this.set(E.ENGINE_GATHER_BATCH, sizes.gatherBatch);
    this.set(E.ENGINE_GATHER_BATCHES, sizes.gatherBatches);
    this.set(E.ENGINE_FREE_BATCH, sizes.freeBatch);
    this.set(E.ENGINE_FREE_TYPE_OF_BLOCK, sizes.freeTypeOfBlock ? 1 : 0);
    this.set(E.ENGINE_MIGRATES_IN_BATCHES, sizes.migratesInBatches ? 1 : 0);
    this.set(E.ENGINE_CLAIMS_BLOCKS, sizes.claimsBlocks ? 1 : 0);
  }

  #writeRecipes({ stepRow, rowRole, rowLoads, rowStores, rowClass }: CompiledRecipes): void {
    this.u32s("stepRow", stepRow.length).set(stepRow);
    const rows = new Uint8Array(this.#kernels.buffer, this.region("rows"), rowRole.length * E.ROW_BYTES);
    rowRole.forEach((role, row) => {
      rows.set([role, rowLoads[row] ?? 0, rowStores[row] ?? 0, rowClass[row] ?? 0], row * E.ROW_BYTES);
    });
  }

  /** One call of the engine; its stream is emptied when it is nearly full. @error InputError when the pool is full */
  call<Name extends Extract<ExportName, `engine${string}`>>(name: Name, ...args: ContextArgs<Name>): number {
    const result = this.#kernels.call(name, ...([this.#engine, ...args] as unknown as ExportArgs<Name>));
    if (this.get(E.ENGINE_POOL_FULL) !== 0) throw this.#poolFull();
    if (this.get(E.ENGINE_STREAM_COUNT) >= STREAM_RECORDS - STREAM_MARGIN) this.takeStream();
    return result;
  }

  #poolFull(): InputError {
    return new InputError({
      what: `more than ${this.get(E.ENGINE_POOL_BLOCKS)} blocks of 128 MiB of hot-added memory are touched`,
      expected: "at most 256 GiB of touched pages; the rest of the range may be as large as 16 TiB",
    });
  }

  /** Address of the entry of a page; 0 when nothing touched its block. */
  entryAt(page: number): number {
    const entries = this.#blockTable[page >>> E.ENGINE_BLOCK_SHIFT] as number;
    return entries === 0 ? 0 : entries + (page & (E.ENGINE_BLOCK_PAGES - 1)) * E.ENTRY_BYTES;
  }

  materialised(page: number): number {
    if (this.entryAt(page) === 0) this.call("engineTouchBlock", page);
    return this.entryAt(page);
  }

  /** pfn -> page of the engine; NONE stays. */
  pageOf(pfn: number): number {
    return pfn === NONE ? NONE : pfn - this.basePfn;
  }

  pagesOf({ startPfn, nrPages }: PageRange): { readonly first: number; readonly end: number } {
    const first = startPfn - this.basePfn;
    return { first, end: first + nrPages };
  }

  pfnOf(page: number): number {
    return page === NONE ? NONE : (page >>> 0) + this.basePfn;
  }

  /** Hands what waits in the stream to the sink. */
  takeStream(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    const count = this.get(E.ENGINE_STREAM_COUNT);
    for (let i = 0, at = 0; i < count; i++, at += E.ENGINE_TOUCH_BYTES)
      sink(
        this.#stream.getUint32(at + E.ENGINE_TOUCH_PFN, true),
        this.#stream.getUint16(at + E.ENGINE_TOUCH_LOADS, true),
        this.#stream.getUint16(at + E.ENGINE_TOUCH_STORES, true),
        this.#stream.getUint32(at + E.ENGINE_TOUCH_CLASS, true),
      );
    this.set(E.ENGINE_STREAM_COUNT, 0);
  }
}
