import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import * as layout from "../../assembly/layout/hotplug.ts";
import { STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { addTouchCounts, type CacheGeometry, readTouchCounts, type TouchCounts } from "../counts.ts";
import { HotplugError } from "../errors.ts";
import { pageFlagsOf, STRUCT_PAGE_FORMATS } from "../linux/hotplugKernel.ts";
import { encodeRecipe, recipeFunctions } from "../linux/hotplugRecipe.ts";
import { initCache } from "./cache.ts";
import { type ContextArgs, type ContextExport, type ExportArgs, loadWasm, type WasmInstance } from "./instance.ts";
import { initClassCaches } from "./lineClasses.ts";
import { writeContext } from "./memmapContext.ts";
import {
  checkOptions,
  DEFAULT_NID,
  DEFAULT_START_PFN,
  type HotplugOptions,
  type MemmapRegions,
  memmapRegions,
  nrClassesOf,
  windowBytes,
  ZONE_INDEX,
  type ZoneKind,
} from "./memmapRegions.ts";
import { readZone, type ZoneCounts } from "./memmapZone.ts";
import { regionOf } from "./memory.ts";

/** Loads and stores of one kernel function. */
export type FunctionTouches = readonly [kernelFunction: string, loads: number, stores: number];

/** What the struct pages of hot-added memory saw since counts were last taken. */
export interface AccessTotals {
  readonly loads: number;
  readonly stores: number;
  /** Consecutive accesses to one struct page, coalesced. */
  readonly touches: number;
  readonly counts: TouchCounts;
}

export interface AccessCounts extends AccessTotals {
  readonly byFunction: readonly FunctionTouches[];
}

/**
 * Memory blocks of one device in one zone, with the struct pages of one block at a time in a window of linear
 * memory. The free lists of all blocks are exact: a link to a page outside the window lives in the pageblock
 * table.
 */
export class Hotplug {
  readonly kernels: WasmInstance;
  readonly startPfn: number;
  readonly blockPages: number;
  readonly nrBlocks: number;
  readonly offlineInaccessible: boolean;
  private readonly nid: number;
  private readonly plan: MemmapRegions;
  private readonly view: DataView;
  private readonly functions: readonly string[];
  private readonly ctx: number;
  /** Bytes of struct pages in the window: 0 when they are not materialised. */
  private readonly windowBytes: number;
  private readonly nrClasses: number;

  constructor(options: HotplugOptions) {
    checkOptions(options);
    const format = STRUCT_PAGE_FORMATS[options.kernel];
    this.startPfn = options.startPfn ?? DEFAULT_START_PFN;
    this.blockPages = options.blockPages;
    this.nrBlocks = options.nrBlocks;
    this.offlineInaccessible = options.offlineInaccessible ?? false;
    this.nid = options.nid ?? DEFAULT_NID;
    this.functions = recipeFunctions(format.recipe);
    this.windowBytes = windowBytes(options);
    this.nrClasses = nrClassesOf(options);
    this.plan = memmapRegions(options);
    this.kernels = loadWasm(options.build ?? "release", this.plan);
    this.view = new DataView(this.kernels.buffer);
    this.ctx = this.region("context");
    new Uint8Array(this.kernels.buffer, this.region("recipe")).set(encodeRecipe(format.recipe));
    writeContext(this.view, this.plan, options);
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

  private region(name: keyof MemmapRegions["regions"]): number {
    return regionOf(this.plan, name);
  }

  private setU32(offset: number, value: number): void {
    this.view.setUint32(this.ctx + offset, value, true);
  }

  private setU64(offset: number, value: bigint): void {
    this.view.setBigUint64(this.ctx + offset, value, true);
  }

  /**
   * The zone of the blocks that are onlined from now on: another one only while none is online.
   *
   * @error RangeError when blocks are in the other zone
   */
  enterZone(name: ZoneKind): void {
    const index = this.region("zone") + layout.ZONE_INDEX;
    if (this.view.getUint32(index, true) === ZONE_INDEX[name]) return;
    if (this.zone().present !== 0) throw new RangeError(`blocks are online in another zone than ${name}`);
    this.view.setUint32(index, ZONE_INDEX[name], true);
    this.setU64(layout.CTX_PAGE_FLAGS, pageFlagsOf(this.nid, ZONE_INDEX[name]));
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
  run<Name extends ContextExport>(kernel: Name, ...args: ContextArgs<Name>): number {
    const result = this.kernels.call(kernel, ...([this.ctx, ...args] as unknown as ExportArgs<Name>));
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

  zone(): ZoneCounts {
    return readZone(this.view, this.region("zone"));
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

  private takeFunctions(): readonly FunctionTouches[] {
    const functions = new BigUint64Array(this.kernels.buffer, this.region("functions"), layout.NR_FUNCTIONS * 2);
    const byFunction = this.functions.flatMap((name, i): FunctionTouches[] => {
      const loads = Number(functions[2 * i]);
      const stores = Number(functions[2 * i + 1]);
      return loads + stores === 0 ? [] : [[name, loads, stores]];
    });
    functions.fill(0n);
    return byFunction;
  }

  private takeTouchCounts(region: "counters" | "sampleCounters"): TouchCounts {
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
