import { AT_HEAD, LIST_PRIVATE, PAGE_ON_LRU } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageRange } from "../../counts.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

/** The pages of a range that offlining it will move: those on LRU lists. */
export function movablePages(engine: PageEngine, { startPfn, nrPages }: PageRange): ReadonlySet<number> {
  const pfns = new Set<number>();
  for (let pfn = startPfn; pfn < startPfn + nrPages; pfn++)
    if ((engine.flagsOf(pfn) & PAGE_ON_LRU) !== 0) pfns.add(pfn);
  return pfns;
}

/**
 * Shrinks clean page cache: isolates batches from the end of the LRU list and frees them.
 *
 * @param pfns oldest first
 * @param commit told each freed page, in the order of the pcp list additions
 */
export function reclaim(engine: PageEngine, pfns: readonly number[], commit: (pfn: number) => void): void {
  const { reclaimBatch, freeBatch } = engine.recipes.sizes;
  engine.lruAddDrain();
  for (let from = 0; from < pfns.length; from += reclaimBatch) {
    const batch = pfns.slice(from, from + reclaimBatch);
    for (const pfn of batch) {
      engine.remove(Step.reclaimIsolate, pfn);
      engine.add(Step.reclaimIsolated, LIST_PRIVATE, pfn, AT_HEAD);
    }
    const size = freeBatch || batch.length;
    for (let at = 0; at < batch.length; at += size) shrink(engine, batch.slice(at, at + size), commit);
  }
}

function shrink(engine: PageEngine, batch: readonly number[], commit: (pfn: number) => void): void {
  batch.forEach((pfn, i) => {
    engine.remove(Step.reclaimTake, pfn);
    engine.run(Step.reclaimFolio, pfn);
    engine.run(Step.reclaimLink, pfn, undefined, batch[i - 1]);
  });
  const nr = engine.freeList(batch);
  for (let i = 0; i < nr; i++) commit(engine.freeNext(i));
}
