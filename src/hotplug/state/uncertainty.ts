import { dimmBlocks } from "./acpi.ts";
import type { Action } from "./action.ts";
import { isDlpar, lmbBlocks } from "./dlpar.ts";
import type { Host } from "./host.ts";
import { daxBlocks } from "./kmem.ts";
import { isKernelZone, type MemoryBlock, vmemmapPagesOf } from "./memoryBlock.ts";
import { firstPlacedMemmap } from "./offline.ts";
import { onlineTypeFromText } from "./sysfs.ts";

/**
 * Why a step cannot be predicted before it is done; undefined when it can. Changes nothing.
 *
 * `boot memory`: what the kernel keeps in a block of boot memory is unknown. `kernel zone in use`: a hot-added block of
 * a kernel zone in which others than the memmaps of this model have allocated.
 */
export function dependsOnOutcome(host: Host, action: Action): string | undefined {
  const reasons = offlinedBy(host, action).flatMap((block) => uncertainty(host, block) ?? []);
  return reasons[0];
}

/** The online blocks that a step would take offline. */
function offlinedBy(host: Host, action: Action): MemoryBlock[] {
  const { machine } = host;
  const online = (blocks: readonly MemoryBlock[]) => blocks.filter((block) => block.state === "online");
  switch (action.op) {
    case "state":
      if (onlineTypeFromText(action.to) !== "offline") return [];
      return online([machine.blocks.get(action.block)].flatMap((block) => block ?? []));
    case "remove": {
      const dimm = host.dimms.get(String(action.dimm));
      return dimm === undefined ? [] : online((isDlpar(machine) ? lmbBlocks : dimmBlocks)(machine, dimm));
    }
    case "dax_unbind_kmem": {
      const only = host.dax.size === 1 ? [...host.dax.values()][0] : undefined;
      const dax = action.device === undefined ? only : host.dax.get(action.device);
      return dax === undefined ? [] : online(daxBlocks(machine, dax));
    }
    default:
      return [];
  }
}

/** Why nobody knows whether a block can go offline. */
export function uncertainty(host: Host, block: MemoryBlock): string | undefined {
  const { zone } = block;
  // Several zones, holes: refused whoever uses it. In ZONE_MOVABLE offlining goes on until it succeeds.
  if (zone === undefined || block.ramPages < block.nrPages || !isKernelZone(zone.name)) return undefined;
  const startPfn = block.startPfn + vmemmapPagesOf(block);
  if (firstPlacedMemmap(host.machine, startPfn, block.startPfn + block.nrPages) !== undefined) return undefined;
  if (block.boot || zone.freeLists === undefined) return "boot memory";
  return zone.inUse || zone.disturbed || zone.nrUnplacedMemmaps > 0 ? "kernel zone in use" : undefined;
}
