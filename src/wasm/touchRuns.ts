import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import {
  ENGINE_TOUCH_BYTES,
  ENGINE_TOUCH_CLASS,
  ENGINE_TOUCH_LOADS,
  ENGINE_TOUCH_PFN,
  ENGINE_TOUCH_STORES,
  PENDING_BYTES,
  PENDING_TOUCHES,
} from "../../assembly/layout/engine.ts";
import { WINDOWS_BYTES } from "../../assembly/layout/windows.ts";
import { type CacheGeometry, type OrderedCounts, readOrderedCounts } from "../counts.ts";
import { cacheBytes, countersView, initCache } from "./cache.ts";
import { loadWasm, type WasmBuild, type WasmInstance } from "./instance.ts";
import { type MemoryRegions, planMemory, regionOf } from "./memory.ts";

/** Instructions per touch are passed in units of 2^-8. */
const Q8 = 256;
/** 2^16: beyond it every distance is the longest. */
const MAX_INSTRUCTIONS_PER_TOUCH = 65_536;

/** @error RangeError outside 0 to 65,536 */
export function instructionsQ8(instructionsPerTouch: number): number {
  if (!(instructionsPerTouch >= 0 && instructionsPerTouch <= MAX_INSTRUCTIONS_PER_TOUCH))
    throw new RangeError(`${instructionsPerTouch} instructions per touch: 0 to ${MAX_INSTRUCTIONS_PER_TOUCH}`);
  return Math.round(instructionsPerTouch * Q8);
}

/** Keeps the touches that a page engine hands out, each with its class. */
export class TouchList {
  #view = new DataView(new ArrayBuffer(4096 * ENGINE_TOUCH_BYTES));
  #length = 0;

  readonly add = (pfn: number, loads: number, stores: number, accessClass: number): void => {
    const at = this.#length * ENGINE_TOUCH_BYTES;
    if (at === this.#view.byteLength) this.#grow();
    this.#view.setUint32(at + ENGINE_TOUCH_PFN, pfn, true);
    this.#view.setUint16(at + ENGINE_TOUCH_LOADS, loads, true);
    this.#view.setUint16(at + ENGINE_TOUCH_STORES, stores, true);
    this.#view.setUint32(at + ENGINE_TOUCH_CLASS, accessClass, true);
    this.#length++;
  };

  #grow(): void {
    const longer = new Uint8Array(2 * this.#view.byteLength);
    longer.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(longer.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** @shape records of ENGINE_TOUCH_BYTES */
  bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#length * ENGINE_TOUCH_BYTES);
  }

  nrDistinctPages(): number {
    const pages = new Set<number>();
    for (let i = 0; i < this.#length; i++)
      pages.add(this.#view.getUint32(i * ENGINE_TOUCH_BYTES + ENGINE_TOUCH_PFN, true));
    return pages.size;
  }
}

const BATCH_TOUCHES = 65_536;

/** A cache hierarchy through which lists of touches pass; it keeps its state in between. */
export class TouchRuns {
  readonly #kernels: WasmInstance;
  readonly #plan: MemoryRegions;
  readonly #geometry: CacheGeometry;

  /** @error InputError on bad geometry; MemoryPlanTooLarge */
  constructor(geometry: CacheGeometry, build: WasmBuild = "release") {
    this.#geometry = geometry;
    this.#plan = planMemory(
      {
        cache: cacheBytes(geometry),
        counters: COUNTERS_BYTES,
        windows: 2 * WINDOWS_BYTES,
        pending: PENDING_TOUCHES * PENDING_BYTES,
        touches: BATCH_TOUCHES * ENGINE_TOUCH_BYTES,
      },
      "touches of an operation",
    );
    this.#kernels = loadWasm(build, this.#plan);
    this.empty();
  }

  /** Empties the caches. */
  empty(): void {
    initCache(this.#kernels, this.#region("cache"), this.#geometry);
  }

  /** @param instructionsPerTouch a mean, from one touch to the next */
  run(touches: TouchList, instructionsPerTouch: number): OrderedCounts {
    const [cache, counters, windows, pending, batch] = (
      ["cache", "counters", "windows", "pending", "touches"] as const
    ).map((name) => this.#region(name)) as [number, number, number, number, number];
    const q8 = instructionsQ8(instructionsPerTouch);
    const counted = countersView(this.#kernels, counters, COUNTERS_BYTES).fill(0n);
    const both = new Uint32Array(this.#kernels.buffer, windows, (2 * WINDOWS_BYTES) / 4).fill(0);
    const room = new Uint8Array(this.#kernels.buffer, batch, BATCH_TOUCHES * ENGINE_TOUCH_BYTES);
    const bytes = touches.bytes();
    for (let at = 0; at < bytes.length; at += room.length) {
      const part = bytes.subarray(at, at + room.length);
      room.set(part);
      this.#kernels.call("touchBatch", cache, counters, windows, pending, batch, part.length / ENGINE_TOUCH_BYTES, q8);
    }
    return readOrderedCounts(counted, both);
  }

  #region(name: string): number {
    return regionOf(this.#plan, name);
  }
}
