import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import { PAGE_LRU_NEXT, PAGE_REFCOUNT, STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { CacheGeometry, TouchCounts } from "../counts.ts";
import { cacheBytes } from "./cache.ts";
import { type CheckedPass, countPhases, MAX_PHASES, type Places, runPhase } from "./checkedPasses.ts";
import { loadWasm, type WasmBuild } from "./instance.ts";
import { planMemory } from "./memory.ts";

const LINE_BYTES = STRUCT_PAGE_BYTES;
/** Room for the cursors of `chaseMany`. */
const MAX_CHASES = 64;

/**
 * Linear memory as a test area, and the kernels that measure it. Every method is one call into WebAssembly (or one
 * a pass), to be timed as a whole; `prepare...` methods set up and are not timed.
 */
export interface CalibrationArena {
  readonly bytes: number;
  /** Links lines, `strideBytes` (a power of two) apart, over the first `bytes`, in windows of `windowBytes`. */
  prepareChase(bytes: number, windowBytes: number, strideBytes: number): void;
  /** Follows the prepared chase for `steps` loads, from where it last stood. */
  chase(steps: number): void;
  /** Where the chase stands: a byte offset in linear memory. */
  position(): number;
  /** Struct page numbers in the order of the list of "list churn". */
  listOrder(): number[];
  /** The reference count of every struct page in the area. */
  refcounts(): number[];
  /** Sets `nr` chases on the prepared cycle of `nrNodes` neighbouring lines. */
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
  prepareKernel(kernel: CheckedPass, bytes: number): void;
  /** Runs a kernel over `nrPages` struct pages: passes over the first `bytes`, or that many random ones. */
  runKernel(kernel: CheckedPass, bytes: number, nrPages: number): void;
  /** Runs one phase of a kernel alone. */
  runPhase(kernel: CheckedPass, phase: number, bytes: number, nrPages: number): void;
  /** What the cache model counts for the same run, phase by phase, caches warm from a run before. */
  countKernel(kernel: CheckedPass, bytes: number, nrPages: number, geometry: CacheGeometry): TouchCounts[];
}

/**
 * @param bytes test area; the cache model of `countKernel` gets room for `modelBytes` of its own state
 * @error MemoryPlanTooLarge when wasm32 cannot hold it
 */
export function calibrationArena(bytes: number, build: WasmBuild = "release", modelBytes = 0): CalibrationArena {
  const counterBytes = COUNTERS_BYTES * MAX_PHASES;
  const plan = planMemory(
    { cursors: MAX_CHASES * 4, head: LINE_BYTES, counters: counterBytes, cache: modelBytes, area: bytes },
    "calibration",
  );
  const kernels = loadWasm(build, plan);
  const { cursors, area, head, cache, counters } = plan.regions;
  const cursorView = new Uint32Array(kernels.buffer, cursors, MAX_CHASES);
  const places: Places = { kernels, area, head, cache, counters };
  const linesOf = (size: number): number => Math.floor(size / LINE_BYTES);
  let at = area;
  let seed = 1;

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
    position: () => at,
    listOrder: () => listOrder(places, linesOf(bytes)),
    refcounts: () => refcounts(places, linesOf(bytes)),
    prepareChases: (nr, nrNodes) => {
      // Evenly spaced addresses are scattered places on a shuffled cycle.
      for (let i = 0; i < nr; i++) cursorView[i] = area + Math.floor((i * nrNodes) / nr) * LINE_BYTES;
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
      kernels.call("timeInit", area, linesOf(size), 1);
      if (kernel !== "init") kernels.call("timeFreePass", area, linesOf(size), 1);
      if (kernel === "list churn") kernels.call("buildList", places.head, area, linesOf(size), 11);
      runPhase(places, kernel, undefined, linesOf(size), linesOf(size));
    },
    runKernel: (kernel, size, nrPages) => runPhase(places, kernel, undefined, linesOf(size), nrPages),
    runPhase: (kernel, phase, size, nrPages) => runPhase(places, kernel, phase, linesOf(size), nrPages),
    countKernel: (kernel, size, nrPages, geometry) => {
      if (cacheBytes(geometry) > modelBytes) throw new RangeError("the arena has no room for this cache model");
      if (kernel === "list churn") kernels.call("buildList", places.head, area, linesOf(size), 11);
      return countPhases(places, kernel, linesOf(size), nrPages, geometry);
    },
  };
}

/** Pages on the list, in its order; it ends where a list of `nrPages` would. */
function listOrder({ kernels, area, head }: Places, nrPages: number): number[] {
  const words = new Uint32Array(kernels.buffer);
  const next = (node: number): number => words[(node + PAGE_LRU_NEXT) >>> 2] ?? head;
  const order: number[] = [];
  for (let node = next(head); node !== head && order.length <= nrPages; node = next(node)) {
    order.push((node - area) / LINE_BYTES);
  }
  return order;
}

function refcounts({ kernels, area }: Places, nrPages: number): number[] {
  const words = new Uint32Array(kernels.buffer, area, (nrPages * LINE_BYTES) / 4);
  return Array.from({ length: nrPages }, (_, page) => words[(page * LINE_BYTES + PAGE_REFCOUNT) >>> 2] ?? 0);
}
