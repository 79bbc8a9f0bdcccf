import { formatBytes } from "../units.ts";
import { dramUse } from "./dramUse.ts";
import { driver } from "./drivers.ts";
import { kernelRules } from "./kernels.ts";
import type { HotplugPlan } from "./plan.ts";

/** Whether the DRAM of a machine holds the memmap of what is plugged; bytes. */
export interface DramFit {
  readonly fits: boolean;
  readonly neededBytes: number;
  readonly dramBytes: number;
  /** Struct pages of DRAM itself: they lie in it before anything is plugged. */
  readonly ownMemmapBytes: number;
  /** What devices plugged before have taken for theirs. */
  readonly beforeBytes: number;
}

/**
 * The most that a kernel could give: all of DRAM but its own struct pages. Its text, page tables and processes need
 * more, so what does not fit here fits nowhere; the allocation of the memmap fails, and the add with -ENOMEM.
 *
 * @source mm/sparse-vmemmap.c vmemmap_alloc_block, mm/mm_init.c memmap_init, 6.12
 */
export function dramFit(plan: HotplugPlan, dramBytes: number): DramFit {
  const neededBytes = dramUse(plan, "dram").totalBytes;
  const ownMemmapBytes = (dramBytes * plan.memmapBytes) / (plan.nrBlocks * plan.blockBytes);
  const beforeBytes = plan.dramBeforeBytes;
  const fits = beforeBytes + neededBytes + ownMemmapBytes <= dramBytes;
  return { fits, neededBytes, dramBytes, ownMemmapBytes, beforeBytes };
}

/** `does not fit: needs 32 GiB, 16 GiB of DRAM`. */
export function doesNotFitWords({ neededBytes, dramBytes, ownMemmapBytes, beforeBytes }: DramFit): string {
  const own = neededBytes > dramBytes ? "" : `, of which its own memmap takes ${formatBytes(ownMemmapBytes)}`;
  const before = beforeBytes > 0 ? ` and those of the devices before it ${formatBytes(beforeBytes)}` : "";
  return `does not fit: needs ${formatBytes(neededBytes)}, ${formatBytes(dramBytes)} of DRAM${own}${before}`;
}

/**
 * Drivers that add what the hypervisor gives piece by piece, each piece in a request of its own.
 *
 * @source drivers/virtio/virtio_mem.c virtio_mem_add_memory, drivers/hv/hv_balloon.c hv_mem_hot_add,
 *         drivers/xen/balloon.c reserve_additional_memory, 6.12
 */
const GROWING_DRIVERS: readonly string[] = ["virtio-mem", "hyper-v", "xen-balloon"];

/** What becomes of an add whose memmap does not fit: a driver that adds block by block stops on the way. */
export function withoutRoomWords(plan: HotplugPlan, fit: DramFit, kernel: string): string {
  const { name, request } = driver(plan.device.driver, kernelRules(kernel));
  if (request === "range" && !GROWING_DRIVERS.includes(name))
    return `${name} adds the range in one request, which fails with -ENOMEM`;
  const room = Math.max(0, fit.dramBytes - fit.ownMemmapBytes - fit.beforeBytes);
  const blocks = Math.floor((room / fit.neededBytes) * plan.nrBlocks);
  return `${name} adds block by block and stops with -ENOMEM, below ${formatBytes(blocks * plan.blockBytes)} at the latest`;
}
