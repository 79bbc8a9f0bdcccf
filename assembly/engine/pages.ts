// Pages of the page engine: what it knows of each. A page number counts from the base of the hot-added range; -1 means
// none (the list head, which lies in DRAM).

import {
  ENGINE_BLOCK_PAGES,
  ENGINE_BLOCK_SHIFT,
  ENGINE_BLOCK_TABLE,
  ENGINE_LAST_PAGE,
  ENGINE_LISTS,
  ENGINE_PAGES,
  ENGINE_POOL_BLOCKS,
  ENGINE_POOL_FULL,
  ENGINE_POOL_USED,
  ENGINE_SURPRISES,
  ENTRY_FLAGS,
  ENTRY_LIST,
  ENTRY_MAPCOUNT,
  ENTRY_NEXT,
  ENTRY_ORDER,
  ENTRY_SHIFT,
  LIST_NONE,
  NR_LISTS,
  PAGE_SEEN,
} from "../layout/engine";
import { assertPage } from "./arrival";
import { initMigratetypes } from "./migratetypes";

export const NONE: i32 = -1;

/** Empties lists and makes all pageblocks movable; the host has written the header. No page is materialised. */
export function engineInit(e: usize): void {
  memory.fill(e + ENGINE_LISTS, 0, NR_LISTS * 8);
  store<i32>(e, NONE, ENGINE_LAST_PAGE);
  initMigratetypes(e);
}

/** The entry of a page; its block is materialised when it was not. */
// @ts-ignore: decorator
@inline
export function entryOf(e: usize, page: u32): usize {
  let entries = load<u32>(<usize>load<u32>(e, ENGINE_BLOCK_TABLE) + ((page >> ENGINE_BLOCK_SHIFT) << 2));
  if (entries == 0) entries = materialise(e, page >> ENGINE_BLOCK_SHIFT);
  return <usize>entries + ((<usize>(page & (ENGINE_BLOCK_PAGES - 1))) << ENTRY_SHIFT);
}

/** Materialises the block of a page. */
export function engineTouchBlock(e: usize, page: u32): void {
  assertPage(e, page);
  entryOf(e, page);
}

/** Gives a block its entries: of pages that are on no list. A pool that is used up is told to the host. */
function materialise(e: usize, block: u32): u32 {
  const used = load<u32>(e, ENGINE_POOL_USED);
  const isFull = used >= load<u32>(e, ENGINE_POOL_BLOCKS);
  if (isFull) store<u32>(e, 1, ENGINE_POOL_FULL);
  else store<u32>(e, used + 1, ENGINE_POOL_USED);
  const slot = isFull ? used - 1 : used;
  const entries = load<u32>(e, ENGINE_PAGES) + slot * (ENGINE_BLOCK_PAGES << ENTRY_SHIFT);
  for (let page: u32 = 0; page < <u32>ENGINE_BLOCK_PAGES; page++) {
    const entry = <usize>entries + ((<usize>page) << ENTRY_SHIFT);
    store<u64>(entry, 0, ENTRY_NEXT);
    store<u64>(entry, 0, ENTRY_LIST);
    store<u8>(entry, LIST_NONE, ENTRY_LIST);
    store<i8>(entry, -1, ENTRY_ORDER);
  }
  store<u32>(<usize>load<u32>(e, ENGINE_BLOCK_TABLE) + (block << 2), entries);
  return entries;
}

/** ENTRY_FLAG_* of a page. */
// @ts-ignore: decorator
@inline
export function flagsOf(e: usize, page: u32): u32 {
  return load<u16>(entryOf(e, page), ENTRY_FLAGS);
}

/** Sets the flags of a page but keeps that it was touched. */
export function setFlags(e: usize, page: u32, flags: u32): void {
  const entry = entryOf(e, page);
  const kept = load<u16>(entry, ENTRY_FLAGS) & PAGE_SEEN;
  store<u16>(entry, <u16>(flags | kept), ENTRY_FLAGS);
}

/** How often a page is mapped. */
// @ts-ignore: decorator
@inline
export function mapcountOf(e: usize, page: u32): u32 {
  return load<u32>(entryOf(e, page), ENTRY_MAPCOUNT);
}

/** Sets how often a page is mapped. */
export function setMapcount(e: usize, page: u32, mapcount: u32): void {
  store<u32>(entryOf(e, page), mapcount, ENTRY_MAPCOUNT);
}

/** One mapping less, down to none. */
export function dropMapping(e: usize, page: u32): void {
  const mapcount = mapcountOf(e, page);
  if (mapcount > 0) setMapcount(e, page, mapcount - 1);
}

/** Order of the chunk or folio that a page heads; negative: none. */
export function orderOf(e: usize, page: u32): i32 {
  return load<i8>(entryOf(e, page), ENTRY_ORDER);
}

/** Sets the order that a page heads. */
export function setOrder(e: usize, page: u32, order: i32): void {
  store<i8>(entryOf(e, page), <i8>order, ENTRY_ORDER);
}

/** Counts an event that the state of its page does not allow. */
export function surprise(e: usize): void {
  store<u32>(e, load<u32>(e, ENGINE_SURPRISES) + 1, ENGINE_SURPRISES);
}
