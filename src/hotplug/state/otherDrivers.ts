import type { DriverName } from "../../scenario/words.ts";
import { driver } from "../drivers.ts";
import { addMemory } from "./add.ts";
import type { HotplugMachine } from "./machine.ts";
import { type Errno, isKernelZone, type MemoryBlock, type MemoryGroup } from "./memoryBlock.ts";
import { deviceOffline } from "./offline.ts";
import { deviceOnline } from "./online.ts";
import { tryRemoveMemory } from "./remove.ts";

interface Range {
  readonly nid: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/**
 * The dynamic group of a virtio-mem device: what it plugs at once.
 *
 * @error  `EINVAL` for a unit that is no power of two of at least one memory block
 * @source drivers/base/memory.c memory_group_register_dynamic, 6.12
 */
export function virtioMemGroup(machine: HotplugMachine, nid: number, unitBytes: number): MemoryGroup | "EINVAL" {
  const units = unitBytes / machine.settings.blockBytes;
  if (!(units >= 1 && Number.isInteger(Math.log2(units)))) return "EINVAL";
  const unitPages = unitBytes / machine.settings.arch.pageBytes;
  return machine.registerGroup({ nid, kind: "dynamic", maxPages: 0, unitPages });
}

/** virtio_mem_add_memory: merged resource, dynamic group, never self-hosted. @source drivers/virtio/virtio_mem.c, 6.12 */
export function virtioMemPlug(
  machine: HotplugMachine,
  group: MemoryGroup,
  range: Omit<Range, "nid">,
): Errno | undefined {
  return addMemory(machine, { ...range, nid: group.nid, driver: driver("virtio-mem", machine.settings.rules), group });
}

/**
 * offline_and_remove_memory: offlines every block; a failure brings those back to the kind of zone they were in.
 *
 * @source mm/memory_hotplug.c offline_and_remove_memory, 6.12
 */
export function offlineAndRemoveMemory(machine: HotplugMachine, range: Omit<Range, "nid">): Errno | undefined {
  const { blockBytes } = machine.settings;
  const first = range.startBytes / blockBytes;
  const done: { block: MemoryBlock; type: "online_kernel" | "online_movable" }[] = [];
  for (let id = first; id < first + range.sizeBytes / blockBytes; id++) {
    const block = machine.blocks.get(id);
    if (block === undefined || block.state === "offline") continue;
    const type = block.zone === undefined || isKernelZone(block.zone.name) ? "online_kernel" : "online_movable";
    const { errno, finishes } = deviceOffline(machine, block);
    if (errno === undefined && finishes) {
      done.push({ block, type });
      continue;
    }
    if (!finishes) return undefined;
    for (const back of done) {
      back.block.onlineType = back.type;
      deviceOnline(machine, back.block);
    }
    return errno;
  }
  return tryRemoveMemory(machine, range.startBytes, range.sizeBytes);
}

/**
 * dlpar_add_lmb: one LMB, onlined at once whatever auto_online_blocks says; when that fails it is removed again.
 *
 * @source arch/powerpc/platforms/pseries/hotplug-memory.c, 6.12
 */
export function dlparAddLmb(machine: HotplugMachine, nid: number, startBytes: number): Errno | undefined {
  const sizeBytes = machine.settings.blockBytes;
  const errno = addOne(machine, "ppc64-dlpar", { nid, startBytes, sizeBytes });
  if (errno !== undefined) return errno;
  const block = machine.blocks.get(startBytes / sizeBytes);
  if (block?.state === "online") return undefined;
  tryRemoveMemory(machine, startBytes, sizeBytes);
  return "EINVAL";
}

/** sysfs probe (ARCH_MEMORY_PROBE): one block, no group, never self-hosted. @source drivers/base/memory.c probe_store, 6.12 */
export function probeStore(machine: HotplugMachine, nid: number, startBytes: number): Errno | undefined {
  return addOne(machine, "sysfs-probe", { nid, startBytes, sizeBytes: machine.settings.blockBytes });
}

/**
 * s390 before 6.19: standby memory is added block by block at boot and stays inaccessible while offline.
 *
 * @source drivers/s390/char/sclp_cmd.c sclp_add_standby_memory, 6.12
 */
export function sclpAddStandby(machine: HotplugMachine, range: Range): Errno | undefined {
  const sizeBytes = machine.settings.blockBytes;
  for (let startBytes = range.startBytes; startBytes < range.startBytes + range.sizeBytes; startBytes += sizeBytes) {
    const errno = addOne(machine, "s390-sclp", { nid: range.nid, startBytes, sizeBytes });
    if (errno !== undefined) return errno;
  }
  return undefined;
}

/** One entry of /sys/firmware/memory: s390 from 6.19. */
export interface SclpBlock {
  readonly nid: number;
  readonly id: number;
  configured: boolean;
  memmapOnMemory: boolean;
}

/**
 * A write to memoryN/config: 1 assigns and adds the block, 0 removes it, which needs it offline.
 *
 * @error  `EINVAL` before 6.19; -EBUSY while the block is online
 * @source drivers/s390/char/sclp_mem.c sclp_config_mem_store, 7.x
 */
export function sclpConfigure(machine: HotplugMachine, sclp: SclpBlock, on: boolean): Errno | undefined {
  if (machine.settings.rules.s390.value !== "configure-per-block") return "EINVAL";
  if (sclp.configured === on) return undefined;
  const sizeBytes = machine.settings.blockBytes;
  const range = { nid: sclp.nid, startBytes: sclp.id * sizeBytes, sizeBytes };
  const errno = on
    ? addOne(machine, "s390-sclp", range, sclp.memmapOnMemory)
    : tryRemoveMemory(machine, range.startBytes, sizeBytes);
  if (errno === undefined) sclp.configured = on;
  return errno;
}

/** A write to memoryN/memmap_on_memory. @error -EBUSY while configured @source drivers/s390/char/sclp_mem.c, 7.x */
export function sclpMemmapOnMemory(sclp: SclpBlock, value: boolean): Errno | undefined {
  if (sclp.configured) return "EBUSY";
  sclp.memmapOnMemory = value;
  return undefined;
}

function addOne(machine: HotplugMachine, name: DriverName, range: Range, attribute = false): Errno | undefined {
  return addMemory(machine, { ...range, driver: driver(name, machine.settings.rules), group: undefined, attribute });
}
