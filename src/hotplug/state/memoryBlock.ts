import type { Zone, ZoneName } from "./zone.ts";

/** Errors that hotplug returns, by their kernel names. */
export type Errno =
  | "EACCES"
  | "E2BIG"
  | "EBUSY"
  | "EEXIST"
  | "EHWPOISON"
  | "EINTR"
  | "EINVAL"
  | "EIO"
  | "ENODEV"
  | "ENOENT"
  | "ENOMEM"
  | "ENXIO"
  | "EOPNOTSUPP"
  | "EPERM";

/** What is written to memoryN/state, or stands in auto_online_blocks. */
export type OnlineType = "online" | "online_kernel" | "online_movable";
export type AutoOnline = OnlineType | "offline";

/** The self-hosted memmap of one block: its first `freePages` pages. @source struct vmem_altmap, 6.12 */
export interface Altmap {
  readonly basePfn: number;
  /** Pages kept from the buddy, waste of force mode included. */
  readonly freePages: number;
  /** Pages that the vmemmap took. */
  allocPages: number;
  /** MHP_OFFLINE_INACCESSIBLE (s390): the memory is out of reach while the block is offline. */
  readonly offlineInaccessible: boolean;
  accessible: boolean;
}

/** Where the memmap of one section lies when it came from the buddy. */
export interface VmemmapPages {
  /** Undefined: boot memory, or a node whose lists nobody knows. */
  readonly zone: Zone | undefined;
  /** Undefined when the place inside the zone is unknown. */
  readonly pfn: number | undefined;
  readonly order: number;
}

/** Blocks that a driver adds and removes as a unit. @source drivers/base/memory.c struct memory_group, 6.12 */
export interface MemoryGroup {
  readonly id: number;
  readonly nid: number;
  readonly kind: "static" | "dynamic";
  /** static: all pages of the device. */
  readonly maxPages: number;
  /** dynamic: what is plugged at once, a power of two of at least one block. */
  readonly unitPages: number;
  presentKernelPages: number;
  presentMovablePages: number;
}

/** Who uses the pages of an online block, for offlining: absent means nobody. */
export interface BlockUse {
  /** Pages that migration moves away. */
  readonly movablePages?: number;
  /** Pages that look movable and never migrate, such as long-term pinned ones. */
  readonly pinnedPages?: number;
  /** Kernel allocations: slab, page tables, stacks, hugetlb of a size that does not migrate. */
  readonly unmovablePages?: number;
  /** Of kernel zones: slab pages of order 0. From 6.14 on their count is 0, and isolation does not see them. */
  readonly singleSlabPages?: number;
  /** PG_reserved, or in a pageblock for contiguous allocation: refused in every zone. */
  readonly reservedPages?: number;
  /** PageOffline with a reference, such as a balloon holds: met by the scan. */
  readonly heldOfflinePages?: number;
  /** What dissolving the block's free hugetlb pages ends with, -ENOMEM when their vmemmap cannot be given back. */
  readonly dissolveErrno?: Errno;
  readonly hwpoisonedPages?: number;
}

/** One memory block device, `memoryN`. */
export interface MemoryBlock {
  readonly id: number;
  readonly nid: number;
  readonly startPfn: number;
  readonly nrPages: number;
  readonly group: MemoryGroup | undefined;
  readonly altmap: Altmap | undefined;
  readonly vmemmap: readonly VmemmapPages[];
  /** Memory that was there at boot. */
  readonly boot: boolean;
  /** Boot blocks: pages that are System RAM; fewer than nrPages means holes. */
  readonly ramPages: number;
  state: "online" | "offline" | "going-offline";
  /** The zone when online; undefined also for a boot block that spans several. */
  zone: Zone | undefined;
  /** What was last written to `state`. Also a write that failed because the block was online is remembered. */
  onlineType: OnlineType | undefined;
  use: BlockUse;
}

/** Pages of the block that hold its own memmap. */
export function vmemmapPagesOf(block: MemoryBlock): number {
  return block.altmap?.freePages ?? 0;
}

/** Whether unmovable allocations may come from the zone. */
export function isKernelZone(name: ZoneName): boolean {
  return name !== "Movable";
}
