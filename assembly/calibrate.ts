// Kernels that measure the machine itself: the host times them. They use real linear memory, and count nothing
// except in the `count...` twins at the end, which say what the cache model makes of the same accesses.
import { touch } from "./cache";
import { checkFreedPages, releasePages } from "./freepass";
import {
  ATTR_CLASS_SHIFT,
  CLASS_DEPENDENT,
  CLASS_INDEPENDENT,
  PAGE_LRU_NEXT,
  PAGE_LRU_PREV,
  PAGE_REFCOUNT,
  RW_WRITE,
  STRUCT_PAGE_BYTES,
  STRUCT_PAGE_SHIFT,
} from "./layout";
import { initPages } from "./memmap";
import { firstMovable } from "./offline";
import { firstWithFlags } from "./unmovable";

// A struct page of 6.12 (include/linux/page-flags.h): what init writes, what the scans look for.
const RESERVED_FLAG: u64 = 1 << 13;
const LRU_FLAG: u64 = 1 << 5;
const OFFLINE_TYPE: u32 = 0xf100_0000;
const CHECK_AT_PREP: u64 = 0x1fffff;
/** Pages that onlining frees at once: order 10. */
const CHUNK_PAGES: u32 = 1024;

/** xorshift32: the state is never 0. */
// @ts-ignore: decorator
@inline
function nextRandom(state: u32): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^ (state << 5);
}

/** A number below `bound` from 32 random bits, without a division. */
// @ts-ignore: decorator
@inline
function below(bound: u32, random: u32): u32 {
  return <u32>((<u64>random * <u64>bound) >> 32);
}

/**
 * Links nodes, 2^strideShift bytes apart, into one cycle for `chase`: windows of `windowNodes` neighbours in random
 * order, and in each window all nodes in random order (Sattolo), so that a window's pages stay within the TLB's
 * reach. One window over everything is a fully random chase.
 *
 * @shape node: u32 address of the next node; nrNodes is a multiple of windowNodes
 */
export function buildChase(base: u32, nrNodes: u32, windowNodes: u32, strideShift: u32, seed: u32): void {
  let random = seed | 1;
  const nrWindows = nrNodes / windowNodes;
  // The second word of each window's first node holds the order of windows.
  for (let w: u32 = 0; w < nrWindows; w++) store<u32>(base + ((w * windowNodes) << strideShift), w, 4);
  for (let w = nrWindows - 1; w > 0; w--) {
    random = nextRandom(random);
    const a = base + ((w * windowNodes) << strideShift);
    const b = base + ((below(w + 1, random) * windowNodes) << strideShift);
    const order = load<u32>(a, 4);
    store<u32>(a, load<u32>(b, 4), 4);
    store<u32>(b, order, 4);
  }
  for (let w: u32 = 0; w < nrWindows; w++) {
    random = linkWindow(base + ((w * windowNodes) << strideShift), windowNodes, strideShift, random);
  }
  // Exchanging the successors of two nodes joins their cycles.
  for (let w: u32 = 0; w + 1 < nrWindows; w++) {
    const a = base + ((load<u32>(base + ((w * windowNodes) << strideShift), 4) * windowNodes) << strideShift);
    const b = base + ((load<u32>(base + (((w + 1) * windowNodes) << strideShift), 4) * windowNodes) << strideShift);
    const next = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, next);
  }
}

function linkWindow(first: u32, nrNodes: u32, strideShift: u32, seed: u32): u32 {
  let random = seed;
  for (let i: u32 = 0; i < nrNodes; i++) store<u32>(first + (i << strideShift), first + (i << strideShift));
  for (let i = nrNodes - 1; i > 0; i--) {
    random = nextRandom(random);
    const a = first + (i << strideShift);
    const b = first + (below(i, random) << strideShift);
    const next = load<u32>(a);
    store<u32>(a, load<u32>(b));
    store<u32>(b, next);
  }
  return random;
}

/** `steps` loads, each of which gives the address of the next. @return where it stopped */
export function chase(start: u32, steps: u32): u32 {
  let at = start;
  for (let i: u32 = 0; i < steps; i++) at = load<u32>(at);
  return at;
}

