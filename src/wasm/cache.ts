import {
  CACHE_HEADER_BYTES,
  CACHE_MIN_SETS,
  CACHE_VECTOR_BYTES,
  CACHE_WORD_BYTES,
  RECENCY_ALIGN_BYTES,
  RECENCY_LANES,
  RECENCY_WAY_BYTES,
} from "../../assembly/layout/cache.ts";
import { STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { CacheGeometry, LevelGeometry } from "../counts.ts";
import { InputError } from "../errors.ts";
import type { WasmInstance } from "./instance.ts";

const LINE_BYTES = STRUCT_PAGE_BYTES;
const MAX_WAYS = 1024;
/** 64 GiB of modelled cache: its state alone would be 4 GiB. */
const MAX_LEVEL_BYTES = 2 ** 36;

/**
 * The number of sets of a level.
 *
 * @error InputError when size and ways give no whole number of sets, fewer than 8, or (L1, L2) no power of two
 */
export function levelSets(name: keyof CacheGeometry, level: LevelGeometry): number {
  const fail = (what: string, expected: string): never => {
    throw new InputError({ what, where: `cache ${name}`, expected, example: "{ bytes: 1048576, ways: 16 }" });
  };
  const { bytes, ways } = level;
  const text = `${bytes} bytes in ${ways} ways`;
  if (!Number.isSafeInteger(ways) || ways < 1 || ways > MAX_WAYS) {
    fail(`${ways} ways`, `a whole number of ways from 1 to ${MAX_WAYS}`);
  }
  if (!Number.isSafeInteger(bytes) || bytes <= 0 || bytes > MAX_LEVEL_BYTES) {
    fail(`a size of ${bytes} bytes`, `a whole number of bytes up to ${MAX_LEVEL_BYTES}`);
  }
  const sets = bytes / (ways * LINE_BYTES);
  if (!Number.isInteger(sets)) fail(text, `a multiple of ways x ${LINE_BYTES} bytes`);
  if (sets < CACHE_MIN_SETS) fail(`${text} make ${sets} sets`, `at least ${CACHE_MIN_SETS} sets`);
  if (name !== "llc" && (sets & (sets - 1)) !== 0) {
    fail(`${text} make ${sets} sets`, "a power of two of sets (only the LLC may have another number)");
  }
  return sets;
}

/** Bytes of linear memory that the state of a hierarchy takes; the region must be 16-byte aligned. */
export function cacheBytes(geometry: CacheGeometry): number {
  return stateBytes(LEVEL_NAMES.map((name) => ({ sets: levelSets(name, geometry[name]), ways: geometry[name].ways })));
}

const LEVEL_NAMES = ["l1", "l2", "llc"] as const;

/** The same from the sets and ways of each level: their sets, and those of L1 once more for replay. */
export function stateBytes(levels: readonly { readonly sets: number; readonly ways: number }[]): number {
  let total = CACHE_HEADER_BYTES + RECENCY_ALIGN_BYTES;
  for (const { sets, ways } of levels) {
    total += sets * Math.ceil((ways * CACHE_WORD_BYTES) / CACHE_VECTOR_BYTES) * CACHE_VECTOR_BYTES;
  }
  const [l1] = levels;
  return total + (l1 ? l1.sets * Math.ceil(l1.ways / RECENCY_LANES) * RECENCY_LANES * RECENCY_WAY_BYTES : 0);
}

/** Empties a hierarchy of `cacheBytes(geometry)` bytes at `cache`. */
export function initCache(kernels: WasmInstance, cache: number, geometry: CacheGeometry): void {
  const { l1, l2, llc } = geometry;
  kernels.call(
    "cacheInit",
    cache,
    levelSets("l1", l1),
    l1.ways,
    levelSets("l2", l2),
    l2.ways,
    levelSets("llc", llc),
    llc.ways,
  );
}

/** The counters region at `counters`, all zero. */
export function countersView(kernels: WasmInstance, counters: number, bytes: number): BigUint64Array {
  return new BigUint64Array(kernels.buffer, counters, bytes / 8);
}
