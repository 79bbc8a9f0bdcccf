import type { Dimm } from "./acpi.ts";
import type { HotplugMachine } from "./machine.ts";
import type { MemoryBlock } from "./memoryBlock.ts";
import { type BlockKnowledge, deviceOffline } from "./offline.ts";
import { dlparAddLmb } from "./otherDrivers.ts";
import { tryRemoveMemory } from "./remove.ts";

/** On pseries a DIMM is a row of LMBs, which DLPAR adds and removes one by one; an LMB is one memory block. */
export function isDlpar(machine: HotplugMachine): boolean {
  return machine.settings.arch.family === "ppc64";
}

/**
 * dlpar_memory_add_by_ic: each LMB on its own, online at once; when one fails, those before it are removed again.
 *
 * @source arch/powerpc/platforms/pseries/hotplug-memory.c, 6.12
 */
export function plugLmbs(machine: HotplugMachine, nid: number, startBytes: number, sizeBytes: number): Dimm {
  const dimm: Dimm = { nid, startBytes, sizeBytes, group: undefined };
  for (const lmb of lmbsOf(machine, dimm)) {
    if (dlparAddLmb(machine, nid, lmb) === undefined) continue;
    unplugLmbs(machine, { ...dimm, sizeBytes: lmb - startBytes });
    break;
  }
  return dimm;
}

/**
 * dlpar_memory_remove_by_ic: offlines and removes each LMB, ascending; a failure adds those that are gone again.
 *
 * @returns whether the device is gone
 * @source  arch/powerpc/platforms/pseries/hotplug-memory.c, 6.12
 */
export function unplugLmbs(machine: HotplugMachine, dimm: Dimm, known: BlockKnowledge = () => ({})): boolean {
  const removed: number[] = [];
  for (const lmb of lmbsOf(machine, dimm)) {
    if (removeLmb(machine, lmb, known)) {
      removed.push(lmb);
      continue;
    }
    if (machine.endless !== undefined) return false;
    for (const back of removed) dlparAddLmb(machine, dimm.nid, back);
    return false;
  }
  return true;
}

/** The blocks of a DIMM that are there. */
export function lmbBlocks(machine: HotplugMachine, dimm: Dimm): MemoryBlock[] {
  const { blockBytes } = machine.settings;
  return lmbsOf(machine, dimm).flatMap((lmb) => machine.blocks.get(lmb / blockBytes) ?? []);
}

function lmbsOf({ settings }: HotplugMachine, { startBytes, sizeBytes }: Dimm): number[] {
  const { blockBytes } = settings;
  return Array.from({ length: Math.floor(sizeBytes / blockBytes) }, (_, i) => startBytes + i * blockBytes);
}

function removeLmb(machine: HotplugMachine, lmb: number, known: BlockKnowledge): boolean {
  const { blockBytes } = machine.settings;
  const block = machine.blocks.get(lmb / blockBytes);
  if (block === undefined) return true;
  if (block.state !== "offline") {
    const { errno, finishes } = deviceOffline(machine, block, known(block));
    if (errno !== undefined || !finishes) return false;
  }
  return tryRemoveMemory(machine, lmb, blockBytes) === undefined;
}
