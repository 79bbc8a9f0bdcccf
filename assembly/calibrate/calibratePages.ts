// What struct page operations cost on the machine itself, for the host to time; and the same accesses through the
// cache model, to say what it makes of them.
import { touch } from "../cache/cache";
import { PAGE_LRU_NEXT, PAGE_LRU_PREV, PAGE_REFCOUNT, STRUCT_PAGE_SHIFT } from "../layout/structPage";
import { ATTR_CLASS_SHIFT, CLASS_DEPENDENT, CLASS_INDEPENDENT, RW_WRITE } from "../layout/touch";
import { checkFreedPages, releasePages } from "../memmap/freePass";
import { initPages } from "../memmap/memmap";
import { firstMovable } from "../memmap/offline";
import { firstWithFlags } from "../memmap/unmovable";
import { below, linkWindow, nextRandom } from "./calibrate";

// A struct page of 6.12 (include/linux/page-flags.h): what init writes, what the scans look for.
const RESERVED_FLAG: u64 = 1 << 13;
const LRU_FLAG: u64 = 1 << 5;
const OFFLINE_TYPE: u32 = 0xf100_0000;
const CHECK_AT_PREP: u64 = 0x1fffff;
/** Pages that onlining frees at once: order 10. */
const CHUNK_PAGES: u32 = 1024;

// The passes of onlining and offlining, without counting. `times` walks of the same pages are one call: in L1 a
// walk is so short that calling it would show.

/** memmap_init_range() */
export function timeInit(pages: u32, nrPages: u32, times: u32): void {
  assert((pages & 63) == 0, "no struct pages here");
  for (let i: u32 = 0; i < times; i++) initPages(pages, 0, nrPages, 0, ((<u64>1) << 32) | OFFLINE_TYPE);
}

/** Onlining's free pass, chunk by chunk as online_pages_range() does: release, then check. @return bad pages */
export function timeFreePass(pages: u32, nrPages: u32, times: u32): u32 {
  assert((pages & 63) == 0, "no struct pages here");
  let bad: u32 = 0;
  for (let i: u32 = 0; i < times; i++) {
    for (let done: u32 = 0; done < nrPages; done += CHUNK_PAGES) {
      const chunk = pages + (done << STRUCT_PAGE_SHIFT);
      const nr = min(CHUNK_PAGES, nrPages - done);
      releasePages(chunk, nr, RESERVED_FLAG);
      bad += checkFreedPages(chunk, nr, CHECK_AT_PREP);
    }
  }
  return bad;
}

/** The first half of the free pass alone. */
export function timeRelease(pages: u32, nrPages: u32, times: u32): void {
  assert((pages & 63) == 0, "no struct pages here");
  for (let i: u32 = 0; i < times; i++) releasePages(pages, nrPages, RESERVED_FLAG);
}

/** The second half. @return bad pages */
export function timeCheckFreed(pages: u32, nrPages: u32, times: u32): u32 {
  assert((pages & 63) == 0, "no struct pages here");
  let bad: u32 = 0;
  for (let i: u32 = 0; i < times; i++) bad += checkFreedPages(pages, nrPages, CHECK_AT_PREP);
  return bad;
}

/** has_unmovable_pages() of a Movable zone over all pages. @return pages looked at */
export function timeScan(pages: u32, nrPages: u32, times: u32): u32 {
  assert((pages & 63) == 0, "no struct pages here");
  let seen: u32 = 0;
  for (let i: u32 = 0; i < times; i++) seen += firstWithFlags(pages, nrPages, RESERVED_FLAG);
  return seen;
}

/** scan_movable_pages() over pages of which none is movable. @return pages looked at */
export function timeScanMovable(pages: u32, nrPages: u32, times: u32): u32 {
  assert((pages & 63) == 0, "no struct pages here");
  let seen: u32 = 0;
  for (let i: u32 = 0; i < times; i++) seen += firstMovable(pages, nrPages, LRU_FLAG, OFFLINE_TYPE);
  return seen;
}

