// Slow twin of assembly/buddy.ts and assembly/lru.ts.
import * as E from "../../assembly/engineLayout.ts";
import { Step } from "../../assembly/engineSteps.ts";
import { NONE, ReferenceLists } from "./engineLists.ts";

export class ReferenceBuddy extends ReferenceLists {
  pcp = { batch: 63, high: 0x7fffffff, count: 0, freeFactor: 0 };
  lruAdd: number[] = [];
  activate: number[] = [];

  setPcp(batch: number, high: number): void {
    this.pcp.batch = batch;
    this.pcp.high = high;
  }

  freeChunk(pfn: number, order: number): void {
    this.page(pfn).order = order;
    this.push(E.LIST_BUDDY + order, pfn, E.AT_TAIL);
  }

  holdPcp(pfn: number): void {
    this.push(E.LIST_PCP, pfn, E.AT_TAIL);
  }

  holdAnon(pfn: number): void {
    const page = this.page(pfn);
    page.flags = new Set(["lru", "exclusive"]);
    page.mapcount = 1;
    this.push(E.LIST_LRU_FIRST, pfn, E.AT_HEAD);
  }

  #claim(pfn: number): void {
    this.surprises++;
    this.unlink(pfn);
    this.page(pfn).flags.clear();
    this.page(pfn).mapcount = 0;
  }

  /** The head of the free chunk of at least `order` that holds a page. */
  #chunkOf(pfn: number, order: number): number {
    for (let o = order; o <= E.ENGINE_MAX_ORDER; o++) {
      const head = this.basePfn + Math.floor((pfn - this.basePfn) / 2 ** o) * 2 ** o;
      if (this.page(head).order === o) return head;
    }
    return NONE;
  }

  refill(wanted: number, order: number): number {
    let chunk = NONE;
    if (wanted !== NONE) chunk = this.#chunkOf(wanted, order);
    else
      for (let o = order; o <= E.ENGINE_MAX_ORDER && chunk === NONE; o++)
        chunk = this.lists[E.LIST_BUDDY + o]?.[0] ?? NONE;
    if (chunk === NONE && wanted === NONE) return NONE;
    const pfn = wanted === NONE ? chunk : wanted;
    if (chunk === NONE) this.#claim(pfn);
    else {
      let size = 2 ** this.page(chunk).order;
      this.remove(Step.refillRemove, chunk);
      this.page(chunk).order = -1;
      while (size > 2 ** order) {
        size /= 2;
        const isUpper = pfn >= chunk + size;
        const rest = isUpper ? chunk : chunk + size;
        this.page(rest).order = Math.log2(size);
        this.add(Step.refillSplit, E.LIST_BUDDY + Math.log2(size), rest, E.AT_HEAD);
        if (isUpper) chunk += size;
      }
    }
    this.run(Step.refillCheck, pfn);
    for (let tail = 1; tail < 2 ** order; tail++) this.run(Step.refillCheckTail, pfn + tail);
    this.add(Step.refillLink, order === 0 ? E.LIST_PCP : E.LIST_PCP_HUGE, pfn, E.AT_TAIL);
    return pfn;
  }

  take(wanted: number): number {
    let pfn = wanted === NONE ? (this.lists[E.LIST_PCP]?.[0] ?? NONE) : wanted;
    if (pfn === NONE) {
      for (let i = 0; i < this.pcp.batch && this.refill(NONE, 0) !== NONE; i++) this.pcp.count++;
      pfn = this.lists[E.LIST_PCP]?.[0] ?? NONE;
      if (pfn === NONE) return NONE;
    }
    if (this.page(pfn).list !== E.LIST_PCP) this.#claim(pfn);
    this.remove(Step.pcpTake, pfn);
    this.run(Step.pcpPrep, pfn);
    this.page(pfn).flags = new Set(["exclusive"]);
    this.page(pfn).mapcount = 1;
    this.pcp.freeFactor >>= 1;
    this.pcp.count = Math.max(0, this.pcp.count - 1);
    return pfn;
  }

  commit(pfn: number): void {
    this.add(Step.pcpAdd, E.LIST_PCP, pfn, E.AT_HEAD);
    this.pcp.count++;
    const { batch, high, freeFactor } = this.pcp;
    if (this.pcp.count < high) return;
    const most = high > batch ? high - batch : 1;
    let nr = batch * 2 ** freeFactor;
    if (nr < most && freeFactor < 5) this.pcp.freeFactor++;
    nr = Math.min(Math.max(nr, batch), most);
    for (; nr > 0 && this.lists[E.LIST_PCP]?.length !== 0; nr--) {
      this.drain(NONE, 0);
      this.pcp.count = Math.max(0, this.pcp.count - 1);
    }
  }

  drain(wanted: number, order: number): void {
    const list = order === 0 ? E.LIST_PCP : E.LIST_PCP_HUGE;
    const pfn = wanted === NONE ? (this.lists[list]?.at(-1) ?? NONE) : wanted;
    if (pfn === NONE) return;
    if (this.page(pfn).list !== list) this.#claim(pfn);
    this.remove(Step.drainTake, pfn);
    this.freeOne(pfn, order);
  }

  #isIsolated(pfn: number): boolean {
    return this.isolated.has(Math.floor((pfn - this.basePfn) / 512));
  }

  setIsolated(pfn: number, isolated: boolean): void {
    const block = Math.floor((pfn - this.basePfn) / 512);
    if (isolated) this.isolated.add(block);
    else this.isolated.delete(block);
  }

  freeOne(start: number, startOrder: number): void {
    const lists = this.#isIsolated(start) ? E.LIST_ISOLATED : E.LIST_BUDDY;
    let [page, order] = [start - this.basePfn, startOrder];
    for (; order < E.ENGINE_MAX_ORDER; order++) {
      const buddy = page ^ (2 ** order);
      if (!this.#peek(page, buddy, order)) break;
      if (order >= 9 && this.#isIsolated(buddy + this.basePfn) !== (lists === E.LIST_ISOLATED)) break;
      this.remove(Step.mergeRemove, buddy + this.basePfn);
      this.page(buddy + this.basePfn).order = -1;
      page = Math.min(page, buddy);
    }
    const pfn = page + this.basePfn;
    this.run(Step.mergeDone, pfn);
    this.page(pfn).order = order;
    const higher = Math.floor(page / 2 ** (order + 1)) * 2 ** (order + 1);
    const toTail = order < E.ENGINE_MAX_ORDER - 1 && this.#peek(higher, higher ^ (2 ** (order + 1)), order + 1);
    this.add(toTail ? Step.insertTail : Step.insertHead, lists + order, pfn, toTail ? E.AT_TAIL : E.AT_HEAD);
  }

  #peek(page: number, buddy: number, order: number): boolean {
    if (buddy >= this.nrPages) return false;
    const buddyOrder = this.page(buddy + this.basePfn).order;
    this.run(buddyOrder < 0 ? Step.mergePeekBusy : Step.mergePeekFree, buddy + this.basePfn);
    if (buddyOrder !== order) return false;
    this.run(Step.mergeMatch, page + this.basePfn);
    this.run(Step.mergeMatch, buddy + this.basePfn);
    return true;
  }

  // ---- LRU ----------------------------------------------------------------------------------------------

  queueLru(pfn: number, add: Step, full: Step): void {
    this.lruAdd.push(pfn);
    this.page(pfn).flags.add("pendingAdd");
    const isFull = this.lruAdd.length >= this.recipes.sizes.folioBatch;
    this.run(isFull ? full : add, pfn);
    if (isFull) this.drainLruAdd();
  }

  drainLruAdd(): void {
    const batch = this.lruAdd;
    this.lruAdd = [];
    batch.forEach((pfn, i) => {
      const { flags } = this.page(pfn);
      this.run(i === 0 ? Step.lruAddFirst : Step.lruAddAgain, pfn);
      const step = flags.has("huge") ? Step.thpAddLru : flags.has("cache") ? Step.lruAddCache : Step.lruAddAnon;
      const isSecond = flags.has("second") || (!this.recipes.sizes.activates && flags.has("cache"));
      this.add(step, isSecond ? E.LIST_LRU_SECOND : E.LIST_LRU_FIRST, pfn, E.AT_HEAD);
      flags.delete("pendingAdd");
      flags.add("lru");
    });
    for (const pfn of batch) this.run(Step.lruAddPut, pfn);
  }

  queueActivate(pfn: number): void {
    this.activate.push(pfn);
    this.page(pfn).flags.add("pendingActivate");
    const isFull = this.activate.length >= this.recipes.sizes.folioBatch;
    this.run(isFull ? Step.shmemReadInactiveFull : Step.shmemReadInactive, pfn);
    if (isFull) this.drainActivate();
  }

  drainActivate(): void {
    const batch = this.activate;
    this.activate = [];
    batch.forEach((pfn, i) => {
      this.run(i === 0 ? Step.activateFirst : Step.activateAgain, pfn);
      const { prev, next } = this.neighbours(pfn);
      this.unlink(pfn);
      this.run(Step.activateMove, pfn, prev, next, this.lists[E.LIST_LRU_SECOND]?.[0] ?? NONE);
      this.push(E.LIST_LRU_SECOND, pfn, E.AT_HEAD);
      this.page(pfn).flags.delete("pendingActivate");
      this.page(pfn).flags.add("second");
    });
    for (const pfn of batch) this.run(Step.lruAddPut, pfn);
  }

  lruAddDrain(): void {
    if (this.lruAdd.length > 0) this.drainLruAdd();
    if (this.activate.length > 0) this.drainActivate();
  }
}
