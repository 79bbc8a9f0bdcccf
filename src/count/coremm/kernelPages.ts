import { PAGE_TABLE } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import { FILL_PARTS, FILL_SLAB, FILL_TABLE } from "../../recording/allocatorEventColumns.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";

/** An allocation as allocator events show it. */
export interface Allocation {
  readonly pfn: number;
  readonly order: number;
  readonly migratetype: number;
  readonly fill: number;
  readonly pid: number;
}

/** Memory that the kernel allocates for itself: slabs, tables of processes, and what else is not movable. */
export class KernelPages {
  readonly #engine: PageEngine;
  /** By order and migratetype, as caches of one size share slabs: the slab that gives out objects. */
  readonly #slabs = new Map<number, number>();

  constructor(engine: PageEngine) {
    this.#engine = engine;
  }

  allocate({ pfn, order, migratetype, fill }: Allocation): void {
    const engine = this.#engine;
    if (fill === FILL_SLAB) {
      const cache = order * 16 + migratetype;
      takeSlab(engine, pfn, order, migratetype, this.#slabs.get(cache) ?? NONE);
      this.#slabs.set(cache, pfn);
    } else if (fill === FILL_TABLE) {
      engine.take(pfn, order, migratetype);
      engine.run(order > 0 ? Step.tableTakeTop : Step.tableTake, pfn);
      if (order === 0) engine.mark(pfn, PAGE_TABLE);
    } else if (order > 0 && fill !== FILL_PARTS) engine.takeCompound(pfn, order, migratetype);
    else engine.take(pfn, order, migratetype);
  }

  /** Up to where the page goes to a pcp list. */
  free(pfn: number, order: number, fill: number): void {
    if (fill === FILL_SLAB) {
      this.#engine.run(Step.slabUnfreeze, pfn);
      freeSlab(this.#engine, pfn, order);
    } else {
      if (fill === FILL_TABLE && order > 0) this.#engine.run(Step.tableFreeTop, pfn);
      this.#engine.run(Step.freePages, pfn);
      if (fill === FILL_PARTS || (fill === FILL_TABLE && order > 0)) freeParts(this.#engine, pfn, order);
      else freeCompound(this.#engine, pfn, order);
    }
  }
}

/** allocate_slab. @param full the slab that had no more objects, or NONE */
function takeSlab(
  engine: PageEngine,
  wanted: number,
  order: number,
  migratetype: number,
  full: number,
  objects = 0,
): number {
  if (full !== NONE) engine.run(Step.slabFull, full);
  const pfn = order > 0 ? engine.takeCompound(wanted, order, migratetype) : engine.take(wanted, 0, migratetype);
  if (pfn === NONE) return NONE;
  engine.run(Step.slabTake, pfn);
  for (let i = 0; i < objects; i++) engine.run(Step.slabSetup, pfn);
  engine.run(Step.slabTaken, pfn);
  return pfn;
}

/** discard_slab: of a slab that holds no object, up to where it goes to a pcp list. */
function freeSlab(engine: PageEngine, pfn: number, order: number): void {
  engine.run(order > 0 ? Step.slabDiscardCompound : Step.slabDiscard, pfn);
  engine.run(Step.freePages, pfn);
  freeCompound(engine, pfn, order);
}

/** free_unref_page, free_pages_prepare of a compound page. */
export function freeCompound(engine: PageEngine, pfn: number, order: number): void {
  if (order === 0) {
    engine.run(Step.freePrepare, pfn);
    return;
  }
  engine.run(Step.compoundFreeStart, pfn);
  const steps = [Step.compoundFreeTail1, Step.compoundFreeTail2, Step.compoundFreeTail3];
  const nr = 2 ** order;
  for (let i = 1; i < Math.min(nr, 4); i++) engine.runTails(steps[i - 1] as Step, pfn, i, i + 1);
  if (nr > 4) engine.runTails(Step.compoundFreeTail, pfn, 4, nr);
  engine.run(Step.compoundFreeHead, pfn);
}

/** The same of pages of higher order that are no compound page. */
function freeParts(engine: PageEngine, pfn: number, order: number): void {
  engine.run(Step.partsFreeStart, pfn);
  engine.runTails(Step.partsFreeTail, pfn, 1, 2 ** order);
  engine.run(Step.compoundFreeHead, pfn);
}
