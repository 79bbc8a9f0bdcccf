import { ENGINE_MAX_ORDER } from "../../../assembly/layout/engine.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

/** 128 MiB, the memory block of the recordings. */
export const BLOCK_PAGES = 32_768;

/** Where hot-added memory lies and which of its pages the allocator manages. */
export interface HotLayout {
  readonly basePfn: number;
  readonly nrPages: number;
  /** Online blocks, ascending. */
  readonly online: readonly { readonly startPfn: number; readonly selfHosted: boolean }[];
  /** Ranges of managed pages, ascending: online blocks without their own memmap. */
  readonly ranges: readonly { readonly startPfn: number; readonly nrPages: number }[];
}

/** 2^order pages from `page` on, aligned to their size. */
export interface AlignedChunk {
  readonly page: number;
  readonly order: number;
}

/** Chunks of a range as onlining leaves them, ascending. */
export function chunksOf(startPage: number, nrPages: number): AlignedChunk[] {
  const chunks: AlignedChunk[] = [];
  const end = startPage + nrPages;
  for (let page = startPage; page < end; ) {
    let order = ENGINE_MAX_ORDER;
    while (page % (1 << order) !== 0 || page + (1 << order) > end) order--;
    chunks.push({ page, order });
    page += 1 << order;
  }
  return chunks;
}

/**
 * Puts a range on the free lists in aligned chunks, ascending, at the tails, as onlining leaves it. Chunks below
 * `leastOrder` stay in use.
 */
export function freeRange(engine: PageEngine, startPfn: number, nrPages: number, leastOrder = 0): void {
  for (const { page, order } of chunksOf(startPfn, nrPages)) if (order >= leastOrder) engine.freeChunk(page, order);
}
