// Slow twin of the page engine: the same interface as src/wasm/wasmPageEngine.ts over maps, sets and arrays.
import * as E from "../../assembly/layout/engine.ts";
import { MIGRATE_MOVABLE } from "../../assembly/layout/hotplug.ts";
import { Step } from "../../assembly/layout/steps.ts";
import type { PageRange } from "../../src/counts.ts";
import type { PageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { NONE } from "./engineLists.ts";
import { ReferenceLru } from "./engineLru.ts";
import { offlinePageByPage } from "./offlineBusy.ts";

const { PageOp } = E;

export class ReferenceEngine extends ReferenceLru implements PageEngine {
  #freed: number[] = [];

  quietly(build: () => void): void {
    this.silent = true;
    build();
    this.silent = false;
  }

  op(op: E.PageOp, pfn: number): number {
    const page = this.page(pfn === NONE ? this.basePfn : pfn);
    if (op === PageOp.thpFault) return this.#thpFault(pfn);
    if (op === PageOp.takeHuge) return this.#takeHuge(pfn);
    if (op === PageOp.anonFault || op === PageOp.argumentPage) {
      this.run(Step.anonFault, pfn);
      if (op === PageOp.argumentPage) {
        page.flags.add("second");
        this.queueLru(pfn, Step.shmemAddLru, Step.shmemAddLruFull);
        this.run(Step.execArguments, pfn);
      } else this.queueLru(pfn, Step.folioAddLru, Step.folioAddLruFull);
    } else if (op === PageOp.fork) {
      this.run(page.flags.has("exclusive") ? Step.forkExclusive : Step.forkShared, pfn);
      page.flags.delete("exclusive");
      page.mapcount++;
    } else if (op === PageOp.cowBegin) {
      this.run(Step.cowCheck, pfn);
      if (page.flags.has("pendingAdd")) this.drainLruAdd();
    } else if (op === PageOp.cowRmap) {
      this.run(Step.cowRmap, pfn);
      this.queueLru(pfn, Step.folioAddLru, Step.folioAddLruFull);
    } else if (op === PageOp.cowDrop) {
      this.run(Step.cowDrop, pfn);
      page.mapcount = Math.max(0, page.mapcount - 1);
    } else if (op === PageOp.fileCow) {
      this.run(Step.fileCow, pfn);
      this.queueLru(pfn, Step.folioAddLru, Step.folioAddLruFull);
    } else if (op === PageOp.cowReuse) {
      this.run(Step.cowReuse, pfn);
      page.flags.add("exclusive");
    } else if (op === PageOp.splitPage) {
      page.flags = new Set(["lru", "exclusive"]);
      page.mapcount = 1;
    } else if (op === PageOp.addLru) {
      page.flags = new Set(["exclusive"]);
      page.mapcount = 1;
      this.queueLru(pfn, Step.shmemAddLru, Step.shmemAddLruFull);
    } else if (op === PageOp.zap) this.#zap(pfn);
    else if (op === PageOp.settle) this.#settle(pfn);
    else this.#fileOp(op, pfn);
    return pfn;
  }

  #fileOp(op: E.PageOp, pfn: number): void {
    const page = this.page(pfn);
    if (op === PageOp.shmemWrite) {
      this.run(Step.shmemAlloc, pfn);
      page.flags = new Set(["cache"]);
      this.queueLru(pfn, Step.shmemAddLru, Step.shmemAddLruFull);
      this.run(Step.shmemWritten, pfn);
    } else if (op === PageOp.truncate) {
      this.run(Step.truncateFolio, pfn);
      page.mapcount = 0;
    } else if (op === PageOp.shmemRead) {
      this.run(Step.shmemRead, pfn);
      if (!this.recipes.sizes.activates) this.run(Step.shmemReadInactive, pfn);
      else if (page.flags.has("second")) this.run(Step.shmemReadActive, pfn);
      else if (page.flags.has("pendingAdd")) {
        this.run(Step.shmemReadPending, pfn);
        page.flags.add("second");
      } else if (!page.flags.has("pendingActivate")) {
        this.queueActivate(pfn);
        this.run(Step.activatePut, pfn);
      }
      this.run(Step.shmemReadDone, pfn);
    }
  }

  #zap(pfn: number): void {
    const page = this.page(pfn);
    if (page.flags.has("huge") || page.flags.has("table")) {
      this.run(page.flags.has("huge") ? Step.thpZap : Step.tableUnmap, pfn);
      page.mapcount = 0;
      return;
    }
    this.run(page.mapcount > 1 ? Step.zapShared : Step.zapLast, pfn);
    page.mapcount = Math.max(0, page.mapcount - 1);
  }

  #settle(pfn: number): void {
    const page = this.page(pfn);
    if (page.flags.has("huge")) return;
    page.mapcount = 1;
    if (!this.isFree(pfn)) return;
    this.surprises++;
    this.takeOut(pfn);
  }

  #takeHuge(wanted: number): number {
    const pfn = this.takePage(wanted, E.ENGINE_HUGE_ORDER, MIGRATE_MOVABLE);
    if (pfn !== NONE) this.#prepareCompound(pfn, E.ENGINE_HUGE_ORDER);
    return pfn;
  }

  #prepareCompound(pfn: number, order: number): void {
    const tails = Array.from({ length: 2 ** order - 1 }, (_, i) => pfn + 1 + i);
    this.run(Step.compoundTake, pfn);
    for (const tail of tails) this.run(Step.compoundTakeTail, tail);
    this.run(Step.compoundPrep, pfn);
    for (const tail of tails) this.run(Step.compoundPrepTail, tail);
  }

  takeCompound(wanted: number, order: number, migratetype: number): number {
    const pfn = this.takePage(wanted, order, migratetype);
    if (pfn === NONE) return NONE;
    this.#prepareCompound(pfn, order);
    for (let tail = 1; tail < 2 ** order; tail++) this.page(pfn + tail).flags = new Set(["tail"]);
    this.run(order > 1 ? Step.compoundDone : Step.compoundDoneShort, pfn);
    this.page(pfn).flags = new Set(["exclusive"]);
    this.page(pfn).mapcount = 1;
    return pfn;
  }

  #thpFault(wanted: number): number {
    const pfn = this.#takeHuge(wanted);
    if (pfn === NONE) return NONE;
    this.run(Step.thpFault, pfn);
    this.page(pfn).flags = new Set(["huge", "exclusive", "pendingAdd"]);
    this.page(pfn).mapcount = 1;
    this.lruAdd.push(pfn);
    this.drainLruAdd();
    const { thpQueuedAtFault } = this.recipes.sizes;
    this.run(Step.thpMapped, pfn, thpQueuedAtFault ? this.lastOf(E.LIST_DEFERRED) : NONE);
    if (thpQueuedAtFault) this.push(E.LIST_DEFERRED, pfn + 2, E.AT_TAIL);
    return pfn;
  }

  release(pfns: readonly number[]): number {
    const { releaseLockBatch, thpFreedAtOnce } = this.recipes.sizes;
    const freed: number[] = [];
    let locked = 0;
    for (const pfn of pfns) {
      const { flags, mapcount } = this.page(pfn);
      if (locked > 0) locked = locked === releaseLockBatch ? 0 : locked + 1;
      if (flags.has("huge")) {
        const { prev, next } = this.neighbours(pfn + 2);
        this.run(locked === 0 ? Step.thpReleaseFirst : Step.thpReleaseAgain, pfn, prev, next);
        this.unlink(pfn + 2);
        this.remove(Step.thpRelease, pfn);
        locked = thpFreedAtOnce ? 0 : 1;
        if (thpFreedAtOnce) {
          this.run(Step.thpUncharge, pfn);
          this.#prepareHuge(pfn);
          this.#addHuge(pfn);
          continue;
        }
      } else if (mapcount > 0) {
        this.run(Step.putShared, pfn);
        continue;
      } else {
        if (flags.has("table")) this.run(Step.tableRelease, pfn);
        else {
          this.run(locked === 0 ? Step.releaseFirst : Step.releaseAgain, pfn);
          if (locked === 0) locked = 1;
          this.remove(flags.has("cache") ? Step.releaseRemoveCache : Step.releaseRemove, pfn);
        }
        this.run(Step.releaseLink, pfn, NONE, freed.at(-1) ?? NONE);
      }
      freed.push(pfn);
    }
    return this.freeList(freed);
  }

  freeList(pfns: readonly number[]): number {
    this.#freed = this.recipes.sizes.freeBatch === 0 ? pfns.slice().reverse() : pfns.slice();
    this.#freed.forEach((pfn, i) => {
      const { flags } = this.page(pfn);
      if (flags.has("huge")) this.run(Step.thpUncharge, pfn);
      else if (flags.has("table")) this.run(Step.tableUncharge, pfn);
      else this.run(i === 0 ? Step.unchargeFirst : Step.unchargeAgain, pfn);
    });
    for (const pfn of this.#freed) {
      const { flags } = this.page(pfn);
      if (flags.has("huge")) this.#prepareHuge(pfn);
      else this.run(flags.has("cache") || flags.has("table") ? Step.prepareCache : Step.prepareAnon, pfn);
    }
    return this.#freed.length;
  }

  freeNext(index: number): number {
    const pfn = this.#freed[index] as number;
    this.run(Step.unlink, pfn, NONE, this.#freed[index + 1] ?? NONE);
    const isHuge = this.page(pfn).flags.has("huge");
    this.page(pfn).flags.clear();
    if (isHuge) this.#addHuge(pfn);
    return isHuge ? NONE : pfn;
  }

  #addHuge(pfn: number): void {
    this.page(pfn).flags.clear();
    this.commit(pfn, E.ENGINE_HUGE_ORDER);
  }

  #prepareHuge(pfn: number): void {
    const first = [Step.thpFreeTail1, Step.thpFreeTail2, Step.thpFreeTail3];
    for (let tail = 1; tail < E.ENGINE_HUGE_PAGES; tail++) this.run(first[tail - 1] ?? Step.thpFreeTail, pfn + tail);
    this.run(Step.thpFreeHead, pfn);
  }

  takeChunk(step: Step, pfn: number): void {
    this.remove(step, pfn);
    this.page(pfn).order = -1;
  }

  mark(pfn: number, flag: number): void {
    this.page(pfn).flags.add(flag === E.PAGE_TABLE ? "table" : "cache");
  }

  flagsOf(pfn: number): number {
    const { flags } = this.page(pfn);
    return (
      (flags.has("lru") ? E.PAGE_ON_LRU : 0) |
      (flags.has("huge") ? E.PAGE_HUGE : 0) |
      (flags.has("large") ? (this.page(pfn).folioOrder ?? 0) << E.FOLIO_ORDER_SHIFT : 0) |
      (flags.has("table") ? E.PAGE_TABLE : 0)
    );
  }

  offlineBusy(range: PageRange, zone: PageRange): number {
    return offlinePageByPage(this, range, zone).size;
  }

  flush(): void {
    // Nothing waits: `touches` always holds the last one.
  }
}
