import { AT_TAIL, LIST_UNMAPPED, PageOp } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { blockStart, type CompactionZone } from "./compactionZone.ts";
import { FreeScanner } from "./freeScanner.ts";
import { MigrateScanner } from "./migrateScanner.ts";

/**
 * Compaction of a zone as /proc/sys/vm/compact_memory asks for it (mm/compaction.c compact_zone with order -1, MIGRATE_SYNC
 * and without skip hints): the migrate scanner goes up, the free scanner down from the end, until they meet. A pageblock is
 * left in two rounds: the first isolates 32 pages, the second all that remain (rescan in 6.1, finish_pageblock in 6.12).
 *
 * @param commit told each page that goes to the pcp list: old pages, and isolated free ones that were not needed
 */
export function compactZone(
  engine: PageEngine,
  zone: CompactionZone,
  commit: (pfn: number, order: number) => void,
): void {
  const migrating = new MigrateScanner(engine, zone);
  const free = new FreeScanner(engine, zone);
  let lastMigrated = -1;
  engine.lruAddDrain();
  while (blockStart(free.pfn) > blockStart(migrating.pfn)) {
    const started = blockStart(migrating.pfn);
    const isolated = migrating.isolate(started === lastMigrated, free.pfn);
    if (isolated.length === 0) continue;
    // 6.1 remembers where the round began, 6.12 the pageblock that it looked at: the same once pages were isolated.
    lastMigrated = blockStart(migrating.pfn - 1);
    const left = migratePages(engine, isolated, free, migrating.pfn, commit);
    if (left.length === 0) continue;
    putBack(engine, left);
    if (blockStart(free.pfn) > blockStart(migrating.pfn)) break;
  }
  free.release(commit);
}

/**
 * migrate_pages() of what was isolated, the newest first: page by page in 6.1, all unmapped and then all moved in 6.12.
 *
 * @return the pages for which there was no free one (-ENOMEM)
 */
function migratePages(
  engine: PageEngine,
  isolated: readonly number[],
  free: FreeScanner,
  migratePfn: number,
  commit: (pfn: number, order: number) => void,
): readonly number[] {
  const batch = isolated.slice().reverse();
  for (const pfn of batch) engine.run(Step.migrateFind, pfn);
  for (const pfn of batch) engine.run(Step.migrateBatch, pfn);
  engine.run(Step.compactSpliceOld, batch[0] as number);
  engine.run(Step.compactSpliceOld, batch.at(-1) as number);
  free.wanted = batch.length;
  const targets: number[] = [];
  const { migratesInBatches } = engine.recipes.sizes;
  for (const pfn of batch) {
    engine.run(Step.compactNext, pfn);
    const target = free.take(migratePfn);
    if (target === undefined) break;
    targets.push(target);
    if (!migratesInBatches) {
      movePage(engine, pfn, target, commit);
      continue;
    }
    engine.run(Step.compactUnmap, pfn, undefined, target);
    engine.remove(Step.migrateUnlink, pfn);
    engine.add(Step.migrateRelink, LIST_UNMAPPED, pfn, AT_TAIL);
    engine.run(Step.compactQueueNew, target, targets.at(-2));
  }
  if (migratesInBatches)
    targets.forEach((target, i) => {
      engine.run(Step.compactMoveNext, batch[i] as number, undefined, target);
      engine.run(Step.compactTakeNew, target, undefined, targets[i + 1]);
      movePage(engine, batch[i] as number, target, commit);
    });
  return batch.slice(targets.length);
}

function movePage(engine: PageEngine, pfn: number, target: number, commit: (pfn: number, order: number) => void): void {
  engine.run(Step.compactMove, pfn, undefined, target);
  engine.op(PageOp.addLru, target);
  // "When successful, push dst to LRU immediately": lru_add_drain(), only for mlocked pages from 5.18 on in later series.
  if (!engine.recipes.sizes.migratesInBatches) engine.lruAddDrain();
  engine.run(Step.compactMapped, pfn, undefined, target);
  engine.remove(Step.migrateTake, pfn);
  engine.run(Step.compactDone, pfn);
  commit(pfn, 0);
}

/** putback_movable_pages(). */
function putBack(engine: PageEngine, pfns: readonly number[]): void {
  for (const pfn of pfns) {
    engine.remove(Step.compactPutback, pfn);
    engine.op(PageOp.addLru, pfn);
    engine.run(Step.compactPutbackDone, pfn);
  }
}
