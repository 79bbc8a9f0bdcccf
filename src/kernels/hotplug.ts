import * as layout from "../../assembly/layout.hotplug.ts";
import { COUNTERS_BYTES, STRUCT_PAGE_BYTES, TOUCH_BYTES } from "../../assembly/layout.ts";
import { addTouchCounts, readTouchCounts, type TouchCounts } from "../counts.ts";
import { HotplugError, InputError } from "../errors.ts";
import { type CacheGeometry, cacheBytes, initCache } from "./cache.ts";
import { checkAtPrep, type HotplugKernel, pageFlagsOf, STRUCT_PAGE_FORMATS } from "./hotplugKernel.ts";
import { encodeRecipe, recipeFunctions } from "./hotplugRecipes.ts";
import { type KernelBuild, type Kernels, loadKernels } from "./instance.ts";
import { classCacheBytes, initClassCaches, lineClasses } from "./lineClasses.ts";
import { type MemoryPlan, planMemory, regionOf } from "./memory.ts";

export interface HotplugOptions {
  readonly kernel: HotplugKernel;
  /** First pfn of the device, a multiple of the section (32768 pages). @default 0x100000 */
  readonly startPfn?: number;
  /** Pages of one memory block: a multiple of the section. */
  readonly blockPages: number;
  readonly nrBlocks: number;
  /** Where the hot-added pages go. @default 1 and "movable" */
  readonly nid?: number;
  readonly zone?: "movable" | "kernel";
  /** CONFIG_DEBUG_VM: struct pages are poisoned at add and when they leave the zone. @default false */
  readonly debugVm?: boolean;
  /** No geometry: accesses are counted, the cache hierarchy is not run. */
  readonly caches?: CacheGeometry;
  /** How many touch records the stream region holds. @default 0: no stream */
  readonly streamRecords?: number;
  /** Without struct pages the pageblock table alone says what idle blocks look like. @default true */
  readonly materialise?: boolean;
  /** Run three of the hierarchy's line classes and count the ordinary one for all like it. @default false */
  readonly sampleClasses?: boolean;
  /** @default "release" */
  readonly build?: KernelBuild;
}

/** Loads and stores of one kernel function. */
export type FunctionCount = readonly [kernelFunction: string, loads: number, stores: number];

/** What the struct pages of hot-added memory saw since the last `takeCounts()`. */
export interface AccessCounts {
  readonly loads: number;
  readonly stores: number;
  /** Consecutive accesses to one struct page, coalesced. */
  readonly touches: number;
  readonly byFunction: readonly FunctionCount[];
  readonly counts: TouchCounts;
}

/** The zone that the blocks are in, as the kernel keeps it. */
export interface ZoneState {
  readonly startPfn: number;
  readonly spanned: number;
  readonly managed: number;
  readonly present: number;
  readonly nrIsolate: number;
  readonly contiguous: boolean;
}

const ZONE_INDEX = { movable: layout.ZONE_MOVABLE, kernel: layout.ZONE_NORMAL } as const;

/**
 * Memory blocks of one device in one zone, with the struct pages of one block at a time in a window of linear
 * memory. The free lists of all blocks are exact: a link to a page outside the window lives in the pageblock
 * table.
 */
export class Hotplug {
  readonly kernels: Kernels;
  readonly startPfn: number;
  readonly blockPages: number;
  readonly nrBlocks: number;
  private readonly plan: MemoryPlan;
  private readonly view: DataView;
  private readonly functions: readonly string[];
  private readonly ctx: number;
  /** Bytes of struct pages in the window: 0 when they are not materialised. */
  private readonly windowBytes: number;
  private readonly nrClasses: number;

  constructor(options: HotplugOptions) {
    checkOptions(options);
    const format = STRUCT_PAGE_FORMATS[options.kernel];
    this.startPfn = options.startPfn ?? 0x100000;
    this.blockPages = options.blockPages;
    this.nrBlocks = options.nrBlocks;
    this.functions = recipeFunctions(format.recipe);
    this.windowBytes = windowBytes(options);
    this.nrClasses = nrClassesOf(options);
    this.plan = planHotplug(options);
    this.kernels = loadKernels(options.build ?? "release", this.plan);
    this.view = new DataView(this.kernels.buffer);
    this.ctx = this.region("context");
    new Uint8Array(this.kernels.buffer, this.region("recipe")).set(encodeRecipe(format.recipe));
    this.writeContext(options);
    this.kernels.call("initHotplug", this.ctx, ZONE_INDEX[options.zone ?? "movable"]);
    this.emptyCaches(options.caches);
  }

  private emptyCaches(caches: CacheGeometry | undefined): void {
    if (!caches) return;
    if (this.nrClasses === 0) initCache(this.kernels, this.region("cache"), caches);
    else initClassCaches(this.kernels, this.region("cache"), caches, this.nrClasses);
  }

  /** Byte offset of the context, for callers that time a kernel. */
  get context(): number {
    return this.ctx;
  }

