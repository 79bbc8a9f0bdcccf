import type { KernelSizes } from "../../linux/recipes/table.ts";

/** What gave pages up that no operation accounts for. */
export type FreeKind = "unmap" | "truncate" | "reclaim";

/**
 * Tells from the sizes of free batches who freed: each caller hands pages over in batches of its own size. Unmapping in
 * those of struct mmu_gather (8 and 510, freed in parts of 31 from 6.12 on: 16 of them and 13), truncation and
 * invalidation of a file in folio batches (15, 31), reclaim as many as it isolates at once (32; 64, freed as 31, 31, 2).
 *
 * @param batches sizes of free batches between two allocations
 */
export function freeKind(batches: readonly number[], sizes: KernelSizes): FreeKind {
  const { freeBatch, folioBatch, reclaimBatch, gatherBatch } = sizes;
  const count = (size: number): number => batches.filter((batch) => batch === size).length;
  if (freeBatch === 0) {
    if (batches.some((size) => size > reclaimBatch)) return "unmap";
    if (count(reclaimBatch) >= 2) return "reclaim";
    const isFile = batches.every((size) => size <= folioBatch) && count(folioBatch) >= 2;
    return isFile ? "truncate" : "unmap";
  }
  const rest = reclaimBatch % freeBatch;
  const whole = Math.floor(reclaimBatch / freeBatch);
  let reclaimed = 0;
  batches.forEach((size, i) => {
    if (size !== rest || i < whole) return;
    if (batches.slice(i - whole, i).every((before) => before === freeBatch)) reclaimed++;
  });
  if (reclaimed >= 2) return "reclaim";
  // A long unmapping shows the end of a gather batch; a long truncation shows full folio batches alone.
  const isFile = count(folioBatch) >= gatherBatch / freeBatch / 2 && count(gatherBatch % freeBatch) === 0;
  return isFile ? "truncate" : "unmap";
}
