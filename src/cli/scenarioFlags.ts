import { type Command, Option } from "commander";
import { InputError } from "../errors.ts";
import { defaultDevices } from "../machine/devices.ts";
import { defaultDevice, machineOf, ownProfiles } from "../machine/machine.ts";
import type { ProfileSet } from "../machine/schema.ts";
import { platform } from "../platform.ts";
import { checkEnds } from "../scenario/addresses.ts";
import { checkCapacity } from "../scenario/devices.ts";
import { checkDram, readScenario, type Scenario } from "../scenario/scenario.ts";
import { MOST_DEVICES } from "../scenario/schema.ts";
import { ARCHITECTURES, type ArchitectureName, DRIVERS, WHAT_IFS } from "../scenario/words.ts";
import { parseBytes } from "../units.ts";

/** What the command line says instead of the scenario, the same on answer, explain and fit; as the user wrote it. */
export interface ScenarioFlags {
  readonly device?: readonly string[];
  readonly count?: string;
  readonly capacity?: string;
  readonly driver?: string;
  readonly host?: string;
  readonly profiles?: string;
  readonly kernel?: string;
  readonly mode?: string;
  readonly dram?: string;
  readonly cpus?: string;
  readonly arch?: string;
  readonly pageSize?: string;
  readonly structPage?: string;
  readonly memoryBlock?: string;
  readonly endOfRam?: string;
  readonly whatIf?: string;
}

const FLAGS: readonly (readonly [flag: string, help: string])[] = [
  ["--device <id...>", "device profiles to plug instead of the scenario's (altmap profiles list); a prefix will do"],
  ["--count <n>", "so many of each device, plugged together"],
  ["--capacity <size>", "capacity of each device, such as 512GiB"],
  ["--driver <name>", `who adds the memory: ${DRIVERS.join(", ")}`],
  ["--host <id>", "host profile; this-machine brings what calibrate found out with it"],
  ["--profiles <file>", "hosts and devices of your own (altmap profiles import, altmap calibrate)"],
  ["--kernel <version>", "Linux version"],
  ["--mode <mode>", "memory_hotplug.memmap_on_memory: N, Y or force"],
  ["--dram <size>", "boot memory, such as 512GiB"],
  ["--cpus <n>", "CPUs of the whole machine"],
  ["--arch <name>", `architecture: ${ARCHITECTURES.join(", ")}`],
  ["--page-size <size>", "base page: 4KiB, 16KiB or 64KiB, where the architecture has it"],
  ["--struct-page <bytes>", "sizeof(struct page)"],
  ["--memory-block <size>", "size of a memory block"],
  ["--end-of-ram <address>", "where boot memory ends, holes included: decides the x86_64 memory block"],
  ["--what-if <name>", `a proposal that was never merged: ${WHAT_IFS.join(", ")}`],
];

/** Adds the flags to a command. */
export function addScenarioFlags(command: Command): Command {
  for (const [flag, help] of FLAGS) command.addOption(new Option(flag, help));
  return command;
}

/**
 * The scenario with what the command line says instead.
 *
 * @param own profiles that the flags may name
 * @error InputError naming the flag
 */
export function withFlags(read: Scenario, flags: ScenarioFlags, own: ProfileSet): Scenario {
  const { kernel, mode, structPage, memoryBlock, endOfRam, host, profiles } = flags;
  const dramBytes =
    flags.dram === undefined ? read.machine.dramBytes : checkDram(parseBytes(flags.dram, "--dram"), "--dram");
  const machine = {
    ...read.machine,
    dramBytes,
    host: host ?? read.machine.host,
    arch: archOf(flags, read.machine.arch),
    ...(flags.cpus !== undefined && { nrCpus: wholeNumber("--cpus", flags.cpus, 8192) }),
    ...(memoryBlock !== undefined && { memoryBlockBytes: parseBytes(memoryBlock, "--memory-block") }),
    ...(endOfRam !== undefined && { endOfRamBytes: endOfRamOf(endOfRam, dramBytes) }),
    ...(structPage !== undefined && { structPageBytes: parseBytes(structPage, "--struct-page") }),
    // Free memory was read on the machine as it is.
    ...(flags.dram !== undefined && { dramNodes: [] }),
  };
  const scenario = {
    ...read,
    machine,
    profiles: profiles ?? read.profiles,
    kernel: {
      ...read.kernel,
      ...(kernel !== undefined && { version: kernel }),
      ...(flags.whatIf !== undefined && { whatIf: [oneOf("--what-if", flags.whatIf, WHAT_IFS)] }),
      ...(mode !== undefined && { memmapOnMemory: oneOf("--mode", mode, ["N", "Y", "force"] as const) }),
    },
  };
  return withDevices(scenario, flags, own);
}

