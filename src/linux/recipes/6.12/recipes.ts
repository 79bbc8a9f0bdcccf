import type { KernelRecipes } from "../table.ts";
import { ALLOCATOR_6_12 } from "./allocator.ts";
import { ANON_6_12 } from "./anon.ts";
import { FILE_6_12 } from "./file.ts";
import { HUGE_6_12 } from "./huge.ts";
import { KERNEL_6_12 } from "./kernel.ts";
import { MIGRATION_6_12 } from "./migration.ts";
import { PARTS_6_12 } from "./parts.ts";
import { POOL_6_12 } from "./pool.ts";
import { POOL_SHRINK_6_12 } from "./poolShrink.ts";
import { SPLIT_6_12 } from "./split.ts";

// Linux 6.12 (Debian 6.12.117, x86_64, CONFIG_DEBUG_LIST, MEMCG, no DEBUG_VM, multi-gen LRU enabled).
// Counts are what that build does, inlining included; the citation names the source function. Each table is that of 6.1
// and what changed: a step that is not written here does what it did there.

export const RECIPES_6_12: KernelRecipes = {
  kernel: "6.12",
  sizes: {
    folioBatch: 31,
    releaseLockBatch: 0,
    // Encoded pages keep one slot of each batch for a length (mm/mmu_gather.c __tlb_remove_folio_pages_size).
    gatherBundle: 7,
    gatherBatch: 509,
    gatherBatches: 19,
    freeBatch: 31,
    activates: false,
    migratesInBatches: true,
    reclaimBatch: 64,
    poolInBulk: true,
    zapsRanges: true,
    dropsZeroPages: true,
    thpQueuedAtFault: true,
    thpFreedAtOnce: false,
    freeTypeOfBlock: true,
    claimsBlocks: true,
    keepsFreeChunks: true,
  },
  steps: {
    ...ALLOCATOR_6_12,
    ...ANON_6_12,
    ...FILE_6_12,
    ...HUGE_6_12,
    ...KERNEL_6_12,
    ...MIGRATION_6_12,
    ...SPLIT_6_12,
    ...PARTS_6_12,
    ...POOL_6_12,
    ...POOL_SHRINK_6_12,
  },
};
