import type { MachineTotals } from "../hotplug/machineTotals.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { DaxKind } from "../scenario/words.ts";
import type { Simulation } from "../simulate.ts";
import type { DramRoom } from "./dramRoom.ts";
import type { HugePagesLeft } from "./hugePages.ts";

/** What is known of one machine and all that is plugged into it: rules, lights and commands look at it. */
export interface FitFacts {
  readonly scenario: Scenario;
  /** With self-hosting asked for, by the parameter and by every device: what can be. */
  readonly plans: readonly HotplugPlan[];
  /** As the scenario has parameter and attributes. */
  readonly asIs: readonly HotplugPlan[];
  /** The parameter as the scenario has it. */
  readonly mode: Scenario["kernel"]["memmapOnMemory"];
  /** As what each device meets dax/kmem. */
  readonly daxKinds: readonly DaxKind[];
  readonly totals: MachineTotals;
  readonly room: DramRoom;
  readonly hugePages: { readonly dram: HugePagesLeft; readonly onMemory: HugePagesLeft };
  /** undefined: a device cannot be added, or times are not modelled for this architecture. */
  readonly simulation: Simulation | undefined;
}

/** Of a GiB of DRAM and of hot-added memory, in any currency. */
export interface PricePerGib {
  readonly dram: number;
  readonly hotAdded: number;
}
