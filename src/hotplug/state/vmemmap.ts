import type { HotplugMachine } from "./machine.ts";
import type { VmemmapPages } from "./memoryBlock.ts";
import type { Zone } from "./zone.ts";

/**
 * Part of a zone that ordinary allocations leave alone. The kernel's watermarks are a smaller part; a request that
 * comes this near is left unplaced rather than guessed.
 */
const UNCERTAIN_FREE_PART = 1 / 8;

/**
 * Populates the memmap of `nrPages` whole sections from the buddy, section by section: from the hot-added node
 * itself when it has an online kernel zone, else from the next node that has.
 *
 * @source mm/sparse-vmemmap.c vmemmap_populate_hugepages, mm/sparse-vmemmap.c vmemmap_alloc_block, 6.12
 */
export function populateVmemmap(machine: HotplugMachine, nid: number, nrPages: number): VmemmapPages[] {
  const { arch, structPageBytes } = machine.settings;
  const sectionPages = arch.sectionBytes.value / arch.pageBytes;
  const sliceBytes = sectionPages * structPageBytes;
  // A slice of whole PMDs is asked in PMD-sized pieces; others come page by page, which nobody can place.
  const wholePmds = sliceBytes % arch.pmdBytes.value === 0;
  const order = wholePmds ? Math.log2(arch.pmdBytes.value / arch.pageBytes) : 0;
  const pieces = wholePmds ? sliceBytes / arch.pmdBytes.value : 1;
  const nrSections = nrPages / sectionPages;
  const placed: VmemmapPages[] = [];
  for (let piece = 0; piece < nrSections * pieces; piece++) placed.push(allocVmemmap(machine, nid, order));
  return placed;
}

/** Returns the pages of one memmap to where they came from. */
export function freeVmemmap(machine: HotplugMachine, pages: readonly VmemmapPages[]): void {
  for (const { zone, pfn, order } of pages) {
    if (zone === undefined) continue;
    if (pfn === undefined) {
      zone.nrUnplacedMemmaps--;
      continue;
    }
    machine.placedMemmaps.delete(pfn);
    zone.freeLists?.free(pfn, order);
  }
}

function allocVmemmap(machine: HotplugMachine, nid: number, order: number): VmemmapPages {
  for (const zone of machine.kernelZonelist(nid)) {
    if (zone.freeLists === undefined) return { zone: undefined, pfn: undefined, order };
    const remaining = zone.freeLists.freePages - 2 ** order;
    if (zone.inUse || zone.disturbed || order < machine.settings.arch.pageblockOrder.value)
      return unplaced(zone, order);
    if (remaining < zone.managedPages * UNCERTAIN_FREE_PART) {
      zone.disturbed = true;
      return unplaced(zone, order);
    }
    const pfn = zone.freeLists.allocUnmovable(order);
    if (pfn === undefined) continue;
    machine.placedMemmaps.set(pfn, order);
    zone.pcpMemmapPages += 2 ** order;
    return { zone, pfn, order };
  }
  return { zone: undefined, pfn: undefined, order };
}

function unplaced(zone: Zone, order: number): VmemmapPages {
  zone.nrUnplacedMemmaps++;
  return { zone, pfn: undefined, order };
}