  private region(name: string): number {
    return regionOf(this.plan, name);
  }

  private setU32(offset: number, value: number): void {
    this.view.setUint32(this.ctx + offset, value, true);
  }

  private setU64(offset: number, value: bigint): void {
    this.view.setBigUint64(this.ctx + offset, value, true);
  }

  private writeContext(options: HotplugOptions): void {
    const format = STRUCT_PAGE_FORMATS[options.kernel];
    const zoneIndex = ZONE_INDEX[options.zone ?? "movable"];
    this.setU32(layout.CTX_WINDOW, this.region("window"));
    this.setU32(layout.CTX_PAGEBLOCKS, this.region("pageblocks"));
    this.setU32(layout.CTX_DEVICE_START, this.startPfn);
    this.setU32(layout.CTX_DEVICE_END, this.startPfn + this.blockPages * this.nrBlocks);
    this.setU32(layout.CTX_ZONE, this.region("zone"));
    this.setU32(layout.CTX_RECIPE, this.region("recipe"));
    this.setU32(layout.CTX_FUNCTIONS, this.region("functions"));
    this.setU32(layout.CTX_CACHE, options.caches ? this.region("cache") : 0);
    this.setU32(layout.CTX_COUNTERS, this.region("counters"));
    this.setU32(layout.CTX_SAMPLE_CLASSES, this.nrClasses);
    this.setU32(layout.CTX_SAMPLE_COUNTERS, this.region("sampleCounters"));
    const { caches } = options;
    this.setU32(
      layout.CTX_CLASS_CACHE_BYTES,
      this.nrClasses > 0 && caches ? classCacheBytes(caches, this.nrClasses) : 0,
    );
    this.setU32(layout.CTX_STREAM, options.streamRecords ? this.region("stream") : 0);
    this.setU32(layout.CTX_STREAM_CAPACITY, options.streamRecords ?? 0);
    this.setU32(layout.CTX_FEATURES, format.features | (options.debugVm ? layout.FEATURE_DEBUG_VM : 0));
    this.setU64(layout.CTX_PAGE_FLAGS, pageFlagsOf(options.nid ?? 1, zoneIndex));
    this.setU64(layout.CTX_INIT_FLAGS, format.initReserved ? 1n << BigInt(format.reservedBit) : 0n);
    this.setU64(layout.CTX_RESERVED_FLAG, 1n << BigInt(format.reservedBit));
    this.setU64(layout.CTX_SELF_HOSTED_FLAG, 1n << BigInt(format.selfHostedBit));
    this.setU64(layout.CTX_LRU_FLAG, 1n << BigInt(format.lruBit));
    this.setU64(layout.CTX_CHECK_AT_PREP, checkAtPrep(format));
    this.setU32(layout.CTX_INIT_TYPE, format.initType);
    this.setU32(layout.CTX_BUDDY_TYPE, format.buddyType);
    this.setU32(layout.CTX_OFFLINE_TYPE, format.offlineType);
  }

  /** The struct pages of the block in the window: 64 bytes a page. */
  window(): Uint8Array {
    return new Uint8Array(this.kernels.buffer, this.region("window"), this.windowBytes);
  }

  blockPfn(block: number): number {
    if (!Number.isInteger(block) || block < 0 || block >= this.nrBlocks) {
      throw new RangeError(`block ${block} of a device of ${this.nrBlocks}`);
    }
    return this.startPfn + block * this.blockPages;
  }

  /** Puts the window over a block, without touching its bytes. */
  openWindow(block: number): void {
    const pfn = this.blockPfn(block);
    this.setU32(layout.CTX_WINDOW_START, pfn);
    this.setU32(layout.CTX_WINDOW_END, pfn + this.windowBytes / STRUCT_PAGE_BYTES);
  }

  /** One kernel on the context; a negative errno throws. */
  run(kernel: string, ...args: readonly number[]): number {
    const result = this.kernels.call(kernel, this.ctx, ...args);
    if (result < 0) throw new HotplugError(kernel, -result, `arguments ${args.join(", ")}`);
    return result;
  }

  zone(): ZoneState {
    const zone = this.region("zone");
    const u32 = (offset: number) => this.view.getUint32(zone + offset, true);
    return {
      startPfn: u32(layout.ZONE_START_PFN),
      spanned: u32(layout.ZONE_SPANNED),
      managed: u32(layout.ZONE_MANAGED),
      present: u32(layout.ZONE_PRESENT),
      nrIsolate: u32(layout.ZONE_NR_ISOLATE),
      contiguous: u32(layout.ZONE_CONTIGUOUS) !== 0,
    };
  }

  /** Pages that the free pass found in a state in which no page is freed: 0 unless a kernel here is wrong. */
  badPages(): number {
    return this.view.getUint32(this.ctx + layout.CTX_BAD_PAGES, true);
  }

  /** Reads the counters and sets them to zero; ends the touch that was still open. */
  takeCounts(): AccessCounts {
    this.kernels.call("flushTouch", this.ctx);
    return this.takePartCounts();
  }

