import { hex } from "../../units.ts";
import { blockIds, removeBlock } from "./add.ts";
import type { HotplugMachine } from "./machine.ts";
import type { Errno, MemoryBlock } from "./memoryBlock.ts";

/**
 * try_remove_memory: the range as it was added, all blocks offline.
 *
 * @error  -EBUSY while a block is online; -EINVAL for a range of which only some blocks host their memmap
 *         (before 6.8: for one of several blocks that has vmemmap pages); nothing has changed then
 * @source mm/memory_hotplug.c try_remove_memory, 6.1 and 6.12
 */
export function tryRemoveMemory(machine: HotplugMachine, startBytes: number, sizeBytes: number): Errno | undefined {
  const blocks = blockIds(machine, { startBytes, sizeBytes }).flatMap((id) => machine.blocks.get(id) ?? []);
  const online = blocks.find((block) => block.state !== "offline");
  if (online !== undefined) {
    const { blockBytes } = machine.settings;
    const first = hex16(online.id * blockBytes);
    const last = hex16((online.id + 1) * blockBytes - 1);
    machine.log.push(`removing memory fails, because memory [${first}-${last}] is onlined`);
    return "EBUSY";
  }
  const refused = mixedRange(machine, blocks, startBytes, sizeBytes);
  if (refused !== undefined) return refused;
  for (const block of blocks) removeBlock(machine, block);
  machine.resources.release(startBytes, startBytes + sizeBytes - 1);
  return undefined;
}

function mixedRange(
  machine: HotplugMachine,
  blocks: readonly MemoryBlock[],
  startBytes: number,
  sizeBytes: number,
): Errno | undefined {
  const selfHosted = blocks.filter((block) => block.altmap !== undefined).length;
  if (machine.settings.rules.removal.value === "one-block") {
    if (selfHosted === 0 || blocks.length === 1) return undefined;
    machine.log.push(`Refuse to remove ${hex(startBytes)} - ${hex(startBytes + sizeBytes)},wrong granularity`);
    return "EINVAL";
  }
  return selfHosted === 0 || selfHosted === blocks.length ? undefined : "EINVAL";
}

function hex16(value: number): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}
