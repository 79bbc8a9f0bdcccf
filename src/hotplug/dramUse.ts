import type { DevicePlan } from "./plan.ts";

/** DRAM that a hot-added range takes, by what for; bytes. */
export interface DramUse {
  readonly memmapBytes: number;
  /** Page tables that map the vmemmap; always in DRAM. */
  readonly vmemmapTableBytes: number;
  /** mem_section_usage; always in DRAM, also when self-hosted. */
  readonly sectionUsageBytes: number;
  /** The vmem_altmap object of each self-hosted block. */
  readonly altmapBytes: number;
  readonly totalBytes: number;
}

const GIB = 1024 ** 3;
/** 56 bytes, from kmalloc-64. @source mm/sparse.c section_activate, 6.12 */
const SECTION_USAGE_BYTES = 64;
/** kmemdup of struct vmem_altmap, from kmalloc-64. @source mm/memory_hotplug.c create_altmaps_and_memory_blocks, 6.12 */
const ALTMAP_OBJECT_BYTES = 64;
const SECTION_BYTES = 128 * 1024 ** 2;
const TABLE_BYTES = 4096;

/**
 * What differs between placements or depends on the memmap. What is the same either way and small is left out:
 * direct map tables, struct memory_block and its sysfs device, page_ext, per-cpu page sets of a new zone.
 *
 * @source mm/memory_hotplug.c, mm/sparse-vmemmap.c, 6.12: one table of 512 PMD entries maps 1 GiB of vmemmap
 */
export function dramUse(plan: DevicePlan, placement: "dram" | "on-memory"): DramUse {
  const selfHosted = placement === "on-memory";
  const use = {
    memmapBytes: selfHosted ? 0 : plan.memmapBytes,
    vmemmapTableBytes: Math.ceil(plan.memmapBytes / GIB) * TABLE_BYTES,
    sectionUsageBytes: Math.ceil(plan.range.sizeBytes / SECTION_BYTES) * SECTION_USAGE_BYTES,
    altmapBytes: selfHosted ? plan.nrBlocks * ALTMAP_OBJECT_BYTES : 0,
  };
  return { ...use, totalBytes: Object.values(use).reduce((sum, bytes) => sum + bytes, 0) };
}

/** Hot-added bytes that remain for users: all that is added, or less what self-hosting keeps from the buddy. */
export function usableBytes(plan: DevicePlan, placement: "dram" | "on-memory"): number {
  const reserved = placement === "on-memory" ? plan.nrBlocks * plan.altmapPages * plan.pageBytes : 0;
  return plan.range.sizeBytes - reserved;
}
