import { PageOp } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { OperationHandlers } from "../../recording/operationsSchema.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import type { PageSource } from "./pageSource.ts";
import { unmapPages } from "./unmapPages.ts";

/** Anonymous 4 KiB pages of a process and of its child. */
export class AnonMemory {
  readonly #engine: PageEngine;
  readonly #source: PageSource;
  /** By address. */
  readonly #mapped: number[];
  /** Where in #mapped a page is, once somebody asked; pages that come make it forget. */
  #places: Map<number, number> | undefined;
  #child: number[] = [];
  #zapped = 0;
  #random = 1;

  constructor(engine: PageEngine, source: PageSource, held: readonly number[]) {
    this.#engine = engine;
    this.#source = source;
    this.#mapped = held.slice();
  }

  /** Pages of huge pages that were split. */
  adopt(pfns: readonly number[]): void {
    for (const pfn of pfns) this.#map(pfn);
  }

  /** Pages that a fork beside the operations copies. */
  get forkedOtherwise(): readonly number[] {
    return this.#child.length > 0 ? [] : this.#mapped.filter((pfn) => pfn !== NONE);
  }

  readonly handlers: OperationHandlers = {
    already_mapped_anon: () => undefined,
    anon_fault: ({ pages }) => {
      for (let i = 0; i < pages; i++) this.#map(this.#fault());
    },
    munmap_anon: ({ pages }) => this.#unmap(this.#takeLast(pages)),
    exit_anon: ({ pages }) => {
      const held = this.#takeLast(pages);
      this.#unmap([...held, ...this.#source.endProcess(held.length)]);
    },
    zap_random_page: ({ among }) => this.#zapRandom(among),
    anon_fault_same_page: () => {
      const pfn = this.#fault();
      this.#mapped[this.#zapped] = pfn;
      this.#places?.set(pfn, this.#zapped);
    },
    fork: ({ anon_pages }) => this.#fork(anon_pages),
    cow_fault_in_child: ({ pages }) => this.#copyInChild(pages),
    child_exit: () => {
      this.#unmap([...this.#child, ...this.#source.endChild()]);
      this.#child = [];
    },
    gup: ({ pages }) => {
      for (const pfn of this.#mapped.slice(0, pages)) this.#engine.run(Step.gupPin, pfn);
    },
    unpin: ({ pages }) => this.#unpin(this.#mapped.slice(0, pages)),
  };

  #map(pfn: number): void {
    this.#places = undefined;
    this.#mapped.push(pfn);
  }

  #fault(): number {
    const pfn = this.#source.allocate(true);
    if (pfn !== NONE) this.#engine.op(PageOp.anonFault, pfn);
    return pfn;
  }

  #unmap(pages: readonly number[]): void {
    unmapPages(this.#engine, this.#source, pages);
  }

  #takeLast(pages: number): readonly number[] {
    this.#places = undefined;
    return this.#mapped.splice(Math.max(0, this.#mapped.length - pages));
  }

  #zapRandom(among: number): void {
    const recorded = this.#source.nextFreed();
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    const chosen = Math.floor((this.#random / 2 ** 32) * Math.min(among, this.#mapped.length));
    this.#places ??= new Map(this.#mapped.map((page, i) => [page, i]));
    const index = this.#places.get(recorded) ?? chosen;
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
  #copyInChild(pages: number): void {
    const stride = Math.max(1, Math.floor(this.#child.length / Math.max(1, pages)));
    for (let i = 0; i < pages && i * stride < this.#child.length; i++) {
      const old = this.#child[i * stride] as number;
      if (old === NONE) continue;
      this.#engine.op(PageOp.cowBegin, old);
      const pfn = this.#source.allocate(false);
      if (pfn === NONE) return;
      this.#engine.run(Step.cowAlloc, pfn);
      this.#engine.run(Step.cowCopy, old);
      this.#engine.op(PageOp.cowRmap, pfn);
      this.#engine.op(PageOp.cowDrop, old);
      this.#child[i * stride] = pfn;
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
