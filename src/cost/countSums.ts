import {
  LEVEL_L2,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_CLASSES,
  NR_OWNERS,
  RW_READ,
  RW_WRITE,
} from "../../assembly/layout/touch.ts";
import {
  MISS_ADJACENT,
  MISS_DEMAND,
  MISS_DEPENDENT,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
  NR_WINDOW_BUCKETS,
  PREFETCHED_IN_PAGE,
  PREFETCHED_RESTART,
} from "../../assembly/layout/windows.ts";
import { type BucketCounts, bucketCounts } from "../counts/windows.ts";
import { demandOf, llcWindowIndex, type TouchCounts, windowIndex, writeBacksOf } from "../counts.ts";

/** Misses of one owner that memory served, by what can overlap. */
export interface WindowSums {
  readonly unknown: BucketCounts;
  readonly independent: BucketCounts;
  readonly adjacent: BucketCounts;
  /** Their distance does not matter. */
  readonly dependent: number;
  readonly prefetched: number;
  /** The first two lines of each 4 KiB of a stream. */
  readonly restarts: number;
}

/** The sums of counts that a price depends on; taken once, priced many times. */
export interface CountSums {
  /** Touches served by L2 and by the LLC, by access class. */
  readonly l2Hits: Float64Array;
  readonly llcHits: Float64Array;
  /** Touches served by memory, by owner and access class: all of them, and those that no window holds. */
  readonly misses: readonly Float64Array[];
  readonly unplaced: readonly Float64Array[];
  readonly windows: readonly WindowSums[];
  readonly llcWindow: BucketCounts;
  /** Lines fetched from memory and written back to it, by owner. */
  readonly fetched: Float64Array;
  readonly evicted: Float64Array;
  /** Whether anything beyond L1 was hit; whether memory served an owner; whether neither, and nothing was written back. */
  readonly hasHits: boolean;
  readonly hasMisses: readonly boolean[];
  readonly isEmpty: boolean;
}

/** Takes the sums of counts that prices need. */
export function countSums(counts: TouchCounts): CountSums {
  const perOwner = () => Array.from({ length: NR_OWNERS }, () => new Float64Array(NR_CLASSES));
  const sums = {
    l2Hits: new Float64Array(NR_CLASSES),
    llcHits: new Float64Array(NR_CLASSES),
    misses: perOwner(),
    unplaced: perOwner(),
    windows: Array.from({ length: NR_OWNERS }, (_, owner) => windowSums(counts, owner)),
    llcWindow: llcWindow(counts),
    fetched: new Float64Array(NR_OWNERS),
    evicted: new Float64Array(NR_OWNERS),
  };
  for (let owner = 0; owner < NR_OWNERS; owner++) {
    // Windows hold every miss of their owner, touches of neighbours too; passes in address order (hotplug) have none.
    const placed = hasWindows(counts, owner);
    for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++) {
      const missed = served(counts, accessClass, owner, LEVEL_MEMORY);
      sums.l2Hits[accessClass]! += served(counts, accessClass, owner, LEVEL_L2);
      sums.llcHits[accessClass]! += served(counts, accessClass, owner, LEVEL_LLC);
      sums.misses[owner]![accessClass] = missed;
      if (!placed) sums.unplaced[owner]![accessClass] = missed;
      sums.fetched[owner]! += missed;
    }
    sums.evicted[owner] = writeBacksOf(counts, LEVEL_LLC, owner);
  }
  const isSome = (count: number): boolean => count !== 0;
  const hasHits = sums.l2Hits.some(isSome) || sums.llcHits.some(isSome) || sums.llcWindow.total !== 0;
  const hasMisses = sums.windows.map((windows, owner) => sums.misses[owner]!.some(isSome) || hasAny(windows));
  const isEmpty = !hasHits && !hasMisses.some(Boolean) && !sums.evicted.some(isSome);
  return { ...sums, hasHits, hasMisses, isEmpty };
}

function hasAny({ unknown, independent, adjacent, dependent, prefetched, restarts }: WindowSums): boolean {
  return unknown.total + independent.total + adjacent.total + dependent + prefetched + restarts > 0;
}

function served(counts: TouchCounts, accessClass: number, owner: number, level: number): number {
  return demandOf(counts, accessClass, owner, RW_READ, level) + demandOf(counts, accessClass, owner, RW_WRITE, level);
}

function hasWindows({ windows }: TouchCounts, owner: number): boolean {
  const [from, to] = [windowIndex(owner, 0, 0), windowIndex(owner + 1, 0, 0)];
  return windows.memory.subarray(from, to).some((count) => count > 0);
}

function windowSums({ windows }: TouchCounts, owner: number): WindowSums {
  const of = (kind: number): BucketCounts => {
    const from = windowIndex(owner, kind, 0);
    return bucketCounts(windows.memory.subarray(from, from + NR_WINDOW_BUCKETS));
  };
  return {
    unknown: of(MISS_DEMAND),
    independent: of(MISS_INDEPENDENT),
    adjacent: of(MISS_ADJACENT),
    dependent: of(MISS_DEPENDENT).counts.reduce((sum, count) => sum + count, 0),
    prefetched: windows.memory[windowIndex(owner, MISS_PREFETCHED, PREFETCHED_IN_PAGE)] ?? 0,
    restarts: windows.memory[windowIndex(owner, MISS_PREFETCHED, PREFETCHED_RESTART)] ?? 0,
  };
}

function llcWindow({ windows }: TouchCounts): BucketCounts {
  const both = new Float64Array(NR_WINDOW_BUCKETS);
  for (let owner = 0; owner < NR_OWNERS; owner++)
    for (let b = 0; b < NR_WINDOW_BUCKETS; b++) both[b]! += windows.llc[llcWindowIndex(owner, b)] ?? 0;
  return bucketCounts(both);
}
