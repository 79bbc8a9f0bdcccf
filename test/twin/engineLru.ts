// Slow twin of assembly/engine/lru.ts.
import * as E from "../../assembly/layout/engine.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { NONE } from "./engineLists.ts";
import { ReferencePcp } from "./enginePcp.ts";

export class ReferenceLru extends ReferencePcp {
  lruAdd: number[] = [];
  activate: number[] = [];

  holdAnon(pfn: number): void {
    const page = this.page(pfn);
    page.flags = new Set(["lru", "exclusive"]);
    page.mapcount = 1;
    this.push(E.LIST_LRU_FIRST, pfn, E.AT_HEAD);
  }

  holdFolio(pfn: number, order: number): void {
    this.holdAnon(pfn);
    if (order === 0) return;
    const { flags } = this.page(pfn);
    flags.add(order === E.ENGINE_HUGE_ORDER ? "huge" : "large");
    this.page(pfn).folioOrder = order;
  }

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
      const isOlder = flags.has("cache") || flags.has("second");
      const step = flags.has("huge") ? Step.thpAddLru : isOlder ? Step.lruAddCache : Step.lruAddAnon;
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
