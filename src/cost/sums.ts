import { LEVEL_L2, LEVEL_LLC, LEVEL_MEMORY, NR_CLASSES, NR_OWNERS, RW_READ, RW_WRITE } from "../../assembly/layout.ts";
import { demandOf, type TouchCounts, writeBacksOf } from "../counts.ts";

/** The sums of counts that a price depends on; taken once, priced many times. */
export interface CountSums {
  /** Touches served by L2 and by the LLC, by access class. */
  readonly l2Hits: readonly number[];
  readonly llcHits: readonly number[];
  /** Touches served by memory, by owner and access class. */
  readonly misses: readonly (readonly number[])[];
  /** Lines fetched from memory and written back to it, by owner. */
  readonly fetched: readonly number[];
  readonly evicted: readonly number[];
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export function countSums(counts: TouchCounts): CountSums {
  const served = (accessClass: number, owner: number, level: number) =>
    demandOf(counts, accessClass, owner, RW_READ, level) + demandOf(counts, accessClass, owner, RW_WRITE, level);
  const classes = range(NR_CLASSES);
  const owners = range(NR_OWNERS);
  const hits = (level: number) => classes.map((c) => total(owners.map((owner) => served(c, owner, level))));
  const misses = owners.map((owner) => classes.map((c) => served(c, owner, LEVEL_MEMORY)));
  return {
    l2Hits: hits(LEVEL_L2),
    llcHits: hits(LEVEL_LLC),
    misses,
    fetched: misses.map(total),
    evicted: owners.map((owner) => writeBacksOf(counts, LEVEL_LLC, owner)),
  };
}
