import { ROLE_NEXT, ROLE_PREV, ROLE_TAIL1, ROLE_TAIL2, Step } from "../../assembly/engineLayout.ts";
import type { CompiledRecipes } from "./recipes.ts";

/** Receives coalesced touches of hot-added struct pages, in order. */
export type TouchSink = (pfn: number, loads: number, stores: number) => void;

/** No page: let the engine choose, or the list head. */
export const NONE = -1;
export const MAX_PAGE_ORDER = 10;
export const HUGE_ORDER = 9;
const HUGE_PAGES = 1 << HUGE_ORDER;

const LIST_PCP = 0;
const LIST_PCP_HUGE = 1;
const LIST_BUDDY = 2;
const LIST_LRU = LIST_BUDDY + MAX_PAGE_ORDER + 1;
const LRU_INACTIVE_ANON = LIST_LRU;
const LRU_ACTIVE_ANON = LIST_LRU + 1;
const NR_LISTS = LIST_LRU + 4;

const ON_LRU = 1;
const ACTIVE = 2;
const REFERENCED = 4;
const EXCLUSIVE = 8;
const PENDING_ADD = 16;
const CACHE = 32;
const HUGE = 64;
const PENDING_ACTIVATE = 128;

/** Reference model of core-mm's use of struct pages in one zone of hot-added memory. */
export class PageEngine {
  readonly recipes: CompiledRecipes;
  readonly base: number;
  readonly nrPages: number;
  /** How often each recipe row was run. */
  readonly rowRuns: Float64Array;
  touches = 0;
  loads = 0;
  stores = 0;
  /** Events or operations that named a page in a state that this model did not expect. */
  surprises = 0;
  #sink: TouchSink;
  #silent = false;
  #lastPfn = NONE;
  #lastLoads = 0;
  #lastStores = 0;
  readonly #seen: Uint8Array;
  distinct = 0;
  readonly #next: Uint32Array;
  readonly #prev: Uint32Array;
  readonly #list: Uint8Array;
  readonly #order: Int8Array;
  readonly #flags: Uint8Array;
  readonly #mapcount: Uint16Array;
  readonly #head = new Uint32Array(NR_LISTS);
  readonly #tail = new Uint32Array(NR_LISTS);
  readonly #lruAdd: number[] = [];
  readonly #activate: number[] = [];

  constructor(recipes: CompiledRecipes, base: number, nrPages: number, sink: TouchSink) {
    this.recipes = recipes;
    this.base = base;
    this.nrPages = nrPages;
    this.#sink = sink;
    this.rowRuns = new Float64Array(recipes.rowRole.length);
    this.#seen = new Uint8Array(nrPages);
    this.#next = new Uint32Array(nrPages + 1);
    this.#prev = new Uint32Array(nrPages + 1);
    this.#list = new Uint8Array(nrPages + 1).fill(255);
    this.#order = new Int8Array(nrPages + 1).fill(-1);
    this.#flags = new Uint8Array(nrPages + 1);
    this.#mapcount = new Uint16Array(nrPages + 1);
  }

  // ---- touches ------------------------------------------------------------------------------------

  #touch(page: number, loads: number, stores: number): void {
    if (this.#silent) return;
    this.loads += loads;
    this.stores += stores;
    if (page === this.#lastPfn) {
      this.#lastLoads += loads;
      this.#lastStores += stores;
      return;
    }
    this.flush();
    this.#lastPfn = page;
    this.#lastLoads = loads;
    this.#lastStores = stores;
  }

