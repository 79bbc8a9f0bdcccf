import { AT_HEAD, LIST_PRIVATE, PAGE_ON_LRU, PageOp } from "../../assembly/engineLayout.ts";
import { Step } from "../../assembly/engineSteps.ts";
import type { PageEngine } from "../kernels/engine.ts";
import type { PfnRange } from "./migrationOps.ts";

const PAGEBLOCK = 512;
/** mm/compaction.c COMPACT_CLUSTER_MAX (SWAP_CLUSTER_MAX). */
const CLUSTER = 32;

/**
 * Compaction of a zone: the migrate scanner goes up, the free scanner down from the end, until they meet. Which pages
 * move is the caller's to say where it was recorded; the rest of what is scanned follows from the state of the zone.
 *
 * @param mayMove decides for each movable page whether it is migrated
 * @param commit told each old page that is freed
 */
export function compactZone(
  engine: PageEngine,
  zone: PfnRange,
  mayMove: (pfn: number) => boolean,
  commit: (pfn: number) => void,
): void {
  const free = new FreeScanner(engine, zone);
  let batch: number[] = [];
  engine.lruAddDrain();
  for (let start = zone.startPfn; start < free.blockPfn; start += PAGEBLOCK) {
    engine.run(Step.compactBlock, start);
    engine.run(Step.compactBlock, start + PAGEBLOCK - 1);
    if (isFreeBlock(engine, start)) continue;
    for (let pfn = start; pfn < start + PAGEBLOCK; pfn++) {
      if ((engine.flagsOf(pfn) & PAGE_ON_LRU) === 0 || !mayMove(pfn)) {
        engine.run(Step.compactScan, pfn);
        const order = engine.orderOf(pfn);
        if (order > 0) pfn += (1 << order) - 1;
        continue;
      }
      engine.remove(Step.compactIsolate, pfn);
      engine.add(Step.compactQueue, LIST_PRIVATE, pfn, AT_HEAD);
      batch.push(pfn);
      if (batch.length < CLUSTER) continue;
      migrate(engine, batch, free, commit);
      batch = [];
    }
  }
  if (batch.length > 0) migrate(engine, batch, free, commit);
  for (const pfn of free.left()) engine.freeOne(pfn, 0);
}

/** Free as a whole, or the second half of a larger chunk: its migrate scan ends before it began. */
function isFreeBlock(engine: PageEngine, start: number): boolean {
  return engine.orderOf(start) >= 9 || engine.orderOf(start - (start % 1024)) === 10;
}

/** migrate_pages of one cluster: the newest isolated page first. */
function migrate(
  engine: PageEngine,
  isolated: readonly number[],
  free: FreeScanner,
  commit: (pfn: number) => void,
): void {
  const batch = isolated.slice().reverse();
  for (const pfn of batch) engine.run(Step.migrateFind, pfn);
  for (const pfn of batch) engine.run(Step.migrateBatch, pfn);
  const targets = batch.map((pfn) => {
    const target = free.take();
    if (target !== undefined && engine.recipes.sizes.migratesInBatches)
      engine.run(Step.compactUnmap, pfn, undefined, target);
    return target;
  });
  batch.forEach((pfn, i) => {
    const target = targets[i];
    if (target === undefined) return;
    engine.run(Step.compactMove, pfn, undefined, target);
    engine.op(PageOp.addLru, target);
    if (!engine.recipes.sizes.migratesInBatches) engine.lruAddDrain();
    engine.run(Step.compactMapped, pfn, undefined, target);
    engine.remove(Step.migrateTake, pfn);
    engine.run(Step.migrateDone, pfn);
    commit(pfn);
  });
  engine.lruAddDrain();
}

/** isolate_freepages: down from the end of the zone, looking at every 1st, 2nd, 4th ... page of blocks that are no target. */
class FreeScanner {
  readonly #engine: PageEngine;
  readonly #zone: PfnRange;
  #free: number[] = [];
  #stride = 1;
  blockPfn: number;

  constructor(engine: PageEngine, zone: PfnRange) {
    this.#engine = engine;
    this.#zone = zone;
    this.blockPfn = zone.startPfn + zone.nrPages;
  }

  left(): readonly number[] {
    return this.#free;
  }

  take(): number | undefined {
    while (this.#free.length === 0 && this.blockPfn > this.#zone.startPfn + PAGEBLOCK) this.#scan();
    const pfn = this.#free.shift();
    if (pfn !== undefined) this.#engine.run(Step.compactTarget, pfn, undefined, this.#free[0]);
    return pfn;
  }

  #scan(): void {
    const engine = this.#engine;
    this.blockPfn -= PAGEBLOCK;
    const start = this.blockPfn;
    engine.run(Step.compactBlock, start);
    engine.run(Step.compactBlock, start + PAGEBLOCK - 1);
    // suitable_migration_target: a block that is one free chunk is no target.
    if (engine.orderOf(start) >= 9) return;
    let found = false;
    for (let pfn = start; pfn < start + PAGEBLOCK && this.#free.length < CLUSTER; pfn += this.#stride) {
      const order = engine.orderOf(pfn);
      if (order < 0) {
        engine.run(Step.compactFreeScan, pfn);
        continue;
      }
      engine.takeChunk(Step.compactTakeFree, pfn);
      for (let page = pfn; page < pfn + (1 << order); page++) {
        engine.run(Step.compactSplit, page);
        this.#free.push(page);
      }
      pfn += (1 << order) - this.#stride;
      found = true;
    }
    this.#stride = found ? 1 : Math.min(CLUSTER, this.#stride * 2);
  }
}
