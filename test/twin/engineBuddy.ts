// Slow twin of assembly/engine/buddy.ts and migratetypes.ts, from mm/page_alloc.c.
import * as E from "../../assembly/layout/engine.ts";
import { MIGRATE_ISOLATE, MIGRATE_MOVABLE } from "../../assembly/layout/hotplug.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { NONE, ReferenceLists } from "./engineLists.ts";

export const BLOCK = 512;

export class ReferenceBuddy extends ReferenceLists {
  /** By the number of the pageblock; movable where nothing is said. */
  readonly blockTypes = new Map<number, number>();

  protected blockOf(pfn: number): number {
    return Math.floor((pfn - this.basePfn) / BLOCK);
  }

  migratetypeOf(pfn: number): number {
    return this.blockTypes.get(this.blockOf(pfn)) ?? MIGRATE_MOVABLE;
  }

  setMigratetype(pfn: number, migratetype: number): void {
    this.blockTypes.set(this.blockOf(pfn), migratetype);
  }

  protected setMigratetypes(chunk: number, migratetype: number): void {
    for (let pfn = chunk; pfn < chunk + 2 ** this.page(chunk).order; pfn += BLOCK)
      this.setMigratetype(pfn, migratetype);
  }

  /** Blocks of the kernel zone. */
  readonly #kernelBlocks = new Set<number>();

  setKernelZone(pfn: number): void {
    this.#kernelBlocks.add(Math.floor((pfn - this.basePfn) / 32768));
  }

  protected zoneOf(pfn: number): number {
    return this.#kernelBlocks.has(Math.floor((pfn - this.basePfn) / 32768)) ? 1 : 0;
  }

  /** Zones that an allocation may take from, in this order. */
  protected zonesFor(migratetype: number): readonly number[] {
    if (this.#kernelBlocks.size === 0) return [0];
    return migratetype === MIGRATE_MOVABLE ? [0, 1] : [1];
  }

  /** Numbers of the lists by type, each with the orders 0 to 10; 128 higher in the kernel zone. */
  protected freeListOf(order: number, migratetype: number, zone: number): number {
    const set = migratetype === MIGRATE_ISOLATE ? 3 : migratetype;
    return 128 * zone + E.LIST_FREE + 11 * set + order;
  }

  protected firstFree(order: number, migratetype: number, zone: number): number {
    return this.lists[this.freeListOf(order, migratetype, zone)]?.[0] ?? NONE;
  }

  /** Whose list a free chunk is on. */
  protected typeOfChunk(chunk: number): number {
    const set = Math.floor(((this.page(chunk).list % 128) - E.LIST_FREE) / 11);
    return set === 3 ? MIGRATE_ISOLATE : set;
  }

  freeChunk(pfn: number, order: number, migratetype = MIGRATE_MOVABLE): void {
    this.page(pfn).order = order;
    this.push(this.freeListOf(order, migratetype, this.zoneOf(pfn)), pfn, E.AT_TAIL);
  }

  /** The head of the free chunk of at least `order` that holds a page. */
  protected chunkOf(pfn: number, order: number): number {
    for (let o = order; o <= E.ENGINE_MAX_ORDER; o++) {
      const head = this.basePfn + Math.floor((pfn - this.basePfn) / 2 ** o) * 2 ** o;
      if (this.page(head).order === o) return head;
    }
    return NONE;
  }

  /** Takes `pfn` of an order out of a chunk: halves that do not hold it stay free, on the lists of `migratetype`. */
  protected delAndExpand(chunk: number, pfn: number, order: number, migratetype: number, isClaim = false): void {
    let size = 2 ** this.page(chunk).order;
    let head = chunk;
    this.remove(isClaim ? Step.claimRemove : Step.refillRemove, chunk);
    this.page(chunk).order = -1;
    while (size > 2 ** order) {
      size /= 2;
      const isUpper = pfn >= head + size;
      const rest = isUpper ? head : head + size;
      this.page(rest).order = Math.log2(size);
      const list = this.freeListOf(Math.log2(size), migratetype, this.zoneOf(rest));
      this.add(isClaim ? Step.claimSplit : Step.refillSplit, list, rest, E.AT_HEAD);
      if (isUpper) head += size;
    }
  }

  protected rmqueueSmallest(order: number, migratetype: number, zone: number): number {
    for (let o = order; o <= E.ENGINE_MAX_ORDER; o++) {
      const chunk = this.firstFree(o, migratetype, zone);
      if (chunk === NONE) continue;
      this.delAndExpand(chunk, chunk, order, migratetype);
      return chunk;
    }
    return NONE;
  }

  protected moveToFreeList(removeStep: Step, addStep: Step, chunk: number, migratetype: number): void {
    this.remove(removeStep, chunk);
    this.add(addStep, this.freeListOf(this.page(chunk).order, migratetype, this.zoneOf(chunk)), chunk, E.AT_TAIL);
  }

  /** Moves what is free in a pageblock. @return pages moved, and movable ones among the others */
  protected moveFreepages(block: number, migratetype: number, usedStep?: Step): { free: number; movable: number } {
    const found = { free: 0, movable: 0 };
    for (let pfn = block; pfn < block + BLOCK; ) {
      const { order } = this.page(pfn);
      if (order < 0) {
        if (usedStep !== undefined) this.run(usedStep, pfn);
        else if (this.scanUsed(pfn)) found.movable++;
        pfn++;
      } else {
        this.moveToFreeList(Step.moveFree, Step.moveFreeAdd, pfn, migratetype);
        found.free += 2 ** order;
        pfn += 2 ** order;
      }
    }
    return found;
  }

  /** Looks at a page in use. @return whether it can be moved */
  protected scanUsed(pfn: number): boolean {
    const isMovable = this.page(pfn).flags.has("lru");
    let head = pfn;
    while (this.page(head).flags.has("tail")) head--;
    if (head !== pfn) this.run(Step.stealScanTail, pfn, NONE, head);
    else this.run(isMovable ? Step.stealScanMovable : Step.stealScan, pfn);
    return isMovable;
  }

  isolateBlock(block: number): void {
    if (this.recipes.sizes.freeTypeOfBlock) {
      const chunk = this.#largeBuddy(block);
      const { order } = this.page(chunk);
      if (order > 9) {
        this.remove(Step.isolateRemove, chunk);
        this.page(chunk).order = -1;
        this.setMigratetype(block, MIGRATE_ISOLATE);
        for (let piece = chunk; piece < chunk + 2 ** order; piece += BLOCK)
          this.freeOnePage(piece, 9, this.migratetypeOf(piece));
        return;
      }
    }
    this.moveBlock(block, MIGRATE_ISOLATE);
  }

  moveBlock(block: number, migratetype: number): void {
    this.moveFreepages(block, migratetype, Step.scanMove);
    this.setMigratetype(block, migratetype);
  }

  /** find_large_buddy. */
  #largeBuddy(block: number): number {
    if (this.page(block).order >= 0) {
      this.run(Step.isolateHead, block);
      return block;
    }
    let pfn = block;
    for (let order = 1; this.page(pfn).order < 0; order++) {
      this.run(Step.isolateTail, pfn);
      if (order > E.ENGINE_MAX_ORDER) return block;
      pfn -= (pfn - this.basePfn) % 2 ** order;
    }
    this.run(Step.isolateStraddling, pfn);
    return pfn + 2 ** this.page(pfn).order > block ? pfn : block;
  }