  /** Hands the touch that is still being coalesced to the sink. */
  flush(): void {
    if (this.#lastPfn === NONE) return;
    this.touches++;
    const page = this.#lastPfn;
    if (this.#seen[page] === 0) {
      this.#seen[page] = 1;
      this.distinct++;
    }
    this.#sink(this.base + page, this.#lastLoads, this.#lastStores);
    this.#lastPfn = NONE;
  }

  #run(step: Step, self: number, prev = NONE, next = NONE): void {
    if (this.#silent) return;
    const { stepRow, rowRole, rowLoads, rowStores } = this.recipes;
    const end = stepRow[step + 1] as number;
    for (let row = stepRow[step] as number; row < end; row++) {
      const role = rowRole[row] as number;
      let page = self;
      if (role === ROLE_PREV) page = prev;
      else if (role === ROLE_NEXT) page = next;
      else if (role === ROLE_TAIL1) page = self + 1;
      else if (role === ROLE_TAIL2) page = self + 2;
      if (page === NONE) continue;
      this.rowRuns[row] = (this.rowRuns[row] as number) + 1;
      this.#touch(page, rowLoads[row] as number, rowStores[row] as number);
    }
  }

  // ---- lists; a page is on at most one ------------------------------------------------------------

  #first = (list: number): number => (this.#head[list] as number) - 1;
  #last = (list: number): number => (this.#tail[list] as number) - 1;
  #nextOf = (page: number): number => (this.#next[page] as number) - 1;
  #prevOf = (page: number): number => (this.#prev[page] as number) - 1;

  #push(list: number, page: number, toTail: boolean): void {
    const neighbour = toTail ? this.#last(list) : this.#first(list);
    this.#list[page] = list;
    this.#next[page] = 0;
    this.#prev[page] = 0;
    if (toTail) {
      this.#prev[page] = neighbour + 1;
      if (neighbour === NONE) this.#head[list] = page + 1;
      else this.#next[neighbour] = page + 1;
      this.#tail[list] = page + 1;
    } else {
      this.#next[page] = neighbour + 1;
      if (neighbour === NONE) this.#tail[list] = page + 1;
      else this.#prev[neighbour] = page + 1;
      this.#head[list] = page + 1;
    }
  }

