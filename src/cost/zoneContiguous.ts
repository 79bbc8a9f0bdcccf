import type { HotplugEvent } from "../scenario/schema.ts";

/**
 * set_zone_contiguous() walks the pageblocks of a zone from its start, reading the first and last struct page of each,
 * until one is not online; onlining and offlining a block each call it. n blocks one after the other walk
 * 0 + 1 + ... + (n - 1) blocks: quadratic in the device. With the memmap on the memory each block calls it twice, for
 * the pages that hold the memmap and for the rest; when such a block goes offline, the second walk ends at once.
 *
 * Source: mm/mm_init.c set_zone_contiguous and __pageblock_pfn_to_page, mm/memory_hotplug.c move_pfn_range_to_zone and
 * remove_pfn_range_from_zone, 6.12; since 7cf91a98e607 (4.6, recalled). A change that avoids the walk was posted in
 * March 2026 (Yuan Liu: plugging 512 GiB of virtio-mem in 128 MiB blocks, 36 s before and 7 s after); whether a
 * release has it is not known here, so every modelled kernel walks.
 */
const PAGEBLOCK_PAGES = 512;

/**
 * Instructions for each pageblock walked: between the touches of hp_online_movable_512_35 (6.12: 6 + 136) and
 * hp_online_movable_256b (6.1: 6 + 174).
 */
export const WALK_INSTRUCTIONS: Readonly<Record<"6.1" | "6.12", number>> = { "6.1": 180, "6.12": 142 };

/** Pageblocks that all walks of one event over a device look at. */
export function walkedPageblocks(
  event: HotplugEvent,
  nrBlocks: number,
  blockPages: number,
  selfHosted: boolean,
): number {
  if (event === "add" || event === "remove") return 0;
  const perBlock = Math.ceil(blockPages / PAGEBLOCK_PAGES);
  const walks = selfHosted && event !== "offline" ? 2 : 1;
  return walks * perBlock * ((nrBlocks * (nrBlocks - 1)) / 2);
}