  /** The same between parts of an operation: a touch that is still open will count in the next part. */
  takePartCounts(): AccessCounts {
    const take = (offset: number) => {
      const value = Number(this.view.getBigUint64(this.ctx + offset, true));
      this.setU64(offset, 0n);
      return value;
    };
    const functions = new BigUint64Array(this.kernels.buffer, this.region("functions"), layout.NR_FUNCTIONS * 2);
    const byFunction = this.functions.flatMap((name, i): FunctionCount[] => {
      const loads = Number(functions[2 * i]);
      const stores = Number(functions[2 * i + 1]);
      return loads + stores === 0 ? [] : [[name, loads, stores]];
    });
    functions.fill(0n);
    const counts = this.takeTouchCounts("counters");
    if (this.nrClasses > 0) addTouchCounts(counts, this.takeTouchCounts("sampleCounters"), this.nrClasses - 2);
    return {
      loads: take(layout.CTX_LOADS),
      stores: take(layout.CTX_STORES),
      touches: take(layout.CTX_TOUCHES),
      byFunction,
      counts,
    };
  }

  private takeTouchCounts(region: string): TouchCounts {
    const counters = new BigUint64Array(this.kernels.buffer, this.region(region), COUNTERS_BYTES / 8);
    const counts = readTouchCounts(counters);
    counters.fill(0n);
    return counts;
  }

  /** Drops what was counted and empties the caches: the operations so far were only to reach a state. */
  forgetPast(caches: CacheGeometry | undefined): void {
    this.takeCounts();
    this.setU32(layout.CTX_STREAM_LENGTH, 0);
    this.emptyCaches(caches);
  }

  /** Takes the touch records gathered so far: 12 bytes each, as in a recording. */
  takeStream(): Uint8Array {
    this.kernels.call("flushTouch", this.ctx);
    const length = this.view.getUint32(this.ctx + layout.CTX_STREAM_LENGTH, true);
    const capacity = this.view.getUint32(this.ctx + layout.CTX_STREAM_CAPACITY, true);
    if (length > capacity) throw new RangeError(`${length} touch records, and room for ${capacity}`);
    this.setU32(layout.CTX_STREAM_LENGTH, 0);
    return new Uint8Array(this.kernels.buffer, this.region("stream"), length * TOUCH_BYTES).slice();
  }
}

function planHotplug(options: HotplugOptions): MemoryPlan {
  const nrPages = options.blockPages * options.nrBlocks;
  return planMemory(
    {
      context: layout.CTX_BYTES,
      zone: layout.ZONE_BYTES,
      recipe: layout.NR_STEPS * layout.RECIPE_ROW_BYTES,
      functions: layout.NR_FUNCTIONS * 16,
      counters: COUNTERS_BYTES,
      sampleCounters: COUNTERS_BYTES,
      cache: hierarchyBytes(options),
      pageblocks: (nrPages / layout.PAGEBLOCK_PAGES) * layout.PAGEBLOCK_BYTES,
      stream: (options.streamRecords ?? 0) * TOUCH_BYTES,
      window: windowBytes(options),
    },
    `hotplug of ${options.nrBlocks} blocks of ${options.blockPages} pages`,
  );
}

function nrClassesOf({ sampleClasses, caches }: HotplugOptions): number {
  return sampleClasses && caches ? lineClasses(caches) : 0;
}

function hierarchyBytes(options: HotplugOptions): number {
  const { caches } = options;
  if (!caches) return 0;
  const nrClasses = nrClassesOf(options);
  return nrClasses > 0 ? 3 * classCacheBytes(caches, nrClasses) : cacheBytes(caches);
}

function windowBytes(options: HotplugOptions): number {
  return options.materialise === false ? 0 : options.blockPages * STRUCT_PAGE_BYTES;
}

function checkOptions(options: HotplugOptions): void {
  const { blockPages, nrBlocks, startPfn = 0x100000 } = options;
  const fail = (what: string, expected: string): never => {
    throw new InputError({ what, where: "hotplug", expected, example: "{ blockPages: 32768, nrBlocks: 8 }" });
  };
  const isSections = (pages: number) => Number.isSafeInteger(pages) && pages >= 0 && pages % layout.SECTION_PAGES === 0;
  if (!isSections(blockPages) || blockPages === 0) {
    fail(`a memory block of ${blockPages} pages`, `a multiple of the section, ${layout.SECTION_PAGES} pages`);
  }
  if (!Number.isSafeInteger(nrBlocks) || nrBlocks < 1) fail(`${nrBlocks} memory blocks`, "at least one");
  if (!isSections(startPfn)) fail(`a device at pfn ${startPfn}`, `a multiple of ${layout.SECTION_PAGES} pages`);
  const endPfn = startPfn + blockPages * nrBlocks;
  if (endPfn > layout.FREE_LIST_HEAD) fail(`a device that ends at pfn ${endPfn}`, "an end below 16 TiB");
}