/** The scenario of a file with the flags, and the profiles it names. @error InputError for either */
export function flaggedScenario(path: string | undefined, flags: ScenarioFlags): FlaggedScenario {
  const read = readScenario(path);
  const own = ownProfiles(flags.profiles ?? read.profiles);
  return { scenario: withFlags(read, flags, own), own };
}

interface FlaggedScenario {
  readonly scenario: Scenario;
  /** Read once: they may come from standard input. */
  readonly own: ProfileSet;
}

function withDevices(scenario: Scenario, flags: ScenarioFlags, own: ProfileSet): Scenario {
  const { device: ids, count, capacity, driver } = flags;
  ids?.forEach(refuseFile);
  const changes = [count, capacity, driver].some((flag) => flag !== undefined);
  if (ids === undefined && !changes) return scenario;
  const capacityBytes =
    capacity === undefined ? undefined : checkCapacity(parseBytes(capacity, "--capacity"), "--capacity");
  const driverName = driver === undefined ? undefined : oneOf("--driver", driver, DRIVERS);
  const named =
    ids?.map((id) => defaultDevice(id)) ?? scenario.devices ?? defaultDevices.map(({ id }) => defaultDevice(id));
  const known = machineOf({ ...scenario, devices: named }, own).devices;
  const times = count === undefined ? 1 : wholeNumber("--count", count, Math.floor(MOST_DEVICES / known.length));
  const devices = known.flatMap(({ device, profile }) =>
    Array.from({ length: times }, () => ({
      ...device,
      id: profile.id,
      ...(driverName !== undefined && { driver: driverName }),
      ...(capacityBytes !== undefined && { capacityBytes, capacityIsAssumed: false }),
    })),
  );
  // Devices that only --device names are alternatives; --count says that they are plugged together.
  return {
    ...scenario,
    devices,
    pluggedTogether: count !== undefined || (ids === undefined && scenario.pluggedTogether),
  };
}

function archOf({ arch, pageSize }: ScenarioFlags, read: ArchitectureName): ArchitectureName {
  if (arch === undefined && pageSize === undefined) return read;
  const family = arch ?? read.replace(/-\d+k$/, "");
  const kib = pageSize === undefined ? undefined : parseBytes(pageSize, "--page-size") / 1024;
  const ofFamily = ARCHITECTURES.filter((name) => name === family || name.startsWith(`${family}-`));
  const pages = (name: ArchitectureName): number => Number(/-(\d+)k$/.exec(name)?.[1] ?? 4);
  const found = ofFamily.find((name) => kib === undefined || pages(name) === kib);
  if (found !== undefined) return found;
  if (ofFamily.length === 0) return oneOf<ArchitectureName>("--arch", family, ARCHITECTURES);
  throw new InputError({
    where: "--page-size",
    what: `${family} has no pages of ${pageSize}`,
    expected: ofFamily.map((name) => `${pages(name)}KiB`).join(", "),
    example: `--arch ${ofFamily[0]}`,
  });
}

/** `--device` takes every word that follows, a scenario file too. */
function refuseFile(id: string): void {
  if (!/\.(ya?ml|json)$/i.test(id) && !(/[./]/.test(id) && platform().isFile(id))) return;
  throw new InputError({
    where: "--device",
    what: `"${id}" is a file, not a device: --device takes all words up to the next option`,
    expected: "the scenario file first, or one --device for each device and -- before the file",
    example: `altmap answer ${id} --device ID...`,
  });
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw new InputError({
    what: `${flag} "${text.slice(0, 40)}" is no number of that kind`,
    expected: `a whole number from 1 to ${most}`,
    example: `${flag} 4`,
  });
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
