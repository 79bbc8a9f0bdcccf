import { InputError } from "./errors.ts";
import { ARCHITECTURES, type ArchitectureName, architecture } from "./hotplug/architectures.ts";
import { DRIVERS, type DriverName } from "./hotplug/drivers.ts";
import type { Fact } from "./hotplug/evidence.ts";
import { type KernelRules, kernelRules, parseKernelVersion } from "./hotplug/kernels.ts";
import { decidePlacement, type Placement } from "./hotplug/placement.ts";
import { blockRuleOf } from "./hotplug/plan.ts";
import { machineOf } from "./machine/machine.ts";
import { checkCapacity, readScenario, type Scenario } from "./scenario/scenario.ts";
import { parseBytes } from "./units.ts";

/** What the command line says instead of the scenario. */
export interface ExplainOverrides {
  readonly kernel?: string;
  readonly arch?: string;
  readonly mode?: string;
  readonly driver?: string;
  readonly capacity?: string;
  readonly memoryBlock?: string;
  readonly structPage?: string;
  readonly profiles?: string;
}

/** Devices that meet the same decision. */
export interface ExplainedDevices {
  readonly ids: readonly string[];
  readonly driver: DriverName;
  readonly capacityBytes: number;
  readonly placement: Placement;
}

/** Where the memmap of each device goes, and why. */
export interface Explanation {
  readonly kernel: string;
  readonly row: string;
  readonly scenario: Scenario;
  readonly pageBytes: number;
  readonly blockRule: Fact<number>;
  /** Every rule of the kernel, also those that the devices did not meet. */
  readonly rules: KernelRules;
  readonly devices: readonly ExplainedDevices[];
}

/** @error InputError for a bad scenario or flag */
export function explain(path: string | undefined, overrides: ExplainOverrides): Explanation {
  const scenario = overridden(readScenario(path), overrides);
  const { machine, kernel } = scenario;
  const { row } = parseKernelVersion(kernel.version);
  const blockRule = blockRuleOf(scenario);
  const groups = new Map<string, ExplainedDevices>();
  for (const { device, daxKind } of machineOf(scenario).devices) {
    const { driver, capacityBytes } = device;
    const placement = decidePlacement({
      kernel: kernel.version,
      architecture: machine.arch,
      blockBytes: blockRule.value,
      structPageBytes: machine.structPageBytes,
      mode: kernel.memmapOnMemory,
      driver,
      attribute: device.memmapOnMemory,
      daxKind,
      rangeBytes: capacityBytes,
    });
    const key = JSON.stringify([driver, capacityBytes, placement]);
    const ids = [...(groups.get(key)?.ids ?? []), device.id];
    groups.set(key, { ids, driver, capacityBytes, placement });
  }
  const { pageBytes } = architecture(machine.arch, kernel.version);
  return {
    kernel: kernel.version,
    row,
    scenario,
    pageBytes,
    blockRule,
    rules: kernelRules(kernel.version),
    devices: [...groups.values()],
  };
}

function overridden(read: Scenario, overrides: ExplainOverrides): Scenario {
  const scenario = overrides.profiles === undefined ? read : { ...read, profiles: overrides.profiles };
  const { kernel, arch, mode, driver, capacity, memoryBlock, structPage } = overrides;
  const driverName = driver === undefined ? undefined : oneOf("--driver", driver, DRIVERS);
  const capacityBytes =
    capacity === undefined ? undefined : checkCapacity(parseBytes(capacity, "--capacity"), "--capacity");
  const devices = machineOf(scenario).devices.map(({ device }) => ({
    ...device,
    driver: driverName ?? device.driver,
    capacityBytes: capacityBytes ?? device.capacityBytes,
  }));
  const machine = {
    ...scenario.machine,
    ...(arch !== undefined && { arch: oneOf<ArchitectureName>("--arch", arch, ARCHITECTURES) }),
    ...(memoryBlock !== undefined && { memoryBlockBytes: parseBytes(memoryBlock, "--memory-block") }),
    ...(structPage !== undefined && { structPageBytes: parseBytes(structPage, "--struct-page") }),
  };
  const parameters = {
    ...scenario.kernel,
    ...(kernel !== undefined && { version: kernel }),
    ...(mode !== undefined && { memmapOnMemory: oneOf("--mode", mode, ["N", "Y", "force"] as const) }),
  };
  return { ...scenario, machine, kernel: parameters, devices };
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new InputError({ what: `${flag} "${value.slice(0, 40)}" is unknown`, expected: allowed.join(", ") });
}
