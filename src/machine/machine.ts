import { DEFAULT_CAPACITY_BYTES, type ScenarioDevice } from "../scenario/devices.ts";

import { familyOf } from "../scenario/foreignHost.ts";
import { MACHINE_CLASS_NAMES, type MachineClassName } from "../scenario/machineUse.ts";
import { readText } from "../scenario/readText.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { DaxKind } from "../scenario/words.ts";
import { defaultDevices } from "./devices.ts";
import { findDevice, findHost } from "./find.ts";
import { defaultHost, defaultHostOf } from "./hosts.ts";
import type { DeviceProfile, HostProfile, Medium } from "./profiles.ts";
import { type MachineRates, machineRatesOf } from "./rates/machineRates.ts";
import { type RemoteDram, remoteDramOf } from "./remoteDram.ts";
import { type ProfileSet, parseProfiles } from "./schema.ts";

/** The scenario's names looked up: the host, its DRAM, and each device that is plugged. */
export interface Machine {
  readonly host: HostProfile;
  /** DRAM beside the cores: boot memory, and the memmap when it is placed there. */
  readonly dram: DeviceProfile;
  /** DRAM of the other socket. */
  readonly remoteDram: RemoteDram;
  /** What the machine does a second. */
  readonly rates: MachineRates;
  /** What one of each class with its CPUs does; empty where the scenario states rates. */
  readonly classRates: readonly { readonly machineClass: MachineClassName; readonly rates: MachineRates }[];
  readonly devices: readonly PluggedDevice[];
}

export interface PluggedDevice {
  readonly profile: DeviceProfile;
  readonly device: ScenarioDevice;
  readonly daxKind: DaxKind;
}

/** As what kind of dax device each memory would meet dax/kmem. */
const DAX_KIND: Readonly<Record<Medium, DaxKind>> = {
  "local-dram": "hmem",
  "remote-numa": "hmem",
  hbm: "hmem",
  cxl: "cxl",
  pmem: "pmem",
  "nvdimm-n": "pmem",
};

/**
 * @param own the profiles of the scenario's file, when they are read already: standard input is read once
 * @error InputError naming an unknown host or device and the nearest known one
 */
export function machineOf(scenario: Scenario, own = ownProfiles(scenario.profiles)): Machine {
  const host = withCpi(hostOf(scenario.machine.host, own, familyOf(scenario.machine.arch)), scenario.policy.cpi);
  const devices = scenario.devices ?? defaultDevices.map(({ id }) => defaultDevice(id));
  const dram = findDevice(host.localDram, own.devices);
  return {
    host,
    dram,
    remoteDram: remoteDramOf(host, dram, own.devices),
    rates: machineRatesOf(scenario.use, scenario.machine.nrCpus, host),
    classRates: classRatesOf(scenario, host),
    devices: devices.map((device) => {
      const profile = findDevice(device.id, own.devices);
      return { profile, device, daxKind: device.daxKind ?? DAX_KIND[profile.medium] };
    }),
  };
}

function classRatesOf({ use, machine }: Scenario, host: HostProfile): Machine["classRates"] {
  if (Object.values(use.rates).some((rate) => rate !== undefined)) return [];
  return MACHINE_CLASS_NAMES.map((machineClass) => ({
    machineClass,
    rates: machineRatesOf({ ...use, machineClass }, machine.nrCpus, host),
  }));
}

/**
 * "default" or the id of a host.
 *
 * @param family whose default host it is; where none is known the x86_64 one stands in for placement, which needs none
 * @error InputError that suggests the nearest name
 */
export function hostOf(id: string, own: ProfileSet, family = "x86_64"): HostProfile {
  return id === "default" ? (defaultHostOf(family) ?? defaultHost) : findHost(id, own.hosts);
}

/** Profiles of a file that a user wrote, imported or calibrated. @error InputError when it is no profile file */
export function ownProfiles(path: string | undefined): ProfileSet {
  return path === undefined
    ? { hosts: [], devices: [] }
    : parseProfiles(
        readText(path, "a profile file in YAML", "altmap profiles show cxl-samsung-mxp-genoa --yaml > mine.yaml", [
          "profiles",
        ]),
        path,
      );
}

function withCpi(host: HostProfile, cpi: readonly [number, number] | undefined): HostProfile {
  if (cpi === undefined) return host;
  return {
    ...host,
    cpi: { value: (cpi[0] + cpi[1]) / 2, range: cpi, level: "R", source: "policy.cpi of the scenario" },
  };
}

/** What the default scenario plugs: through dax/kmem, its memmap_on_memory attribute as the kernel gives it. */
export function defaultDevice(id: string, capacityBytes?: number): ScenarioDevice {
  return {
    id,
    capacityBytes: capacityBytes ?? DEFAULT_CAPACITY_BYTES,
    capacityIsAssumed: capacityBytes === undefined,
    driver: "dax-kmem",
    memmapOnMemory: undefined,
  };
}
