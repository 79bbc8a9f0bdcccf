// The traffic of hotplug operations on idle blocks: what `operations` of a recording call add, online_movable,
// online_kernel and offline. Deterministic in the kernel, so it is computed by running the passes.
import { TOUCH_BYTES } from "../../../assembly/layout/touch.ts";
import type { CacheGeometry, TouchCounts } from "../../counts.ts";
import type { RecordedKernel } from "../../linux/recordedKernels.ts";
import type { WasmBuild } from "../../wasm/instance.ts";
import { type FunctionTouches, Hotplug } from "../../wasm/memmap.ts";
import { type HotplugOptions, ZONE_INDEX, type ZoneKind } from "../../wasm/memmapRegions.ts";
import { addBlock, offlineBlock, onlineBlock, vmemmapPages } from "./block.ts";

export type IdleOperation = "add" | "online_movable" | "online_kernel" | "offline";

/** A block that is online before the operation. */
export interface OnlineBlock {
  /** Counted from the device's first block. */
  readonly block: number;
  readonly selfHosted: boolean;
  readonly zone: ZoneKind;
}

export interface IdleHotplug {
  readonly kernel: RecordedKernel;
  readonly operation: IdleOperation;
  /** The block it is done to (add: the first of them), counted from `startPfn`. */
  readonly block: number;
  readonly selfHosted: boolean;
  /** Blocks online before, in the order in which they were onlined; for offline, this block among them. */
  readonly onlineBefore: readonly OnlineBlock[];
  /** First pfn of the hot-added range, a multiple of the section. @default 0x100000 */
  readonly startPfn?: number;
  /** @default 32768 */
  readonly blockPages?: number;
  /** @default 1 */
  readonly nid?: number;
  readonly debugVm?: boolean;
  readonly caches?: CacheGeometry;
  readonly build?: WasmBuild;
}

export interface IdleHotplugTraffic {
  readonly loads: number;
  readonly stores: number;
  readonly touches: number;
  readonly distinctPages: number;
  readonly byFunction: readonly FunctionTouches[];
  /** Of a hierarchy that was empty before, when `caches` are given. */
  readonly counts: TouchCounts;
  /** The touches in order: 12-byte records as in a recording, nothing else between them. */
  readonly stream: Uint8Array;
}

/** Runs one operation, once to learn how many touches it makes and once to keep them. */
export function idleHotplugTraffic(idle: IdleHotplug): IdleHotplugTraffic {
  const { touches } = runIdle(idle, 0).takeCounts();
  const hotplug = runIdle(idle, touches + 1);
  const counts = hotplug.takeCounts();
  const stream = hotplug.takeStream();
  return { ...counts, stream, distinctPages: distinctPages(stream) };
}

function runIdle(idle: IdleHotplug, streamRecords: number): Hotplug {
  const { operation, block, selfHosted, onlineBefore } = idle;
  const hotplug = new Hotplug({ ...hotplugOptions(idle), streamRecords });
  for (const before of onlineBefore) {
    if (operation === "offline" && before.block === block) {
      onlineBlock(hotplug, block, selfHosted);
    } else {
      const { blockPages } = hotplug;
      const nrVmemmap = vmemmapPages(blockPages, before.selfHosted);
      const pfn = hotplug.blockPfn(before.block);
      hotplug.run("seedOnlineBlock", pfn, blockPages, nrVmemmap, ZONE_INDEX[before.zone]);
    }
  }
  hotplug.forgetPast(idle.caches);
  if (operation === "add") addBlock(hotplug, block, selfHosted);
  else if (operation === "offline") offlineBlock(hotplug, block, selfHosted);
  else onlineBlock(hotplug, block, selfHosted);
  return hotplug;
}

function hotplugOptions(idle: IdleHotplug): HotplugOptions {
  const { operation, onlineBefore, block } = idle;
  const own = onlineBefore.find((before) => before.block === block);
  if ((operation === "offline") !== (own !== undefined)) {
    throw new RangeError(`${operation} of block ${block}, which is ${own ? "online" : "offline"} before`);
  }
  const zone = own?.zone ?? (operation === "online_kernel" ? "kernel" : "movable");
  return {
    kernel: idle.kernel,
    ...(idle.startPfn === undefined ? {} : { startPfn: idle.startPfn }),
    ...(idle.nid === undefined ? {} : { nid: idle.nid }),
    ...(idle.debugVm === undefined ? {} : { debugVm: idle.debugVm }),
    ...(idle.caches === undefined ? {} : { caches: idle.caches }),
    ...(idle.build === undefined ? {} : { build: idle.build }),
    blockPages: idle.blockPages ?? 32768,
    nrBlocks: Math.max(block, ...onlineBefore.map((before) => before.block)) + 1,
    zone,
  };
}

function distinctPages(stream: Uint8Array): number {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const pages = new Set<number>();
  for (let at = 0; at < stream.length; at += TOUCH_BYTES) pages.add(view.getUint32(at, true));
  return pages.size;
}
