import { STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { ZoneContiguous } from "../linux/hotplugKernel.ts";
import { entryOf, type KernelTable, type RecordedKernel } from "../linux/recordedKernels.ts";
import type { HotplugEvent } from "../scenario/schema.ts";

/**
 * set_zone_contiguous() walks the pageblocks of a zone from its start, reading the first and last struct page of each,
 * until one is not online; onlining and offlining a block each call it. n blocks one after the other walk
 * 0 + 1 + ... + (n - 1) blocks: quadratic in the device. With the memmap on the memory each block calls it twice, for
 * the pages that hold the memmap and for the rest; when such a block goes offline, the second walk ends at once.
 *
 * Source: mm/mm_init.c set_zone_contiguous and __pageblock_pfn_to_page, mm/memory_hotplug.c move_pfn_range_to_zone and
 * remove_pfn_range_from_zone, 6.12; since 7cf91a98e607 (4.6, recalled). A change that avoids the walk was posted in
 * March 2026 (Yuan Liu: plugging 512 GiB of virtio-mem in 128 MiB blocks, 36 s before and 7 s after): `kernel.zone_contiguous:
 * tracked`. No release has it up to 7.3, which was recorded walking.
 */
const PAGEBLOCK_PAGES = 512;

/**
 * Instructions for each pageblock walked: between the touches of hp_online_movable_512_35 (6.12: 6 + 136) and
 * hp_online_movable_256b (6.1: 6 + 174).
 */
const WALK_INSTRUCTIONS: KernelTable<number> = { "6.1": 180, "6.12": 142 };

/** Instructions for each pageblock that a walk looks at. */
export const walkLookInstructions = (kernel: RecordedKernel): number => entryOf(WALK_INSTRUCTIONS, kernel);

/** Pageblocks that all walks of one event over a device look at. */
export function walkedPageblocks(
  event: HotplugEvent,
  nrBlocks: number,
  blockPages: number,
  selfHosted: boolean,
  zoneContiguous: ZoneContiguous = "walk",
  { before, grows }: ZoneWalk = ALONE,
): number {
  if (zoneContiguous === "tracked" || event === "add" || event === "remove") return 0;
  const perBlock = Math.ceil(blockPages / PAGEBLOCK_PAGES);
  const walks = selfHosted && event !== "offline" ? 2 : 1;
  const own = grows ? (nrBlocks * (nrBlocks - 1)) / 2 : 0;
  return walks * perBlock * (nrBlocks * before + own);
}

/** Blocks of other devices of the zone that each walk looks at, and whether it looks at the device's own besides. */
type ZoneWalk = HotplugPlan["zone"]["online"];

const ALONE: ZoneWalk = { before: 0, grows: true };

/** First and last struct page of a pageblock: 32 KiB apart, the last next to the first of the one behind. */
export const LINES_PER_PAGEBLOCK = 2;
const LINE_BYTES = 64;

/** Caches that hold what a walk looks at until the next. */
export interface WalkCaches {
  readonly l2Bytes: number;
  readonly llcBytes: number;
}

/** Shares of all looks that each level serves; they add up to 1. */
export interface WalkLevels {
  readonly l2: number;
  readonly llc: number;
  readonly memory: number;
}

/**
 * Walk k looks again at what walk k - 1 looked at; between them the passes over one block go through all its struct
 * pages. So its lines come from the smallest cache that holds those of all pageblocks so far and of one block. Of all
 * looks together the share made while the walk is no longer than s of n is (s / n)^2; of a walk that begins at b blocks
 * of other devices and ends at n, (s^2 - b^2) / (n^2 - b^2).
 *
 * By capacity, not by sets: lines 32 KiB apart fall into a few sets of a cache indexed by the address, which L2 is and
 * its passes have emptied anyway, but all over the slices of an LLC, whose index is hashed.
 */
export function walkLevels(
  nrBlocks: number,
  blockPages: number,
  { l2Bytes, llcBytes }: WalkCaches,
  { before, grows }: ZoneWalk = ALONE,
): WalkLevels {
  const betweenBytes = blockPages * STRUCT_PAGE_BYTES;
  const blockBytes = Math.ceil(blockPages / PAGEBLOCK_PAGES) * LINES_PER_PAGEBLOCK * LINE_BYTES;
  const longest = grows ? before + nrBlocks : before;
  const within = (bytes: number): number => {
    const held = Math.max(0, bytes - betweenBytes) / blockBytes;
    if (longest === before) return held >= before ? 1 : 0;
    return (Math.min(Math.max(held, before), longest) ** 2 - before ** 2) / (longest ** 2 - before ** 2);
  };
  const l2 = within(l2Bytes);
  const llc = Math.max(l2, within(llcBytes));
  return { l2, llc: llc - l2, memory: 1 - llc };
}
