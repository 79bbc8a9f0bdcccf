import {
  AT_HEAD,
  AT_TAIL,
  ENGINE_HUGE_ORDER,
  ENGINE_HUGE_PAGES,
  LIST_POOL,
  LIST_POOL_ACTIVE,
  LIST_PRIVATE,
  LIST_UNMAPPED,
  PageOp,
} from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import { type OperationHandlers, UNMODELLED } from "../../recording/operationsSchema.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import { BLOCK_PAGES, type HotLayout } from "./hotLayout.ts";
import { freeCompound } from "./kernelPages.ts";
import type { PageSource } from "./pageSource.ts";

/** Struct pages on one page, and pages of struct pages of a 2 MiB page. */
const STRUCTS_PER_PAGE = 64;
const VMEMMAP_PAGES = ENGINE_HUGE_PAGES / STRUCTS_PER_PAGE;

interface PoolPage {
  readonly pfn: number;
  /** hugetlb_vmemmap_optimize has freed all but one page of its struct pages. */
  readonly isOptimized: boolean;
}

/** The pool of 2 MiB pages of hugetlbfs on hot-added memory, and a process that maps some. */
export class HugetlbPool {
  readonly #engine: PageEngine;
  readonly #source: PageSource;
  readonly #layout: HotLayout;
  /** The free list, its first page first. */
  #free: PoolPage[] = [];
  /** By address. */
  readonly #mapped: PoolPage[] = [];

  constructor(engine: PageEngine, source: PageSource, layout: HotLayout) {
    this.#engine = engine;
    this.#source = source;
    this.#layout = layout;
  }

  readonly handlers: OperationHandlers = {
    already_in_pool: ({ huge_pages, hvo }) => this.#engine.quietly(() => this.#grow(huge_pages, hvo, NONE)),
    hugetlb_grow: ({ huge_pages, hvo }) => this.#grow(huge_pages, hvo),
    hugetlb_fault: ({ huge_pages }) => this.#fault(huge_pages),
    hugetlb_unmap: ({ huge_pages }) => this.#unmap(this.#mapped.splice(Math.max(0, this.#mapped.length - huge_pages))),
    hugetlb_shrink: ({ huge_pages }) => this.#shrink(huge_pages),
  };

  /** @param wanted NONE where the events do not show the pages: state before the recording */
  #grow(hugePages: number, hvo: boolean, wanted?: typeof NONE): void {
    const { poolInBulk } = this.#engine.recipes.sizes;
    const isBefore = wanted !== undefined;
    const named = isBefore ? this.#source.hugePagesFreed(hugePages) : [];
    const collected: number[] = [];
    for (let i = 0; i < hugePages; i++) {
      const pfn = isBefore
        ? this.#engine.op(PageOp.takeHuge, named[i] ?? NONE)
        : this.#source.allocateHuge(PageOp.takeHuge);
      if (pfn === NONE) break;
      this.#engine.run(Step.poolAlloc, pfn);
      if (poolInBulk) {
        this.#engine.add(Step.poolCollect, LIST_PRIVATE, pfn, AT_HEAD);
        collected.unshift(pfn);
      } else this.#enqueueNew(pfn, hvo && this.#optimize(pfn));
    }
    if (!poolInBulk) return;
    for (const pfn of collected) this.#prepareVmemmap(pfn, hvo);
    const optimized = new Set(collected.filter((pfn) => this.#optimizeInBulk(pfn, hvo)));
    for (const pfn of collected) this.#enqueueNew(pfn, optimized.has(pfn));
  }

  #enqueueNew(pfn: number, isOptimized: boolean): void {
    this.#engine.run(isOptimized ? Step.poolPrepFake : Step.poolPrep, pfn);
    this.#enqueue({ pfn, isOptimized });
  }

