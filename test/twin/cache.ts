import type { CacheGeometry, LevelGeometry } from "../../src/counts.ts";

/** A line in a set; `number` undefined is a line of other traffic, which nobody asks for again. */
interface CachedLine {
  readonly number: number | undefined;
  readonly owner: number;
  dirty: boolean;
}

/** One level: each set is a list of lines, most recent first. */
class Level {
  readonly nrSets: number;
  readonly ways: number;
  readonly sets = new Map<number, CachedLine[]>();
  cursor = 0;

  constructor(geometry: LevelGeometry) {
    this.ways = geometry.ways;
    this.nrSets = geometry.bytes / 64 / geometry.ways;
  }

  set(index: number): CachedLine[] {
    let set = this.sets.get(index);
    if (!set) {
      set = [];
      this.sets.set(index, set);
    }
    return set;
  }

  /** Makes a line most recent if it is there, and returns it. */
  find(number: number): CachedLine | undefined {
    const set = this.set(number % this.nrSets);
    const at = set.findIndex((line) => line.number === number);
    const found = set[at];
    if (!found) return undefined;
    set.splice(at, 1);
    set.unshift(found);
    return found;
  }

  /** Puts a line in front of its set and returns the one that falls out behind. */
  add(index: number, line: CachedLine): CachedLine | undefined {
    const set = this.set(index);
    set.unshift(line);
    return set.length > this.ways ? set.pop() : undefined;
  }

  nextSet(): number {
    const index = this.cursor;
    this.cursor = (index + 1) % this.nrSets;
    return index;
  }
}

/**
 * L1, L2 and LLC: LRU, write-back, write-allocate. A store that misses fetches its line as a read from below; a
 * dirty victim is written to the next level as an access that makes it most recent there, allocated without a
 * fetch when absent.
 */
export class ReferenceCache {
  readonly demand = new Array<number>(64).fill(0);
  readonly writeBacks = new Array<number>(6).fill(0);
  readonly #levels: readonly Level[];
  #share = 0;

  constructor(geometry: CacheGeometry) {
    this.#levels = [new Level(geometry.l1), new Level(geometry.l2), new Level(geometry.llc)];
  }

  touch(number: number, attr: number): number {
    const owner = (attr >> 1) & 1;
    const level = this.#read(0, number, owner);
    if (attr & 1) {
      const line = this.#levels[0]?.find(number);
      if (line) line.dirty = true;
    }
    this.demand[attr * 4 + level] = (this.demand[attr * 4 + level] ?? 0) + 1;
    return level;
  }

  /** Returns the level that had the line; afterwards every level above has it too. */
  #read(k: number, number: number, owner: number): number {
    const level = this.#levels[k];
    if (!level || level.find(number)) return k;
    const found = this.#read(k + 1, number, owner);
    this.#fill(k, number % level.nrSets, { number, owner, dirty: false });
    return found;
  }

  #fill(k: number, index: number, line: CachedLine): void {
    const victim = this.#levels[k]?.add(index, line);
    if (victim?.dirty && victim.number !== undefined) {
      const at = k * 2 + victim.owner;
      this.writeBacks[at] = (this.writeBacks[at] ?? 0) + 1;
      this.#write(k + 1, victim.number, victim.owner);
    }
  }

  #write(k: number, number: number, owner: number): void {
    const level = this.#levels[k];
    if (!level) return;
    const present = level.find(number);
    if (present) present.dirty = true;
    else this.#fill(k, number % level.nrSets, { number, owner, dirty: true });
  }

  /** New clean lines enter L1 and L2, and a share (in 2^-31) of them the LLC. */
  fillClean(nrFills: number, llcShareQ31: number): void {
    for (let i = 0; i < nrFills; i++) {
      this.#share += llcShareQ31;
      const entersLlc = this.#share >= 2 ** 31;
      if (entersLlc) this.#share -= 2 ** 31;
      for (const k of entersLlc ? [2, 1, 0] : [1, 0]) {
        const level = this.#levels[k];
        if (level) this.#fill(k, level.nextSet(), { number: undefined, owner: 0, dirty: false });
      }
    }
  }
}
