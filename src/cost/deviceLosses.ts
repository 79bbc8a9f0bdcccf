import type { HotplugPlan } from "../hotplug/plan.ts";
import type { HotplugKernel } from "../linux/hotplugKernel.ts";
import { geometryOf } from "../machine/geometry.ts";
import type { Machine } from "../machine/machine.ts";
import { machineRatesOf } from "../machine/rates/machineRates.ts";
import { MACHINE_CLASS_NAMES, type MachineClassName, type MachineUse } from "../scenario/machineUse.ts";
import type { MachineSamples } from "./machineDraw.ts";
import { lossPrices, type MachineLoss, machineLoss } from "./machineLoss.ts";
import type { OperationCounts } from "./operationPrice.ts";

/** What machines lose to a memmap on one device. */
export interface DeviceLosses {
  /** The scenario's. */
  readonly judged: MachineLoss;
  /** One of each class, with the CPUs of the scenario; empty where it states rates. */
  readonly byClass: readonly { readonly machineClass: MachineClassName; readonly loss: MachineLoss }[];
}

const PAGE_BYTES = 4096;

/** What of a scenario decides a loss. */
interface LossPolicy {
  readonly kernel: HotplugKernel;
  readonly userDataOnHotAdded: number;
  readonly pfnOrder: number;
  readonly use: MachineUse;
  readonly nrCpus: number | undefined;
  readonly footprints: readonly number[];
}

/** At the largest footprint of the scenario; without one, with all of the device in use. */
export function priceLosses(
  { plan, operations }: { readonly plan: HotplugPlan; readonly operations: readonly OperationCounts[] },
  onMemory: MachineSamples,
  inDram: MachineSamples,
  machine: Machine,
  policy: LossPolicy,
): DeviceLosses {
  const { use, footprints, kernel, nrCpus } = policy;
  const input = {
    inUseBytes: footprints.length > 0 ? Math.max(...footprints) : plan.nrBlocks * plan.blockPages * PAGE_BYTES,
    llcBytes: geometryOf(machine.host, use.llcShare).llc.bytes,
    hotAddedShare: policy.userDataOnHotAdded,
    kernel,
    options: { memmapBytes: plan.memmapBytes, pfnOrder: policy.pfnOrder, dataShare: policy.userDataOnHotAdded },
  };
  const prices = lossPrices(operations, onMemory, inDram, input);
  const stated = Object.values(use.rates).some((rate) => rate !== undefined);
  const byClass = stated
    ? []
    : MACHINE_CLASS_NAMES.map((machineClass) => {
        const rates = machineRatesOf({ ...use, machineClass }, nrCpus, machine.host);
        return { machineClass, loss: machineLoss(prices, { ...input, rates }) };
      });
  return { judged: machineLoss(prices, { ...input, rates: machine.rates }), byClass };
}
