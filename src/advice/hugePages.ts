import { architecture } from "../hotplug/architectures.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import { GIB } from "../units.ts";

/** Huge pages that can still form in hot-added memory, all of it free. */
export interface HugePagesLeft {
  /** Size of a PMD: 2 MiB with 4 KiB pages. */
  readonly pmdBytes: number;
  readonly pmdPages: number;
  readonly gibPages: number;
}

/**
 * A self-hosted memmap lies at the start of each block: PMDs behind it are whole, a GiB is whole only in what a block
 * of more than a GiB has left. Blocks of one range lie beside each other, so without it every aligned GiB is.
 */
export function hugePagesLeft(plans: readonly HotplugPlan[], onMemory: boolean): HugePagesLeft {
  const sum = (of: (plan: HotplugPlan) => number): number => plans.reduce((all, plan) => all + of(plan), 0);
  const pmdBytes = pmdOf(plans[0]!);
  const isHosted = (plan: HotplugPlan): boolean => onMemory && plan.placement.selfHosted;
  return {
    pmdBytes,
    pmdPages: sum((plan) => {
      const { nrBlocks, blockBytes, range } = plan;
      if (!isHosted(plan)) return Math.floor(range.sizeBytes / pmdBytes);
      return nrBlocks * Math.floor((blockBytes - reservedBytes(plan)) / pmdBytes);
    }),
    gibPages: sum((plan) => {
      const { nrBlocks, blockBytes, range } = plan;
      if (isHosted(plan)) return nrBlocks * Math.floor((blockBytes - reservedBytes(plan)) / GIB);
      const start = range.startBytes ?? 0;
      return Math.max(0, Math.floor((start + range.sizeBytes) / GIB) - Math.ceil(start / GIB));
    }),
  };
}

const reservedBytes = ({ altmapPages, pageBytes }: HotplugPlan): number => altmapPages * pageBytes;

function pmdOf({ architecture: name }: HotplugPlan): number {
  // The PMD does not depend on the version: any that has the architecture.
  return architecture(name, "7.3").pmdBytes.value;
}
