// A hierarchy cut into line classes (assembly/memmap/countAccess.ts): lines that differ modulo the number of classes never meet.
import type { CacheGeometry } from "../counts.ts";
import { levelSets, stateBytes } from "./cache.ts";
import type { WasmInstance } from "./instance.ts";

const LEVELS = ["l1", "l2", "llc"] as const;
const MAX_CLASSES = 64;
/** The first, the last and one ordinary class run. */
const NR_RUN = 3;

/** How many classes the sets of every level keep apart: a power of two up to 64, or 0 when too few to save work. */
export function lineClasses(caches: CacheGeometry): number {
  let classes = MAX_CLASSES;
  while (classes > NR_RUN && LEVELS.some((name) => levelSets(name, caches[name]) % classes !== 0)) classes /= 2;
  return classes > NR_RUN ? classes : 0;
}

/** Sets and ways of L1, L2 and LLC, as `cacheInit` takes them. */
type SetsOfLevels = [number, number, number, number, number, number];

/** Bytes of one class's hierarchy. */
export function classCacheBytes(caches: CacheGeometry, classes: number): number {
  return stateBytes(LEVELS.map((name) => ({ sets: levelSets(name, caches[name]) / classes, ways: caches[name].ways })));
}

/**
 * Empties the hierarchies of the classes that run. Their levels may have a single set: line numbers are divided by
 * the number of classes, at least 4, so no tag reaches the word that means empty.
 */
export function initClassCaches(kernels: WasmInstance, base: number, caches: CacheGeometry, classes: number): void {
  const sets = LEVELS.flatMap((name) => [levelSets(name, caches[name]) / classes, caches[name].ways]);
  for (let run = 0; run < NR_RUN; run++) {
    kernels.call("cacheInit", base + run * classCacheBytes(caches, classes), ...(sets as SetsOfLevels));
  }
}
