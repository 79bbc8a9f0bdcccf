// The context of a hotplug session as its kernels read it.
import * as layout from "../../assembly/layout/hotplug.ts";
import { checkAtPrep, pageFlagsOf, STRUCT_PAGE_FORMATS } from "../linux/hotplugKernel.ts";
import { classCacheBytes } from "./lineClasses.ts";
import {
  DEFAULT_NID,
  DEFAULT_START_PFN,
  type HotplugOptions,
  type MemmapRegions,
  nrClassesOf,
  ZONE_INDEX,
} from "./memmapRegions.ts";

/** Fills in the regions and parameters that the session keeps from its start to its end. */
export function writeContext(view: DataView, plan: MemmapRegions, options: HotplugOptions): void {
  const { regions } = plan;
  const { context } = regions;
  const setU32 = (offset: number, value: number): void => view.setUint32(context + offset, value, true);
  const setU64 = (offset: number, value: bigint): void => view.setBigUint64(context + offset, value, true);
  const format = STRUCT_PAGE_FORMATS[options.kernel];
  const startPfn = options.startPfn ?? DEFAULT_START_PFN;
  const { caches, streamRecords = 0 } = options;
  const nrClasses = nrClassesOf(options);
  setU32(layout.CTX_WINDOW, regions.window);
  setU32(layout.CTX_PAGEBLOCKS, regions.pageblocks);
  setU32(layout.CTX_SECTIONS, regions.sections);
  setU32(layout.CTX_DEVICE_START, startPfn);
  setU32(layout.CTX_DEVICE_END, startPfn + options.blockPages * options.nrBlocks);
  setU32(layout.CTX_ZONE, regions.zone);
  setU32(layout.CTX_RECIPE, regions.recipe);
  setU32(layout.CTX_FUNCTIONS, regions.functions);
  setU32(layout.CTX_CACHE, caches ? regions.cache : 0);
  setU32(layout.CTX_COUNTERS, regions.counters);
  setU32(layout.CTX_SAMPLE_CLASSES, nrClasses);
  setU32(layout.CTX_SAMPLE_COUNTERS, regions.sampleCounters);
  setU32(layout.CTX_CLASS_CACHE_BYTES, nrClasses > 0 && caches ? classCacheBytes(caches, nrClasses) : 0);
  setU32(layout.CTX_STREAM, streamRecords > 0 ? regions.stream : 0);
  setU32(layout.CTX_STREAM_CAPACITY, streamRecords);
  const debugVm = options.debugVm ? layout.FEATURE_DEBUG_VM : 0;
  const tracked = options.zoneContiguous === "tracked" ? layout.FEATURE_TRACKED_CONTIGUOUS : 0;
  setU32(layout.CTX_FEATURES, format.features | debugVm | tracked);
  setU64(layout.CTX_PAGE_FLAGS, pageFlagsOf(options.nid ?? DEFAULT_NID, ZONE_INDEX[options.zone ?? "movable"]));
  setU64(layout.CTX_INIT_FLAGS, format.initReserved ? 1n << BigInt(format.reservedBit) : 0n);
  setU64(layout.CTX_RESERVED_FLAG, 1n << BigInt(format.reservedBit));
  setU64(layout.CTX_SELF_HOSTED_FLAG, 1n << BigInt(format.selfHostedBit));
  setU64(layout.CTX_LRU_FLAG, 1n << BigInt(format.lruBit));
  setU64(layout.CTX_CHECK_AT_PREP, checkAtPrep(format));
  setU32(layout.CTX_INIT_TYPE, format.initType);
  setU32(layout.CTX_BUDDY_TYPE, format.buddyType);
  setU32(layout.CTX_OFFLINE_TYPE, format.offlineType);
}