  freeOne(pfn: number, order: number): void {
    this.page(pfn).flags.clear();
    this.freeOnePage(pfn, order, this.migratetypeOf(pfn));
  }

  protected freeOnePage(start: number, startOrder: number, migratetype: number): void {
    let [page, order] = [start - this.basePfn, startOrder];
    for (; order < E.ENGINE_MAX_ORDER; order++) {
      const buddy = page ^ (2 ** order);
      const buddyPfn = buddy + this.basePfn;
      if (!this.#peek(page, buddy, order)) break;
      if (order >= 9) {
        const other = this.migratetypeOf(buddyPfn);
        if (other !== migratetype && (other === MIGRATE_ISOLATE || migratetype === MIGRATE_ISOLATE)) break;
      }
      this.remove(Step.mergeRemove, buddyPfn);
      if (order >= 9 && this.recipes.sizes.freeTypeOfBlock) this.setMigratetypes(buddyPfn, migratetype);
      this.page(buddyPfn).order = -1;
      page = Math.min(page, buddy);
    }
    const pfn = page + this.basePfn;
    this.run(Step.mergeDone, pfn);
    this.page(pfn).order = order;
    const higher = Math.floor(page / 2 ** (order + 1)) * 2 ** (order + 1);
    const toTail = order < E.ENGINE_MAX_ORDER - 1 && this.#peek(higher, higher ^ (2 ** (order + 1)), order + 1);
    const list = this.freeListOf(order, migratetype, this.zoneOf(pfn));
    this.add(toTail ? Step.insertTail : Step.insertHead, list, pfn, toTail ? E.AT_TAIL : E.AT_HEAD);
  }

  #peek(page: number, buddy: number, order: number): boolean {
    if (buddy >= this.nrPages) return false;
    const buddyOrder = this.page(buddy + this.basePfn).order;
    this.run(buddyOrder < 0 ? Step.mergePeekBusy : Step.mergePeekFree, buddy + this.basePfn);
    if (buddyOrder !== order) return false;
    this.run(Step.mergeMatch, page + this.basePfn);
    this.run(Step.mergeMatch, buddy + this.basePfn);
    return true;
  }
}
