import { TOUCH_BYTES, TOUCH_PFN } from "../../assembly/layout/touch.ts";

/** Where two streams of touches are at the same: after so many touches of each, ascending in both. */
export interface Anchors {
  readonly recorded: readonly number[];
  readonly predicted: readonly number[];
}

/** So many pages in a row, of which one run in so many is looked at: what one stream has more or less does not move others. */
const RUN_TOUCHES = 8;
const SAMPLED = 64;
const FACTOR = 0x9e3779b1;

/** Positions of the sampled runs of pages in one stream, by the run's hash. */
class Runs {
  readonly positions = new Map<number, number[]>();
  #touches = 0;
  readonly #last = new Uint32Array(RUN_TOUCHES);
  #hash = 0;
  readonly #leaving: number;

  constructor() {
    let power = 1;
    for (let i = 0; i < RUN_TOUCHES; i++) power = Math.imul(power, FACTOR);
    this.#leaving = power;
  }

  add(pfn: number): void {
    const slot = this.#touches++ % RUN_TOUCHES;
    this.#hash = (Math.imul(this.#hash, FACTOR) + pfn - Math.imul(this.#leaving, this.#last[slot]!)) >>> 0;
    this.#last[slot] = pfn;
    // The high bits: the low ones are those of the last pages alone.
    if (this.#touches < RUN_TOUCHES || (this.#hash >>> 26) % SAMPLED !== 0) return;
    const known = this.positions.get(this.#hash);
    if (known === undefined) this.positions.set(this.#hash, [this.#touches]);
    else known.push(this.#touches);
  }
}

/**
 * Finds runs of the same pages in a recorded and a predicted stream. A run that both have equally often is an anchor each
 * time; of those, the longest ascending ones are taken.
 *
 * @param pfnFrom recorded touches of lower pages, and further ones of the same page, do not count
 */
export async function alignTouches(
  recorded: AsyncIterable<Uint8Array>,
  predicted: readonly Uint8Array[],
  pfnFrom: number,
): Promise<Anchors> {
  const [there, here] = [new Runs(), new Runs()];
  let last = -1;
  for await (const batch of recorded)
    for (const pfn of pfnsOf(batch)) {
      if (pfn < pfnFrom) continue;
      if (pfn !== last) there.add(pfn);
      last = pfn;
    }
  for (const piece of predicted) for (const pfn of pfnsOf(piece)) here.add(pfn);
  const pairs: [number, number][] = [];
  for (const [hash, positions] of there.positions) {
    const others = here.positions.get(hash);
    if (others?.length === positions.length) positions.forEach((at, i) => void pairs.push([at, others[i]!]));
  }
  const kept = ascending(pairs.sort(([a], [b]) => a - b));
  return { recorded: kept.map(([at]) => at), predicted: kept.map(([, at]) => at) };
}

function* pfnsOf(records: Uint8Array): Generator<number> {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  for (let at = 0; at < records.length; at += TOUCH_BYTES) yield view.getUint32(at + TOUCH_PFN, true);
}

/** The longest subsequence whose second numbers ascend (patience sorting). */
function ascending(pairs: readonly [number, number][]): [number, number][] {
  /** Of each length, the index of the pair that ends such a sequence lowest; of each pair, the one before it. */
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, value], index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![1] < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : ends[low - 1]!;
    ends[low] = index;
  });
  const kept: [number, number][] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) kept.push(pairs[at]!);
  return kept.reverse();
}
