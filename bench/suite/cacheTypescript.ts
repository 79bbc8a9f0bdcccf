// The hierarchy as plain, fast TypeScript: the same layout and the same search as bench/native/cache.c.

const EMPTY = 0xfffffffc | 0;

interface Level {
  readonly shift: number;
  readonly mask: number;
  readonly ways: number;
  readonly words: Int32Array;
}

function level(sets: number, ways: number): Level {
  return { shift: Math.log2(sets), mask: sets - 1, ways, words: new Int32Array(sets * ways) };
}

/** What `accessSet` returns on a hit; no victim is this word. */
const HIT = EMPTY + 1;

function accessSet(words: Int32Array, set: number, ways: number, word: number): number {
  let before = words[set] as number;
  if ((before ^ word) >>> 1 === 0) {
    words[set] = before | word;
    return HIT;
  }
  for (let i = set + 1; i < set + ways; i++) {
    const here = words[i] as number;
    words[i] = before;
    if ((here ^ word) >>> 1 === 0) {
      words[set] = here | word;
      return HIT;
    }
    before = here;
  }
  words[set] = word;
  return before;
}

export class TypescriptCache {
  readonly demand = new Float64Array(64);
  readonly writeBacks = new Float64Array(6);
  readonly #l1 = level(64, 8);
  readonly #l2 = level(1024, 16);
  readonly #llc = level(32768, 16);

  empty(): void {
    for (const { words } of [this.#l1, this.#l2, this.#llc]) words.fill(EMPTY);
    this.demand.fill(0);
    this.writeBacks.fill(0);
  }

  touch(line: number, attr: number): void {
    const { words, mask, shift, ways } = this.#l1;
    const index = line & mask;
    const victim = accessSet(words, index * ways, ways, ((line >>> shift) << 2) | (attr & 3));
    let at = 0;
    if (victim !== HIT) {
      at = this.#accessL2(line, attr & 2);
      if (victim & 1) {
        this.#countWriteBack(0, victim);
        this.#accessL2(((victim >>> 2) << shift) | index, victim & 3);
      }
    }
    (this.demand[attr * 4 + at] as number)++;
  }

  /** @return the level that had the line, when it is a read */
  #accessL2(line: number, ownerAndDirty: number): number {
    const { words, mask, shift, ways } = this.#l2;
    const index = line & mask;
    const victim = accessSet(words, index * ways, ways, ((line >>> shift) << 2) | ownerAndDirty);
    if (victim === HIT) return 1;
    const at = (ownerAndDirty & 1) === 0 && this.#accessLlc(line, ownerAndDirty) ? 2 : 3;
    if (victim & 1) {
      this.#countWriteBack(1, victim);
      this.#accessLlc(((victim >>> 2) << shift) | index, victim & 3);
    }
    return at;
  }

  #accessLlc(line: number, ownerAndDirty: number): boolean {
    const { words, mask, shift, ways } = this.#llc;
    const victim = accessSet(words, (line & mask) * ways, ways, ((line >>> shift) << 2) | ownerAndDirty);
    if (victim === HIT) return true;
    if (victim & 1) this.#countWriteBack(2, victim);
    return false;
  }

  #countWriteBack(from: number, victim: number): void {
    (this.writeBacks[from * 2 + ((victim & 2) >> 1)] as number)++;
  }

  replay(records: Uint8Array, pfnFrom: number): void {
    const pfns = new Uint32Array(records.buffer, records.byteOffset, records.length / 4);
    let previous = -2;
    for (let at = 0; at < pfns.length; at += 3) {
      const pfn = pfns[at] as number;
      const stores = records[at * 4 + 5] as number;
      const distance = pfn - previous;
      const isStream = distance === 1 || distance === -1;
      this.touch(pfn, (isStream ? 0 : 12) | (pfn >= pfnFrom ? 2 : 0) | (stores > 0 ? 1 : 0));
      previous = pfn;
    }
  }

  sweep(nrLines: number, attr: number, stride: number): void {
    for (let i = 0; i < nrLines; i++) this.touch(i * stride, attr);
  }
}
