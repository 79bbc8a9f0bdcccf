// The zone's free lists with the kernel's own pointers: list_add, list_add_tail, list_del, list_move_tail and
// the checks of CONFIG_DEBUG_LIST (include/linux/list.h, lib/list_debug.c), each reporting which pages it touches.

import {
  CALLER_DEL_CLEAR,
  CALLER_LIST_DEL,
  CALLER_LIST_NEIGHBOUR,
  CALLER_LIST_NEW,
  CTX_ZONE,
  FREE_LIST_BYTES,
  FREE_LIST_HEAD,
  NOT_BUDDY,
  NR_FREE_LISTS,
  NR_MIGRATETYPES,
  PAGEBLOCK_BUDDY_ORDER,
  PAGEBLOCK_NEXT,
  PAGEBLOCK_PREV,
  STEP_LIST_ADD_VALID,
  STEP_LIST_DEL_VALID_ENTRY,
  STEP_LIST_DEL_VALID_NEIGHBOUR,
  ZONE_FREE_LISTS,
} from "../layout/hotplug";
import { CLASS_DEPENDENT, CLASS_INDEPENDENT } from "../layout/touch";
import { access } from "./countAccess";
import { poisonLru, setLruNext, setLruPrev, setPagePrivate, setPageType } from "./page";
import { pageblockOf, pageOrZero } from "./pageblock";

/** The link that stands for the list head of `order` and `migratetype`. */
export function freeListOf(order: u32, migratetype: u32): u32 {
  return FREE_LIST_HEAD + order * NR_MIGRATETYPES + migratetype;
}

/** Empties every free list of a zone. */
export function initFreeLists(zone: usize): void {
  for (let list: u32 = 0; list < <u32>NR_FREE_LISTS; list++) {
    store<u32>(zone + <usize>list * FREE_LIST_BYTES, FREE_LIST_HEAD + list, ZONE_FREE_LISTS + PAGEBLOCK_NEXT);
    store<u32>(zone + <usize>list * FREE_LIST_BYTES, FREE_LIST_HEAD + list, ZONE_FREE_LISTS + PAGEBLOCK_PREV);
  }
}

// @ts-ignore: decorator
@inline
function isPage(link: u32): bool {
  return link < FREE_LIST_HEAD;
}

/** Both a pageblock entry and a list head start with next, prev. */
function nodeOf(ctx: usize, link: u32): usize {
  if (isPage(link)) return pageblockOf(ctx, link);
  return <usize>load<u32>(ctx, CTX_ZONE) + ZONE_FREE_LISTS + <usize>(link - FREE_LIST_HEAD) * FREE_LIST_BYTES;
}

/** The link behind one: a pfn, or a list. */
export function nextOf(ctx: usize, link: u32): u32 {
  return load<u32>(nodeOf(ctx, link), PAGEBLOCK_NEXT);
}

/** The link before one: a pfn, or a list. */
export function prevOf(ctx: usize, link: u32): u32 {
  return load<u32>(nodeOf(ctx, link), PAGEBLOCK_PREV);
}

/** Pages outside the window keep their links in the pageblock table only. */
export function setNext(ctx: usize, link: u32, next: u32): void {
  store<u32>(nodeOf(ctx, link), next, PAGEBLOCK_NEXT);
  if (!isPage(link)) return;
  const page = pageOrZero(ctx, link);
  if (page != 0) setLruNext(page, next);
}

/** As setNext, backwards. */
export function setPrev(ctx: usize, link: u32, prev: u32): void {
  store<u32>(nodeOf(ctx, link), prev, PAGEBLOCK_PREV);
  if (!isPage(link)) return;
  const page = pageOrZero(ctx, link);
  if (page != 0) setLruPrev(page, prev);
}

/** __list_add(): next->prev, new->next and new->prev, prev->next, after __list_add_valid() looked at both sides. */
function listAddBetween(ctx: usize, caller: u32, pfn: u32, prev: u32, next: u32): void {
  if (isPage(next)) access(ctx, next, STEP_LIST_ADD_VALID, CLASS_DEPENDENT);
  if (isPage(prev)) access(ctx, prev, STEP_LIST_ADD_VALID, CLASS_DEPENDENT);
  setPrev(ctx, next, pfn);
  if (isPage(next)) access(ctx, next, caller + CALLER_LIST_NEIGHBOUR, CLASS_DEPENDENT);
  setNext(ctx, pfn, next);
  setPrev(ctx, pfn, prev);
  access(ctx, pfn, caller + CALLER_LIST_NEW, CLASS_INDEPENDENT);
  setNext(ctx, prev, pfn);
  if (isPage(prev)) access(ctx, prev, caller + CALLER_LIST_NEIGHBOUR, CLASS_DEPENDENT);
}

/** list_add_tail(), its touches counted for `caller`. */
export function listAddTail(ctx: usize, caller: u32, pfn: u32, list: u32): void {
  listAddBetween(ctx, caller, pfn, prevOf(ctx, list), list);
}

/** list_add(), its touches counted for `caller`. */
export function listAdd(ctx: usize, caller: u32, pfn: u32, list: u32): void {
  listAddBetween(ctx, caller, pfn, list, nextOf(ctx, list));
}

/** __list_del_entry(): the entry keeps its stale links. */
export function listDelEntry(ctx: usize, caller: u32, pfn: u32): void {
  const prev = prevOf(ctx, pfn);
  const next = nextOf(ctx, pfn);
  access(ctx, pfn, STEP_LIST_DEL_VALID_ENTRY, CLASS_INDEPENDENT);
  if (isPage(prev)) access(ctx, prev, STEP_LIST_DEL_VALID_NEIGHBOUR, CLASS_DEPENDENT);
  if (isPage(next)) access(ctx, next, STEP_LIST_DEL_VALID_NEIGHBOUR, CLASS_DEPENDENT);
  access(ctx, pfn, caller + CALLER_LIST_DEL, CLASS_INDEPENDENT);
  setPrev(ctx, next, prev);
  if (isPage(next)) access(ctx, next, caller + CALLER_LIST_NEIGHBOUR, CLASS_DEPENDENT);
  setNext(ctx, prev, next);
  if (isPage(prev)) access(ctx, prev, caller + CALLER_LIST_NEIGHBOUR, CLASS_DEPENDENT);
}

/** del_page_from_free_list(): list_del() with its poison, __ClearPageBuddy(), set_page_private(0). */
export function delPageFromFreeList(ctx: usize, caller: u32, pfn: u32): void {
  listDelEntry(ctx, caller, pfn);
  access(ctx, pfn, caller + CALLER_DEL_CLEAR, CLASS_INDEPENDENT);
  store<u8>(pageblockOf(ctx, pfn), NOT_BUDDY, PAGEBLOCK_BUDDY_ORDER);
  const page = pageOrZero(ctx, pfn);
  if (page == 0) return;
  poisonLru(page);
  setPageType(page, u32.MAX_VALUE);
  setPagePrivate(page, 0);
}
