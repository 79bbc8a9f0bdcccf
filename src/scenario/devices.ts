import { InputError } from "../errors.ts";
import { addressOf, positiveSize } from "./addresses.ts";
import { MOST_DEVICES, type ScenarioFile } from "./schema.ts";
import type { DaxKind, DriverName } from "./words.ts";

/** One device that is hot-added. */
export interface ScenarioDevice {
  readonly id: string;
  readonly capacityBytes: number;
  /** True when nobody stated `capacityBytes`: the device's profile may. */
  readonly capacityIsAssumed?: boolean;
  /** What gives `capacityBytes`, when it is the profile. */
  readonly capacityFrom?: string;
  readonly driver: DriverName;
  /** As written to the attribute; undefined: the kernel's default for its dax kind. */
  readonly memmapOnMemory: boolean | undefined;
  /** Physical address; undefined: nobody says, so it is taken as aligned to a memory block. */
  readonly startBytes?: number | undefined;
  /** undefined: by the medium of the device. */
  readonly daxKind?: DaxKind | undefined;
  /** NUMA node; undefined: that of its CXL window, else one of its own. */
  readonly node?: number | undefined;
  /** As the machine calls it: dax0.0. */
  readonly name?: string | undefined;
}

/** 16 TiB: the largest hot-added range whose 4 KiB pages 32-bit device-relative pfns can number. */
const MAX_CAPACITY_BYTES = 16 * 1024 ** 4;
export const DEFAULT_CAPACITY_BYTES = 512 * 1024 ** 3;

/** The devices of a file, each as often as its `count` says. @error InputError for bad sizes, and for too many */
export function devicesOf(devices: ScenarioFile["devices"], where: string): readonly ScenarioDevice[] | undefined {
  const all = devices?.flatMap((device, i) => countedDevices(device, `"devices.${i}`, where));
  if (all === undefined || all.length <= MOST_DEVICES) return all;
  throw new InputError({ what: `"devices" are ${all.length} together`, where, expected: `at most ${MOST_DEVICES}` });
}

type FileDevice = NonNullable<ScenarioFile["devices"]>[number];

function countedDevices(device: FileDevice, key: string, where: string): ScenarioDevice[] {
  const { capacity, count } = device;
  const capacityBytes =
    capacity === undefined
      ? DEFAULT_CAPACITY_BYTES
      : checkCapacity(positiveSize(capacity, `${key}.capacity"`, where), `${key}.capacity"`);
  const startBytes = addressOf(device.start, `${key}.start"`, where);
  return Array.from({ length: count }, (_, n) => ({
    id: device.id,
    capacityBytes,
    ...(capacity === undefined ? { capacityIsAssumed: true } : {}),
    driver: device.driver,
    memmapOnMemory: device.memmap_on_memory === "default" ? undefined : device.memmap_on_memory,
    startBytes: startBytes === undefined ? undefined : startBytes + n * capacityBytes,
    daxKind: device.dax_kind,
    node: device.node,
    name: device.name,
  }));
}

/** @error InputError when the capacity is zero or above what 32-bit device-relative pfns can number */
export function checkCapacity(capacityBytes: number, what: string): number {
  if (capacityBytes > 0 && capacityBytes <= MAX_CAPACITY_BYTES) return capacityBytes;
  throw new InputError({
    what: `${what} is ${capacityBytes} bytes`,
    expected: `more than zero and at most ${MAX_CAPACITY_BYTES} bytes (16 TiB)`,
    example: "512GiB",
  });
}
