// When the counts of one block repeat from block to block, and what a long device then adds up to.
//
// Why they repeat. A block's passes touch its own struct pages only, in an order that is the same for every block.
// The exception is the contiguity walk of set_zone_contiguous(): two pages of every pageblock of the zone so far.
// - L1 and L2 hold fewer lines than one block touches, so at the end of a block they hold what this block's own
//   accesses left. The LLC turns over within W = ceil(its lines / lines of a block) blocks. So after W + 2 blocks the
//   state is that of the block before, shifted.
// - A contiguity walk reads lines in ascending order that were last read one walk ago. Once each LLC set has seen more
//   of them than it has ways before the walk reaches a line that may still be cached (2 W + 3 blocks), every further
//   block of zone adds misses to memory only, and the same number each.
// So from 2 W + 4 blocks on, the counts of successive blocks form an arithmetic series. When the sets of a level are no
// divisor of a block's lines, a block's lines start in another set each time and the series repeats every few blocks.
// `extrapolate` checks that it is a series before it uses it.
import { addTouchCounts, type CacheGeometry, emptyTouchCounts, type TouchCounts } from "../../counts.ts";
import { levelSets } from "../../wasm/cache.ts";

export interface WalkCounts {
  readonly loads: number;
  readonly stores: number;
  readonly touches: number;
  readonly counts: TouchCounts;
}

export interface Period {
  /** Blocks after which counts form a series, and before the end of a zone up to which they do. */
  readonly settled: number;
  /** Blocks from one member of a series to the next: 1 unless blocks start in different sets. */
  readonly repeats: number;
}

const LEVELS = ["l1", "l2", "llc"] as const;

/** Without a hierarchy only accesses are counted: they form a series from the third block on. */
export function periodOf(caches: CacheGeometry | undefined, blockPages: number): Period {
  if (!caches) return { settled: 3, repeats: 1 };
  let repeats = 1;
  let lines = 0;
  for (const name of LEVELS) {
    const sets = levelSets(name, caches[name]);
    const own = sets / greatestCommonDivisor(sets, blockPages);
    repeats = (repeats / greatestCommonDivisor(repeats, own)) * own;
    lines = Math.max(lines, sets * caches[name].ways);
  }
  return { settled: 2 * Math.ceil(lines / blockPages) + 4, repeats };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

type Sum = { -readonly [Key in keyof WalkCounts]: WalkCounts[Key] };

/** A sum of nothing yet. */
export const noWalkCounts = (): Sum => ({ loads: 0, stores: 0, touches: 0, counts: emptyTouchCounts() });

/** `sum += times * one`. */
export function addWalkCounts(sum: Sum, one: WalkCounts, times = 1): void {
  sum.loads += times * one.loads;
  sum.stores += times * one.stores;
  sum.touches += times * one.touches;
  addTouchCounts(sum.counts, one.counts, times);
}

function difference(one: WalkCounts, other: WalkCounts): WalkCounts {
  const sum = noWalkCounts();
  addWalkCounts(sum, one);
  addWalkCounts(sum, other, -1);
  return sum;
}

function isEqual(one: WalkCounts, other: WalkCounts): boolean {
  const same = (a: Float64Array, b: Float64Array) => a.every((value, i) => value === b[i]);
  return (
    one.loads === other.loads &&
    one.stores === other.stores &&
    one.touches === other.touches &&
    same(one.counts.demand, other.counts.demand) &&
    same(one.counts.writeBacks, other.counts.writeBacks)
  );
}

const NOTHING: WalkCounts = noWalkCounts();

/**
 * The sum over a device with `times` x `period.repeats` blocks more than were walked. The blocks are added in the
 * middle of the series. Where the zone grows (anchor "start") they make the later blocks' walks longer, where it
 * shrinks (anchor "end") the earlier ones'.
 *
 * @returns undefined when the walked blocks are no series
 */
export function extrapolate(
  blocks: readonly WalkCounts[],
  { settled, repeats }: Period,
  times: number,
  anchor: "start" | "end",
): WalkCounts | undefined {
  const first = settled + repeats;
  const block = (index: number) => blocks[index] ?? NOTHING;
  const steps = Array.from({ length: repeats }, (_, r) => difference(block(first + repeats + r), block(first + r)));
  const stepOf = (index: number) => steps[(((index - first) % repeats) + repeats) % repeats] ?? NOTHING;
  for (let index = first - repeats; index < first + 2 * repeats; index++) {
    if (!isEqual(difference(block(index + repeats), block(index)), stepOf(index))) return undefined;
  }
  const before = anchor === "start" ? 0 : -times;
  const sum = noWalkCounts();
  blocks.forEach((counts, index) => {
    addWalkCounts(sum, counts);
    addWalkCounts(sum, stepOf(index), index < first + repeats ? before : before + times);
  });
  for (let r = 0; r < repeats; r++) {
    addWalkCounts(sum, block(first + r), times);
    addWalkCounts(sum, stepOf(first + r), times * before + (times * (times + 1)) / 2);
  }
  return sum;
}
