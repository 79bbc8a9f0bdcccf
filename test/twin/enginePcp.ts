// Slow twin of assembly/engine/pcp.ts: the lists of one CPU, by order and migratetype.
import * as E from "../../assembly/layout/engine.ts";
import { MIGRATE_ISOLATE, MIGRATE_MOVABLE } from "../../assembly/layout/hotplug.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { ReferenceFallback } from "./engineFallback.ts";
import { NONE } from "./engineLists.ts";

/** Orders of the lists, in the order of their numbers. */
const LIST_ORDERS = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 9, 9];
const isPcpOrder = (order: number): boolean => LIST_ORDERS.includes(order);
const tailsOf = (pfn: number, order: number): number[] => Array.from({ length: 2 ** order - 1 }, (_, i) => pfn + 1 + i);

function listOf(order: number, migratetype: number, zone: number): number {
  if (order === 9) return 128 * zone + (migratetype === MIGRATE_MOVABLE ? 13 : 12);
  return 128 * zone + 3 * order + migratetype;
}

export class ReferencePcp extends ReferenceFallback {
  pcp = { batch: 63, high: 0x7fffffff, freeFactor: [0, 0] };
  /** What a page was put on its list as (page->index). */
  readonly #cached = new Map<number, number>();

  setPcp(batch: number, high: number): void {
    this.pcp.batch = batch;
    this.pcp.high = high;
  }

  #isOnPcp(pfn: number): boolean {
    return this.page(pfn).list % 128 < LIST_ORDERS.length;
  }

  #count(zone: number): number {
    const pages = (order: number, list: number): number =>
      2 ** order * (this.lists[128 * zone + list] as number[]).length;
    return LIST_ORDERS.reduce((sum, order, list) => sum + pages(order, list), 0);
  }

  holdPcp(pfn: number, order = 0, migratetype = MIGRATE_MOVABLE): void {
    this.#cached.set(pfn, migratetype);
    this.push(listOf(order, migratetype, this.zoneOf(pfn)), pfn, E.AT_TAIL);
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
    const zone = wanted === NONE ? (this.zonesFor(migratetype)[0] as number) : this.zoneOf(wanted);
    return this.#refillFrom(zone, wanted, order, migratetype, how);
  }

  #refillFrom(zone: number, wanted: number, order: number, migratetype: number, how: number): number {
    const pfn = this.#fromBuddy(zone, wanted, order, migratetype, how);
    if (pfn === NONE) return NONE;
    this.#cached.set(pfn, migratetype);
    this.add(Step.refillLink, listOf(order, migratetype, zone), pfn, E.AT_TAIL);
    return pfn;
  }

  #fromBuddy(zone: number, wanted: number, order: number, migratetype: number, how: number): number {
    const pfn = wanted === NONE ? this.rmqueue(order, migratetype, zone) : wanted;
    if (wanted !== NONE && !this.rmqueueWanted(wanted, order, migratetype, how)) this.#found(wanted);
    if (pfn === NONE) return NONE;
    this.run(Step.refillCheck, pfn);
    for (const tail of tailsOf(pfn, order)) this.run(Step.refillCheckTail, tail);
    return pfn;
  }

  /** The first page of the first zone that has one; lists that are empty are refilled. */
  #firstOnPcp(order: number, migratetype: number): number {
    for (const zone of this.zonesFor(migratetype)) {
      const list = this.lists[listOf(order, migratetype, zone)] as number[];
      if (list.length === 0) {
        this.mode = "normal";
        const { batch } = this.pcp;
        const nr = batch > 1 ? Math.max(Math.floor(batch / 2 ** order), 2) : batch;
        for (let i = 0; i < nr; i++)
          if (this.#refillFrom(zone, NONE, order, migratetype, E.FALLBACK_RULE) === NONE) break;
      }
      if (list[0] !== undefined) return list[0];
    }
    return NONE;
  }

  protected takeFromPcp(wanted: number, order: number, migratetype: number): number {
    const pfn = wanted === NONE ? this.#firstOnPcp(order, migratetype) : wanted;
    if (pfn === NONE) return NONE;
    const zone = this.zoneOf(pfn);
    if (this.page(pfn).list !== listOf(order, migratetype, zone)) {
      if (this.#isOnPcp(pfn) || this.chunkOf(pfn, order) === NONE) this.#found(pfn);
      else {
        this.surprises++;
        this.refill(pfn, order, migratetype);
      }
    }
    this.remove(Step.pcpTake, pfn);
    this.pcp.freeFactor[zone] = Math.floor((this.pcp.freeFactor[zone] as number) / 2);
    this.mode = "normal";
    return pfn;
  }

  takePage(wanted: number, order: number, migratetype: number): number {
    if (isPcpOrder(order)) return this.takeFromPcp(wanted, order, migratetype);
    const zone = wanted === NONE ? (this.zonesFor(migratetype)[0] as number) : this.zoneOf(wanted);
    return this.#fromBuddy(zone, wanted, order, migratetype, E.FALLBACK_RULE);
  }

  take(wanted: number, order = 0, migratetype = MIGRATE_MOVABLE): number {
    const pfn = this.takePage(wanted, order, migratetype);
    if (pfn === NONE) return NONE;
    this.run(Step.pcpPrep, pfn);
    for (const tail of tailsOf(pfn, order)) {
      this.run(Step.pcpPrepTail, tail);
      this.page(tail).flags = new Set(["tail"]);
    }
    this.page(pfn).flags = new Set(["exclusive"]);
    this.page(pfn).mapcount = 1;
    return pfn;
  }

  commit(pfn: number, order = 0): void {
    for (const page of [pfn, ...tailsOf(pfn, order)]) this.page(page).flags.clear();
    const migratetype = this.migratetypeOf(pfn);
    if (migratetype === MIGRATE_ISOLATE || !isPcpOrder(order)) {
      this.freeOnePage(pfn, order, migratetype);
      return;
    }
    const zone = this.zoneOf(pfn);
    this.#cached.set(pfn, migratetype);
    this.add(Step.pcpAdd, listOf(order, migratetype, zone), pfn, E.AT_HEAD);
    if (this.#count(zone) >= this.pcp.high) this.#drainBulk(zone, listOf(order, migratetype, 0));
  }

  #drainBulk(zone: number, first: number): void {
    const { batch, high } = this.pcp;
    const freeFactor = this.pcp.freeFactor[zone] as number;
    const most = high > batch ? high - batch : 1;
    const wanted = batch * 2 ** freeFactor;
    if (wanted < most && freeFactor < 5) this.pcp.freeFactor[zone] = freeFactor + 1;
    let left = Math.min(Math.max(wanted, batch), most, this.#count(zone));
    for (let list = first; left > 0; list = (list + 1) % LIST_ORDERS.length) {
      const pages = this.lists[128 * zone + list] as number[];
      const order = LIST_ORDERS[list] as number;
      for (; left > 0 && pages.length > 0; left -= 2 ** order) this.#drainPage(pages.at(-1) as number, order);
    }
  }

  drain(wanted: number, order: number, migratetype = MIGRATE_MOVABLE): void {
    const zone = this.zonesFor(migratetype)[0] as number;
    const pfn = wanted === NONE ? (this.lists[listOf(order, migratetype, zone)]?.at(-1) ?? NONE) : wanted;
    if (pfn === NONE) return;
    if (!this.#isOnPcp(pfn) || LIST_ORDERS[this.page(pfn).list % 128] !== order) {
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
