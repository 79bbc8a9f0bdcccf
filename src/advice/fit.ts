import { machineTotals } from "../hotplug/machineTotals.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import { planDevices } from "../hotplug/planDevices.ts";
import { isHostKnown } from "../machine/hosts.ts";
import { defaultDevice, machineOf, ownProfiles } from "../machine/machine.ts";
import { withProfileDefaults } from "../machine/profileDefaults.ts";
import type { ProfileSet } from "../machine/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { simulate } from "../simulate.ts";
import { type Advice, adviceOf } from "./advice.ts";
import { type BreakEven, breakEven } from "./breakEven.ts";
import { type Commands, commandsOf } from "./commands.ts";
import { dramRoom } from "./dramRoom.ts";
import type { FitFacts, PricePerGib } from "./facts.ts";
import { hugePagesLeft } from "./hugePages.ts";
import { type Lights, lightsOf } from "./lights.ts";

/** Everything `altmap fit` says of one machine and all that is plugged into it. */
export interface Fit extends FitFacts {
  readonly lights: Lights;
  readonly commands: Commands;
  readonly advice: readonly Advice[];
  /** undefined without times. */
  readonly breakEven: BreakEven | undefined;
}

/** What a user states beside the scenario. */
export interface FitOptions {
  readonly own?: ProfileSet;
  /** `debian`, `rhel`, `suse`, `ubuntu`: how its boot parameters are set. @default any */
  readonly distribution?: string | undefined;
  /** The parameter was read on the machine itself: it need not be set once more. @default false */
  readonly isRunning?: boolean;
  readonly pricePerGib?: PricePerGib | undefined;
}

/** What is plugged when nobody says: one expander. */
const DEFAULT_FIT_DEVICE = "cxl-samsung-mxp-genoa";

/**
 * Does it fit, what does it cost, what do I type: the machine with all devices of the scenario plugged together, with
 * their memmaps in DRAM and on the memory.
 *
 * @returns bytes and ns; `fitDocument` makes the JSON of it
 * @error InputError for an unknown host or device, and for sizes that are slips
 */
export async function fitMachine(given: Scenario, options: FitOptions = {}): Promise<Fit> {
  const { own = ownProfiles(given.profiles) } = options;
  const planned = planFacts(given, own);
  const { scenario, plans } = planned;
  const isPriced = plans.every(isAdded) && isHostKnown(scenario.machine);
  const simulation = isPriced ? await simulate(scenario, { own }) : undefined;
  const facts = { ...planned, simulation };
  return {
    ...facts,
    lights: lightsOf(facts),
    commands: commandsOf(facts, options),
    advice: adviceOf(facts),
    breakEven: simulation === undefined ? undefined : breakEven(facts, simulation, options.pricePerGib),
  };
}

/** All that is known before anything is counted or priced. */
export function planFacts(given: Scenario, own: ProfileSet): FitFacts {
  const named = { ...given, devices: given.devices ?? [defaultDevice(DEFAULT_FIT_DEVICE)], pluggedTogether: true };
  const asked = withProfileDefaults({ ...named, workloads: [], operations: [], footprints: [] }, own);
  const scenario = selfHosting(asked);
  const { devices } = machineOf(scenario, own);
  const plans = planDevices(scenario, devices);
  const added = plans.filter(isAdded);
  const totals = machineTotals(added, scenario.machine.dramBytes);
  return {
    scenario,
    plans,
    asIs: planDevices(asked, machineOf(asked, own).devices),
    mode: asked.kernel.memmapOnMemory,
    daxKinds: devices.map(({ daxKind }) => daxKind),
    totals,
    room: dramRoom(scenario, added, totals),
    hugePages: { dram: hugePagesLeft(plans, false), onMemory: hugePagesLeft(plans, true) },
    simulation: undefined,
  };
}

/** The same machine with everything on that a user can switch on. */
function selfHosting(scenario: Scenario): Scenario {
  const { kernel, devices } = scenario;
  return {
    ...scenario,
    kernel: { ...kernel, memmapOnMemory: kernel.memmapOnMemory === "N" ? "Y" : kernel.memmapOnMemory },
    devices: devices?.map((device) => ({ ...device, memmapOnMemory: true })),
  };
}

/** A device of which at least a block is added. */
function isAdded({ placement, nrBlocks }: HotplugPlan): boolean {
  return nrBlocks > 0 && Number.isInteger(nrBlocks) && placement.outcome !== "no-room" && !isMisfit(placement.reason);
}

/** An add that is refused because it asks for self-hosting can be asked otherwise; a misaligned range cannot. */
const isMisfit = (reason: string): boolean => /is no multiple of the memory block|no whole memory block/.test(reason);
