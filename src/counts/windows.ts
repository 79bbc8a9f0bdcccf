import { NR_OWNERS } from "../../assembly/layout/touch.ts";
import {
  MAX_WINDOW_DISTANCE,
  NR_MISS_KINDS,
  NR_WINDOW_BUCKETS,
  WINDOWS_LLC,
  WINDOWS_MEMORY,
  WINDOWS_OTHER,
} from "../../assembly/layout/windows.ts";

/**
 * Misses by the instructions between each and the one before: those closer than a core's window overlap. Counts only;
 * a price is a sum over them for any latency and any window.
 */
export interface MissWindows {
  /** [owner 2][kind 5][bucket 64]: struct page misses served by memory, by `windowIndex`. */
  readonly memory: Float64Array;
  /** [owner 2][bucket 64]: those served by the LLC, by the distance to the L2 miss before. */
  readonly llc: Float64Array;
  /** [bucket 64]: lines of other traffic, by the instructions for each of them since the record before. */
  readonly other: Float64Array;
}

/** No miss in any window. */
export function emptyWindows(): MissWindows {
  return {
    memory: new Float64Array(NR_OWNERS * NR_MISS_KINDS * NR_WINDOW_BUCKETS),
    llc: new Float64Array(NR_OWNERS * NR_WINDOW_BUCKETS),
    other: new Float64Array(NR_WINDOW_BUCKETS),
  };
}

/** Reads a windows region of linear memory (assembly/layout/windows.ts). Exact below 2^53. */
export function readWindows(region: Uint32Array): MissWindows {
  const windows = emptyWindows();
  const read = (into: Float64Array, bytes: number): void => {
    for (let i = 0, at = bytes / 4; i < into.length; i++, at += 2) into[i] = region[at]! + region[at + 1]! * 2 ** 32;
  };
  read(windows.memory, WINDOWS_MEMORY);
  read(windows.llc, WINDOWS_LLC);
  read(windows.other, WINDOWS_OTHER);
  return windows;
}

/** `into += times * windows`. */
export function addWindows(into: MissWindows, windows: MissWindows, times = 1): void {
  for (const part of ["memory", "llc", "other"] as const) {
    const [to, from] = [into[part], windows[part]];
    for (let i = 0; i < to.length; i++) to[i]! += times * (from[i] ?? 0);
  }
}

/**
 * Where `MissWindows.memory` counts.
 *
 * @param kind MISS_* of assembly/layout/windows.ts
 * @param bucket `bucketOf` a distance; of MISS_PREFETCHED one of PREFETCHED_*
 */
export function windowIndex(owner: number, kind: number, bucket: number): number {
  return (owner * NR_MISS_KINDS + kind) * NR_WINDOW_BUCKETS + bucket;
}

/** Where `MissWindows.llc` counts. */
export function llcWindowIndex(owner: number, bucket: number): number {
  return owner * NR_WINDOW_BUCKETS + bucket;
}

/** The bucket of a distance in instructions: distances below 1 are 1, those beyond 65,535 are in the last. */
export function bucketOf(distance: number): number {
  const whole = Math.trunc(Math.min(Math.max(distance, 1), MAX_WINDOW_DISTANCE));
  const octave = 31 - Math.clz32(whole);
  return (octave << 2) | (((whole << 2) >>> octave) & 3);
}

/** A bucket's distance in instructions: the geometric middle of the whole numbers that it holds. */
export function distanceOf(bucket: number): number {
  const from = lowerEnd(bucket);
  const last = Math.max(from, Math.ceil(lowerEnd(bucket + 1)) - 1);
  return Math.sqrt(from * last);
}

function lowerEnd(bucket: number): number {
  return 2 ** (bucket >> 2) * (1 + (bucket & 3) / 4);
}

/** Counts by bucket of distance, empty buckets left out. */
export interface BucketCounts {
  readonly buckets: Uint8Array;
  readonly counts: Float64Array;
  readonly total: number;
}

/** @shape u64[NR_WINDOW_BUCKETS] */
export function bucketCounts(histogram: Float64Array): BucketCounts {
  let nrBuckets = 0;
  for (let b = 0; b < histogram.length; b++) if (histogram[b]! > 0) nrBuckets++;
  if (nrBuckets === 0) return NO_BUCKETS;
  const [buckets, counts] = [new Uint8Array(nrBuckets), new Float64Array(nrBuckets)];
  let total = 0;
  for (let b = 0, i = 0; b < histogram.length; b++) {
    if (!(histogram[b]! > 0)) continue;
    buckets[i] = b;
    counts[i++] = histogram[b]!;
    total += histogram[b]!;
  }
  return { buckets, counts, total };
}

const NO_BUCKETS: BucketCounts = { buckets: new Uint8Array(0), counts: new Float64Array(0), total: 0 };
