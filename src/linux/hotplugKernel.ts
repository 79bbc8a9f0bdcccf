// What differs between kernels in a struct page and in the hotplug passes, as data.
import { FEATURE_BUDDY_BY_ALIGNMENT, FEATURE_SPLIT_LARGE_BUDDY } from "../../assembly/layout/hotplug.ts";
import type { HotplugRecipe } from "./hotplugRecipe.ts";
import { HOTPLUG_RECIPES } from "./hotplugRecipes.ts";
import type { RecordedKernel } from "./recordedKernels.ts";

/** set_zone_contiguous() reads two struct pages of every pageblock, or the zone's count of online pages tells. */
export type ZoneContiguous = "walk" | "tracked";

export interface StructPageFormat {
  /** Bit numbers in flags (include/linux/page-flags.h). */
  readonly reservedBit: number;
  readonly lruBit: number;
  readonly hwpoisonBit: number;
  /** PG_vmemmap_self_hosted is PG_owner_priv_1. */
  readonly selfHostedBit: number;
  /** Whether memmap_init_range() sets PG_reserved (up to 6.10) or the page type Offline (6.11 on). */
  readonly initReserved: boolean;
  /** The page type word: after init, of a free chunk's head, of an offline page. */
  readonly initType: number;
  readonly buddyType: number;
  readonly offlineType: number;
  readonly features: number;
  readonly recipe: HotplugRecipe;
  readonly source: string;
}

const FORMAT_6_1: StructPageFormat = {
  reservedBit: 12,
  lruBit: 4,
  hwpoisonBit: 23,
  selfHostedBit: 10,
  initReserved: true,
  initType: 0xffff_ffff,
  buddyType: 0xffff_ff7f,
  offlineType: 0xffff_feff,
  features: 0,
  recipe: HOTPLUG_RECIPES["6.1"],
  source: "include/linux/page-flags.h, mm/page_alloc.c, 6.1.192",
};

const FORMAT_6_12: StructPageFormat = {
  reservedBit: 13,
  lruBit: 5,
  hwpoisonBit: 20,
  selfHostedBit: 10,
  initReserved: false,
  initType: 0xf100_0000,
  buddyType: 0xf000_0000,
  offlineType: 0xf100_0000,
  features: FEATURE_SPLIT_LARGE_BUDDY,
  recipe: HOTPLUG_RECIPES["6.12"],
  source: "include/linux/page-flags.h, mm/mm_init.c, mm/page_alloc.c, 6.12.117",
};

const FORMAT_6_16: StructPageFormat = {
  ...FORMAT_6_12,
  // PG_dropbehind (6.14) stands before it.
  hwpoisonBit: 21,
  recipe: HOTPLUG_RECIPES["6.16"],
  source: "include/linux/page-flags.h, 7.2.13; PG_dropbehind since 6.14 (recalled)",
};

const FORMAT_6_18: StructPageFormat = {
  ...FORMAT_6_16,
  features: FEATURE_SPLIT_LARGE_BUDDY | FEATURE_BUDDY_BY_ALIGNMENT,
  recipe: HOTPLUG_RECIPES["6.18"],
  source: "include/linux/page-flags.h, mm/page_alloc.c, 7.2.13 and 7.3.4",
};

export const STRUCT_PAGE_FORMATS: Readonly<Record<RecordedKernel, StructPageFormat>> = {
  "6.1": FORMAT_6_1,
  "6.12": FORMAT_6_12,
  "6.16": FORMAT_6_16,
  "6.17": { ...FORMAT_6_16, recipe: HOTPLUG_RECIPES["6.17"] },
  "6.18": FORMAT_6_18,
  "7.2": { ...FORMAT_6_18, recipe: HOTPLUG_RECIPES["7.2"] },
  "7.3": { ...FORMAT_6_18, recipe: HOTPLUG_RECIPES["7.3"] },
};

/** Flags of a page in node `nid` and zone `zoneIndex`, x86_64 with 1024 nodes and 8192 CPUs: node 54.., zone 51..53. */
export function pageFlagsOf(nid: number, zoneIndex: number): bigint {
  const lastCpupidReset = ((1n << 21n) - 1n) << 30n;
  return (BigInt(nid) << 54n) | (BigInt(zoneIndex) << 51n) | lastCpupidReset;
}

/** PAGE_FLAGS_CHECK_AT_PREP: the flags and the LRU generation below last_cpupid, but PG_hwpoison. */
export function checkAtPrep(format: StructPageFormat): bigint {
  return ((1n << 30n) - 1n) & ~(1n << BigInt(format.hwpoisonBit));
}
