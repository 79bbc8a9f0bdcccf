import type { KernelRecipes } from "../table.ts";
import { ALLOCATOR_6_1 } from "./allocator.ts";
import { ANON_6_1 } from "./anon.ts";
import { FILE_6_1 } from "./file.ts";
import { HUGE_6_1 } from "./huge.ts";
import { KERNEL_6_1 } from "./kernel.ts";
import { MIGRATION_6_1 } from "./migration.ts";
import { PARTS_6_1 } from "./parts.ts";
import { POOL_6_1 } from "./pool.ts";
import { POOL_SHRINK_6_1 } from "./poolShrink.ts";
import { SPLIT_6_1 } from "./split.ts";

// Linux 6.1 (Debian 6.1.192, x86_64, CONFIG_DEBUG_LIST, MEMCG, no DEBUG_VM, classic LRU: LRU_GEN not enabled).
// Counts are what that build does, inlining included; the citation names the source function.

export const RECIPES_6_1: KernelRecipes = {
  kernel: "6.1",
  sizes: {
    folioBatch: 15,
    releaseLockBatch: 32,
    gatherBundle: 8,
    gatherBatch: 510,
    gatherBatches: 19,
    freeBatch: 0,
    activates: true,
    migratesInBatches: false,
    reclaimBatch: 32,
    poolInBulk: false,
    zapsRanges: false,
    dropsZeroPages: false,
    thpQueuedAtFault: false,
    thpFreedAtOnce: true,
    freeTypeOfBlock: false,
    claimsBlocks: false,
    keepsFreeChunks: false,
  },
  steps: {
    ...ALLOCATOR_6_1,
    ...ANON_6_1,
    ...FILE_6_1,
    ...HUGE_6_1,
    ...KERNEL_6_1,
    ...MIGRATION_6_1,
    ...PARTS_6_1,
    ...SPLIT_6_1,
    ...POOL_6_1,
    ...POOL_SHRINK_6_1,
  },
};
