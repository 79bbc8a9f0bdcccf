import { ENGINE_HUGE_ORDER as HUGE_ORDER, PageOp } from "../../../assembly/layout/engine.ts";
import {
  FILL_KERNEL,
  FILL_READAHEAD,
  FILL_SLAB,
  FILL_ZERO,
  PID_UNKNOWN,
} from "../../recording/allocatorEventColumns.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { addToPageCache, finishReadahead } from "../coremm/fileReads.ts";
import { type FreeKind, freeKind } from "../coremm/freeKinds.ts";
import type { Allocation, KernelPages } from "../coremm/kernelPages.ts";
import type { AllocatorEvents } from "./allocatorEvents.ts";
import { type Process, Processes } from "./processes.ts";
import { giveUp } from "./unexplainedFrees.ts";

/** 128 KiB, what readahead reads at once (bdi read_ahead_kb). */
const READAHEAD_PAGES = 32;

/** What following the events had to do on its own, beside the operations. */
export interface FollowCounts {
  /** Allocations and frees that no operation asked for: process start, page tables' neighbours, other tasks. */
  extraAllocations: number;
  extraFrees: number;
  /** Of these allocations, slabs. */
  slabAllocations: number;
  /** Allocations that an operation asked for and no event showed: the model's own allocator served them. */
  simulatedAllocations: number;
}

/** What the events show beside the operations: other processes, files read, memory of the kernel. */
export class OtherEvents {
  readonly counts: FollowCounts = { extraAllocations: 0, extraFrees: 0, slabAllocations: 0, simulatedAllocations: 0 };
  readonly processes: Processes;
  /** Allocations before the next free that belong to no operation: done first, as process start is. */
  surplusZeroed = 0;
  surplusPlain = 0;
  readonly #events: AllocatorEvents;
  readonly #engine: PageEngine;
  readonly #kernel: KernelPages;
  /** Pages of the readahead that is going on. */
  readonly #readahead: number[] = [];

  constructor(events: AllocatorEvents, engine: PageEngine, kernel: KernelPages, held: () => readonly number[]) {
    this.#events = events;
    this.#engine = engine;
    this.#kernel = kernel;
    this.processes = new Processes(engine, held);
  }

  finishReadahead(): void {
    finishReadahead(this.#engine, this.#readahead.splice(0));
  }

  takeSurplus(zeroed: boolean): boolean {
    if (zeroed ? this.surplusZeroed === 0 : this.surplusPlain === 0) return false;
    if (zeroed) this.surplusZeroed--;
    else this.surplusPlain--;
    return true;
  }

  allocate(allocation: Allocation): void {
    const { pfn, order, fill } = allocation;
    const engine = this.#engine;
    this.counts.extraAllocations++;
    if (fill >= FILL_KERNEL) {
      if (fill === FILL_SLAB) this.counts.slabAllocations++;
      this.#kernel.allocate(allocation);
      return;
    }
    if (order === 0 && fill === FILL_READAHEAD) {
      engine.take(pfn);
      addToPageCache(engine, pfn);
      this.#readahead.push(pfn);
      if (this.#readahead.length >= READAHEAD_PAGES) this.finishReadahead();
      return;
    }
    this.finishReadahead();
    if (order === HUGE_ORDER) engine.op(PageOp.thpFault, pfn);
    if (order > 0) return;
    if (fill === FILL_ZERO) this.#faultZeroed(allocation);
    else this.#faultCopied(allocation);
  }

  #faultZeroed({ pfn, pid }: Allocation): void {
    const { processes } = this;
    // What starts beside the operations begins with exec; what they describe alone faults its own pages.
    const isStart = processes.isNew(pid) && this.surplusZeroed + this.surplusPlain > 0;
    const process = processes.of(pid);
    // A forked process that allocates a zeroed page and then frees before it allocates again: exec.
    if (process.isForked && (process.own.size === 0 || this.#events.cursor.freesNext(pid))) {
      this.#exec(process, pfn);
    } else processes.fault(process, isStart ? PageOp.argumentPage : PageOp.anonFault, pfn);
  }

  #faultCopied({ pfn, pid }: Allocation): void {
    const { processes } = this;
    const parent = processes.last;
    if (processes.isNew(pid) && parent !== undefined) this.#fork(parent, pid);
    const process = processes.of(pid);
    const other = process === parent ? this.#events.cursor.otherPidAhead(pid) : PID_UNKNOWN;
    if (processes.isNew(other)) this.#fork(process, other);
    processes.copy(process, pfn);
  }

  #fork(parent: Process, pid: number): void {
    this.processes.fork(parent, pid, this.#events.cursor.firstFreesOf(pid));
  }

  #exec(process: Process, pfn: number): void {
    this.processes.startExec(process, pfn);
    // Otherwise the pages that it frees tell when.
    if (process.own.size === 1) this.#giveUp(process, [], "unmap");
  }

  /** Frees that belong to no operation: unmapped together, freed in the batches that the events show. */
  free(): void {
    const { cursor } = this.#events;
    if (cursor.isKernelFree || cursor.isSingleFree) {
      this.#events.freeKernelPage();
      return;
    }
    this.finishReadahead();
    if (cursor.order > 0) {
      this.#engine.lruAddDrain();
      cursor.next();
      return;
    }
    const { position: start, pfn, pid } = cursor;
    const batches = this.inReleaseOrder(cursor.batchesAhead(Number.POSITIVE_INFINITY, pid));
    const sizes = batches.map((batch) => batch.length);
    for (const size of sizes) this.counts.extraFrees += size;
    this.#giveUp(this.processes.freeing(pid, pfn), batches, freeKind(sizes, this.#engine.recipes.sizes));
    if (cursor.position === start) cursor.next();
  }

  #giveUp(process: Process, batches: readonly (readonly number[])[], kind: FreeKind): void {
    const pfns = batches.flat();
    const shared = this.processes.sharedWhenFreeing(process, pfns);
    this.#engine.lruAddDrain();
    giveUp(this.#engine, batches, kind, shared, this.#events.commit);
    this.processes.freed(process, pfns);
  }

  /** 6.1 frees a list that was built at its head: the events show it backwards. */
  inReleaseOrder(batches: number[][]): number[][] {
    return this.#engine.recipes.sizes.freeBatch === 0 ? batches.map((batch) => batch.reverse()) : batches;
  }
}
