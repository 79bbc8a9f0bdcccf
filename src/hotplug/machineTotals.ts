import { dramUse, usableBytes } from "./dramUse.ts";
import type { HotplugPlan } from "./plan.ts";

/** What all devices of one machine take and leave together, with their memmaps in one place; bytes. */
export interface PlacementTotals {
  /** Of DRAM, page tables and what lies there in any case included. */
  readonly dramUsedBytes: number;
  /** Hot-added memory that remains for users. */
  readonly usableBytes: number;
  /** DRAM holds this and its own struct pages. */
  readonly fits: boolean;
}

/** One machine with everything plugged. */
export interface MachineTotals {
  readonly capacityBytes: number;
  /** Whole memory blocks of it. */
  readonly addedBytes: number;
  readonly memmapBytes: number;
  /** Struct pages of DRAM itself. */
  readonly ownMemmapBytes: number;
  readonly dram: PlacementTotals;
  /** Where a device may not host its memmap, that one's lies in DRAM; undefined when none may. */
  readonly onMemory: PlacementTotals | undefined;
}

/** @param plans of devices that are plugged together, each added */
export function machineTotals(plans: readonly HotplugPlan[], dramBytes: number): MachineTotals {
  const sum = (of: (plan: HotplugPlan) => number): number => plans.reduce((all, plan) => all + of(plan), 0);
  const [addedBytes, memmapBytes] = [sum(({ range }) => range.sizeBytes), sum((plan) => plan.memmapBytes)];
  const ownMemmapBytes = addedBytes === 0 ? 0 : (dramBytes * memmapBytes) / addedBytes;
  const totals = (placed: (plan: HotplugPlan) => "dram" | "on-memory"): PlacementTotals => {
    const dramUsedBytes = sum((plan) => dramUse(plan, placed(plan)).totalBytes);
    return {
      dramUsedBytes,
      usableBytes: sum((plan) => usableBytes(plan, placed(plan))),
      fits: dramUsedBytes + ownMemmapBytes <= dramBytes,
    };
  };
  const hosts = plans.some(({ placement }) => placement.selfHosted);
  return {
    capacityBytes: sum(({ device }) => device.capacityBytes),
    addedBytes,
    memmapBytes,
    ownMemmapBytes,
    dram: totals(() => "dram"),
    onMemory: hosts ? totals(({ placement }) => (placement.selfHosted ? "on-memory" : "dram")) : undefined,
  };
}