/** `nr` chases side by side, `steps` loads each. @shape cursors: u32[nr], where each chase stands */
export function chaseMany(cursors: u32, nr: u32, steps: u32): void {
  const end = cursors + (nr << 2);
  for (let i: u32 = 0; i < steps; i++) {
    for (let cursor = cursors; cursor < end; cursor += 4) store<u32>(cursor, load<u32>(load<u32>(cursor)));
  }
}

/** `steps` dependent additions and shifts of one cycle each: 2 x steps cycles. */
export function spin(steps: u32): u32 {
  let x: u32 = steps;
  for (let i: u32 = 0; i < steps; i++) x = (x << 1) ^ i;
  return x;
}

/** Reads every byte of every line. */
export function streamRead(base: u32, nrLines: u32): u32 {
  const end = base + (nrLines << STRUCT_PAGE_SHIFT);
  let sum = i64x2.splat(0);
  for (let line = base; line < end; line += STRUCT_PAGE_BYTES) {
    sum = i64x2.add(sum, v128.load(line, 0));
    sum = i64x2.add(sum, v128.load(line, 16));
    sum = i64x2.add(sum, v128.load(line, 32));
    sum = i64x2.add(sum, v128.load(line, 48));
  }
  return <u32>(i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1));
}

/** Writes every byte of every line with plain stores. */
export function streamStore(base: u32, nrLines: u32, value: u32): void {
  const end = base + (nrLines << STRUCT_PAGE_SHIFT);
  const word = i32x4.splat(<i32>value);
  for (let line = base; line < end; line += STRUCT_PAGE_BYTES) {
    v128.store(line, word, 0);
    v128.store(line, word, 16);
    v128.store(line, word, 32);
    v128.store(line, word, 48);
  }
}

/** Stores to one word of `steps` random lines. @return the state for the next call */
export function randomStore(base: u32, nrLines: u32, steps: u32, seed: u32): u32 {
  let random = seed | 1;
  for (let i: u32 = 0; i < steps; i++) {
    random = nextRandom(random);
    store<u32>(base + (below(nrLines, random) << STRUCT_PAGE_SHIFT), random, PAGE_REFCOUNT);
  }
  return random;
}

// The passes of onlining and offlining, without counting. `times` walks of the same pages are one call: in L1 a
// walk is so short that calling it would show.

/** memmap_init_range() */
export function timeInit(pages: u32, nrPages: u32, times: u32): void {
  for (let i: u32 = 0; i < times; i++) initPages(pages, 0, nrPages, 0, (<u64>1 << 32) | OFFLINE_TYPE);
}

/** Onlining's free pass, chunk by chunk as online_pages_range() does: release, then check. @return bad pages */
export function timeFreePass(pages: u32, nrPages: u32, times: u32): u32 {
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
  for (let i: u32 = 0; i < times; i++) releasePages(pages, nrPages, RESERVED_FLAG);
}

/** The second half. @return bad pages */
export function timeCheckFreed(pages: u32, nrPages: u32, times: u32): u32 {
  let bad: u32 = 0;
  for (let i: u32 = 0; i < times; i++) bad += checkFreedPages(pages, nrPages, CHECK_AT_PREP);
  return bad;
}

/** has_unmovable_pages() of a Movable zone over all pages. @return pages looked at */
export function timeScan(pages: u32, nrPages: u32, times: u32): u32 {
  let seen: u32 = 0;
  for (let i: u32 = 0; i < times; i++) seen += firstWithFlags(pages, nrPages, RESERVED_FLAG);
  return seen;
}

/** scan_movable_pages() over pages of which none is movable. @return pages looked at */
export function timeScanMovable(pages: u32, nrPages: u32, times: u32): u32 {
  let seen: u32 = 0;
  for (let i: u32 = 0; i < times; i++) seen += firstMovable(pages, nrPages, LRU_FLAG, OFFLINE_TYPE);
  return seen;
}

/** Takes a reference on `steps` random struct pages: a read-modify-write each, none waiting for another. */
export function randomUpdate(pages: u32, nrPages: u32, steps: u32, seed: u32): u32 {
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
