import { COUNTER_DEMAND, COUNTER_WRITE_BACKS, NR_DEMAND, NR_WRITE_BACKS } from "../assembly/layout/counters.ts";
import { ATTR_CLASS_SHIFT, ATTR_OWNER_SHIFT, NR_LEVELS, NR_OWNERS } from "../assembly/layout/touch.ts";
import { WINDOWS_BYTES } from "../assembly/layout/windows.ts";
import { addWindows, emptyWindows, type MissWindows, readWindows } from "./counts/windows.ts";
import type { RecordedKernel } from "./linux/recordedKernels.ts";
import type { HotplugEvent } from "./scenario/schema.ts";

export {
  addWindows,
  bucketOf,
  distanceOf,
  emptyWindows,
  llcWindowIndex,
  type MissWindows,
  readWindows,
  windowIndex,
} from "./counts/windows.ts";

/**
 * What the cache hierarchy saw: counts only, never nanoseconds. One run's counts price every
 * device and both placements, because only `owner` decides which medium holds a line.
 *
 * @shape demand[attr][level] flattened, attr = class << 2 | owner << 1 | rw; writeBacks[from level][owner]
 */
export interface TouchCounts {
  /** 64 counts: accesses by class, owner, read/write and the level that served them (memory = LLC miss). */
  readonly demand: Float64Array;
  /** 6 counts: dirty lines written back from L1, L2, LLC (the last to memory) by owner. */
  readonly writeBacks: Float64Array;
  /** Which of the misses can overlap. All zero for passes in address order (hotplug): their misses are a stream. */
  readonly windows: MissWindows;
}

/** No touch yet. */
export function emptyTouchCounts(): TouchCounts {
  return { ...emptyDemand(), windows: emptyWindows() };
}

const emptyDemand = (): Omit<TouchCounts, "windows"> => ({
  demand: new Float64Array(NR_DEMAND),
  writeBacks: new Float64Array(NR_WRITE_BACKS),
});

/**
 * Reads a counters region of linear memory: `u64[COUNTERS_BYTES / 8]`. Exact below 2^53.
 *
 * @param windows of the same touches, `readWindows`; none for passes in address order
 */
export function readTouchCounts(counters: BigUint64Array, windows = emptyWindows()): TouchCounts {
  const counts = { ...emptyDemand(), windows };
  // Read for every block of a device: a BigInt each would be garbage.
  const halves = new Uint32Array(counters.buffer, counters.byteOffset, 2 * counters.length);
  const read = (index: number): number => halves[2 * index]! + halves[2 * index + 1]! * 2 ** 32;
  for (let i = 0; i < NR_DEMAND; i++) counts.demand[i] = read(COUNTER_DEMAND + i);
  for (let i = 0; i < NR_WRITE_BACKS; i++) counts.writeBacks[i] = read(COUNTER_WRITE_BACKS + i);
  return counts;
}

/** The same touches twice: of pages as if their pfns were at random, and of pages as they came. */
export interface OrderedCounts {
  readonly random: TouchCounts;
  /** The same `demand` and `writeBacks`, other windows: neighbours come by prefetchers. */
  readonly inOrder: TouchCounts;
}

/** @param windows two regions, random first */
export function readOrderedCounts(counters: BigUint64Array, windows: Uint32Array): OrderedCounts {
  const random = readTouchCounts(counters, readWindows(windows.subarray(0, WINDOWS_BYTES / 4)));
  return { random, inOrder: { ...random, windows: readWindows(windows.subarray(WINDOWS_BYTES / 4)) } };
}

/** `into += times * counts`. */
export function addTouchCounts(into: TouchCounts, counts: TouchCounts, times = 1): void {
  for (let i = 0; i < NR_DEMAND; i++) into.demand[i] = (into.demand[i] ?? 0) + times * (counts.demand[i] ?? 0);
  for (let i = 0; i < NR_WRITE_BACKS; i++)
    into.writeBacks[i] = (into.writeBacks[i] ?? 0) + times * (counts.writeBacks[i] ?? 0);
  addWindows(into.windows, counts.windows, times);
}

/** Where `TouchCounts.demand` holds accesses of a class, owner and direction that a level served. */
export function demandIndex(accessClass: number, owner: number, rw: number, level: number): number {
  return ((accessClass << ATTR_CLASS_SHIFT) | (owner << ATTR_OWNER_SHIFT) | rw) * NR_LEVELS + level;
}

/** Accesses of a class, owner and direction that a level served. */
export function demandOf(counts: TouchCounts, accessClass: number, owner: number, rw: number, level: number): number {
  return counts.demand[demandIndex(accessClass, owner, rw, level)] ?? 0;
}

/** Dirty lines of an owner that left a level downwards. */
export function writeBacksOf(counts: TouchCounts, fromLevel: number, owner: number): number {
  return counts.writeBacks[fromLevel * NR_OWNERS + owner] ?? 0;
}

/** One hotplug event over a whole device, counted. */
export interface EventRun {
  readonly event: HotplugEvent;
  /** Whose struct page code ran. */
  readonly recordedKernel: RecordedKernel;
  /** Pages whose struct pages the event works on. */
  readonly nrPages: number;
  readonly loads: number;
  readonly stores: number;
  readonly touches: number;
  readonly counts: TouchCounts;
  /** The same pass by pass, of all blocks: one pass of a block ends before its next begins. */
  readonly passes: readonly HotplugPass[];
  /** Of one block: what lies between two scheduling points. The longest in time is one of these. */
  readonly stretches: readonly EventStretch[];
}

/** A named pass over struct pages of a block. */
export interface HotplugPass {
  readonly name: HotplugPassName;
  readonly touches: number;
  readonly counts: TouchCounts;
}

export type HotplugPassName =
  | "poison"
  | "self-hosted init"
  | "init"
  | "free pass"
  | "undo isolation"
  | "account"
  | "isolate"
  | "scan"
  | "leave zone";

export interface EventStretch {
  readonly nrPages: number;
  readonly touches: number;
  readonly passes: readonly HotplugPass[];
}

/** The events of a scenario with the memmap in DRAM, where it fits, and on the memory, where it is allowed. */
export interface HotplugRuns {
  readonly dram: readonly EventRun[] | undefined;
  readonly onMemory: readonly EventRun[] | undefined;
}

/** One level of a cache hierarchy: 64-byte lines, least recently used. */
export interface LevelGeometry {
  readonly bytes: number;
  readonly ways: number;
}

export interface CacheGeometry {
  readonly l1: LevelGeometry;
  readonly l2: LevelGeometry;
  readonly llc: LevelGeometry;
}

/** Pages beside each other. */
export interface PageRange {
  readonly startPfn: number;
  readonly nrPages: number;
}
