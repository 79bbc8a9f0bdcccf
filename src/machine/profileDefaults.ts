import { InputError } from "../errors.ts";
import { checkCapacity, type ScenarioDevice } from "../scenario/devices.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { formatBytes } from "../units.ts";
import { findDevice } from "./find.ts";
import type { DeviceProfile } from "./profiles.ts";
import type { ProfileSet } from "./schema.ts";

/**
 * What the scenario leaves open and the profiles of its devices state: each device's capacity, and the memory block of
 * the machine they were read on. The scenario and the command line win.
 *
 * @param own the profiles of the scenario's file
 * @error InputError when the profiles were read on machines of different memory blocks, or a capacity is out of range
 */
export function withProfileDefaults(scenario: Scenario, own: ProfileSet): Scenario {
  const { devices, machine } = scenario;
  if (devices === undefined) return scenario;
  const profiles = devices.map(({ id }) => findDevice(id, own.devices));
  const block = machine.memoryBlockBytes === undefined ? statedBlock(profiles) : undefined;
  return {
    ...scenario,
    machine: block === undefined ? machine : { ...machine, ...block },
    devices: devices.map((device, i) => withCapacity(device, profiles[i]!)),
  };
}

function withCapacity(device: ScenarioDevice, { id, capacityBytes }: DeviceProfile): ScenarioDevice {
  if (device.capacityIsAssumed !== true || capacityBytes === undefined) return device;
  return {
    ...device,
    capacityBytes: checkCapacity(capacityBytes.value, `the capacity of profile ${id}`),
    capacityIsAssumed: false,
    capacityFrom: `profile ${id} (${capacityBytes.source})`,
  };
}

function statedBlock(
  profiles: readonly DeviceProfile[],
): { readonly memoryBlockBytes: number; readonly memoryBlockFrom: string } | undefined {
  const [first, ...rest] = profiles.filter((profile) => profile.memoryBlockBytes !== undefined);
  if (first?.memoryBlockBytes === undefined) return undefined;
  const { value, source } = first.memoryBlockBytes;
  const other = rest.find((profile) => profile.memoryBlockBytes?.value !== value);
  if (other !== undefined) {
    throw new InputError({
      what: `profiles ${first.id} and ${other.id} are of machines with different memory blocks: ${formatBytes(value)} and ${formatBytes(other.memoryBlockBytes?.value ?? 0)}`,
      expected: "one memory block size of this machine",
      example: "machine: { memory_block: 128MiB }",
    });
  }
  return { memoryBlockBytes: value, memoryBlockFrom: `profile ${first.id} (${source})` };
}
