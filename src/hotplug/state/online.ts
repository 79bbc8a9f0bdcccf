import type { HotplugMachine } from "./machine.ts";
import { type Errno, isKernelZone, type MemoryBlock, vmemmapPagesOf } from "./memoryBlock.ts";
import { zoneForPfnRange } from "./policy.ts";
import type { Zone } from "./zone.ts";

/**
 * device_online of a memory block, of the type that was last written to it, else plain `online`: the whole block joins one zone; its own memmap pages are present there, not managed.
 *
 * @error  `EINVAL` when it is online already, -EHWPOISON, or a notifier's veto; the block is then as before
 * @source drivers/base/memory.c memory_block_online, mm/memory_hotplug.c online_pages, 6.1 and 6.12
 */
export function deviceOnline(machine: HotplugMachine, block: MemoryBlock): Errno | undefined {
  if (block.state !== "offline") return "EINVAL";
  const type = block.onlineType ?? "online";
  block.onlineType = undefined;
  if ((block.use.hwpoisonedPages ?? 0) > 0) return "EHWPOISON";
  const { nid, group, startPfn, nrPages } = block;
  const zone = zoneForPfnRange(machine, type, { nid, group, startPfn, nrPages });
  const vetoed = prepareOnline(machine, block);
  if (vetoed !== undefined) return vetoed;
  const reserved = vmemmapPagesOf(block);
  // mhp_init_memmap_on_memory: the memmap's own pages join the zone first.
  if (reserved > 0) zone.grow(startPfn, reserved);
  const errno = onlinePages(machine, block, zone, startPfn + reserved, nrPages - reserved);
  if (errno !== undefined) {
    if (reserved > 0) zone.shrink(startPfn, reserved);
    finishOffline(machine, block);
    return errno;
  }
  adjustPresentPageCount(zone, block, reserved);
  zone.addOnline({ startPfn, endPfn: startPfn + nrPages });
  block.zone = zone;
  block.state = "online";
  return undefined;
}

function onlinePages(
  machine: HotplugMachine,
  block: MemoryBlock,
  zone: Zone,
  startPfn: number,
  nrPages: number,
): Errno | undefined {
  zone.grow(startPfn, nrPages);
  const chain = machine.settings.rules.nodeNotifier.value;
  const first = chain && !machine.nodeHasMemory(zone.nid);
  const vetoed =
    (first ? machine.notify("NODE_ADDING_FIRST_MEMORY", startPfn, nrPages) : undefined) ??
    machine.notify("MEM_GOING_ONLINE", startPfn, nrPages);
  if (vetoed !== undefined) {
    machine.notify("MEM_CANCEL_ONLINE", startPfn, nrPages);
    if (first) machine.notify("NODE_CANCEL_ADDING_FIRST_MEMORY", startPfn, nrPages);
    zone.shrink(startPfn, nrPages);
    return vetoed;
  }
  zone.nrIsolatePageblock += nrPages / machine.pageblockPages;
  zone.managedPages += nrPages;
  machine.totalramPages += nrPages;
  adjustPresentPageCount(zone, block, nrPages);
  zone.freeLists?.onlineRange(startPfn, startPfn + nrPages);
  zone.nrIsolatePageblock -= nrPages / machine.pageblockPages;
  if (first) machine.notify("NODE_ADDED_FIRST_MEMORY", startPfn, nrPages);
  machine.notify("MEM_ONLINE", startPfn, nrPages);
  return undefined;
}

/** adjust_present_page_count: zone, early memory and group. @unit pages, negative when they leave */
export function adjustPresentPageCount(zone: Zone, block: MemoryBlock, nrPages: number): void {
  zone.presentPages += nrPages;
  if (block.boot) zone.presentEarlyPages += nrPages;
  if (block.group === undefined) return;
  if (isKernelZone(zone.name)) block.group.presentKernelPages += nrPages;
  else block.group.presentMovablePages += nrPages;
}

/**
 * MEM_PREPARE_ONLINE (6.8 to 6.18): s390 makes the memory accessible before anything touches it.
 *
 * @source drivers/base/memory.c memory_block_online, 6.12
 */
function prepareOnline(machine: HotplugMachine, block: MemoryBlock): Errno | undefined {
  if (!machine.settings.rules.prepareOnline.value) return undefined;
  const vetoed = machine.notify("MEM_PREPARE_ONLINE", ...withoutAltmap(block));
  if (vetoed === undefined && block.altmap !== undefined) block.altmap.accessible = true;
  return vetoed;
}

/** MEM_FINISH_OFFLINE (6.8 to 6.18): s390 takes the memory away again. @source as prepareOnline */
export function finishOffline(machine: HotplugMachine, block: MemoryBlock): void {
  if (!machine.settings.rules.prepareOnline.value) return;
  machine.notify("MEM_FINISH_OFFLINE", ...withoutAltmap(block));
  if (block.altmap?.offlineInaccessible === true) block.altmap.accessible = false;
}

/** The usable range, and the altmap beside it. */
function withoutAltmap(block: MemoryBlock) {
  const altmapNrPages = vmemmapPagesOf(block);
  const altmap = { altmapStartPfn: block.startPfn, altmapNrPages };
  return [block.startPfn + altmapNrPages, block.nrPages - altmapNrPages, altmap] as const;
}
