// What a hotplug session needs to know, and where its regions lie in linear memory.

import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import * as layout from "../../assembly/layout/hotplug.ts";
import { STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import type { CacheGeometry } from "../counts.ts";
import { InputError } from "../errors.ts";
import type { ZoneContiguous } from "../linux/hotplugKernel.ts";
import type { RecordedKernel } from "../linux/recordedKernels.ts";
import { cacheBytes } from "./cache.ts";
import type { WasmBuild } from "./instance.ts";
import { classCacheBytes, lineClasses } from "./lineClasses.ts";
import { planMemory } from "./memory.ts";

export type ZoneKind = "movable" | "kernel";
export const ZONE_INDEX = { movable: layout.ZONE_MOVABLE, kernel: layout.ZONE_NORMAL } as const;
/** Above 4 GiB, where firmware maps memory that was plugged. */
export const DEFAULT_START_PFN = 0x100000;
export const DEFAULT_NID = 1;

export interface HotplugOptions {
  readonly kernel: RecordedKernel;
  /** First pfn of the device, a multiple of the section (32768 pages). @default 0x100000 */
  readonly startPfn?: number;
  /** Pages of one memory block: a multiple of the section. */
  readonly blockPages: number;
  readonly nrBlocks: number;
  /** Where the hot-added pages go. @default 1 and "movable" */
  readonly nid?: number;
  readonly zone?: ZoneKind;
  /** CONFIG_DEBUG_VM: struct pages are poisoned at add and when they leave the zone. @default false */
  readonly debugVm?: boolean;
  /** MHP_OFFLINE_INACCESSIBLE: self-hosted blocks are out of reach until they are prepared for onlining. @default false */
  readonly offlineInaccessible?: boolean;
  /** How a zone knows that it is contiguous. @default "walk" */
  readonly zoneContiguous?: ZoneContiguous;
  /** No geometry: accesses are counted, the cache hierarchy is not run. */
  readonly caches?: CacheGeometry;
  /** How many touch records the stream region holds. @default 0: no stream */
  readonly streamRecords?: number;
  /** Without struct pages the pageblock table alone says what idle blocks look like. @default true */
  readonly materialise?: boolean;
  /** Run three of the hierarchy's line classes and count the ordinary one for all like it. @default false */
  readonly sampleClasses?: boolean;
  /** @default "release" */
  readonly build?: WasmBuild;
}

/** Where each region of a hotplug session lies. */
export type MemmapRegions = ReturnType<typeof memmapRegions>;

/** Lays out linear memory for a session over a device. @error MemoryPlanTooLarge with both numbers */
export function memmapRegions(options: HotplugOptions) {
  const nrPages = options.blockPages * options.nrBlocks;
  return planMemory(
    {
      context: layout.CTX_BYTES,
      zone: layout.ZONE_BYTES,
      recipe: layout.NR_STEPS * layout.RECIPE_ROW_BYTES,
      functions: layout.NR_FUNCTIONS * 16,
      counters: COUNTERS_BYTES,
      sampleCounters: COUNTERS_BYTES,
      cache: hierarchyBytes(options),
      pageblocks: (nrPages / layout.PAGEBLOCK_PAGES) * layout.PAGEBLOCK_BYTES,
      sections: (nrPages / layout.SECTION_PAGES) * 4,
      altmaps: options.nrBlocks * layout.ALTMAP_BYTES,
      stream: (options.streamRecords ?? 0) * TOUCH_BYTES,
      window: windowBytes(options),
    },
    `hotplug of ${options.nrBlocks} blocks of ${options.blockPages} pages`,
  );
}

/** Classes of lines that are sampled; 0 when every line is counted. */
export function nrClassesOf({ sampleClasses, caches }: HotplugOptions): number {
  return sampleClasses && caches ? lineClasses(caches) : 0;
}

function hierarchyBytes(options: HotplugOptions): number {
  const { caches } = options;
  if (!caches) return 0;
  const nrClasses = nrClassesOf(options);
  return nrClasses > 0 ? 3 * classCacheBytes(caches, nrClasses) : cacheBytes(caches);
}

/** Bytes of linear memory for the struct pages of one block; 0 when none is written. */
export function windowBytes(options: HotplugOptions): number {
  return options.materialise === false ? 0 : options.blockPages * STRUCT_PAGE_BYTES;
}

/** @error InputError naming what no machine has */
export function checkOptions(options: HotplugOptions): void {
  const { blockPages, nrBlocks, startPfn = DEFAULT_START_PFN } = options;
  const fail = (what: string, expected: string): never => {
    throw new InputError({ what, where: "hotplug", expected, example: "{ blockPages: 32768, nrBlocks: 8 }" });
  };
  const isSections = (pages: number) => Number.isSafeInteger(pages) && pages >= 0 && pages % layout.SECTION_PAGES === 0;
  if (!isSections(blockPages) || blockPages === 0) {
    fail(`a memory block of ${blockPages} pages`, `a multiple of the section, ${layout.SECTION_PAGES} pages`);
  }
  if (!Number.isSafeInteger(nrBlocks) || nrBlocks < 1) fail(`${nrBlocks} memory blocks`, "at least one");
  if (!isSections(startPfn)) fail(`a device at pfn ${startPfn}`, `a multiple of ${layout.SECTION_PAGES} pages`);
  const endPfn = startPfn + blockPages * nrBlocks;
  if (endPfn > layout.FREE_LIST_HEAD) fail(`a device that ends at pfn ${endPfn}`, "an end below 16 TiB");
}
