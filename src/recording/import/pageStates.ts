/** What the stream has last said of a page. */
export const PAGE_UNSEEN = 0;
export const PAGE_ALLOCATED = 1;
export const PAGE_FREED = 2;
/** Freed, and only mm_page_free_batched has said so. */
export const PAGE_FREED_BATCHED = 3;

const CHUNK_SHIFT = 15;
const CHUNK_PAGES = 1 << CHUNK_SHIFT;
/** 8 KiB of state for each 128 MiB of pages seen: 256 MiB of state for 4 TiB. */
const MAX_CHUNKS = 32_768;

/** Two bits for each page that a trace has named, held in chunks of 128 MiB of memory. */
export class PageStates {
  readonly #chunks = new Map<number, Uint8Array>();
  #lastKey = -1;
  #lastChunk: Uint8Array = new Uint8Array(0);
  /** Pages whose state could not be kept, because the trace names pages in more than 4 TiB of memory. */
  untracked = 0;

  get(pfn: number): number {
    const key = Math.floor(pfn / CHUNK_PAGES);
    const chunk = this.#chunkOf(key);
    const page = pfn - key * CHUNK_PAGES;
    return chunk === undefined ? PAGE_UNSEEN : (chunk[page >> 2]! >> ((page & 3) * 2)) & 3;
  }

  /** Sets 2^order pages. */
  set(pfn: number, order: number, state: number): void {
    let key = Math.floor(pfn / CHUNK_PAGES);
    let page = pfn - key * CHUNK_PAGES;
    for (let left = 1 << order; left > 0; key++, page = 0) {
      const chunk = this.#chunkOf(key);
      const count = Math.min(left, CHUNK_PAGES - page);
      if (chunk !== undefined) setRange(chunk, page, count, state);
      left -= count;
    }
  }

  #chunkOf(key: number): Uint8Array | undefined {
    if (key === this.#lastKey) return this.#lastChunk;
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      if (this.#chunks.size >= MAX_CHUNKS) {
        this.untracked++;
        return undefined;
      }
      chunk = new Uint8Array(CHUNK_PAGES >> 2);
      this.#chunks.set(key, chunk);
    }
    this.#lastKey = key;
    this.#lastChunk = chunk;
    return chunk;
  }
}

function setRange(chunk: Uint8Array, page: number, count: number, state: number): void {
  if (count === 1) {
    setOne(chunk, page, state);
    return;
  }
  let at = page;
  const end = page + count;
  for (; at < end && (at & 3) !== 0; at++) setOne(chunk, at, state);
  const whole = end & ~3;
  if (at < whole) {
    chunk.fill(state * 0x55, at >> 2, whole >> 2);
    at = whole;
  }
  for (; at < end; at++) setOne(chunk, at, state);
}

function setOne(chunk: Uint8Array, page: number, state: number): void {
  const shift = (page & 3) * 2;
  chunk[page >> 2] = (chunk[page >> 2]! & ~(3 << shift)) | (state << shift);
}
