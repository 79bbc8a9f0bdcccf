import { PAGE_CACHE, PAGE_TABLE, PageOp } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import type { FreeKind } from "../coremm/freeKinds.ts";
import { reclaim } from "../coremm/migration.ts";
import { releasePages } from "../coremm/releasePages.ts";

/**
 * Pages that no operation accounts for are given up: unmapped, truncated or reclaimed together, freed in batches.
 *
 * @param shared unmapped together with them, but mapped elsewhere too
 */
export function giveUp(
  engine: PageEngine,
  batches: readonly (readonly number[])[],
  kind: FreeKind,
  shared: readonly number[],
  commit: (pfn: number) => void,
): void {
  const pfns = batches.flat();
  for (const pfn of pfns) engine.op(PageOp.settle, pfn);
  if (kind !== "unmap") for (const pfn of pfns) engine.mark(pfn, PAGE_CACHE);
  if (kind === "reclaim") {
    // One scan frees several folio batches from 6.12 on.
    const scans = engine.recipes.sizes.freeBatch === 0 ? batches : [pfns];
    for (const scan of scans) reclaim(engine, scan, commit);
    return;
  }
  if (kind === "unmap") for (const pfn of [...shared, ...pfns]) engine.op(PageOp.zap, pfn);
  for (const batch of shared.length > 0 ? [[...shared, ...pfns]] : batches) {
    if (kind === "truncate") {
      for (const pfn of batch) engine.run(Step.truncateFind, pfn);
      for (const pfn of batch) engine.op(PageOp.truncate, pfn);
    } else for (const pfn of batch) engine.run(isTable(engine, pfn) ? Step.tableSwap : Step.swapFree, pfn);
    releasePages(engine, batch, commit);
  }
}

/** Page tables are freed with the pages that they mapped. */
const isTable = (engine: PageEngine, pfn: number): boolean => (engine.flagsOf(pfn) & PAGE_TABLE) !== 0;
