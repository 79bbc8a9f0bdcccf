import { PageOp } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import { NONE, type PageEngine } from "../../wasm/wasmPageEngine.ts";
import { gatheredBefore, gatherPages, partFrom } from "./mmuGather.ts";
import type { PageSource } from "./pageSource.ts";
import { releasePages } from "./releasePages.ts";

/** Unmaps in address order, gathering pages as struct mmu_gather does before they are freed. */
export function unmapPages(engine: PageEngine, source: PageSource, pages: readonly number[]): void {
  const { sizes } = engine.recipes;
  const known = pages.filter((pfn) => pfn !== NONE);
  const isFreed = (pfn: number): boolean => engine.mapcountOf(pfn) <= 1;
  const nrFreed = known.filter(isFreed).length;
  source.beforeFree(nrFreed);
  const batches = source.freesInBatches(nrFreed);
  const mapped = asRecorded(known, isFreed, batches.flat());
  const lengths = batches.map((batch) => batch.length);
  const before = mapped === known ? 0 : gatheredBefore(mapped.map(isFreed), lengths, sizes);
  engine.lruAddDrain();
  const most = gatherPages(sizes);
  for (let from = 0; from < mapped.length; ) {
    const gathered = mapped.slice(from, from + most - ((before + from) % most));
    for (const pfn of gathered) engine.op(PageOp.zap, pfn);
    for (let at = 0; at < gathered.length; ) {
      const part = gathered.slice(at, at + partFrom(before + from + at, sizes));
      for (const pfn of part) engine.run(Step.swapFree, pfn);
      releasePages(engine, part, source.commit);
      at += part.length;
    }
    from += gathered.length;
  }
}

/** The same pages; those that are freed in the order in which the events show them, where these show the same pages. */
function asRecorded(
  pages: readonly number[],
  isFreed: (pfn: number) => boolean,
  recorded: readonly number[],
): readonly number[] {
  const freed = new Set(pages.filter(isFreed));
  if (recorded.length !== freed.size || !recorded.every((pfn) => freed.has(pfn))) return pages;
  let at = 0;
  return pages.map((pfn) => (freed.has(pfn) ? (recorded[at++] as number) : pfn));
}
