import { PageOp, Step } from "../../assembly/engineLayout.ts";
import { NONE, type PageEngine } from "../kernels/engine.ts";
import { compactZone } from "./compaction.ts";
import { BLOCK_PAGES, type HotLayout } from "./engineState.ts";
import { readFile } from "./fileReads.ts";
import type { EventFollower } from "./followEvents.ts";
import { offlineBusy, reclaim } from "./migrationOps.ts";
import type { Operation, SimpleOperation } from "./operationsSchema.ts";
import { releasePages } from "./releasePages.ts";

const FREEING: ReadonlySet<string> = new Set([
  "munmap_anon",
  "exit_anon",
  "zap_random_page",
  "child_exit",
  "shmem_truncate",
  "munmap_thp",
  "reclaim",
  "offline_busy",
  "compact_all_zones",
]);

/** Adds up to the first operation that frees. @return whether there was one */
function addDemand(operations: readonly Operation[], demand: { zeroed: number; plain: number }): boolean {
  for (const operation of operations) {
    if (operation.op === "repeat") {
      if (operation.times > 0 && addDemand(operation.of, demand)) return true;
    } else if (FREEING.has(operation.op)) return true;
    else if (operation.op === "anon_fault") demand.zeroed += operation.pages;
    else if (operation.op === "anon_fault_same_page") demand.zeroed++;
    else if (operation.op === "cow_fault_in_child" || operation.op === "shmem_write") demand.plain += operation.pages;
  }
  return false;
}

/** What the operations of one kind touched. */
export interface OperationTotals {
  /** The op; `(other events)` is what the allocator events show beyond the operations. */
  readonly op: string;
  readonly times: number;
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
}

/** The process and files that a script of operations works on. */
export class OperationRunner {
  readonly #engine: PageEngine;
  readonly #events: EventFollower;
  /** Anonymous pages of the process, by address; of its child; of the tmpfs file; huge pages. */
  #mapped: number[];
  #child: number[] = [];
  #file: number[] = [];
  #huge: number[] = [];
  #zapped = 0;
  #random = 1;
  #isPhaseStart = true;
  /** Operations that the engine has no rule for, with how often they came. */
  readonly unmodelled = new Map<string, number>();
  readonly #totals = new Map<string, OperationTotals>();

  readonly #layout: HotLayout;

  constructor(engine: PageEngine, events: EventFollower, held: readonly number[], layout: HotLayout) {
    this.#engine = engine;
    this.#layout = layout;
    this.#events = events;
    this.#mapped = held.slice();
  }

  run(operations: readonly Operation[]): void {
    operations.forEach((operation, i) => {
      if (operation.op === "repeat") {
        for (let round = 0; round < operation.times; round++) this.run(operation.of);
        return;
      }
      if (this.#isPhaseStart) this.#expect(operations.slice(i));
      this.#counted(operation.op, () => this.#one(operation));
      if (FREEING.has(operation.op)) this.#isPhaseStart = true;
    });
  }

  get totals(): readonly OperationTotals[] {
    return [...this.#totals.values()];
  }

  /** Does what the events show after the last operation. */
  finish(): void {
    this.#counted("(other events)", () => {
      this.#events.finish();
      this.#engine.flush();
    });
  }

