import { driver } from "../drivers.ts";
import { addMemory } from "./add.ts";
import type { HotplugMachine } from "./machine.ts";
import type { MemoryBlock, MemoryGroup } from "./memoryBlock.ts";
import { type BlockKnowledge, deviceOffline } from "./offline.ts";
import { deviceOnline } from "./online.ts";
import { tryRemoveMemory } from "./remove.ts";

/** One plugged DIMM. A DIMM whose memory the kernel refused is there, and has no group. */
export interface Dimm {
  readonly nid: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly group: MemoryGroup | undefined;
}

/** Masks the instance number of an ACPI device. */
const ACPI_DEVICE = "acpi PNP0C80:##";

/**
 * acpi_memory_device_add: a static group for the device, then its memory.
 *
 * @source drivers/acpi/acpi_memhotplug.c acpi_memory_enable_device, 6.1
 */
export function plugDimm(machine: HotplugMachine, nid: number, startBytes: number, sizeBytes: number): Dimm {
  const { rules, arch } = machine.settings;
  const maxPages = Math.ceil(sizeBytes / arch.pageBytes);
  const group = machine.registerGroup({ nid, kind: "static", maxPages, unitPages: 0 });
  const errno = addMemory(machine, { nid, startBytes, sizeBytes, driver: driver("acpi", rules), group });
  if (errno === undefined) return { nid, startBytes, sizeBytes, group };
  machine.groups.delete(group.id);
  machine.log.push(`${ACPI_DEVICE}: add_memory failed`, `${ACPI_DEVICE}: acpi_memory_enable_device() error`);
  return { nid, startBytes, sizeBytes, group: undefined };
}

/**
 * A notification for one DIMM scans its siblings as well (from 6.9): refused ones are tried again, and fail again.
 *
 * @source drivers/acpi/scan.c acpi_scan_device_check
 */
export function rescanDimms(machine: HotplugMachine, dimms: Iterable<readonly [string, Dimm]>): Map<string, Dimm> {
  const plugged = new Map(dimms);
  if (!machine.settings.rules.acpiScansSiblings.value) return plugged;
  for (const [id, { nid, startBytes, sizeBytes, group }] of plugged) {
    if (group === undefined) plugged.set(id, plugDimm(machine, nid, startBytes, sizeBytes));
  }
  return plugged;
}

/**
 * acpi_scan_hot_remove: two passes offline the blocks, ascending; what fails in the first is tried again in the second,
 * which stops at the first failure. Then what this eject took offline comes back, and the device stays.
 *
 * @param known what a recording or script says of a block whose use the model cannot know
 * @returns whether the device is gone
 * @source drivers/acpi/scan.c acpi_scan_try_to_offline, acpi_bus_offline, 6.1
 */
export function ejectDimm(machine: HotplugMachine, dimm: Dimm, known: BlockKnowledge = () => ({})): boolean {
  if (dimm.group === undefined) return true;
  const blocks = dimmBlocks(machine, dimm);
  const putOnline: MemoryBlock[] = [];
  const offline = (block: MemoryBlock): boolean => {
    if (block.state === "offline") return true;
    const result = deviceOffline(machine, block, known(block));
    if (result.errno !== undefined || !result.finishes) return false;
    putOnline.push(block);
    return true;
  };
  // A worker of the kernel takes no signal: one block that never goes offline holds it for ever.
  const failed = blocks.filter((block) => machine.endless === undefined && !offline(block));
  if (machine.endless !== undefined) return false;
  const stuck = failed.find((block) => !offline(block));
  if (stuck !== undefined) {
    machine.log.push(`memory memory${stuck.id}: Offline failed.`);
    for (const block of blocks) if (putOnline.includes(block)) deviceOnline(machine, block);
    return false;
  }
  if (tryRemoveMemory(machine, dimm.startBytes, dimm.sizeBytes) !== undefined) return false;
  machine.groups.delete(dimm.group.id);
  return true;
}

/** The memory blocks of a DIMM: those of its memory group. */
export function dimmBlocks(machine: HotplugMachine, dimm: Dimm): MemoryBlock[] {
  return [...machine.blocks.values()].filter((block) => block.group !== undefined && block.group === dimm.group);
}
