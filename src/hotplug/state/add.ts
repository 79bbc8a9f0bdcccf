import { hex } from "../../units.ts";
import { isOfflineInaccessible } from "../drivers.ts";
import type { AddRequest } from "./addRequest.ts";
import { vmemmapPlacement } from "./driverPlacement.ts";
import type { HotplugMachine } from "./machine.ts";
import type { Altmap, Errno, MemoryBlock, VmemmapPages } from "./memoryBlock.ts";
import { deviceOnline } from "./online.ts";
import { freeVmemmap, populateVmemmap } from "./vmemmap.ts";

/** Physical addresses end here: 52 bits, the most that any architecture in the table has. */
const MAX_PHYSICAL_BYTES = 2 ** 52;

/**
 * __add_memory: resource, checks, memmap and block devices, then onlining by the driver's rule. Nothing remains of a
 * request that fails; a block that cannot be onlined afterwards does not fail it.
 *
 * @error  -E2BIG, -EEXIST, -EINVAL, -ENOMEM as the kernel, with its message in `machine.log`
 * @source mm/memory_hotplug.c add_memory_resource, 6.1 and 6.12
 */
export function addMemory(machine: HotplugMachine, request: AddRequest): Errno | undefined {
  const { startBytes, sizeBytes, driver } = request;
  const resource = { start: startBytes, end: startBytes + sizeBytes - 1, name: driver.resource };
  machine.lastAddErrno = startBytes + sizeBytes > MAX_PHYSICAL_BYTES ? "E2BIG" : undefined;
  if (machine.lastAddErrno !== undefined) return machine.lastAddErrno;
  if (sizeBytes > 0 && !machine.resources.request(resource)) {
    machine.lastAddErrno = "EEXIST";
    return "EEXIST";
  }
  const errno = checkRange(machine, request) ?? addMemoryResource(machine, request);
  machine.lastAddErrno = errno;
  if (errno !== undefined) {
    if (sizeBytes > 0) machine.resources.release(resource.start, resource.end);
    return errno;
  }
  if (driver.mergesResources) machine.resources.merge(resource);
  onlineAdded(machine, request);
  return undefined;
}

/** check_hotplug_memory_range. */
function checkRange(machine: HotplugMachine, { startBytes, sizeBytes }: AddRequest): Errno | undefined {
  const { blockBytes } = machine.settings;
  if (sizeBytes > 0 && startBytes % blockBytes === 0 && sizeBytes % blockBytes === 0) return undefined;
  const range = `start ${hex(startBytes)}, size ${hex(sizeBytes)}`;
  machine.log.push(`Block size [${hex(blockBytes)}] unaligned hotplug range: ${range}`);
  return "EINVAL";
}

function addMemoryResource(machine: HotplugMachine, request: AddRequest): Errno | undefined {
  const { nid, startBytes } = request;
  if (machine.settings.possibleNodes?.has(nid) === false) {
    machine.log.push(`node ${nid} was absent from the node_possible_map`);
    return "EINVAL";
  }
  const unborn = machine.hooks.failAdd?.("tryOnlineNode", startBytes / machine.settings.blockBytes);
  if (unborn !== undefined) return unborn;
  const placement = vmemmapPlacement(machine, request);
  switch (placement.outcome) {
    case "-EINVAL":
      return "EINVAL";
    case "on-memory":
      return createAltmapsAndMemoryBlocks(machine, request, placement.reservedPages, placement.memmapPages);
    case "dram":
      return addWithoutAltmap(machine, request);
  }
}

/**
 * One altmap, one memmap and one block device for each block, ascending; a failure at block k takes back blocks 0 to k.
 *
 * @source mm/memory_hotplug.c create_altmaps_and_memory_blocks, 6.12; before 6.8 a request has exactly one block
 */
