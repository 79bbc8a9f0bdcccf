// The per-pfn memmap passes in plain TypeScript: 16 u32 words a page.
const WORDS = 16;
const FLAGS_LOW = 0xc000_0000;
const FLAGS_HIGH = 0x5f_ffff;
const INIT_TYPE = 0xf100_0000;
const VMEMMAP_HIGH = 0xffff_ea00;
const START_PFN = 0x100000;
const RESERVED = 1 << 13;
const LRU = 1 << 5;
const CHECK_AT_PREP = ((1 << 30) - 1) & ~(1 << 20);
const CHUNK_PAGES = 1024;
const PAGEBLOCK_PAGES = 512;

export function init(words: Uint32Array, nrPages: number): void {
  for (let i = 0; i < nrPages; i++) {
    const at = i * WORDS;
    const self = (START_PFN + i) * 64 + 8;
    words[at] = FLAGS_LOW;
    words[at + 1] = FLAGS_HIGH;
    words[at + 2] = self;
    words[at + 3] = VMEMMAP_HIGH;
    words[at + 4] = self;
    words[at + 5] = VMEMMAP_HIGH;
    words[at + 6] = 0;
    words[at + 7] = 0;
    words[at + 8] = 0;
    words[at + 9] = 0;
    words[at + 10] = 0;
    words[at + 11] = 0;
    words[at + 12] = INIT_TYPE;
    words[at + 13] = 1;
    words[at + 14] = 0;
    words[at + 15] = 0;
  }
}

export function poison(words: Uint32Array, nrPages: number): void {
  words.fill(0xffff_ffff, 0, nrPages * WORDS);
}

export function free(words: Uint32Array, nrPages: number): number {
  let bad = 0;
  for (let done = 0; done < nrPages; done += CHUNK_PAGES) {
    const end = Math.min(nrPages, done + CHUNK_PAGES) * WORDS;
    for (let at = done * WORDS; at < end; at += WORDS) {
      words[at] = (words[at] ?? 0) & ~RESERVED;
      words[at + 12] = 0xffff_ffff;
      words[at + 13] = 0;
    }
    for (let at = done * WORDS; at < end; at += WORDS) {
      const mapping = (words[at + 6] ?? 0) | (words[at + 7] ?? 0);
      const memcg = (words[at + 14] ?? 0) | (words[at + 15] ?? 0);
      const typeAndCount = ~(words[at + 12] ?? 0) | (words[at + 13] ?? 0);
      if ((mapping | memcg | typeAndCount) !== 0) bad++;
      words[at] = (words[at] ?? 0) & ~CHECK_AT_PREP;
    }
    words[done * WORDS + 10] = 0;
    words[done * WORDS + 11] = 0;
  }
  return bad;
}

export function isolation(words: Uint32Array, nrPages: number): number {
  for (let i = 0; i < nrPages; i++) if (((words[i * WORDS] ?? 0) & RESERVED) !== 0) return i;
  return nrPages;
}

export function scan(words: Uint32Array, nrPages: number): number {
  for (let i = 0; i < nrPages; i++) {
    const at = i * WORDS;
    if (((words[at] ?? 0) & LRU) !== 0) return i;
    if (((words[at + 6] ?? 0) & 3) === 2) return i;
    if (words[at + 12] === INIT_TYPE && words[at + 13] !== 0) return i;
  }
  return nrPages;
}

export function pageblock(pageblocks: Uint8Array, nrPages: number, migratetype: number): number {
  let changed = 0;
  for (let i = 0; i < nrPages / PAGEBLOCK_PAGES; i++) {
    if (pageblocks[i * 16 + 9] !== migratetype) changed++;
    pageblocks[i * 16 + 9] = migratetype;
  }
  return changed;
}

/** Sum of all words, each times an odd number that depends on its place in the page; the native program's too. */
export function checksumOf(words: Uint32Array, nrPages: number): number {
  let sum = 0;
  for (let i = 0; i < nrPages * WORDS; i++) sum = (sum + Math.imul(words[i] ?? 0, 2 * (i & 15) + 1)) | 0;
  return sum >>> 0;
}
