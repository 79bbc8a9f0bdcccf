// What differs between kernels in a struct page and in the hotplug passes, as data.
import { FEATURE_SPLIT_LARGE_BUDDY } from "../../assembly/layout/hotplug.ts";
import { HOTPLUG_RECIPES, type HotplugRecipe } from "./hotplugRecipes.ts";
import { isKernelBefore, readKernelVersion } from "./version.ts";

/** The kernels whose passes were recorded; every other version is priced with the nearest of them. */
export type HotplugKernel = keyof typeof HOTPLUG_RECIPES;

/** set_zone_contiguous() reads two struct pages of every pageblock, or the zone's count of online pages tells. */
export type ZoneContiguous = "walk" | "tracked";

export interface StructPageFormat {
  /** The first release that it stands for: later ones use it until the next. */
  readonly since: string;
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

export const STRUCT_PAGE_FORMATS: Readonly<Record<HotplugKernel, StructPageFormat>> = {
  "6.1": {
    // Older ones too: nothing before it is recorded.
    since: "0.0",
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
  },
  "6.12": {
    // Free pages are split and counted by pageblock from here on.
    since: "6.10",
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
  },
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

/**
 * The recorded kernel that a version's hotplug passes are taken from: 6.12 from 6.10 on, else 6.1. Only 6.1 and 6.12
 * themselves are recorded.
 */
export function hotplugKernelOf(version: string): HotplugKernel {
  const release = readKernelVersion(version) ?? 0;
  const kernels = Object.keys(STRUCT_PAGE_FORMATS) as HotplugKernel[];
  return kernels.findLast((kernel) => !isKernelBefore(release, STRUCT_PAGE_FORMATS[kernel].since)) ?? "6.1";
}
