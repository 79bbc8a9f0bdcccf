import { PAGEBLOCK_PAGES } from "../../../assembly/layout/hotplug.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

/** Of which compaction scans the pageblocks that are online. */
export interface CompactionZone {
  readonly startPfn: number;
  readonly endPfn: number;
  readonly isOnline: (pfn: number) => boolean;
}

/** mm/compaction.c COMPACT_CLUSTER_MAX (SWAP_CLUSTER_MAX). */
export const COMPACT_CLUSTER_MAX = 32;

/** pageblock_start_pfn(). */
export const blockStart = (pfn: number): number => pfn - (pfn % PAGEBLOCK_PAGES);

/** A lock that is held at `pfn` is dropped where the next COMPACT_CLUSTER_MAX pages begin. */
export const lockEnd = (pfn: number): number => pfn - (pfn % COMPACT_CLUSTER_MAX) + COMPACT_CLUSTER_MAX;

/**
 * pageblock_pfn_to_page(): a zone of hot-added memory is never known to be contiguous (its last block is onlined after the
 * walk), so the first and the last page of the pageblock are looked at each time.
 */
export function pageblockPfnToPage(engine: PageEngine, zone: CompactionZone, block: number): boolean {
  if (!zone.isOnline(block)) return false;
  engine.run(Step.compactBlock, block);
  engine.run(Step.compactBlock, block + PAGEBLOCK_PAGES - 1);
  return true;
}