/** Takes a reference on `steps` random struct pages: a read-modify-write each, none waiting for another. */
export function randomUpdate(pages: u32, nrPages: u32, steps: u32, seed: u32): u32 {
  assert((pages & 63) == 0, "no struct pages here");
  assert(nrPages > 0, "no pages");
  let random = seed | 1;
  for (let i: u32 = 0; i < steps; i++) {
    random = nextRandom(random);
    const page = pages + (below(nrPages, random) << STRUCT_PAGE_SHIFT);
    store<u32>(page, load<u32>(page, PAGE_REFCOUNT) + 1, PAGE_REFCOUNT);
  }
  return random;
}

/**
 * Links all pages into one list in random order, as a free list is after long use. The head is a line of its own.
 *
 * @shape head: u32 next, prev at the offsets of a struct page's lru
 */
export function buildList(head: u32, pages: u32, nrPages: u32, seed: u32): void {
  assert((pages & 63) == 0, "no struct pages here");
  linkWindow(pages, nrPages, STRUCT_PAGE_SHIFT, seed | 1);
  // The cycle through the first words becomes the lru list of all pages.
  let page = pages;
  let prev = head;
  for (let i: u32 = 0; i < nrPages; i++) {
    store<u32>(prev, page, PAGE_LRU_NEXT);
    store<u32>(page, prev, PAGE_LRU_PREV);
    prev = page;
    page = load<u32>(page);
  }
  store<u32>(prev, head, PAGE_LRU_NEXT);
  store<u32>(head, prev, PAGE_LRU_PREV);
}

/** `steps` times list_del() of the first page and list_add_tail(): where the next page lies is in the one before. */
export function churnList(head: u32, steps: u32): void {
  for (let i: u32 = 0; i < steps; i++) {
    const page = load<u32>(head, PAGE_LRU_NEXT);
    const next = load<u32>(page, PAGE_LRU_NEXT);
    store<u32>(head, next, PAGE_LRU_NEXT);
    store<u32>(next, head, PAGE_LRU_PREV);
    const last = load<u32>(head, PAGE_LRU_PREV);
    store<u32>(last, page, PAGE_LRU_NEXT);
    store<u32>(page, last, PAGE_LRU_PREV);
    store<u32>(page, head, PAGE_LRU_NEXT);
    store<u32>(head, page, PAGE_LRU_PREV);
  }
}

/** What the cache model makes of `randomUpdate`: one write each, nothing waits. @return the state for the next call */
export function countRandomUpdate(cache: u32, counters: u32, firstLine: u32, nrPages: u32, steps: u32, seed: u32): u32 {
  assert(nrPages > 0, "no pages");
  let random = seed | 1;
  const attr: u32 = (CLASS_INDEPENDENT << ATTR_CLASS_SHIFT) | RW_WRITE;
  for (let i: u32 = 0; i < steps; i++) {
    random = nextRandom(random);
    touch(cache, counters, firstLine + below(nrPages, random), attr);
  }
  return random;
}

/** What the cache model makes of `churnList`: the next page is a dependent miss, the page and the last are hits. */
export function countChurnList(cache: u32, counters: u32, head: u32, steps: u32): void {
  const attr: u32 = (CLASS_DEPENDENT << ATTR_CLASS_SHIFT) | RW_WRITE;
  let page = load<u32>(head, PAGE_LRU_NEXT);
  let last = load<u32>(head, PAGE_LRU_PREV);
  for (let i: u32 = 0; i < steps; i++) {
    if (page == head) page = load<u32>(head, PAGE_LRU_NEXT);
    const next = load<u32>(page, PAGE_LRU_NEXT);
    touch(cache, counters, page >> STRUCT_PAGE_SHIFT, attr);
    if (next != head) touch(cache, counters, next >> STRUCT_PAGE_SHIFT, attr);
    touch(cache, counters, last >> STRUCT_PAGE_SHIFT, attr);
    last = page;
    page = next;
  }
}
