import type { HotplugMachine } from "../state/machine.ts";

/** Memory that hot-added blocks take as they are now, bytes. */
export interface MemoryUse {
  /** Memmaps taken from boot memory. */
  readonly dramMemmapBytes: number;
  /** mem_section_usage, altmap objects and the vmemmap's page tables: in boot memory wherever the memmap lies. */
  readonly dramOtherBytes: number;
  /** Memmaps that lie on other hot-added memory, taken from its buddy. */
  readonly hotMemmapBytes: number;
  /** Kept from the buddy on self-hosted blocks: their memmap and the waste of force mode. */
  readonly selfHostedBytes: number;
}

const GIB = 1024 ** 3;
/** @source mm/sparse.c section_activate, mm/memory_hotplug.c create_altmaps_and_memory_blocks, 6.12: kmalloc-64 each */
const KMALLOC_64 = 64;

/** What is held now, whether it is online or not. */
export function memoryUse({ blocks, settings }: HotplugMachine): MemoryUse {
  const { arch, structPageBytes, blockBytes } = settings;
  const use = { dramMemmapBytes: 0, dramOtherBytes: 0, hotMemmapBytes: 0, selfHostedBytes: 0 };
  let vmemmapBytes = 0;
  for (const { boot, altmap, vmemmap, nrPages } of blocks.values()) {
    if (boot) continue;
    vmemmapBytes += nrPages * structPageBytes;
    use.dramOtherBytes += (blockBytes / arch.sectionBytes.value) * KMALLOC_64;
    if (altmap !== undefined) {
      use.dramOtherBytes += KMALLOC_64;
      use.selfHostedBytes += altmap.freePages * arch.pageBytes;
      continue;
    }
    for (const { zone, order } of vmemmap) {
      const bytes = 2 ** order * arch.pageBytes;
      if (zone === undefined || zone.freeLists === undefined) use.dramMemmapBytes += bytes;
      else use.hotMemmapBytes += bytes;
    }
  }
  use.dramOtherBytes += Math.ceil(vmemmapBytes / GIB) * arch.pageBytes;
  return use;
}
