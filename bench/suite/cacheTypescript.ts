// The hierarchy as plain, fast TypeScript: the same layout and the same search as bench/native/cache.c.

const EMPTY = 0xfffffffc | 0;

interface Level {
  readonly shift: number;
  readonly mask: number;
  readonly ways: number;
  readonly words: Int32Array;
  /** The set that the next line of other traffic enters. */
  cursor: number;
}

function level(sets: number, ways: number): Level {
  return { shift: Math.log2(sets), mask: sets - 1, ways, words: new Int32Array(sets * ways), cursor: 0 };
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

/** @return the word that leaves */
function insertEmpty(level: Level): number {
  const { words, ways, cursor, mask } = level;
  level.cursor = (cursor + 1) & mask;
  const set = cursor * ways;
  const victim = words[set + ways - 1] as number;
  for (let i = set + ways - 1; i > set; i--) words[i] = words[i - 1] as number;
  words[set] = EMPTY;
  return victim;
}

export class TypescriptCache {
  readonly demand = new Float64Array(64);
  readonly writeBacks = new Float64Array(6);
  readonly #l1 = level(64, 8);
  readonly #l2 = level(1024, 16);
  readonly #llc = level(32768, 16);
  #share = 0;

  empty(): void {
    for (const each of [this.#l1, this.#l2, this.#llc]) {
      each.words.fill(EMPTY);
      each.cursor = 0;
    }
    this.#share = 0;
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

  /** Clean lines that nobody asks for again; `share` / 2^31 of them enter the LLC. */
  #fillClean(nrFills: number, share: number): void {
    const l1 = this.#l1;
    const l2 = this.#l2;
    for (let i = 0; i < nrFills; i++) {
      this.#share += share;
      if (this.#share >= 2 ** 31) {
        this.#share -= 2 ** 31;
        const victim = insertEmpty(this.#llc);
        if (victim & 1) this.#countWriteBack(2, victim);
      }
      const from2 = l2.cursor;
      const victim2 = insertEmpty(l2);
      if (victim2 & 1) {
        this.#countWriteBack(1, victim2);
        this.#accessLlc(((victim2 >>> 2) << l2.shift) | from2, victim2 & 3);
      }
      const from1 = l1.cursor;
      const victim1 = insertEmpty(l1);
      if (victim1 & 1) {
        this.#countWriteBack(0, victim1);
        this.#accessL2(((victim1 >>> 2) << l1.shift) | from1, victim1 & 3);
      }
    }
  }

  /** @param share of the other traffic that enters the LLC, times 2^31; `undefined` leaves all of it out */
  replay(records: Uint8Array, pfnFrom: number, share: number | undefined): void {
    const halves = new Uint16Array(records.buffer, records.byteOffset, records.length / 2);
    const pfns = new Uint32Array(records.buffer, records.byteOffset, records.length / 4);
    let previous = -2;
    for (let at = 0; at < pfns.length; at += 3) {
      const fills = halves[at * 2 + 3] as number;
      if (share !== undefined && fills !== 0) this.#fillClean(fills, share);
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