  #unlink(page: number): void {
    const list = this.#list[page] as number;
    if (list === 255) return;
    const prev = this.#prevOf(page);
    const next = this.#nextOf(page);
    if (prev === NONE) this.#head[list] = next + 1;
    else this.#next[prev] = next + 1;
    if (next === NONE) this.#tail[list] = prev + 1;
    else this.#prev[next] = prev + 1;
    this.#list[page] = 255;
    this.#next[page] = 0;
    this.#prev[page] = 0;
  }

  /** list_del with the step that says who does it. */
  #remove(step: Step, page: number): void {
    this.#run(step, page, this.#prevOf(page), this.#nextOf(page));
    this.#unlink(page);
  }

  #addHead(step: Step, list: number, page: number): void {
    this.#run(step, page, NONE, this.#first(list));
    this.#push(list, page, false);
  }

  #addTail(step: Step, list: number, page: number): void {
    this.#run(step, page, this.#last(list), NONE);
    this.#push(list, page, true);
  }

  // ---- state before ---------------------------------------------------------------------------------

  /** Runs `build` without counting what it touches. */
  quietly(build: () => void): void {
    const was = this.#silent;
    this.#silent = true;
    build();
    this.#silent = was;
  }

  /**
   * Puts a range on the free lists in aligned chunks, ascending, at the tails, as onlining leaves it; chunks below
   * `leastOrder` stay in use.
   */
  freeRange(startPfn: number, nrPages: number, leastOrder = 0): void {
    let pfn = startPfn;
    const end = startPfn + nrPages;
    while (pfn < end) {
      let order = MAX_PAGE_ORDER;
      while (pfn % (1 << order) !== 0 || pfn + (1 << order) > end) order--;
      if (order >= leastOrder) this.freeChunk(pfn, order);
      pfn += 1 << order;
    }
  }

  /** One chunk at the tail of its free list. */
  freeChunk(pfn: number, order: number): void {
    this.#order[pfn - this.base] = order;
    this.#push(LIST_BUDDY + order, pfn - this.base, true);
  }

  /** A free page on the pcp list, at its tail. */
  holdPcp(pfn: number): void {
    this.#push(LIST_PCP, pfn - this.base, true);
  }

  /** Free chunks by order, as /proc/buddyinfo counts them. */
  buddyCounts(): number[] {
    const counts = new Array<number>(MAX_PAGE_ORDER + 1).fill(0);
    for (const order of this.#order) if (order >= 0) counts[order] = (counts[order] as number) + 1;
    return counts;
  }

  /** Does the unmapping of this page free it? */
  isLastMapping(pfn: number): boolean {
    return (this.#mapcount[pfn - this.base] as number) <= 1;
  }

  isFree(pfn: number): boolean {
    const page = pfn - this.base;
    if (this.#list[page] === LIST_PCP) return true;
    for (let order = 0; order <= MAX_PAGE_ORDER; order++) {
      const head = page & ~((1 << order) - 1);
      if (this.#order[head] === order) return true;
    }
    return false;
  }

  /** A mapped anonymous page that is on its LRU list since before the recording. */
  holdAnon(pfn: number): void {
    const page = pfn - this.base;
    this.#flags[page] = ON_LRU | EXCLUSIVE;
    this.#mapcount[page] = 1;
    this.#push(LRU_INACTIVE_ANON, page, false);
  }

  // ---- allocator --------------------------------------------------------------------------------------

  /** rmqueue_bulk, one page: out of the buddy lists to the tail of the pcp list. */
  refill(pfn = NONE, order = 0): number {
    let page = pfn === NONE ? NONE : pfn - this.base;
    let chunk = NONE;
    let chunkOrder = order;
    for (; chunkOrder <= MAX_PAGE_ORDER; chunkOrder++) {
      chunk = page === NONE ? this.#first(LIST_BUDDY + chunkOrder) : page & ~((1 << chunkOrder) - 1);
      if (chunk !== NONE && this.#order[chunk] === chunkOrder) break;
    }
    const found = chunkOrder <= MAX_PAGE_ORDER;
    if (page === NONE) {
      if (!found) return NONE;
      page = chunk;
    }
    if (found) this.#split(chunk, chunkOrder, page, order);
    else this.#claim(page);
    this.#run(Step.refillCheck, page);
    if (order > 0) for (let tail = 1; tail < 1 << order; tail++) this.#run(Step.refillCheckTail, page + tail);
    this.#addTail(Step.refillLink, order === 0 ? LIST_PCP : LIST_PCP_HUGE, page);
    return this.base + page;
  }

  /** Takes a chunk off its list and puts the halves that are not wanted on the lower ones. */
  #split(chunk: number, chunkOrder: number, page: number, order: number): void {
    this.#remove(Step.refillRemove, chunk);
    this.#order[chunk] = -1;
    let current = chunk;
    for (let at = chunkOrder - 1; at >= order; at--) {
      const upper = current + (1 << at);
      const rest = page < upper ? upper : current;
      this.#order[rest] = at;
      this.#addHead(Step.refillSplit, LIST_BUDDY + at, rest);
      if (page >= upper) current = upper;
    }
  }

  /** A page that the recording says is free although the model thought otherwise. */
  #claim(page: number): void {
    this.surprises++;
    this.#unlink(page);
    this.#flags[page] = 0;
    this.#mapcount[page] = 0;
  }

  /** rmqueue_pcplist: the given page, or the first. Refills in batches when the list is empty and none is given. */
  take(pfn = NONE): number {
    let page = pfn === NONE ? this.#first(LIST_PCP) : pfn - this.base;
    if (page === NONE) {
      for (let i = 0; i < this.pcpBatch; i++) if (this.refill() === NONE) break;
      page = this.#first(LIST_PCP);
      if (page === NONE) return NONE;
    }
    if (this.#list[page] !== LIST_PCP) {
      this.#claim(page);
      // It was on the pcp list when the recording began: its neighbour there is not known.
    }
    this.#remove(Step.pcpTake, page);
    this.#run(Step.pcpPrep, page);
    this.#flags[page] = EXCLUSIVE;
    this.#mapcount[page] = 1;
    this.freeFactor >>= 1;
    this.pcpCount = Math.max(0, this.pcpCount - 1);
    return this.base + page;
  }

  pcpBatch = 63;
  pcpHigh = 0x7fffffff;
  pcpCount = 0;
  freeFactor = 0;

  /** free_unref_page_commit: to the head of the pcp list, draining when it is too long. */
  commit(pfn: number): void {
    this.#addHead(Step.pcpAdd, LIST_PCP, pfn - this.base);
    this.pcpCount++;
    if (this.pcpCount < this.pcpHigh) return;
    let nr = this.pcpBatch << this.freeFactor;
    const most = this.pcpHigh - this.pcpBatch;
    if (nr < most && this.freeFactor < 5) this.freeFactor++;
    nr = Math.min(Math.max(nr, this.pcpBatch), most);
    for (; nr > 0 && this.#last(LIST_PCP) !== NONE; nr--) {
      this.drain();
      this.pcpCount--;
    }
  }

  /** free_pcppages_bulk, one page: the given one, or the last. */
  drain(pfn = NONE, order = 0): void {
    const list = order === 0 ? LIST_PCP : LIST_PCP_HUGE;
    const page = pfn === NONE ? this.#last(list) : pfn - this.base;
    if (page === NONE) return;
    if (this.#list[page] !== list) this.#claim(page);
    this.#remove(Step.drainTake, page);
    this.#freeOne(page, order);
  }

  /** __free_one_page: merges with free buddies and puts the result on a free list. */
  #freeOne(start: number, startOrder: number): void {
    let page = start;
    let order = startOrder;
    let buddy = NONE;
    while (order < MAX_PAGE_ORDER) {
      buddy = page ^ (1 << order);
      if (!this.#peek(page, buddy, order)) break;
      this.#remove(Step.mergeRemove, buddy);
      this.#order[buddy] = -1;
      page = page & buddy;
      order++;
    }
    this.#run(Step.mergeDone, page);
    this.#order[page] = order;
    const higher = page & ~(1 << order);
    const toTail = order < MAX_PAGE_ORDER - 1 && this.#peek(higher, higher ^ (2 << order), order + 1);
    if (toTail) this.#addTail(Step.insertTail, LIST_BUDDY + order, page);
    else this.#addHead(Step.insertHead, LIST_BUDDY + order, page);
  }

  /** page_is_buddy: reads the buddy, and both zones when type and order fit. */
  #peek(page: number, buddy: number, order: number): boolean {
    if (buddy >= this.nrPages) return false;
    const buddyOrder = this.#order[buddy] as number;
    if (buddyOrder < 0) {
      this.#run(Step.mergePeekBusy, buddy);
      return false;
    }
    this.#run(Step.mergePeekFree, buddy);
    if (buddyOrder !== order) return false;
    this.#run(Step.mergeMatch, page);
    this.#run(Step.mergeMatch, buddy);
    return true;
  }

  // ---- LRU batches --------------------------------------------------------------------------------------

  #queueLru(page: number, add: Step, addFull: Step, cache: boolean): void {
    this.#lruAdd.push(page);
    this.#flags[page] = (this.#flags[page] as number) | PENDING_ADD | (cache ? CACHE : 0);
    const full = this.#lruAdd.length >= this.recipes.sizes.folioBatch;
    this.#run(full ? addFull : add, page);
    if (full) this.drainLruAdd();
  }

  /** folio_batch_move_lru(lru_add): the whole batch to its lists, then the batch's references. */
  drainLruAdd(): void {
    const batch = this.#lruAdd.splice(0);
    batch.forEach((page, i) => {
      const flags = this.#flags[page] as number;
      this.#run(i === 0 ? Step.lruAddFirst : Step.lruAddAgain, page);
      const step = flags & HUGE ? Step.thpAddLru : flags & CACHE ? Step.lruAddCache : Step.lruAddAnon;
      this.#addHead(step, this.#lruOf(flags), page);
      this.#flags[page] = (flags & ~PENDING_ADD) | ON_LRU;
    });
    for (const page of batch) this.#run(Step.lruAddPut, page);
  }

  #lruOf(flags: number): number {
    if (this.recipes.sizes.activates) return flags & ACTIVE ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON;
    return flags & (CACHE | ACTIVE) ? LRU_ACTIVE_ANON : LRU_INACTIVE_ANON;
  }

  drainActivate(): void {
    const batch = this.#activate.splice(0);
    batch.forEach((page, i) => {
      const flags = this.#flags[page] as number;
      this.#run(i === 0 ? Step.activateFirst : Step.activateAgain, page);
      // Both halves of the move are one step: del with the old neighbours, add with the new first page.
      const { prev, next } = { prev: this.#prevOf(page), next: this.#nextOf(page) };
      this.#unlink(page);
      this.#runMove(Step.activateMove, page, prev, next, this.#first(LRU_ACTIVE_ANON));
      this.#push(LRU_ACTIVE_ANON, page, false);
      this.#flags[page] = (flags & ~PENDING_ACTIVATE) | ACTIVE;
    });
    for (const page of batch) this.#run(Step.lruAddPut, page);
  }

  /** A step that unlinks from one list and links into another: its last `next` rows mean the new first page. */
  #runMove(step: Step, page: number, prev: number, next: number, first: number): void {
    if (this.#silent) return;
    const { stepRow, rowRole, rowLoads, rowStores } = this.recipes;
    let unlinked = false;
    for (let row = stepRow[step] as number; row < (stepRow[step + 1] as number); row++) {
      const role = rowRole[row] as number;
      if (role === ROLE_PREV && (rowStores[row] as number) > 0) unlinked = true;
      const target = role === ROLE_PREV ? prev : role === ROLE_NEXT ? (unlinked ? first : next) : page;
      if (target === NONE) continue;
      this.rowRuns[row] = (this.rowRuns[row] as number) + 1;
      this.#touch(target, rowLoads[row] as number, rowStores[row] as number);
    }
  }

  /** Makes a page what a free or an unmap of it needs: mapped once and on an LRU list. */
  settle(pfn: number): void {
    const page = pfn - this.base;
    if ((this.#flags[page] as number) & HUGE) return;
    this.#mapcount[page] = 1;
    if (this.#list[page] === LIST_PCP || (this.#order[page] as number) >= 0) {
      this.surprises++;
      this.#unlink(page);
      this.#order[page] = -1;
    }
  }

  // ---- operations ---------------------------------------------------------------------------------------

  anonFault(pfn: number): void {
    this.#run(Step.anonFault, pfn - this.base);
    this.#queueLru(pfn - this.base, Step.folioAddLru, Step.folioAddLruFull, false);
  }

  /** The page of a new program's arguments: faulted by the kernel itself, accessed again and again, so active. */
  argumentPage(pfn: number): void {
    const page = pfn - this.base;
    this.#run(Step.anonFault, page);
    this.#flags[page] = (this.#flags[page] as number) | ACTIVE;
    this.#queueLru(page, Step.shmemAddLru, Step.shmemAddLruFull, false);
  }

  fork(pfn: number): void {
    const page = pfn - this.base;
    const flags = this.#flags[page] as number;
    this.#run(flags & EXCLUSIVE ? Step.forkExclusive : Step.forkShared, page);
    this.#flags[page] = flags & ~EXCLUSIVE;
    this.#mapcount[page] = (this.#mapcount[page] as number) + 1;
  }

  /** do_wp_page up to the allocation of the copy. */
  cowBegin(oldPfn: number): void {
    const page = oldPfn - this.base;
    this.#run(Step.cowCheck, page);
    if ((this.#flags[page] as number) & PENDING_ADD) this.drainLruAdd();
  }

  cowEnd(oldPfn: number, newPfn: number): void {
    const old = oldPfn - this.base;
    const page = newPfn - this.base;
    this.#run(Step.cowAlloc, page);
    if (oldPfn !== NONE) this.#run(Step.cowCopy, old);
    this.#run(Step.cowRmap, page);
    this.#queueLru(page, Step.folioAddLru, Step.folioAddLruFull, false);
    if (oldPfn === NONE) return;
    this.#run(Step.cowDrop, old);
    this.#mapcount[old] = Math.max(0, (this.#mapcount[old] as number) - 1);
  }

  shmemWrite(pfn: number): void {
    const page = pfn - this.base;
    this.#run(Step.shmemAlloc, page);
    this.#flags[page] = REFERENCED;
    this.#queueLru(page, Step.shmemAddLru, Step.shmemAddLruFull, true);
    this.#run(Step.shmemWritten, page);
  }

  shmemRead(pfn: number): void {
    const page = pfn - this.base;
    const flags = this.#flags[page] as number;
    this.#run(Step.shmemRead, page);
    if (!this.recipes.sizes.activates) {
      this.#run(Step.shmemReadInactive, page);
    } else if (flags & ACTIVE) {
      this.#run(Step.shmemReadActive, page);
    } else if (flags & PENDING_ADD) {
      this.#run(Step.shmemReadPending, page);
      this.#flags[page] = flags | ACTIVE;
    } else if ((flags & PENDING_ACTIVATE) === 0) {
      this.#activate.push(page);
      this.#flags[page] = flags | PENDING_ACTIVATE;
      const full = this.#activate.length >= this.recipes.sizes.folioBatch;
      this.#run(full ? Step.shmemReadInactiveFull : Step.shmemReadInactive, page);
      if (full) this.drainActivate();
      this.#run(Step.activatePut, page);
    }
    this.#run(Step.shmemReadDone, page);
  }

  truncateFind(pfn: number): void {
    this.#run(Step.truncateFind, pfn - this.base);
  }

  truncateFolio(pfn: number): void {
    const page = pfn - this.base;
    this.#run(Step.truncateFolio, page);
    this.#mapcount[page] = 0;
  }

  gupPin(pfn: number): void {
    this.#run(Step.gupPin, pfn - this.base);
  }

  gupNext(pfn: number): void {
    this.#run(Step.gupNext, pfn - this.base);
  }

  gupUnpin(pfn: number): void {
    this.#run(Step.gupUnpin, pfn - this.base);
  }

  /** lru_add_drain: what unmapping and freeing begin with. */
  lruAddDrain(): void {
    if (this.#lruAdd.length > 0) this.drainLruAdd();
    if (this.#activate.length > 0) this.drainActivate();
  }

  zap(pfn: number): void {
    const page = pfn - this.base;
    if ((this.#flags[page] as number) & HUGE) {
      this.#run(Step.thpZap, page);
      this.#mapcount[page] = 0;
      return;
    }
    const shared = (this.#mapcount[page] as number) > 1;
    this.#run(shared ? Step.zapShared : Step.zapLast, page);
    this.#mapcount[page] = Math.max(0, (this.#mapcount[page] as number) - 1);
  }

  swapFree(pfn: number): void {
    this.#run(Step.swapFree, pfn - this.base);
  }

  /**
   * release_pages / folios_put_refs: drops a reference of each page and frees those whose last it was, in batches
   * of the kernel's size. `commit` is called per freed page in the order of the pcp list additions.
   */
  release(pfns: readonly number[], commit: (pfn: number) => void): void {
    const size = this.recipes.sizes.freeBatch || pfns.length;
    for (let from = 0; from < pfns.length; from += size) this.#releaseBatch(pfns.slice(from, from + size), commit);
  }

  #releaseBatch(pfns: readonly number[], commit: (pfn: number) => void): void {
    const { releaseLockBatch, thpFreedAtOnce } = this.recipes.sizes;
    const freed: number[] = [];
    let locked = 0;
    for (const pfn of pfns) {
      const page = pfn - this.base;
      const flags = this.#flags[page] as number;
      // The lock is dropped after so many pages, whether they are freed or not.
      if (locked > 0) locked = locked === releaseLockBatch ? 0 : locked + 1;
      if (flags & HUGE) {
        this.#releaseHuge(page, locked === 0);
        locked = thpFreedAtOnce ? 0 : 1;
        if (thpFreedAtOnce) this.#freeHuge(page, commit);
        else freed.push(page);
        continue;
      }
      if ((this.#mapcount[page] as number) > 0) {
        this.#run(Step.putShared, page);
        continue;
      }
      this.#run(locked === 0 ? Step.releaseFirst : Step.releaseAgain, page);
      if (locked === 0) locked = 1;
      this.#remove(flags & CACHE ? Step.releaseRemoveCache : Step.releaseRemove, page);
      this.#run(Step.releaseLink, page, NONE, freed.length > 0 ? (freed[freed.length - 1] as number) : NONE);
      freed.push(page);
    }
    this.#freeBatch(freed, commit);
  }

  /** free_unref_page_list / free_unref_folios. 6.1 walks a list that was built by insertion at its head. */
  #freeBatch(freed: readonly number[], commit: (pfn: number) => void): void {
    const order = this.recipes.sizes.freeBatch === 0 ? freed.slice().reverse() : freed;
    order.forEach((page, i) => {
      if ((this.#flags[page] as number) & HUGE) this.#run(Step.thpUncharge, page);
      else this.#run(i === 0 ? Step.unchargeFirst : Step.unchargeAgain, page);
    });
    for (const page of order) {
      const flags = this.#flags[page] as number;
      if (flags & HUGE) this.#prepareHuge(page);
      else this.#run(flags & CACHE ? Step.prepareCache : Step.prepareAnon, page);
    }
    order.forEach((page, i) => {
      const next = i + 1 < order.length ? (order[i + 1] as number) : NONE;
      this.#run(Step.unlink, page, NONE, next);
      const huge = ((this.#flags[page] as number) & HUGE) !== 0;
      this.#flags[page] = 0;
      if (huge) this.#addHead(Step.pcpAdd, LIST_PCP_HUGE, page);
      else commit(this.base + page);
    });
  }

  // ---- transparent huge pages ---------------------------------------------------------------------------

  /** Allocation and fault of one 2 MiB page; NONE when no chunk is free. */
  thpFault(pfn = NONE): number {
    let page = pfn === NONE ? this.#first(LIST_PCP_HUGE) : pfn - this.base;
    if (page === NONE || this.#list[page] !== LIST_PCP_HUGE) {
      const got = this.refill(page === NONE ? NONE : pfn, HUGE_ORDER);
      if (got === NONE) return NONE;
      if (page === NONE) page = got - this.base;
    }
    this.#remove(Step.pcpTake, page);
    this.#run(Step.thpTake, page);
    for (let tail = 1; tail < HUGE_PAGES; tail++) this.#run(Step.thpTakeTail, page + tail);
    if (!this.recipes.sizes.thpFreedAtOnce) this.#run(Step.thpPrepHead, page);
    for (let tail = 1; tail < HUGE_PAGES; tail++) this.#run(Step.thpPrepTail, page + tail);
    this.#run(Step.thpFault, page);
    this.#flags[page] = HUGE | EXCLUSIVE;
    this.#mapcount[page] = 1;
    // A large folio does not wait in the batch: it drains it (folio_batch_add of a large folio).
    this.#lruAdd.push(page);
    this.drainLruAdd();
    this.#run(Step.thpMapped, page);
    return this.base + page;
  }

  #releaseHuge(page: number, first: boolean): void {
    this.#run(first ? Step.thpReleaseFirst : Step.thpReleaseAgain, page);
    this.#remove(Step.thpRelease, page);
  }

  #freeHuge(page: number, _commit: (pfn: number) => void): void {
    this.#run(Step.thpUncharge, page);
    this.#prepareHuge(page);
    this.#flags[page] = 0;
    this.#addHead(Step.pcpAdd, LIST_PCP_HUGE, page);
  }

  #prepareHuge(page: number): void {
    this.#run(Step.thpFreeTail1, page + 1);
    this.#run(Step.thpFreeTail2, page + 2);
    this.#run(Step.thpFreeTail3, page + 3);
    for (let tail = 4; tail < HUGE_PAGES; tail++) this.#run(Step.thpFreeTail, page + tail);
    this.#run(Step.thpFreeHead, page);
  }
}
