import { InputError } from "./errors.ts";
import { architecture } from "./hotplug/architectures.ts";
import { type BlockRule, blockRuleOf } from "./hotplug/blockRule.ts";
import { type KernelRules, kernelRow, kernelRules } from "./hotplug/kernels.ts";
import { type HotplugPlan, machineNotes, planDevices } from "./hotplug/plan.ts";
import { machineOf, ownProfiles } from "./machine/machine.ts";
import { withProfileDefaults } from "./machine/profileDefaults.ts";
import type { ProfileSet } from "./machine/schema.ts";
import { checkEnds } from "./scenario/addresses.ts";
import { checkCapacity, readScenario, type Scenario } from "./scenario/scenario.ts";
import { ARCHITECTURES, type ArchitectureName, DRIVERS } from "./scenario/words.ts";
import { parseBytes } from "./units.ts";

/** What the command line says instead of the scenario. */
export interface ExplainOverrides {
  readonly kernel?: string;
  readonly arch?: string;
  readonly mode?: string;
  readonly driver?: string;
  readonly capacity?: string;
  readonly memoryBlock?: string;
  readonly endOfRam?: string;
  readonly structPage?: string;
  readonly profiles?: string;
}

/** Devices that meet the same decision. */
export interface ExplainedDevices {
  readonly ids: readonly string[];
  /** The plan of the first of them; those of the others differ in the id only. */
  readonly plan: HotplugPlan;
}

/** Where the memmap of each device goes, and why. */
export interface Explanation {
  readonly kernel: string;
  readonly row: string;
  readonly scenario: Scenario;
  readonly pageBytes: number;
  readonly blockRule: BlockRule;
  /** What is assumed of the machine, one clause each. */
  readonly notes: readonly string[];
  /** Every rule of the kernel, also those that the devices did not meet. */
  readonly rules: KernelRules;
  readonly devices: readonly ExplainedDevices[];
}

/** @error InputError for a bad scenario or flag */
export function explain(path: string | undefined, overrides: ExplainOverrides): Explanation {
  const read = readScenario(path);
  const own = ownProfiles(overrides.profiles ?? read.profiles);
  const scenario = withProfileDefaults(overridden(read, overrides, own), own);
  const { machine, kernel } = scenario;
  const row = kernelRow(kernel.version);
  const groups = new Map<string, ExplainedDevices>();
  for (const plan of planDevices(scenario, machineOf(scenario, own).devices)) {
    const key = JSON.stringify({ ...plan, device: { ...plan.device, id: "" } });
    const group = groups.get(key);
    groups.set(key, { ids: [...(group?.ids ?? []), plan.device.id], plan: group?.plan ?? plan });
  }
  const { pageBytes } = architecture(machine.arch, kernel.version);
  return {
    kernel: kernel.version,
    row,
    scenario,
    pageBytes,
    blockRule: blockRuleOf(scenario),
    notes: machineNotes(scenario),
    rules: kernelRules(kernel.version),
    devices: [...groups.values()],
  };
}

function overridden(read: Scenario, overrides: ExplainOverrides, own: ProfileSet): Scenario {
  const scenario = overrides.profiles === undefined ? read : { ...read, profiles: overrides.profiles };
  const { kernel, arch, mode, driver, capacity, memoryBlock, endOfRam, structPage } = overrides;
  const driverName = driver === undefined ? undefined : oneOf("--driver", driver, DRIVERS);
  const capacityBytes =
    capacity === undefined ? undefined : checkCapacity(parseBytes(capacity, "--capacity"), "--capacity");
  const devices = machineOf(scenario, own).devices.map(({ device }) => ({
    ...device,
    driver: driverName ?? device.driver,
    capacityBytes: capacityBytes ?? device.capacityBytes,
    capacityIsAssumed: capacityBytes === undefined && device.capacityIsAssumed === true,
  }));
  const machine = {
    ...scenario.machine,
    ...(arch !== undefined && { arch: oneOf<ArchitectureName>("--arch", arch, ARCHITECTURES) }),
    ...(memoryBlock !== undefined && { memoryBlockBytes: parseBytes(memoryBlock, "--memory-block") }),
    ...(endOfRam !== undefined && { endOfRamBytes: endOfRamOf(endOfRam, scenario.machine.dramBytes) }),
    ...(structPage !== undefined && { structPageBytes: parseBytes(structPage, "--struct-page") }),
  };
  const parameters = {
    ...scenario.kernel,
    ...(kernel !== undefined && { version: kernel }),
    ...(mode !== undefined && { memmapOnMemory: oneOf("--mode", mode, ["N", "Y", "force"] as const) }),
  };
  return { ...scenario, machine, kernel: parameters, devices };
}

function endOfRamOf(text: string, dramBytes: number): number {
  const bytes = parseBytes(text, "--end-of-ram");
  checkEnds(bytes, dramBytes, "--end-of-ram");
  return bytes;
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new InputError({ what: `${flag} "${value.slice(0, 40)}" is unknown`, expected: allowed.join(", ") });
}
