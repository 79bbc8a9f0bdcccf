import { PageOp } from "../../assembly/engineLayout.ts";
import { Step } from "../../assembly/engineSteps.ts";
import { NONE, type PageEngine } from "../kernels/engine.ts";
import type { EventFollower } from "./followEvents.ts";
import { releasePages } from "./releasePages.ts";

/** Unmaps in address order, gathering pages as struct mmu_gather does before they are freed. */
export function unmapPages(engine: PageEngine, events: EventFollower, pages: readonly number[]): void {
  const { gatherBundle, gatherBatch, gatherBatches } = engine.recipes.sizes;
  const known = pages.filter((pfn) => pfn !== NONE);
  const isLast = (pfn: number): boolean => engine.mapcountOf(pfn) <= 1;
  events.beforeFree(known.filter(isLast).length);
  const mapped = asRecorded(known, isLast, events);
  engine.lruAddDrain();
  const most = gatherBundle + gatherBatch * gatherBatches;
  for (let from = 0; from < mapped.length; from += most) {
    const gathered = mapped.slice(from, from + most);
    for (const pfn of gathered) engine.op(PageOp.zap, pfn);
    for (let at = 0; at < gathered.length; ) {
      const size = at === 0 ? gatherBundle : gatherBatch;
      const batch = gathered.slice(at, at + size);
      for (const pfn of batch) engine.run(Step.swapFree, pfn);
      releasePages(engine, batch, events.commit);
      at += size;
    }
  }
}

/** The same pages; those that are freed in the order in which the events show them, where these show the same pages. */
function asRecorded(
  pages: readonly number[],
  isFreed: (pfn: number) => boolean,
  events: EventFollower,
): readonly number[] {
  const freed = new Set(pages.filter(isFreed));
  const recorded = events.freesInBatches(freed.size).flat();
  if (recorded.length !== freed.size || !recorded.every((pfn) => freed.has(pfn))) return pages;
  let at = 0;
  return pages.map((pfn) => (freed.has(pfn) ? (recorded[at++] as number) : pfn));
}
