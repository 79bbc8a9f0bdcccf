import { InputError } from "../errors.ts";
import { machineOf, ownProfiles } from "../machine/machine.ts";
import type { ProfileSet } from "../machine/schema.ts";
import { checkEnds } from "../scenario/addresses.ts";
import { checkCapacity, readScenario, type Scenario } from "../scenario/scenario.ts";
import { ARCHITECTURES, type ArchitectureName, DRIVERS } from "../scenario/words.ts";
import { parseBytes } from "../units.ts";

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

/** What `altmap explain` explains: the scenario with what the command line says instead, and the profiles it names. */
interface GivenScenario {
  readonly scenario: Scenario;
  /** Read once: they may come from standard input. */
  readonly own: ProfileSet;
}

/** @error InputError for a bad scenario, profile file or flag */
export function explainScenario(path: string | undefined, overrides: ExplainOverrides): GivenScenario {
  const read = readScenario(path);
  const own = ownProfiles(overrides.profiles ?? read.profiles);
  return { scenario: overridden(read, overrides, own), own };
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
