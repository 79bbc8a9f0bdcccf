import {
  LEVEL_L2,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_CLASSES,
  NR_OWNERS,
  RW_READ,
  RW_WRITE,
} from "../../assembly/layout/layout.ts";
import { demandOf, type TouchCounts, writeBacksOf } from "../counts.ts";

/** The sums of counts that a price depends on; taken once, priced many times. */
export interface CountSums {
  /** Touches served by L2 and by the LLC, by access class. */
  readonly l2Hits: Float64Array;
  readonly llcHits: Float64Array;
  /** Touches served by memory, by owner and access class. */
  readonly misses: readonly Float64Array[];
  /** Lines fetched from memory and written back to it, by owner. */
  readonly fetched: Float64Array;
  readonly evicted: Float64Array;
}

export function countSums(counts: TouchCounts): CountSums {
  const sums: CountSums = {
    l2Hits: new Float64Array(NR_CLASSES),
    llcHits: new Float64Array(NR_CLASSES),
    misses: Array.from({ length: NR_OWNERS }, () => new Float64Array(NR_CLASSES)),
    fetched: new Float64Array(NR_OWNERS),
    evicted: new Float64Array(NR_OWNERS),
  };
  for (let owner = 0; owner < NR_OWNERS; owner++) {
    for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++) {
      const missed = served(counts, accessClass, owner, LEVEL_MEMORY);
      sums.l2Hits[accessClass]! += served(counts, accessClass, owner, LEVEL_L2);
      sums.llcHits[accessClass]! += served(counts, accessClass, owner, LEVEL_LLC);
      sums.misses[owner]![accessClass] = missed;
      sums.fetched[owner]! += missed;
    }
    sums.evicted[owner] = writeBacksOf(counts, LEVEL_LLC, owner);
  }
  return sums;
}

function served(counts: TouchCounts, accessClass: number, owner: number, level: number): number {
  return demandOf(counts, accessClass, owner, RW_READ, level) + demandOf(counts, accessClass, owner, RW_WRITE, level);
}
