import { MIGRATE_MOVABLE, PAGEBLOCK_ORDER, PAGEBLOCK_PAGES } from "../../../assembly/layout/hotplug.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { blockStart, COMPACT_CLUSTER_MAX, type CompactionZone, lockEnd, pageblockPfnToPage } from "./compactionZone.ts";
import { ChunksByOrder, type IsolatedFree, SplitChunks } from "./isolatedFree.ts";

/** isolate_freepages(): from the end of the zone down, free chunks of movable pageblocks that are not free as a whole. */
export class FreeScanner {
  readonly #engine: PageEngine;
  readonly #zone: CompactionZone;
  readonly #free: IsolatedFree;
  /** cc->free_pfn: where it goes on. */
  pfn: number;
  /** cc->nr_migratepages: as many free pages are isolated at once. */
  wanted = 0;

  constructor(engine: PageEngine, zone: CompactionZone) {
    this.#engine = engine;
    this.#zone = zone;
    this.#free = engine.recipes.sizes.keepsFreeChunks ? new ChunksByOrder(engine) : new SplitChunks(engine);
    this.pfn = blockStart(zone.endPfn - 1);
  }

  /** compaction_alloc(): a page to move another to; undefined when the scanners met without one. */
  take(migratePfn: number): number | undefined {
    if (this.#free.count === 0) {
      this.#isolate(migratePfn);
      this.#free.ready();
    }
    const pfn = this.#free.take();
    // 6.12 counts the pages that are still to be moved, 6.1 those that the round began with.
    if (pfn !== undefined && this.#engine.recipes.sizes.keepsFreeChunks) this.wanted--;
    return pfn;
  }

  /** What was isolated and not used is freed. */
  release(commit: (pfn: number, order: number) => void): void {
    this.#free.release(commit);
  }

  #isolate(migratePfn: number): void {
    // pageblock_end_pfn(): above the pageblock of the migrate scanner.
    const lowest = blockStart(migratePfn) + PAGEBLOCK_PAGES;
    let stride = 1;
    let from = this.pfn;
    for (let block = blockStart(from); block >= lowest; block -= PAGEBLOCK_PAGES, from = block) {
      if (!pageblockPfnToPage(this.#engine, this.#zone, block) || !this.#isTarget(block)) continue;
      const before = this.#free.count;
      from = this.#isolateBlock(from, block + PAGEBLOCK_PAGES, stride);
      if (this.#free.count >= this.wanted) {
        if (from >= block + PAGEBLOCK_PAGES) from = block - PAGEBLOCK_PAGES;
        break;
      }
      stride = this.#free.count > before ? 1 : Math.min(COMPACT_CLUSTER_MAX, stride * 2);
    }
    this.pfn = from;
  }

  /** suitable_migration_target(). */
  #isTarget(block: number): boolean {
    const order = this.#engine.orderOf(block);
    this.#engine.run(order < 0 ? Step.compactTargetBlock : Step.compactTargetFree, block);
    return order < PAGEBLOCK_ORDER && this.#engine.migratetypeOf(block) === MIGRATE_MOVABLE;
  }

  /** isolate_freepages_block(). @return where it stopped */
  #isolateBlock(from: number, end: number, stride: number): number {
    const engine = this.#engine;
    let pfn = from;
    let lockedUpTo = from;
    for (; pfn < end; pfn += stride) {
      const order = engine.orderOf(pfn);
      if (order < 0) {
        engine.run(Step.compactFreeScan, pfn);
        continue;
      }
      if (pfn >= lockedUpTo) engine.run(Step.compactFreeLock, pfn);
      lockedUpTo = lockEnd(pfn);
      this.#free.add(pfn, order);
      if (this.wanted <= this.#free.count) return Math.min(pfn + 2 ** order, end);
      pfn += 2 ** order - 1;
    }
    return Math.min(pfn, end);
  }
}
