import { PageOp } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import { PID_UNKNOWN } from "../../recording/allocatorEventColumns.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

/** The anonymous pages of one process, as far as allocator events tell. */
export interface Process {
  readonly pid: number;
  readonly parent: Process | undefined;
  /** Allocated and not freed; in the order of its faults, which stands for that of addresses. */
  readonly own: Set<number>;
  /** Mapped since the fork and not written; none after exec. */
  shared: Set<number>;
  /** Pages of the last fork, the next to be written at the end. */
  unwritten: number[];
  /** Pages that only this process still maps of those it shared: its next write to one takes it over. */
  leftAlone: number[];
  /** Forked, and its memory is its parent's until exec has given that up. */
  isForked: boolean;
  /** exec has its page of arguments, and is about to give up the old memory. */
  isInExec: boolean;
}

/**
 * Processes that fork, write, exec and exit beside the operations. Their allocations and frees are recorded; that pages
 * are shared by a fork, written by both sides and unmapped by exec and exit is inferred from whose they are.
 */
export class Processes {
  readonly #engine: PageEngine;
  /** Pages that operations hold for the process that runs them: a fork copies these too. */
  readonly #heldByOperations: () => readonly number[];
  readonly #byPid = new Map<number, Process>();
  readonly #owners = new Map<number, Process>();
  #last: Process | undefined;
  /** How many of them forked and ended. */
  nrExited = 0;

  constructor(engine: PageEngine, heldByOperations: () => readonly number[]) {
    this.#engine = engine;
    this.#heldByOperations = heldByOperations;
  }

  readonly isNew = (pid: number): boolean => pid !== PID_UNKNOWN && !this.#byPid.has(pid);

  of(pid: number): Process {
    return this.#byPid.get(pid) ?? this.#start(pid, undefined, []);
  }

  /** Who frees a page: the process of that thread, or whose page it is when the thread has none. */
  freeing(pid: number, pfn: number): Process {
    return this.#byPid.get(pid) ?? this.#owners.get(pfn) ?? this.of(pid);
  }

  /** The process that allocated last and holds pages: the parent of a thread that is new. */
  get last(): Process | undefined {
    return this.#last !== undefined && this.#last.own.size > 0 ? this.#last : undefined;
  }

  #start(pid: number, parent: Process | undefined, shared: readonly number[]): Process {
    const process: Process = {
      ...{ pid, parent, own: new Set(), shared: new Set(shared) },
      ...{ unwritten: shared.slice(), leftAlone: [] },
      ...{ isForked: parent !== undefined, isInExec: false },
    };
    this.#byPid.set(pid, process);
    return process;
  }

  /** @param freedByChild what the child is going to free: its parent's pages among it are those that the parent copies */
  fork(parent: Process, pid: number, freedByChild: readonly number[]): void {
    const pages = [...this.#heldByOperations(), ...parent.shared, ...parent.own];
    for (const pfn of pages) this.#engine.op(PageOp.fork, pfn);
    parent.unwritten = [...pages, ...freedByChild.filter((pfn) => parent.own.has(pfn))];
    this.#start(pid, parent, pages);
  }

  /** The child that was forked last exits. @return what it unmaps */
  endChild(): readonly number[] {
    const child = [...this.#byPid.values()].filter(({ isForked }) => isForked).at(-1);
    if (child === undefined) return [];
    this.takeOver(child);
    const pages = [...child.shared, ...child.own];
    this.freed(child, [...child.own]);
    return pages;
  }

  /** A process exits by an operation. @return what it unmaps beside the pages of that */
  end(pid: number): readonly number[] {
    const process = this.#byPid.get(pid);
    if (process === undefined || process.isForked) return [];
    const pages = [...process.own];
    this.freed(process, pages);
    return pages;
  }

  /** A page is allocated: it is taken from the pcp list when the kernel would, between what it does to other pages. */
  fault(process: Process, op: PageOp, pfn: number): void {
    this.#engine.take(pfn);
    this.#engine.op(op, pfn);
    this.#own(process, pfn);
  }

  #own(process: Process, pfn: number): void {
    this.#disown(pfn);
    process.own.add(pfn);
    this.#owners.set(pfn, process);
    this.#last = process;
  }

  #disown(pfn: number): void {
    this.#owners.get(pfn)?.own.delete(pfn);
    this.#owners.delete(pfn);
  }

  /** A write fault that allocates: a copy of a page shared with the other side of a fork, or of a file's page. */
  copy(process: Process, pfn: number): void {
    const engine = this.#engine;
    const old = this.#nextShared(process);
    if (old === undefined) {
      this.fault(process, PageOp.fileCow, pfn);
      return;
    }
    engine.op(PageOp.cowBegin, old);
    engine.take(pfn);
    engine.run(Step.cowAlloc, pfn);
    engine.run(Step.cowCopy, old);
    engine.op(PageOp.cowRmap, pfn);
    engine.op(PageOp.cowDrop, old);
    this.#own(process, pfn);
    if (process.shared.delete(old)) this.#owners.get(old)?.leftAlone.push(old);
    else this.#leaveToChild(process, old);
  }

  #nextShared(process: Process): number | undefined {
    for (;;) {
      const pfn = process.unwritten.pop();
      if (pfn === undefined || this.#engine.mapcountOf(pfn) > 1) return pfn;
    }
  }

  #leaveToChild(parent: Process, pfn: number): void {
    const child = [...this.#byPid.values()].find((other) => other.parent === parent && other.shared.has(pfn));
    if (child === undefined) return;
    child.shared.delete(pfn);
    this.#own(child, pfn);
    child.leftAlone.push(pfn);
    this.#last = parent;
  }

  /** The process writes again what the other side has copied: the stack, and data that both use. One page is certain. */
  takeOver(process: Process): void {
    const pfn = process.leftAlone.pop();
    process.leftAlone = [];
    if (pfn !== undefined && process.own.has(pfn)) this.#engine.op(PageOp.cowReuse, pfn);
  }

  /** exec: the page of arguments is written while the old memory is still there. */
  startExec(process: Process, pfn: number): void {
    this.takeOver(process);
    this.fault(process, PageOp.argumentPage, pfn);
    process.isInExec = true;
  }

  /** The old memory is gone, the stack is moved to its place. */
  #finishExec(process: Process): void {
    process.isForked = false;
    process.isInExec = false;
    process.shared = new Set();
    process.unwritten = [];
    const [argumentPage, ...leftOver] = [...process.own].reverse();
    if (argumentPage !== undefined) this.#engine.run(Step.execStack, argumentPage);
    // Not freed with the old memory: the parent has copied another page than was thought.
    for (const pfn of leftOver) if (process.parent) this.#own(process.parent, pfn);
    this.#last = process;
  }

  /** What exec and exit unmap beside the pages that they free: those shared with the parent. */
  sharedWhenFreeing(process: Process, pfns: readonly number[]): readonly number[] {
    if (!process.isForked) return [];
    const isExit = !process.isInExec && pfns.filter((pfn) => process.own.has(pfn)).length === process.own.size;
    if (isExit) this.takeOver(process);
    return process.isInExec || isExit ? [...process.shared] : [];
  }

  /** Pages are freed: told afterwards. */
  freed(process: Process, pfns: readonly number[]): void {
    for (const pfn of pfns) this.#disown(pfn);
    if (process.isInExec) this.#finishExec(process);
    if (process.own.size > 0) return;
    this.#byPid.delete(process.pid);
    if (process.parent === undefined) return;
    this.nrExited++;
    this.#last = process.parent;
    this.takeOver(process.parent);
  }
}