  #counted(op: string, run: () => void): void {
    const before = this.#engine.totals();
    run();
    const after = this.#engine.totals();
    const total = this.#totals.get(op) ?? { op, times: 0, touches: 0, loads: 0, stores: 0 };
    this.#totals.set(op, {
      op,
      times: total.times + 1,
      touches: total.touches + after.touches - before.touches,
      loads: total.loads + after.loads - before.loads,
      stores: total.stores + after.stores - before.stores,
    });
  }

  /** How many pages the operations from here to the next that frees will allocate. */
  #expect(operations: readonly Operation[]): void {
    const demand = { zeroed: 0, plain: 0 };
    addDemand(operations, demand);
    this.#events.expect(demand.zeroed, demand.plain);
    this.#isPhaseStart = false;
  }

  #one(operation: SimpleOperation): void {
    switch (operation.op) {
      case "already_mapped_anon":
        return;
      case "anon_fault":
        for (let i = 0; i < operation.pages; i++) this.#mapped.push(this.#fault());
        return;
      case "munmap_anon":
      case "exit_anon":
        this.#unmap(this.#mapped.splice(Math.max(0, this.#mapped.length - operation.pages)));
        return;
      case "zap_random_page":
        this.#zapRandom(operation.among);
        return;
      case "anon_fault_same_page":
        this.#mapped[this.#zapped] = this.#fault();
        return;
      case "fork":
        this.#fork(operation.anon_pages);
        return;
      case "cow_fault_in_child":
        this.#cow(operation.pages);
        return;
      case "child_exit":
        this.#unmap(this.#child.splice(0));
        return;
      default:
        this.#fileOrHuge(operation);
        return;
    }
  }

  #fileOrHuge(operation: SimpleOperation): void {
    const engine = this.#engine;
    switch (operation.op) {
      case "shmem_write":
        for (let i = 0; i < operation.pages; i++) {
          const pfn = this.#events.allocate(false);
          if (pfn === NONE) return;
          engine.op(PageOp.shmemWrite, pfn);
          this.#file.push(pfn);
        }
        return;
      case "shmem_read":
        for (const pfn of this.#file.slice(0, operation.pages)) engine.op(PageOp.shmemRead, pfn);
        return;
      case "shmem_truncate":
        this.#truncate(this.#file.splice(0, operation.pages));
        return;
      case "thp_fault":
        for (let i = 0; i < operation.huge_pages; i++) this.#huge.push(this.#events.allocateHuge());
        return;
      case "munmap_thp":
        this.#unmap(this.#huge.splice(Math.max(0, this.#huge.length - operation.huge_pages)));
        return;
      case "gup":
        for (const pfn of this.#mapped.slice(0, operation.pages)) engine.run(Step.gupPin, pfn);
        return;
      case "unpin":
        this.#unpin(this.#mapped.slice(0, operation.pages));
        return;
      case "offline_busy":
        this.#offlineBusy(operation.block * BLOCK_PAGES);
        return;
      case "compact_all_zones":
        this.#compact();
        return;
      case "reclaim":
        this.#reclaim(operation.pages);
        return;
      case "file_read_cached":
        readFile(engine, this.#file.slice(0, operation.pages));
        return;
      case "fork_exec_exit":
        return;
      default:
        this.unmodelled.set(operation.op, (this.unmodelled.get(operation.op) ?? 0) + 1);
    }
  }

  #fault(): number {
    const pfn = this.#events.allocate(true);
    if (pfn !== NONE) this.#engine.op(PageOp.anonFault, pfn);
    return pfn;
  }

  /** Unmaps in address order, gathering pages as struct mmu_gather does before they are freed. */
  #unmap(pages: readonly number[]): void {
    const engine = this.#engine;
    const { gatherBundle, gatherBatch, gatherBatches } = engine.recipes.sizes;
    const mapped = pages.filter((pfn) => pfn !== NONE);
    this.#events.beforeFree(mapped.filter((pfn) => engine.mapcountOf(pfn) <= 1).length);
    engine.lruAddDrain();
    const most = gatherBundle + gatherBatch * gatherBatches;
    for (let from = 0; from < mapped.length; from += most) {
      const gathered = mapped.slice(from, from + most);
      for (const pfn of gathered) engine.op(PageOp.zap, pfn);
      for (let at = 0; at < gathered.length; ) {
        const size = at === 0 ? gatherBundle : gatherBatch;
        const batch = gathered.slice(at, at + size);
        for (const pfn of batch) engine.run(Step.swapFree, pfn);
        releasePages(engine, batch, this.#events.commit);
        at += size;
      }
    }
  }

  #zapRandom(among: number): void {
    const recorded = this.#events.nextFreed();
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    const index = Math.floor((this.#random / 2 ** 32) * Math.min(among, this.#mapped.length));
    const pfn = recorded === NONE ? (this.#mapped[index] ?? NONE) : recorded;
    this.#zapped = index;
    if (pfn === NONE) return;
    this.#engine.op(PageOp.settle, pfn);
    this.#unmap([pfn]);
  }

  #fork(pages: number): void {
    this.#child = this.#mapped.slice(0, pages);
    for (const pfn of this.#child) if (pfn !== NONE) this.#engine.op(PageOp.fork, pfn);
  }

  /** The child writes every n-th page, so that the copies are spread over its memory. */
  #cow(pages: number): void {
    const stride = Math.max(1, Math.floor(this.#child.length / Math.max(1, pages)));
    for (let i = 0; i < pages && i * stride < this.#child.length; i++) {
      const old = this.#child[i * stride] as number;
      if (old === NONE) continue;
      this.#engine.op(PageOp.cowBegin, old);
      const pfn = this.#events.allocate(false);
      if (pfn === NONE) return;
      this.#engine.run(Step.cowAlloc, pfn);
      this.#engine.run(Step.cowCopy, old);
      this.#engine.op(PageOp.cowRmap, pfn);
      this.#engine.op(PageOp.cowDrop, old);
      this.#child[i * stride] = pfn;
    }
  }

  #truncate(file: readonly number[]): void {
    const engine = this.#engine;
    const size = engine.recipes.sizes.folioBatch;
    this.#events.beforeFree(file.length);
    for (let from = 0; from < file.length; from += size) {
      const batch = file.slice(from, from + size);
      for (const pfn of batch) engine.run(Step.truncateFind, pfn);
      for (const pfn of batch) engine.op(PageOp.truncate, pfn);
      engine.lruAddDrain();
      releasePages(engine, batch, this.#events.commit);
    }
  }

  #offlineBusy(blockPfn: number): void {
    const range = this.#layout.ranges.find(({ startPfn }) => startPfn >= blockPfn && startPfn < blockPfn + BLOCK_PAGES);
    if (range === undefined) return;
    this.#engine.lruAddDrain();
    this.#events.pump();
    const starts = this.#layout.online.map(({ startPfn }) => startPfn);
    const zoneStart = Math.min(...starts);
    const zone = { startPfn: zoneStart, nrPages: Math.max(...starts) + BLOCK_PAGES - zoneStart };
    this.#events.skipFrees(offlineBusy(this.#engine, range, zone));
  }

  /** Zones of hot-added memory; which pages moved is what the events say was freed. */
  #compact(): void {
    this.#events.pump();
    const starts = this.#layout.online.map(({ startPfn }) => startPfn);
    if (starts.length === 0) return;
    const startPfn = Math.min(...starts);
    const zone = { startPfn, nrPages: Math.max(...starts) + BLOCK_PAGES - startPfn };
    const freed = new Set(this.#events.freesInBatches(Number.POSITIVE_INFINITY).flat());
    const mayMove = this.#events.hasEvents ? (pfn: number) => freed.has(pfn) : () => true;
    compactZone(this.#engine, zone, mayMove, this.#events.commitFreed);
  }

  /** The pages that the events show next; without events the oldest of the file. */
  #reclaim(pages: number): void {
    const recorded = this.#events.freesInBatches(pages);
    const batches = recorded.length > 0 ? recorded : [this.#file.splice(0, pages)];
    for (const batch of batches) {
      for (const pfn of batch) this.#engine.markCache(pfn);
      reclaim(this.#engine, batch, this.#events.commit);
    }
  }

  #unpin(pages: readonly number[]): void {
    pages.forEach((pfn, i) => {
      this.#engine.run(Step.gupNext, pfn);
      const next = pages[i + 1];
      if (next !== undefined) this.#engine.run(Step.gupNext, next);
      this.#engine.run(Step.gupUnpin, pfn);
    });
  }
}
