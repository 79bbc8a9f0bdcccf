import { AT_HEAD, LIST_PRIVATE, PAGE_HUGE, PAGE_ON_LRU } from "../../../assembly/layout/engine.ts";
import { PAGEBLOCK_PAGES } from "../../../assembly/layout/hotplug.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { blockStart, COMPACT_CLUSTER_MAX, type CompactionZone, lockEnd, pageblockPfnToPage } from "./compactionZone.ts";

/** isolate_migratepages(): from the start of the zone, pages on LRU lists, a pageblock at a time. */
export class MigrateScanner {
  readonly #engine: PageEngine;
  readonly #zone: CompactionZone;
  /** cc->migrate_pfn. */
  pfn: number;

  constructor(engine: PageEngine, zone: CompactionZone) {
    this.#engine = engine;
    this.#zone = zone;
    this.pfn = zone.startPfn;
  }

  /**
   * @param finishesBlock all pages that remain in the pageblock, not only 32
   * @return what was isolated, in the order of addresses
   */
  isolate(finishesBlock: boolean, freePfn: number): number[] {
    const engine = this.#engine;
    for (let end = blockStart(this.pfn) + PAGEBLOCK_PAGES; end <= freePfn; end += PAGEBLOCK_PAGES) {
      const block = end - PAGEBLOCK_PAGES;
      if (pageblockPfnToPage(engine, this.#zone, block)) {
        engine.run(Step.compactSource, block);
        // pageblock_skip_persistent(): a huge page.
        if ((engine.flagsOf(block) & PAGE_HUGE) === 0) return this.#isolateBlock(end, finishesBlock);
      }
      this.pfn = end;
    }
    return [];
  }

  /** isolate_migratepages_block(). */
  #isolateBlock(end: number, finishesBlock: boolean): number[] {
    const engine = this.#engine;
    const isolated: number[] = [];
    let pfn = this.pfn;
    let lockedUpTo = pfn;
    while (pfn < end && (finishesBlock || isolated.length < COMPACT_CLUSTER_MAX)) {
      const order = engine.orderOf(pfn);
      if (order >= 0) {
        engine.run(Step.compactScanFree, pfn);
        pfn += 2 ** order;
      } else {
        if (engine.flagsOf(pfn) & PAGE_ON_LRU) {
          if (pfn >= lockedUpTo) engine.run(Step.compactLock, pfn);
          lockedUpTo = lockEnd(pfn);
          engine.remove(Step.compactIsolate, pfn);
          engine.add(Step.compactQueue, LIST_PRIVATE, pfn, AT_HEAD);
          isolated.push(pfn);
        } else engine.run(Step.compactScan, pfn);
        pfn++;
      }
    }
    // A chunk of MAX_PAGE_ORDER ends behind the pageblock: its second half is looked at page by page.
    this.pfn = Math.min(pfn, end);
    return isolated;
  }
}