function createAltmapsAndMemoryBlocks(
  machine: HotplugMachine,
  request: AddRequest,
  reservedPages: number,
  memmapPages: number,
): Errno | undefined {
  const added: MemoryBlock[] = [];
  const offlineInaccessible = isOfflineInaccessible(request.driver.name, machine.settings.rules);
  for (const id of blockIds(machine, request)) {
    const failed = failure(machine, id);
    if (failed !== undefined) {
      for (const block of added) removeBlock(machine, block);
      return failed;
    }
    const basePfn = id * machine.blockPages;
    const altmap: Altmap = {
      basePfn,
      freePages: reservedPages,
      allocPages: memmapPages,
      offlineInaccessible,
      accessible: !offlineInaccessible,
    };
    added.push(createBlock(machine, request, id, altmap, []));
  }
  return undefined;
}

/** arch_add_memory of the whole range, memmap from the buddy, then its block devices. */
function addWithoutAltmap(machine: HotplugMachine, request: AddRequest): Errno | undefined {
  const ids = blockIds(machine, request);
  const sliced: VmemmapPages[][] = [];
  for (const id of ids) {
    const failed = machine.hooks.failAdd?.("archAddMemory", id);
    if (failed !== undefined) {
      for (const pages of sliced) freeVmemmap(machine, pages);
      return failed;
    }
    sliced.push(populateVmemmap(machine, request.nid, machine.blockPages));
  }
  const added: MemoryBlock[] = [];
  for (const [index, id] of ids.entries()) {
    const failed = deviceFailure(machine, id);
    if (failed !== undefined) {
      for (const block of added) machine.blocks.delete(block.id);
      for (const pages of sliced) freeVmemmap(machine, pages);
      return failed;
    }
    added.push(createBlock(machine, request, id, undefined, sliced[index] ?? []));
  }
  return undefined;
}

function failure(machine: HotplugMachine, id: number): Errno | undefined {
  const { failAdd } = machine.hooks;
  return failAdd?.("altmap", id) ?? failAdd?.("archAddMemory", id) ?? deviceFailure(machine, id);
}

/** A block id that exists already is -EEXIST. */
function deviceFailure(machine: HotplugMachine, id: number): Errno | undefined {
  return machine.blocks.has(id) ? "EEXIST" : machine.hooks.failAdd?.("memoryBlockDevice", id);
}

/** Ids of the memory blocks of a range, ascending. @param range whole blocks */
export function blockIds(machine: HotplugMachine, range: { startBytes: number; sizeBytes: number }): number[] {
  const first = range.startBytes / machine.settings.blockBytes;
  return Array.from({ length: range.sizeBytes / machine.settings.blockBytes }, (_, index) => first + index);
}

function createBlock(
  machine: HotplugMachine,
  request: AddRequest,
  id: number,
  altmap: Altmap | undefined,
  vmemmap: readonly VmemmapPages[],
): MemoryBlock {
  const nrPages = machine.blockPages;
  const block: MemoryBlock = {
    id,
    nid: request.nid,
    startPfn: id * nrPages,
    nrPages,
    group: request.group,
    altmap,
    vmemmap,
    boot: false,
    ramPages: nrPages,
    state: "offline",
    zone: undefined,
    onlineType: undefined,
    use: {},
  };
  machine.blocks.set(id, block);
  return block;
}

/** remove_memory_blocks_and_altmaps, for one block: device, memmap, altmap. */
export function removeBlock(machine: HotplugMachine, block: MemoryBlock): void {
  machine.blocks.delete(block.id);
  if (block.altmap === undefined) freeVmemmap(machine, block.vmemmap);
  else block.altmap.allocPages = 0;
}

function onlineAdded(machine: HotplugMachine, request: AddRequest): void {
  const { onlines } = request.driver;
  const type = onlines === "immediately" ? "online" : machine.settings.autoOnline;
  if (onlines === "user" || type === "offline") return;
  for (const id of blockIds(machine, request)) {
    const block = machine.blocks.get(id);
    if (block === undefined) return;
    block.onlineType = type;
    if (deviceOnline(machine, block) !== undefined) return;
  }
}
