import {
  ATTR_CLASS_SHIFT,
  CLASS_STREAM,
  COUNTERS_BYTES,
  RW_READ,
  RW_WRITE,
  STRUCT_PAGE_BYTES,
} from "../../assembly/layout.ts";
import { readTouchCounts, type TouchCounts } from "../counts.ts";
import { type CacheGeometry, cacheBytes, countersView, initCache } from "./cache.ts";
import { type KernelBuild, loadKernels } from "./instance.ts";
import { planMemory, regionOf } from "./memory.ts";

const LINE_BYTES = STRUCT_PAGE_BYTES;
/** Room for the cursors of `chaseMany`. */
const MAX_CHASES = 64;
/** Pages that the free pass releases before it checks them (order 10). */
const FREE_CHUNK_PAGES = 1024;

/** The struct page passes that are measured and predicted. */
export const CHECKED_KERNELS = ["init", "free pass", "scan", "scan movable", "random update", "list churn"] as const;
export type CheckedKernel = (typeof CHECKED_KERNELS)[number];

/**
 * Linear memory as a test area, and the kernels that measure it. Every method is one call into WebAssembly, to be
 * timed as a whole; `prepare...` methods set up and are not.
 */
export interface CalibrationArena {
  readonly bytes: number;
  /** Links lines, `strideBytes` apart, over the first `bytes`, in windows of `windowBytes`. */
  prepareChase(bytes: number, windowBytes: number, strideBytes: number): void;
  /** Follows the prepared chase for `steps` loads, from where it last stood. */
  chase(steps: number): void;
  /** Sets `nr` chases evenly on the prepared cycle of `nrNodes`. */
  prepareChases(nr: number, nrNodes: number): void;
  /** `steps` loads of each of `nr` chases. */
  chases(nr: number, steps: number): void;
  /** `steps` x two dependent one-cycle instructions. */
  spin(steps: number): void;
  streamRead(bytes: number): void;
  streamStore(bytes: number): void;
  /** `steps` stores to random lines of the first `bytes`. */
  randomStore(bytes: number, steps: number): void;
  /** Brings the struct pages in the first `bytes` into the state the kernel expects, and into the caches. */
  prepareKernel(kernel: CheckedKernel, bytes: number): void;
  /** Runs a kernel over `nrPages` struct pages: whole passes over `bytes`, or that many random ones. */
  runKernel(kernel: CheckedKernel, bytes: number, nrPages: number): void;
  /** What the cache model counts for the same run, caches warm from a run before. */
  countKernel(kernel: CheckedKernel, bytes: number, nrPages: number, geometry: CacheGeometry): TouchCounts;
}

/**
 * @param bytes test area; the cache model of `countKernel` gets room for `modelBytes` of its own state
 * @error MemoryPlanTooLarge when wasm32 cannot hold it
 */
