import * as layout from "../../assembly/layout.hotplug.ts";
import { COUNTERS_BYTES, STRUCT_PAGE_BYTES, TOUCH_BYTES } from "../../assembly/layout.ts";
import { addTouchCounts, readTouchCounts, type TouchCounts } from "../counts.ts";
import { HotplugError } from "../errors.ts";
import { type CacheGeometry, initCache } from "./cache.ts";
import { checkAtPrep, pageFlagsOf, STRUCT_PAGE_FORMATS } from "./hotplugKernel.ts";
import { checkOptions, type HotplugOptions, nrClassesOf, planHotplug, windowBytes } from "./hotplugPlan.ts";
import { encodeRecipe, recipeFunctions } from "./hotplugRecipes.ts";
import { type Kernels, loadKernels } from "./instance.ts";
import { classCacheBytes, initClassCaches } from "./lineClasses.ts";
import { type MemoryPlan, regionOf } from "./memory.ts";

/** Loads and stores of one kernel function. */
export type FunctionCount = readonly [kernelFunction: string, loads: number, stores: number];

/** What the struct pages of hot-added memory saw since counts were last taken. */
export interface AccessTotals {
  readonly loads: number;
  readonly stores: number;
  /** Consecutive accesses to one struct page, coalesced. */
  readonly touches: number;
  readonly counts: TouchCounts;
}

export interface AccessCounts extends AccessTotals {
  readonly byFunction: readonly FunctionCount[];
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
    this.setU32(layout.CTX_SECTIONS, this.region("sections"));
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

  /** The vmem_altmap of a block: byte offset, after its fields were set for a new add. */
  newAltmap(block: number, free: number): number {
    const altmap = this.altmapOf(block);
    new Uint8Array(this.kernels.buffer, altmap, layout.ALTMAP_BYTES).fill(0);
    this.view.setUint32(altmap + layout.ALTMAP_BASE_PFN, this.blockPfn(block), true);
    this.view.setUint32(altmap + layout.ALTMAP_FREE, free, true);
    return altmap;
  }

  altmapOf(block: number): number {
    return this.region("altmaps") + block * layout.ALTMAP_BYTES;
  }

  /** Pages that a block's altmap gave to the memmap and has not got back. */
  altmapAlloc(block: number): number {
    return this.view.getUint32(this.altmapOf(block) + layout.ALTMAP_ALLOC, true);
  }

  /** The pfn of the page that holds the struct page of `pfn`, or "dram", or undefined when it has none. */
  memmapPfn(pfn: number): number | "dram" | undefined {
    const index = pfn - this.startPfn;
    const section = this.region("sections") + 4 * Math.floor(index / layout.SECTION_PAGES);
    const slice = this.view.getUint32(section, true);
    if (slice === layout.SLICE_NONE) return undefined;
    if (slice === layout.SLICE_IN_DRAM) return "dram";
    return slice + Math.floor(((index % layout.SECTION_PAGES) * STRUCT_PAGE_BYTES) / 4096);
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
    return { ...this.takeTotals(), byFunction: this.takeFunctions() };
  }

  /** The same without the functions. */
  takeTotals(): AccessTotals {
    this.kernels.call("flushTouch", this.ctx);
    return this.takePartTotals();
  }

  /** The same between parts of an operation: a touch that is still open will count in the next part. */
  takePartTotals(): AccessTotals {
    const take = (offset: number) => {
      const value =
        this.view.getUint32(this.ctx + offset, true) + this.view.getUint32(this.ctx + offset + 4, true) * 2 ** 32;
      this.setU64(offset, 0n);
      return value;
    };
    const counts = this.takeTouchCounts("counters");
    if (this.nrClasses > 0) addTouchCounts(counts, this.takeTouchCounts("sampleCounters"), this.nrClasses - 2);
    return {
      loads: take(layout.CTX_LOADS),
      stores: take(layout.CTX_STORES),
      touches: take(layout.CTX_TOUCHES),
      counts,
    };
  }

  private takeFunctions(): readonly FunctionCount[] {
    const functions = new BigUint64Array(this.kernels.buffer, this.region("functions"), layout.NR_FUNCTIONS * 2);
    const byFunction = this.functions.flatMap((name, i): FunctionCount[] => {
      const loads = Number(functions[2 * i]);
      const stores = Number(functions[2 * i + 1]);
      return loads + stores === 0 ? [] : [[name, loads, stores]];
    });
    functions.fill(0n);
    return byFunction;
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
