import type { KernelSizes } from "../../linux/recipes/table.ts";

/** Pages that are freed together: those of a folio batch, or what tlb_batch_pages_flush gives away at once (6.1: 512). */
export const pagesAtOnce = ({ freeBatch }: KernelSizes): number => freeBatch || 512;

/** Pages that struct mmu_gather holds before it is flushed (include/asm-generic/tlb.h MAX_GATHER_BATCH_COUNT). */
export const gatherPages = ({ gatherBundle, gatherBatch, gatherBatches }: KernelSizes): number =>
  gatherBundle + gatherBatch * gatherBatches;

/** How many pages are freed together from the one on that is `slot`-th in the gather. */
export function partFrom(slot: number, sizes: KernelSizes): number {
  const { gatherBundle, gatherBatch } = sizes;
  const inGather = slot % gatherPages(sizes);
  const isBundled = inGather < gatherBundle;
  const inBatch = isBundled ? inGather : (inGather - gatherBundle) % gatherBatch;
  const part = pagesAtOnce(sizes);
  return Math.min(isBundled ? gatherBundle : gatherBatch, inBatch - (inBatch % part) + part) - inBatch;
}

/**
 * How many other pages were gathered before: an exit unmaps program and data files first, whose pages lie elsewhere.
 * The recorded batches tell, as they end where those of the gather do; 0 when they fit no number.
 *
 * @param areFreed of the unmapped pages, in order: is it freed, or mapped elsewhere too?
 * @param batches lengths of the recorded batches
 */
export function gatheredBefore(areFreed: readonly boolean[], batches: readonly number[], sizes: KernelSizes): number {
  const most = gatherPages(sizes);
  for (let before = 0; before < most; before++) if (fits(areFreed, batches, before, sizes)) return before;
  return 0;
}

function fits(areFreed: readonly boolean[], batches: readonly number[], before: number, sizes: KernelSizes): boolean {
  let nrSeen = 0;
  for (let at = 0; at < areFreed.length; ) {
    const end = Math.min(areFreed.length, at + partFrom(before + at, sizes));
    let freed = 0;
    for (; at < end; at++) if (areFreed[at]) freed++;
    if (freed > 0 && freed !== batches[nrSeen++]) return false;
  }
  return nrSeen === batches.length;
}
