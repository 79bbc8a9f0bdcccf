// The one accessor layer of struct page: no naked offsets in algorithms.
import {
  FREE_AREA_HIGH,
  FREE_LIST_HEAD,
  LIST_POISON_HIGH,
  LIST_POISON1_LOW,
  LIST_POISON2_LOW,
  VMEMMAP_BASE_HIGH,
} from "../layout/hotplug";
import {
  PAGE_FLAGS,
  PAGE_LRU_NEXT,
  PAGE_LRU_PREV,
  PAGE_MAPPING,
  PAGE_MEMCG,
  PAGE_PRIVATE,
  PAGE_REFCOUNT,
  PAGE_TYPE,
  STRUCT_PAGE_SHIFT,
} from "../layout/structPage";

const VMEMMAP_BASE: u64 = (<u64>VMEMMAP_BASE_HIGH) << 32;

/** page->flags. */
// @ts-ignore: decorator
@inline
export function pageFlags(page: usize): u64 {
  return load<u64>(page, PAGE_FLAGS);
}
/** Writes page->flags. */
// @ts-ignore: decorator
@inline
export function setPageFlags(page: usize, flags: u64): void {
  store<u64>(page, flags, PAGE_FLAGS);
}
/** page->page_type. */
// @ts-ignore: decorator
@inline
export function pageType(page: usize): u32 {
  return load<u32>(page, PAGE_TYPE);
}
/** Writes page->page_type. */
// @ts-ignore: decorator
@inline
export function setPageType(page: usize, type: u32): void {
  store<u32>(page, type, PAGE_TYPE);
}
/** page->_refcount. */
// @ts-ignore: decorator
@inline
export function pageCount(page: usize): u32 {
  return load<u32>(page, PAGE_REFCOUNT);
}
/** Page type in the low half, refcount in the high half: one word, so that both are read or written at once. */
// @ts-ignore: decorator
@inline
export function pageTypeAndCount(page: usize): u64 {
  return load<u64>(page, PAGE_TYPE);
}
/** Writes both at once, as pageTypeAndCount reads them. */
// @ts-ignore: decorator
@inline
export function setPageTypeAndCount(page: usize, typeAndCount: u64): void {
  store<u64>(page, typeAndCount, PAGE_TYPE);
}
/** page->mapping. */
// @ts-ignore: decorator
@inline
export function pageMapping(page: usize): u64 {
  return load<u64>(page, PAGE_MAPPING);
}
/** page->memcg_data. */
// @ts-ignore: decorator
@inline
export function pageMemcg(page: usize): u64 {
  return load<u64>(page, PAGE_MEMCG);
}
/** page->private. */
// @ts-ignore: decorator
@inline
export function pagePrivate(page: usize): u64 {
  return load<u64>(page, PAGE_PRIVATE);
}
/** Writes page->private. */
// @ts-ignore: decorator
@inline
export function setPagePrivate(page: usize, value: u64): void {
  store<u64>(page, value, PAGE_PRIVATE);
}

/** The kernel address of a page's `lru`, which is what list pointers point to. */
// @ts-ignore: decorator
@inline
export function lruAddress(pfn: u32): u64 {
  return VMEMMAP_BASE + ((<u64>pfn) << STRUCT_PAGE_SHIFT) + PAGE_LRU_NEXT;
}

/** What a list pointer holds: the address of a page's lru, or of a list head in its zone. */
function linkAddress(link: u32): u64 {
  if (link < FREE_LIST_HEAD) return lruAddress(link);
  return ((<u64>FREE_AREA_HIGH) << 32) + ((<u64>(link - FREE_LIST_HEAD)) << 4);
}

/** page->lru.next, to the page or list that `link` names. */
export function setLruNext(page: usize, link: u32): void {
  store<u64>(page, linkAddress(link), PAGE_LRU_NEXT);
}

/** page->lru.prev, likewise. */
export function setLruPrev(page: usize, link: u32): void {
  store<u64>(page, linkAddress(link), PAGE_LRU_PREV);
}

/** list_del() leaves LIST_POISON1 and LIST_POISON2 (include/linux/list.h). */
export function poisonLru(page: usize): void {
  store<u64>(page, ((<u64>LIST_POISON_HIGH) << 32) + LIST_POISON1_LOW, PAGE_LRU_NEXT);
  store<u64>(page, ((<u64>LIST_POISON_HIGH) << 32) + LIST_POISON2_LOW, PAGE_LRU_PREV);
}
