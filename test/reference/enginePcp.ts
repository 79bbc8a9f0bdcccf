// Slow twin of assembly/pcp.ts: the lists of one CPU, by order and migratetype.
import * as E from "../../assembly/engineLayout.ts";
import { Step } from "../../assembly/engineSteps.ts";
import { MIGRATE_ISOLATE, MIGRATE_MOVABLE } from "../../assembly/layout.hotplug.ts";
import { ReferenceFallback } from "./engineFallback.ts";
import { NONE } from "./engineLists.ts";

/** Orders of the lists, in the order of their numbers. */
const LIST_ORDERS = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 9, 9];
const isPcpOrder = (order: number): boolean => LIST_ORDERS.includes(order);
const tailsOf = (pfn: number, order: number): number[] => Array.from({ length: 2 ** order - 1 }, (_, i) => pfn + 1 + i);

function listOf(order: number, migratetype: number): number {
  if (order === 9) return migratetype === MIGRATE_MOVABLE ? 13 : 12;
  return 3 * order + migratetype;
}

export class ReferencePcp extends ReferenceFallback {
  pcp = { batch: 63, high: 0x7fffffff, freeFactor: 0 };
  /** What a page was put on its list as (page->index). */
  readonly #cached = new Map<number, number>();

  setPcp(batch: number, high: number): void {
    this.pcp.batch = batch;
    this.pcp.high = high;
  }

  #isOnPcp(pfn: number): boolean {
    return this.page(pfn).list < LIST_ORDERS.length;
  }

  #count(): number {
    return LIST_ORDERS.reduce((sum, order, list) => sum + 2 ** order * (this.lists[list] as number[]).length, 0);
  }

  holdPcp(pfn: number, order = 0, migratetype = MIGRATE_MOVABLE): void {
    this.#cached.set(pfn, migratetype);
    this.push(listOf(order, migratetype), pfn, E.AT_TAIL);
  }

  protected isFree(pfn: number): boolean {
    return this.#isOnPcp(pfn) || this.chunkOf(pfn, 0) !== NONE;
  }

  protected takeOut(pfn: number): void {
    if (this.#isOnPcp(pfn)) {
      this.unlink(pfn);
      return;
    }
    const before = this.silent;
    this.silent = true;
    const chunk = this.chunkOf(pfn, 0);
    this.delAndExpand(chunk, pfn, 0, this.typeOfChunk(chunk));
    this.silent = before;
  }

  #found(pfn: number): void {
    this.surprises++;
    if (this.isFree(pfn)) this.takeOut(pfn);
    else this.unlink(pfn);
    this.page(pfn).flags.clear();
    this.page(pfn).mapcount = 0;
  }

  refill(wanted: number, order: number, migratetype = MIGRATE_MOVABLE, how = E.FALLBACK_RULE): number {
    const pfn = this.#fromBuddy(wanted, order, migratetype, how);
    if (pfn === NONE) return NONE;
    this.#cached.set(pfn, migratetype);
    this.add(Step.refillLink, listOf(order, migratetype), pfn, E.AT_TAIL);
    return pfn;
  }

  #fromBuddy(wanted: number, order: number, migratetype: number, how: number): number {
    const pfn = wanted === NONE ? this.rmqueue(order, migratetype) : wanted;
    if (wanted !== NONE && !this.rmqueueWanted(wanted, order, migratetype, how)) this.#found(wanted);
    if (pfn === NONE) return NONE;
    this.run(Step.refillCheck, pfn);
    for (const tail of tailsOf(pfn, order)) this.run(Step.refillCheckTail, tail);
    return pfn;
  }

  protected takeFromPcp(wanted: number, order: number, migratetype: number): number {
    const list = this.lists[listOf(order, migratetype)] as number[];
    if (wanted === NONE && list.length === 0) {
      this.mode = "normal";
      const { batch } = this.pcp;
      const nr = batch > 1 ? Math.max(Math.floor(batch / 2 ** order), 2) : batch;
      for (let i = 0; i < nr && this.refill(NONE, order, migratetype) !== NONE; ) i++;
    }
    const pfn = wanted === NONE ? (list[0] ?? NONE) : wanted;
    if (pfn === NONE) return NONE;
    if (!list.includes(pfn)) {
      if (this.#isOnPcp(pfn) || this.chunkOf(pfn, order) === NONE) this.#found(pfn);
      else {
        this.surprises++;
        this.refill(pfn, order, migratetype);
      }
    }
    this.remove(Step.pcpTake, pfn);
    this.pcp.freeFactor >>= 1;
    this.mode = "normal";
    return pfn;
  }

  take(wanted: number, order = 0, migratetype = MIGRATE_MOVABLE): number {
    const pfn = isPcpOrder(order)
      ? this.takeFromPcp(wanted, order, migratetype)
      : this.#fromBuddy(wanted, order, migratetype, E.FALLBACK_RULE);
    if (pfn === NONE) return NONE;
    this.run(Step.pcpPrep, pfn);
    for (const tail of tailsOf(pfn, order)) this.run(Step.pcpPrepTail, tail);
    this.page(pfn).flags = new Set(["exclusive"]);
    this.page(pfn).mapcount = 1;
    return pfn;
  }

  commit(pfn: number, order = 0): void {
    this.page(pfn).flags.clear();
    const migratetype = this.migratetypeOf(pfn);
    if (migratetype === MIGRATE_ISOLATE || !isPcpOrder(order)) {
      this.freeOnePage(pfn, order, migratetype);
      return;
    }
    this.#cached.set(pfn, migratetype);
    this.add(Step.pcpAdd, listOf(order, migratetype), pfn, E.AT_HEAD);
    if (this.#count() >= this.pcp.high) this.#drainBulk(listOf(order, migratetype));
  }

  #drainBulk(first: number): void {
    const { batch, high, freeFactor } = this.pcp;
    const most = high > batch ? high - batch : 1;
    const wanted = batch * 2 ** freeFactor;
    if (wanted < most && freeFactor < 5) this.pcp.freeFactor++;
    let left = Math.min(Math.max(wanted, batch), most, this.#count());
    for (let list = first; left > 0; list = (list + 1) % LIST_ORDERS.length) {
      const pages = this.lists[list] as number[];
      const order = LIST_ORDERS[list] as number;
      for (; left > 0 && pages.length > 0; left -= 2 ** order) this.#drainPage(pages.at(-1) as number, order);
    }
  }

  drain(wanted: number, order: number, migratetype = MIGRATE_MOVABLE): void {
    const pfn = wanted === NONE ? (this.lists[listOf(order, migratetype)]?.at(-1) ?? NONE) : wanted;
    if (pfn === NONE) return;
    const { list } = this.page(pfn);
    if (LIST_ORDERS[list] !== order) {
      this.#found(pfn);
      this.#cached.set(pfn, migratetype);
    }
    this.#drainPage(pfn, order);
  }

  #drainPage(pfn: number, order: number): void {
    const isOfBlock = this.recipes.sizes.freeTypeOfBlock || [...this.blockTypes.values()].includes(MIGRATE_ISOLATE);
    const migratetype = isOfBlock ? this.migratetypeOf(pfn) : (this.#cached.get(pfn) as number);
    this.remove(Step.drainTake, pfn);
    this.freeOnePage(pfn, order, migratetype);
  }
}
