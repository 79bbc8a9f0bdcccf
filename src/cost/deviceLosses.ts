import { PAGE_BYTES, STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import { geometryOf } from "../machine/geometry.ts";
import type { Machine } from "../machine/machine.ts";
import type { MachineClassName, MachineUse } from "../scenario/machineUse.ts";
import { lossOf, lossPrices, type MachineLoss, machineLoss, type RowsOf } from "./machineLoss.ts";
import type { OperationCounts } from "./operationUnit.ts";
import type { KernelWork } from "./operationWork.ts";

/** What machines lose to a memmap on one device. */
export interface DeviceLosses {
  /** The scenario's. */
  readonly judged: MachineLoss;
  /** One of each class, with the CPUs of the scenario; empty where it states rates. */
  readonly byClass: readonly {
    readonly machineClass: MachineClassName;
    readonly loss: Pick<MachineLoss, "cpusLost" | "share">;
  }[];
}

/** What of a scenario decides a loss. */
interface LossPolicy extends KernelWork {
  readonly userDataOnHotAdded: number;
  readonly use: MachineUse;
  readonly footprints: readonly number[];
}

/** At the largest footprint of the scenario; without one, with all of the device in use. */
export function priceLosses(
  { plan, operations }: { readonly plan: HotplugPlan; readonly operations: readonly OperationCounts[] },
  rowsOf: RowsOf,
  machine: Machine,
  policy: LossPolicy,
): DeviceLosses {
  const { use, footprints } = policy;
  const input = {
    inUseBytes: footprints.length > 0 ? Math.max(...footprints) : plan.nrBlocks * plan.blockPages * PAGE_BYTES,
    // So many struct pages of another size fit as of 64 bytes would into a cache larger or smaller by as much.
    llcBytes: (geometryOf(machine.host, use.llcShare).llc.bytes * STRUCT_PAGE_BYTES) / plan.structPageBytes,
    hotAddedShare: policy.userDataOnHotAdded,
  };
  const prices = lossPrices(operations, policy, rowsOf);
  return {
    judged: machineLoss(prices, { ...input, rates: machine.rates }),
    byClass: machine.classRates.map(({ machineClass, rates }) => {
      const { cpusLost, share } = lossOf(prices, { ...input, rates });
      return { machineClass, loss: { cpusLost, share } };
    }),
  };
}
