import { localDram } from "./devicesDram.ts";
import { cxl, hbm, pmem } from "./devicesFar.ts";
import { newerDram, newerFar } from "./devicesNewer.ts";
import { remoteDram } from "./devicesNuma.ts";
import type { DeviceProfile } from "./profiles.ts";

// Values are published measurements; `altmap profiles show ID` prints each with its source.

/** Every built-in device. */
export const devices: readonly DeviceProfile[] = [
  ...localDram,
  ...newerDram,
  ...remoteDram,
  ...cxl,
  ...pmem,
  ...hbm,
  ...newerFar,
];

/** Devices that `altmap answer` prices when none is named: all have measured idle latencies. */
export const defaultDevices: readonly DeviceProfile[] = [
  "cxl-e3s-96g-spr",
  "cxl-samsung-mxp-genoa",
  "cxl-samsung-mxp-genoa-remote",
  "optane100-6x-interleaved",
  "optane100-1x",
].map((id) => deviceById(id));

/** @error RangeError when no built-in device has this id (user input goes through `findDevice`) */
export function deviceById(id: string): DeviceProfile {
  const device = devices.find((candidate) => candidate.id === id);
  if (device === undefined) throw new RangeError(`no built-in device ${id}`);
  return device;
}
