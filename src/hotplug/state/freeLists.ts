/** Which list a free pageblock is on. Isolated pageblocks exist only inside one operation and are not kept. */
export type Migratetype = "movable" | "unmovable";

interface FreeChunk {
  readonly order: number;
  readonly migratetype: Migratetype;
}

/**
 * The buddy lists of one zone whose pages nobody uses but the memmaps in this model: exact counts and exact heads.
 *
 * Each list is ordered; the next allocation takes its head. Onlining appends at the tail, freeing puts at the head.
 *
 * @source mm/page_alloc.c __rmqueue_fallback, expand, __free_one_page; mm/memory_hotplug.c online_pages; 6.1, 6.12
 */
export class FreeLists {
  readonly #maxOrder: number;
  readonly #pageblockOrder: number;
  readonly #chunks = new Map<number, FreeChunk>();
  readonly #lists: Readonly<Record<Migratetype, Set<number>[]>>;
  #freePages = 0;

  constructor(maxOrder: number, pageblockOrder: number) {
    this.#maxOrder = maxOrder;
    this.#pageblockOrder = pageblockOrder;
    const empty = () => Array.from({ length: maxOrder + 1 }, () => new Set<number>());
    this.#lists = { movable: empty(), unmovable: empty() };
  }

  get freePages(): number {
    return this.#freePages;
  }

  /** Free chunks by order, as /proc/buddyinfo. */
  counts(): number[] {
    return this.#lists.movable.map((list, order) => list.size + (this.#lists.unmovable[order]?.size ?? 0));
  }

  /**
   * online_pages_range, then undo_isolate_page_range: chunks as large as their alignment allows, ascending, at the tail
   * of the movable lists.
   */
  onlineRange(startPfn: number, endPfn: number): void {
    for (let pfn = startPfn; pfn < endPfn; ) {
      const order = this.#chunkOrder(pfn, endPfn);
      this.#add(pfn, order, "movable", "tail");
      pfn += 2 ** order;
    }
  }

  /** __offline_isolated_pages: what is free in the range leaves the lists. @unit returns pages */
  offlineRange(startPfn: number, endPfn: number): number {
    let pages = 0;
    for (const [pfn, { order }] of this.#chunksIn(startPfn, endPfn)) {
      this.#remove(pfn);
      pages += 2 ** order;
    }
    return pages;
  }

  /**
   * A failed isolation of [startPfn, endPfn), undone: what had been isolated goes to the tail of the movable lists, or
   * of its own where isolation is a bit beside the migratetype.
   */
  undoIsolation(startPfn: number, endPfn: number, keepsMigratetype: boolean): void {
    for (const [pfn, { order, migratetype }] of this.#chunksIn(startPfn, endPfn)) {
      this.#remove(pfn);
      this.#add(pfn, order, keepsMigratetype ? migratetype : "movable", "tail");
    }
  }

  /**
   * An unmovable request: the smallest fitting unmovable chunk, else the head of the *largest* movable list, whose
   * pageblocks become unmovable.
   *
   * @unit   returns the first pfn, or undefined when nothing fits
   */
  allocUnmovable(order: number): number | undefined {
    return this.#takeSmallest(order) ?? (this.#steal(order) ? this.#takeSmallest(order) : undefined);
  }

  /** Frees pages of an unmovable allocation; buddies merge. */
  free(startPfn: number, order: number): void {
    let pfn = startPfn;
    let merged = order;
    for (; merged < this.#maxOrder; merged++) {
      const buddy = pfn % 2 ** (merged + 1) === 0 ? pfn + 2 ** merged : pfn - 2 ** merged;
      if (this.#chunks.get(buddy)?.order !== merged) break;
      this.#remove(buddy);
      pfn = Math.min(pfn, buddy);
    }
    this.#add(pfn, merged, "unmovable", "head");
  }

  #chunkOrder(pfn: number, endPfn: number): number {
    let order = 0;
    while (order < this.#maxOrder && pfn % 2 ** (order + 1) === 0 && pfn + 2 ** (order + 1) <= endPfn) order++;
    return order;
  }

  #takeSmallest(order: number): number | undefined {
    for (let found = order; found <= this.#maxOrder; found++) {
      const pfn = this.#lists.unmovable[found]?.values().next().value;
      if (pfn === undefined) continue;
      this.#remove(pfn);
      // expand: the upper halves stay free.
      for (let rest = found - 1; rest >= order; rest--) this.#add(pfn + 2 ** rest, rest, "unmovable", "head");
      return pfn;
    }
    return undefined;
  }

  #steal(order: number): boolean {
    const smallest = Math.max(order, this.#pageblockOrder);
    for (let found = this.#maxOrder; found >= smallest; found--) {
      const pfn = this.#lists.movable[found]?.values().next().value;
      if (pfn === undefined) continue;
      this.#remove(pfn);
      this.#add(pfn, found, "unmovable", "head");
      return true;
    }
    return false;
  }

  #chunksIn(startPfn: number, endPfn: number): [number, FreeChunk][] {
    const found: [number, FreeChunk][] = [];
    for (let pfn = startPfn; pfn < endPfn; ) {
      const chunk = this.#chunks.get(pfn);
      if (chunk !== undefined) found.push([pfn, chunk]);
      pfn += chunk === undefined ? 1 : 2 ** chunk.order;
    }
    return found;
  }

  #add(pfn: number, order: number, migratetype: Migratetype, end: "head" | "tail"): void {
    const lists = this.#lists[migratetype];
    const list = lists[order] ?? new Set<number>();
    lists[order] = end === "tail" || list.size === 0 ? list.add(pfn) : new Set([pfn, ...list]);
    this.#chunks.set(pfn, { order, migratetype });
    this.#freePages += 2 ** order;
  }

  #remove(pfn: number): void {
    const chunk = this.#chunks.get(pfn);
    if (chunk === undefined) return;
    this.#lists[chunk.migratetype][chunk.order]?.delete(pfn);
    this.#chunks.delete(pfn);
    this.#freePages -= 2 ** chunk.order;
  }
}