export function calibrationArena(bytes: number, build: KernelBuild = "release", modelBytes = 0): CalibrationArena {
  const plan = planMemory(
    { cursors: MAX_CHASES * 4, head: LINE_BYTES, counters: COUNTERS_BYTES, cache: modelBytes, area: bytes },
    "calibration",
  );
  const kernels = loadKernels(build, plan);
  const area = regionOf(plan, "area");
  const cursors = regionOf(plan, "cursors");
  const head = regionOf(plan, "head");
  const cache = regionOf(plan, "cache");
  const counters = regionOf(plan, "counters");
  const cursorView = new Uint32Array(kernels.buffer, cursors, MAX_CHASES);
  const linesOf = (size: number): number => Math.floor(size / LINE_BYTES);
  let at = area;
  let seed = 1;

  /** Whole passes of a streaming kernel; the last one may be shorter. */
  const passes = (name: string, size: number, nrPages: number): void => {
    const perPass = linesOf(size);
    for (let left = nrPages; left > 0; left -= perPass) kernels.call(name, area, Math.min(left, perPass));
  };
  const run: Readonly<Record<CheckedKernel, (size: number, nrPages: number) => void>> = {
    init: (size, nr) => passes("timeInit", size, nr),
    "free pass": (size, nr) => passes("timeFreePass", size, nr),
    scan: (size, nr) => passes("timeScan", size, nr),
    "scan movable": (size, nr) => passes("timeScanMovable", size, nr),
    "random update": (size, nr) => {
      seed = kernels.callU32("randomUpdate", area, linesOf(size), nr, seed);
    },
    "list churn": (_, nr) => {
      kernels.call("churnList", head, nr);
    },
  };
  const sweep = (firstPage: number, nrPages: number, rw: number): void => {
    const attr = (CLASS_STREAM << ATTR_CLASS_SHIFT) | rw;
    kernels.call("sweep", cache, counters, area / LINE_BYTES + firstPage, nrPages, 1, attr);
  };
  const sweepChunks = (nrPages: number): void => {
    for (let done = 0; done < nrPages; done += FREE_CHUNK_PAGES) {
      const nr = Math.min(FREE_CHUNK_PAGES, nrPages - done);
      sweep(done, nr, RW_WRITE);
      sweep(done, nr, RW_WRITE);
    }
  };
  const countPasses = (size: number, nrPages: number, pass: (nr: number) => void): void => {
    for (let left = nrPages; left > 0; left -= linesOf(size)) pass(Math.min(left, linesOf(size)));
  };
  const count: Readonly<Record<CheckedKernel, (size: number, nrPages: number) => void>> = {
    init: (size, nr) => countPasses(size, nr, (n) => sweep(0, n, RW_WRITE)),
    "free pass": (size, nr) => countPasses(size, nr, sweepChunks),
    scan: (size, nr) => countPasses(size, nr, (n) => sweep(0, n, RW_READ)),
    "scan movable": (size, nr) => countPasses(size, nr, (n) => sweep(0, n, RW_READ)),
    "random update": (size, nr) => {
      seed = kernels.callU32("countRandomUpdate", cache, counters, area / LINE_BYTES, linesOf(size), nr, seed);
    },
    "list churn": (_, nr) => {
      kernels.call("countChurnList", cache, counters, head, nr);
    },
  };

  return {
    bytes,
    prepareChase: (size, windowBytes, strideBytes) => {
      const shift = Math.log2(strideBytes);
      kernels.call("buildChase", area, size / strideBytes, Math.min(size, windowBytes) / strideBytes, shift, 7);
      at = area;
    },
    chase: (steps) => {
      at = kernels.callU32("chase", at, steps);
    },
    prepareChases: (nr, nrNodes) => {
      for (let i = 0; i < nr; i++) {
        cursorView[i] = i === 0 ? area : kernels.callU32("chase", cursorView[i - 1] ?? area, Math.floor(nrNodes / nr));
      }
    },
    chases: (nr, steps) => {
      kernels.call("chaseMany", cursors, nr, steps);
    },
    spin: (steps) => {
      kernels.call("spin", steps);
    },
    streamRead: (size) => {
      kernels.call("streamRead", area, linesOf(size));
    },
    streamStore: (size) => {
      kernels.call("streamStore", area, linesOf(size), 3);
    },
    randomStore: (size, steps) => {
      seed = kernels.callU32("randomStore", area, linesOf(size), steps, seed);
    },
    prepareKernel: (kernel, size) => {
      kernels.call("timeInit", area, linesOf(size));
      if (kernel !== "init") kernels.call("timeFreePass", area, linesOf(size));
      if (kernel === "list churn") kernels.call("buildList", head, area, linesOf(size), 11);
      run[kernel](size, linesOf(size));
    },
    runKernel: (kernel, size, nrPages) => run[kernel](size, nrPages),
    countKernel: (kernel, size, nrPages, geometry) => {
      if (cacheBytes(geometry) > modelBytes) throw new RangeError("the arena has no room for this cache model");
      initCache(kernels, cache, geometry);
      const view = countersView(kernels, counters, COUNTERS_BYTES);
      sweep(0, linesOf(size), RW_WRITE);
      count[kernel](size, linesOf(size));
      view.fill(0n);
      count[kernel](size, nrPages);
      return readTouchCounts(view);
    },
  };
}
