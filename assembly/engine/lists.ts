// Lists of pages; a page is on at most one.

import {
  AT_HEAD,
  AT_TAIL,
  ENGINE_LISTS,
  ENTRY_LIST,
  ENTRY_NEXT,
  ENTRY_PREV,
  LIST_NONE,
  NR_LISTS,
} from "../layout/engine";
import { assertPage } from "./arrival";
import { entryOf, NONE } from "./pages";
import { run } from "./touchPages";

function listAt(e: usize, list: u32): usize {
  return e + ENGINE_LISTS + (list << 3);
}

/** Index of a list's first page, or -1. */
export function firstOf(e: usize, list: u32): i32 {
  return <i32>load<u32>(listAt(e, list)) - 1;
}

/** Index of a list's last page, or -1. */
export function lastOf(e: usize, list: u32): i32 {
  return <i32>load<u32>(listAt(e, list), 4) - 1;
}

/** The list a page is on, or LIST_NONE. */
export function listOf(e: usize, page: u32): u32 {
  return load<u8>(entryOf(e, page), ENTRY_LIST);
}

/** A page arrives on a list, or on none. Nothing is left of it in the release build. */
export function assertListed(e: usize, page: u32, isListed: bool): void {
  if (ASC_NO_ASSERT) return;
  assert((listOf(e, page) != LIST_NONE) == isListed, "a page on no list, or on one already");
}

/** Index of the page behind it on its list, or -1. */
export function nextOf(e: usize, page: u32): i32 {
  return <i32>load<u32>(entryOf(e, page), ENTRY_NEXT) - 1;
}

/** Index of the page before it on its list, or -1. */
export function prevOf(e: usize, page: u32): i32 {
  return <i32>load<u32>(entryOf(e, page), ENTRY_PREV) - 1;
}

/** Puts a page at the head or tail of a list, without touching struct pages. */
export function push(e: usize, list: u32, page: u32, where: u32): void {
  const heads = listAt(e, list);
  const entry = entryOf(e, page);
  const atTail = where == AT_TAIL;
  const neighbour = load<u32>(heads, 0) != 0 ? (atTail ? load<u32>(heads, 4) : load<u32>(heads)) : 0;
  store<u8>(entry, <u8>list, ENTRY_LIST);
  store<u32>(entry, atTail ? 0 : neighbour, ENTRY_NEXT);
  store<u32>(entry, atTail ? neighbour : 0, ENTRY_PREV);
  if (neighbour == 0) {
    store<u32>(heads, page + 1);
    store<u32>(heads, page + 1, 4);
  } else if (atTail) {
    store<u32>(entryOf(e, neighbour - 1), page + 1, ENTRY_NEXT);
    store<u32>(heads, page + 1, 4);
  } else {
    store<u32>(entryOf(e, neighbour - 1), page + 1, ENTRY_PREV);
    store<u32>(heads, page + 1);
  }
}

/** Takes a page off its list, if it is on one, without touching struct pages. */
export function unlink(e: usize, page: u32): void {
  const entry = entryOf(e, page);
  const list = <u32>load<u8>(entry, ENTRY_LIST);
  if (list == LIST_NONE) return;
  const next = load<u32>(entry, ENTRY_NEXT);
  const prev = load<u32>(entry, ENTRY_PREV);
  const heads = listAt(e, list);
  if (prev == 0) store<u32>(heads, next);
  else store<u32>(entryOf(e, prev - 1), next, ENTRY_NEXT);
  if (next == 0) store<u32>(heads, prev, 4);
  else store<u32>(entryOf(e, next - 1), prev, ENTRY_PREV);
  store<u8>(entry, LIST_NONE, ENTRY_LIST);
  store<u64>(entry, 0, ENTRY_NEXT);
}

/** list_del with the step that says who does it; of a page on no list too (INIT_LIST_HEAD), as the hugetlb pool does. */
export function engineRemove(e: usize, step: u32, page: u32): void {
  assertPage(e, page);
  run(e, step, page, prevOf(e, page), nextOf(e, page));
  unlink(e, page);
}

/** list_add or list_add_tail with the step that says who does it. */
export function engineAdd(e: usize, step: u32, list: u32, page: u32, where: u32): void {
  assertPage(e, page);
  assert(list < <u32>NR_LISTS && where <= <u32>AT_TAIL, "no such list or end");
  assertListed(e, page, false);
  if (where == AT_HEAD) run(e, step, page, NONE, firstOf(e, list));
  else run(e, step, page, lastOf(e, list), NONE);
  push(e, list, page, where);
}

/** lru_add_page_tail: a page of `head` to the place before it, with the step that says who does it. */
export function engineAddBefore(e: usize, step: u32, head: u32, page: u32): void {
  assertPage(e, head);
  assertPage(e, page);
  assertListed(e, head, true);
  assertListed(e, page, false);
  const prev = prevOf(e, head);
  run(e, step, head, prev, page);
  const list = listOf(e, head);
  if (prev == NONE) {
    push(e, list, page, AT_HEAD);
    return;
  }
  const entry = entryOf(e, page);
  store<u8>(entry, <u8>list, ENTRY_LIST);
  store<u32>(entry, head + 1, ENTRY_NEXT);
  store<u32>(entry, prev + 1, ENTRY_PREV);
  store<u32>(entryOf(e, prev), page + 1, ENTRY_NEXT);
  store<u32>(entryOf(e, head), page + 1, ENTRY_PREV);
}
