import type { HotplugMachine } from "./machine.ts";
import { isKernelZone, type MemoryGroup, type OnlineType } from "./memoryBlock.ts";
import { ZONES, type Zone } from "./zone.ts";

/** What zone_for_pfn_range looks at. */
export interface ZoneRequest {
  readonly nid: number;
  readonly group: MemoryGroup | undefined;
  readonly startPfn: number;
  readonly nrPages: number;
}

/**
 * The zone that a block joins: kernel and movable as asked, plain `online` by policy.
 *
 * @source mm/memory_hotplug.c zone_for_pfn_range, 6.1 and 6.12
 */
export function zoneForPfnRange(machine: HotplugMachine, type: OnlineType, request: ZoneRequest): Zone {
  if (type === "online_kernel") return defaultKernelZone(machine, request);
  if (type === "online_movable") return machine.zone(request.nid, "Movable");
  return machine.settings.onlinePolicy === "auto-movable"
    ? autoMovableZone(machine, request)
    : contigZone(machine, request);
}

/**
 * memoryN/valid_zones: the zone when online (`none` when it spans several), else the default first, then what else is
 * allowed.
 *
 * @source drivers/base/memory.c valid_zones_show, 6.1 and 6.12
 */
export function validZones(machine: HotplugMachine, blockId: number): string {
  const block = machine.blocks.get(blockId);
  if (block === undefined) return "none";
  if (block.state !== "offline") return block.zone?.name ?? "none";
  const { nid, group, startPfn, nrPages } = block;
  const types = ["online", "online_kernel", "online_movable"] as const;
  const names = types.map((type) => zoneForPfnRange(machine, type, { nid, group, startPfn, nrPages }).name);
  return [...new Set(names)].join(" ");
}

/** default_kernel_zone_for_pfn: the first low zone whose span the range meets, else Normal. */
function defaultKernelZone(machine: HotplugMachine, { nid, startPfn, nrPages }: ZoneRequest): Zone {
  for (const name of ["DMA", "DMA32"] as const) {
    const zone = machine.zones.get(`${nid}:${name}`);
    if (zone?.intersects(startPfn, nrPages) === true) return zone;
  }
  return machine.zone(nid, "Normal");
}

/** contig-zones: exactly one of the two spans is met: that zone; else movable only with `movable_node`. */
function contigZone(machine: HotplugMachine, request: ZoneRequest): Zone {
  const kernel = defaultKernelZone(machine, request);
  const movable = machine.zone(request.nid, "Movable");
  const inKernel = kernel.intersects(request.startPfn, request.nrPages);
  const inMovable = movable.intersects(request.startPfn, request.nrPages);
  if (inKernel !== inMovable) return inKernel ? kernel : movable;
  return machine.settings.movableNode ? movable : kernel;
}

/** auto-movable: movable while what is missing of the device still fits the ratio, globally and by node. */
function autoMovableZone(machine: HotplugMachine, request: ZoneRequest): Zone {
  const { nid, group } = request;
  const unit = unitState(machine, request);
  // As in the kernel, the fallback looks at the range that the unit state left behind.
  const fallback = { ...request, startPfn: unit.pfn, nrPages: unit.neededPages ?? request.nrPages };
  if (machine.settings.autoMovableRatio === 0 || unit.neededPages === undefined)
    return defaultKernelZone(machine, fallback);
  if (!canOnlineMovable(machine, undefined, group, unit.neededPages)) return defaultKernelZone(machine, fallback);
  if (machine.settings.autoMovableNumaAware && !canOnlineMovable(machine, nid, group, unit.neededPages)) {
    return defaultKernelZone(machine, fallback);
  }
  return machine.zone(nid, "Movable");
}

/** What the device (static) or unit (dynamic) still needs; undefined when a part of it is in a kernel zone already. */
function unitState(machine: HotplugMachine, request: ZoneRequest): { pfn: number; neededPages: number | undefined } {
  const { group, startPfn, nrPages } = request;
  if (group?.kind === "static") {
    const neededPages = group.presentKernelPages > 0 ? undefined : group.maxPages - group.presentMovablePages;
    return { pfn: startPfn, neededPages };
  }
  if (group === undefined || group.unitPages === nrPages) return { pfn: startPfn, neededPages: nrPages };
  const unitStart = startPfn - (startPfn % group.unitPages);
  const unitEnd = unitStart + group.unitPages;
  let onlinePages = 0;
  for (const block of machine.blocks.values()) {
    const inUnit = block.startPfn >= unitStart && block.startPfn < unitEnd;
    if (!inUnit || block.state === "offline") continue;
    if (block.zone === undefined || isKernelZone(block.zone.name))
      return { pfn: block.startPfn, neededPages: undefined };
    onlinePages += block.nrPages;
  }
  return { pfn: unitEnd, neededPages: group.unitPages - onlinePages };
}

/** auto_movable_can_online_movable, of all nodes when `nid` is undefined. Integer division as in the kernel. */
function canOnlineMovable(
  machine: HotplugMachine,
  nid: number | undefined,
  group: MemoryGroup | undefined,
  neededPages: number,
): boolean {
  const ratio = machine.settings.autoMovableRatio;
  let kernelEarlyPages = 0;
  let movablePages = 0;
  for (const zone of machine.zones.values()) {
    if ((nid !== undefined && zone.nid !== nid) || !zone.isPopulated) continue;
    if (isKernelZone(zone.name)) {
      kernelEarlyPages += zone.presentEarlyPages - zone.cmaPages;
      movablePages += zone.cmaPages;
    } else movablePages += zone.presentPages;
  }
  let requiredPages = 0;
  for (const other of machine.groups.values()) {
    if (other === group || other.kind !== "dynamic" || (nid !== undefined && other.nid !== nid)) continue;
    const required = Math.floor((other.presentMovablePages * 100) / ratio) - other.presentKernelPages;
    requiredPages += Math.max(0, required);
    movablePages -= other.presentMovablePages;
  }
  if (kernelEarlyPages <= requiredPages) return false;
  kernelEarlyPages -= requiredPages;
  if (group?.kind === "dynamic") kernelEarlyPages += group.presentKernelPages;
  return movablePages + neededPages <= Math.floor((ratio * kernelEarlyPages) / 100);
}

/** The populated zones of the machine, by node and from low to high. */
export function populatedZones(machine: HotplugMachine): Zone[] {
  return [...machine.zones.values()]
    .filter((zone) => zone.isPopulated)
    .sort((a, b) => a.nid - b.nid || ZONES.indexOf(a.name) - ZONES.indexOf(b.name));
}
