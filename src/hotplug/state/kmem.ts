import { hex } from "../../units.ts";
import { driver } from "../drivers.ts";
import { trimToBlocks } from "../range.ts";
import type { Told } from "./action.ts";
import { addMemory } from "./add.ts";
import { vmemmapPlacement } from "./driverPlacement.ts";
import type { HotplugMachine } from "./machine.ts";
import type { Errno, MemoryBlock, MemoryGroup } from "./memoryBlock.ts";
import { type BlockKnowledge, deviceOffline } from "./offline.ts";
import { readdirOrder } from "./readdirOrder.ts";
import { tryRemoveMemory } from "./remove.ts";
import { boolFromText } from "./sysfs.ts";

/** One device-dax device and what kmem made of it. */
export interface DaxDevice {
  readonly name: string;
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly targetNode: number;
  memmapOnMemory: boolean;
  driver: "device_dax" | "kmem" | undefined;
  group: MemoryGroup | undefined;
}

/** The range trimmed inward to whole blocks. */
export function daxKmemRange(machine: HotplugMachine, dax: DaxDevice): { startBytes: number; sizeBytes: number } {
  const range = trimToBlocks(dax.startBytes, dax.sizeBytes, machine.settings.blockBytes);
  return { startBytes: range.startBytes ?? dax.startBytes, sizeBytes: range.sizeBytes };
}

/**
 * A write to daxX.Y/memmap_on_memory.
 *
 * A writer waits for dax_dev_rwsem, and can be killed while it does. The probe of kmem holds it only while it reads the
 * size of the device, so a write does not wait for all of bind or unbind; but the driver core has named the driver before
 * it calls the probe, and forgets it after the removal: a change that falls into either finds the device bound.
 *
 * @error  -ENOENT before 6.8; -EINVAL no boolean; -EOPNOTSUPP on while unsupported; -EINTR killed while it waits; -EBUSY
 *         a change while bound to kmem
 * @source drivers/dax/bus.c memmap_on_memory_store, dax_bus_probe; drivers/base/dd.c really_probe, 6.12
 */
export function memmapOnMemoryStore(
  machine: HotplugMachine,
  dax: DaxDevice,
  text: string,
  { signal, during }: Pick<Told, "signal" | "during"> = {},
): Errno | undefined {
  if (!machine.settings.rules.daxAttribute.value) return "ENOENT";
  const value = boolFromText(text);
  if (value === undefined) return "EINVAL";
  const asking = driver("direct", machine.settings.rules);
  const { outcome } = vmemmapPlacement(machine, { driver: asking, sizeBytes: machine.settings.blockBytes });
  if (value && outcome !== "on-memory") return "EOPNOTSUPP";
  if (signal === true) return "EINTR";
  if (value !== dax.memmapOnMemory && (dax.driver === "kmem" || during === true)) return "EBUSY";
  dax.memmapOnMemory = value;
  return undefined;
}

/**
 * `daxctl reconfigure-device -m system-ram -N`: refused when the kernel would online by itself; else the probe of kmem.
 * The kernel binds CXL devices by itself (IORESOURCE_DAX_KMEM), and asks no policy.
 *
 * @error  -EBUSY auto-online policy; what the probe returns, -EINVAL when no whole block is left or the node is
 *         impossible; the device then has no driver
 * @source daxctl/device.c reconfig_mode_system_ram; drivers/dax/kmem.c dev_dax_kmem_probe, 6.12
 */
export function bindKmem(
  machine: HotplugMachine,
  dax: DaxDevice,
  by: "daxctl" | "kernel" = "daxctl",
): Errno | undefined {
  if (by === "daxctl" && machine.settings.autoOnline !== "offline") {
    machine.log.push(`${dax.name}: error: kernel policy will auto-online memory, aborting`);
    return "EBUSY";
  }
  if (dax.driver === "kmem") return undefined;
  const nid = dax.targetNode;
  const range = daxKmemRange(machine, dax);
  dax.driver = undefined;
  if (range.sizeBytes === 0) {
    machine.log.push(`kmem ${dax.name}: rejecting DAX region without any memory after alignment`);
    return "EINVAL";
  }
  // memory_group_register_static refuses such a node.
  if (machine.settings.possibleNodes?.has(nid) === false) return "EINVAL";
  const maxPages = range.sizeBytes / machine.settings.arch.pageBytes;
  const group = machine.registerGroup({ nid, kind: "static", maxPages, unitPages: 0 });
  const kmem = driver("dax-kmem", machine.settings.rules);
  const errno = addMemory(machine, { nid, ...range, driver: kmem, group, attribute: dax.memmapOnMemory });
  if (errno !== undefined) {
    const added = `${hex(range.startBytes)}-${hex(range.startBytes + range.sizeBytes - 1)}`;
    machine.log.push(`kmem ${dax.name}: mapping0: ${added} memory add failed`);
    machine.groups.delete(group.id);
    return errno;
  }
  dax.driver = "kmem";
  dax.group = group;
  return undefined;
}

/**
 * `daxctl reconfigure-device -m devdax -f`: offlines the device's online blocks in the order in which their node's
 * directory lists them, up to the first that fails; then kmem lets go of the range.
 *
 * @source daxctl/device.c reconfig_mode_devdax; daxctl/lib/libdaxctl.c daxctl_memory_op; drivers/dax/kmem.c, 6.12
 */
export function unbindKmem(
  machine: HotplugMachine,
  dax: DaxDevice,
  known: BlockKnowledge = () => ({}),
): Errno | undefined {
  if (dax.driver !== "kmem" || dax.group === undefined) {
    dax.driver = "device_dax";
    return undefined;
  }
  for (const block of daxBlocks(machine, dax)) {
    if (block.state === "offline") continue;
    const { errno, finishes } = deviceOffline(machine, block, known(block));
    if (errno !== undefined || !finishes) return errno;
  }
  const { startBytes, sizeBytes } = daxKmemRange(machine, dax);
  const errno = tryRemoveMemory(machine, startBytes, sizeBytes);
  if (errno !== undefined) return errno;
  machine.groups.delete(dax.group.id);
  dax.group = undefined;
  dax.driver = "device_dax";
  return undefined;
}

/**
 * A write to /sys/bus/dax/drivers/kmem/unbind: nobody offlines the blocks first, and there is one shot. While one of
 * them is online the memory stays, with its resource, until the next boot; the driver is gone all the same.
 *
 * @error  -ENODEV when kmem is not bound
 * @source drivers/dax/kmem.c dev_dax_kmem_remove, 6.12
 */
export function unbindKmemDriver(machine: HotplugMachine, dax: DaxDevice): Errno | undefined {
  if (dax.driver !== "kmem" || dax.group === undefined) return "ENODEV";
  const { startBytes, sizeBytes } = daxKmemRange(machine, dax);
  dax.driver = undefined;
  if (tryRemoveMemory(machine, startBytes, sizeBytes) === undefined) {
    machine.groups.delete(dax.group.id);
    dax.group = undefined;
    return undefined;
  }
  const range = `${hex(startBytes)}-${hex(startBytes + sizeBytes - 1)}`;
  machine.log.push(`kmem ${dax.name}: mapping0: ${range} cannot be hotremoved until the next reboot`);
  return undefined;
}

/** The blocks of the device in the order of readdir. */
export function daxBlocks(machine: HotplugMachine, dax: DaxDevice): MemoryBlock[] {
  const blocks = [...machine.blocks.values()].filter((block) => block.group !== undefined && block.group === dax.group);
  return readdirOrder(blocks, (block) => `memory${block.id}`);
}
