import { ALLOCATOR_6_12 } from "./linux612Allocator.ts";
import { ANON_6_12 } from "./linux612Anon.ts";
import { FILE_6_12 } from "./linux612File.ts";
import { HUGE_6_12 } from "./linux612Huge.ts";
import { KERNEL_6_12 } from "./linux612Kernel.ts";
import { MIGRATION_6_12 } from "./linux612Migration.ts";
import { PARTS_6_12 } from "./linux612Parts.ts";
import { POOL_6_12 } from "./linux612Pool.ts";
import { POOL_SHRINK_6_12 } from "./linux612PoolShrink.ts";
import { SPLIT_6_12 } from "./linux612Split.ts";
import type { KernelRecipes } from "./table.ts";

// Linux 6.12 (Debian 6.12.117, x86_64, CONFIG_DEBUG_LIST, MEMCG, no DEBUG_VM, multi-gen LRU enabled).
// Counts are what that build does, inlining included; the citation names the source function.

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
