import type { MachineTotals } from "../hotplug/machineTotals.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { MIB } from "../units.ts";

/** Whether DRAM has room for the memmaps, and in which pieces; bytes. */
export interface DramRoom {
  readonly dramBytes: number;
  /** Free before anything is plugged: as stated, else all but DRAM's own struct pages. */
  readonly freeBytes: number;
  readonly isStated: boolean;
  readonly neededBytes: number;
  /** The most that one add call asks for at once. */
  readonly atOnceBytes: number;
  readonly fits: boolean;
  /** What of it has to be taken in base pages, because free memory is in smaller pieces than a PMD. */
  readonly basePagesBytes: number;
  /** Page tables that map those base pages, besides. */
  readonly extraTableBytes: number;
  /** Nodes on which it lies, nearest first, as far as free memory goes. */
  readonly nodes: readonly { readonly node: number; readonly bytes: number }[];
}

const PTE_TABLE_BYTES = 4096;
/** What one page of PTEs maps of the vmemmap with 4 KiB pages: a PMD. */
const PMD_BYTES = 2 * MIB;

/**
 * The memmap of a request is allocated before the memory is there, a PMD at a time, from the nearest node that has
 * memory for the kernel; a PMD that is not free in one piece becomes base pages, without a word.
 *
 * @source mm/sparse-vmemmap.c vmemmap_populate_hugepages, vmemmap_alloc_block (order 9, then order 0), 6.12
 */
export function dramRoom(scenario: Scenario, plans: readonly HotplugPlan[], totals: MachineTotals): DramRoom {
  const { dramBytes, dramNodes } = scenario.machine;
  const isStated = dramNodes.length > 0;
  const freeBytes = isStated
    ? dramNodes.reduce((sum, node) => sum + node.freeBytes, 0)
    : Math.max(0, dramBytes - totals.ownMemmapBytes);
  const freePmdBytes = isStated
    ? dramNodes.reduce((sum, node) => sum + (node.freePmdBytes ?? node.freeBytes), 0)
    : freeBytes;
  const neededBytes = totals.dram.dramUsedBytes;
  const basePagesBytes = Math.max(0, totals.memmapBytes - Math.floor(freePmdBytes / PMD_BYTES) * PMD_BYTES);
  const extraTableBytes = Math.ceil(basePagesBytes / PMD_BYTES) * PTE_TABLE_BYTES;
  const fits = neededBytes + extraTableBytes <= freeBytes;
  return {
    dramBytes,
    freeBytes,
    isStated,
    neededBytes,
    atOnceBytes: Math.max(0, ...plans.map(atOnce)),
    fits,
    basePagesBytes: fits ? Math.min(basePagesBytes, totals.memmapBytes) : 0,
    extraTableBytes: fits ? extraTableBytes : 0,
    nodes: fits ? landing(scenario, totals.memmapBytes) : [],
  };
}

/** Drivers that add block by block ask for the memmap of one. */
const BLOCKWISE = ["ppc64-dlpar", "s390-sclp", "sysfs-probe", "virtio-mem", "hyper-v", "xen-balloon"];

function atOnce({ device, memmapBytes, nrBlocks }: HotplugPlan): number {
  return BLOCKWISE.includes(device.driver) && nrBlocks > 0 ? memmapBytes / nrBlocks : memmapBytes;
}

function landing({ machine }: Scenario, memmapBytes: number): DramRoom["nodes"] {
  if (machine.dramNodes.length === 0) return [{ node: 0, bytes: memmapBytes }];
  let left = memmapBytes;
  return machine.dramNodes.flatMap(({ node, freeBytes }) => {
    const bytes = Math.min(left, freeBytes);
    left -= bytes;
    return bytes > 0 ? [{ node, bytes }] : [];
  });
}