  /** enqueue_huge_page: to the head of the free list, from where it is. */
  #enqueue(page: PoolPage): void {
    this.#engine.remove(Step.poolDel, page.pfn);
    this.#engine.add(Step.poolAdd, LIST_POOL, page.pfn, AT_HEAD);
    this.#free.unshift(page);
  }

  /** The page that holds its first struct page, where the block hosts its own. */
  #vmemmapPage(pfn: number): number {
    const startPfn = pfn - (pfn % BLOCK_PAGES);
    const isSelfHosted = this.#layout.online.some((block) => block.startPfn === startPfn && block.selfHosted);
    return isSelfHosted ? startPfn + Math.floor((pfn - startPfn) / STRUCTS_PER_PAGE) : NONE;
  }

  /** hugetlb_vmemmap_optimize. @return whether it was done: self-hosted struct pages are refused */
  #optimize(pfn: number): boolean {
    const vmemmap = this.#vmemmapPage(pfn);
    if (vmemmap === NONE) this.#engine.run(Step.poolOptimize, pfn);
    else this.#engine.run(Step.poolRefused, pfn, NONE, vmemmap);
    return vmemmap === NONE;
  }

  /** hugetlb_vmemmap_optimize_folios, first pass. */
  #prepareVmemmap(pfn: number, hvo: boolean): void {
    const vmemmap = this.#vmemmapPage(pfn);
    const step = vmemmap === NONE ? Step.poolVmemmapSplit : Step.poolVmemmapSplitRefused;
    this.#engine.run(hvo ? step : Step.poolVmemmap, pfn, NONE, vmemmap);
  }

  /** Second pass: the first page of struct pages moves to a new page, even if it is refused then. */
  #optimizeInBulk(pfn: number, hvo: boolean): boolean {
    if (!hvo) {
      this.#engine.run(Step.poolVmemmap, pfn);
      return false;
    }
    const vmemmap = this.#vmemmapPage(pfn);
    this.#engine.run(Step.poolOptimize, pfn);
    const copy = this.#source.allocateKernelPage();
    this.#engine.runTails(Step.poolCopy, pfn, 0, STRUCTS_PER_PAGE);
    if (vmemmap !== NONE) {
      this.#engine.run(Step.poolRefused, pfn, NONE, vmemmap);
      return false;
    }
    if (copy !== NONE) this.#engine.run(Step.poolNewPage, copy);
    this.#engine.run(Step.poolOptimized, pfn);
    return true;
  }

  #fault(hugePages: number): void {
    this.#source.beforeFree();
    for (const page of this.#free.splice(0, hugePages)) {
      this.#engine.remove(Step.poolTake, page.pfn);
      this.#engine.add(Step.poolActive, LIST_POOL_ACTIVE, page.pfn, AT_HEAD);
      this.#engine.run(page.isOptimized ? Step.poolFaultFake : Step.poolFault, page.pfn);
      this.#mapped.push(page);
    }
  }

  #unmap(pages: readonly PoolPage[]): void {
    const engine = this.#engine;
    const { gatherBundle, gatherBatch } = engine.recipes.sizes;
    engine.lruAddDrain();
    for (const { pfn, isOptimized } of pages) engine.run(isOptimized ? Step.poolZapFake : Step.poolZap, pfn);
    for (let at = 0; at < pages.length; ) {
      const batch = pages.slice(at, at + (at === 0 ? gatherBundle : gatherBatch));
      for (const { pfn, isOptimized } of batch) engine.run(isOptimized ? Step.poolSwapFake : Step.poolSwap, pfn);
      for (const page of batch) {
        engine.run(page.isOptimized ? Step.poolPutFake : Step.poolPut, page.pfn);
        this.#enqueue(page);
      }
      at += batch.length;
    }
  }

  #shrink(hugePages: number): undefined | typeof UNMODELLED {
    const engine = this.#engine;
    const { poolInBulk } = engine.recipes.sizes;
    if (poolInBulk && this.#free.slice(0, hugePages).some(({ isOptimized }) => isOptimized)) return UNMODELLED;
    this.#source.beforeKernelPages();
    let pages = this.#free.splice(0, hugePages);
    for (const { pfn, isOptimized } of pages) {
      engine.remove(isOptimized ? Step.poolRemoveFake : Step.poolRemove, pfn);
      engine.add(Step.poolCollect, LIST_PRIVATE, pfn, AT_HEAD);
    }
    if (poolInBulk) {
      for (const { pfn } of pages.slice().reverse()) {
        engine.remove(Step.poolRestoreTake, pfn);
        engine.add(Step.poolRestoreAdd, LIST_UNMAPPED, pfn, AT_HEAD);
      }
    } else pages = pages.reverse();
    for (const page of pages) {
      if (page.isOptimized && !this.#restore(page.pfn)) {
        engine.remove(Step.poolRestoreFailed, page.pfn);
        this.#enqueue(page);
      } else this.#giveBack(page);
    }
    return undefined;
  }

  #giveBack({ pfn, isOptimized }: PoolPage): void {
    const engine = this.#engine;
    if (!isOptimized) engine.run(Step.poolDestroy, pfn);
    engine.runTails(Step.poolDestroyTail, pfn, 1, ENGINE_HUGE_PAGES);
    engine.run(Step.poolFree, pfn);
    freeCompound(engine, pfn, ENGINE_HUGE_ORDER);
    engine.remove(Step.poolLeave, pfn);
    this.#source.commitFreed(pfn, ENGINE_HUGE_ORDER);
  }

  /**
   * hugetlb_vmemmap_restore: pages for the struct pages, each filled from the one that was kept.
   *
   * @return false when the events show none: they must come from the node of the huge page (__GFP_THISNODE)
   */
  #restore(pfn: number): boolean {
    const engine = this.#engine;
    engine.run(Step.poolRestore, pfn, NONE, pfn + STRUCTS_PER_PAGE);
    const copies: number[] = [];
    for (let i = 1; i < VMEMMAP_PAGES; i++) {
      const copy = this.#source.allocateKernelPage();
      if (copy === NONE) continue;
      engine.add(Step.poolRestoreNew, LIST_UNMAPPED, copy, AT_TAIL);
      copies.push(copy);
    }
    if (copies.length === 0 && this.#source.isRecorded) return false;
    for (let i = 1; i < VMEMMAP_PAGES; i++) {
      const copy = copies[i - 1];
      if (copy !== undefined) engine.remove(Step.poolRestoreMap, copy);
      engine.runTails(Step.poolCopy, pfn, 0, STRUCTS_PER_PAGE);
    }
    engine.run(Step.poolRestored, pfn);
    return true;
  }
}
