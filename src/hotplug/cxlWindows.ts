import type { CxlWindow } from "../scenario/addresses.ts";
import type { ScenarioDevice } from "../scenario/devices.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { DaxKind } from "../scenario/words.ts";
import { formatBytes, hex } from "../units.ts";
import { CXL_GRANULE_BYTES } from "./blockSize.ts";

/** A device and as what kind of dax device it meets dax/kmem. */
export interface PlacedDevice {
  readonly device: ScenarioDevice;
  readonly daxKind: DaxKind;
}

/** Where the memory of a device starts. */
export interface Place {
  /** Undefined: nothing says. */
  readonly startBytes: number | undefined;
  /** Why no region can be made for the device; undefined when one can. */
  readonly noRoom: string | undefined;
  readonly notes: readonly string[];
  /** Index of the window in which it lies; undefined without one. */
  readonly window: number | undefined;
}

/**
 * CXL devices without a start take the first window with room, in the order of the list; a region lies in one window
 * and starts at a multiple of 256 MiB. Devices that are alternatives to each other find the windows empty.
 *
 * @source drivers/cxl/core/region.c alloc_hpa (6.12): the first free range of the window
 */
export function placesOf(scenario: Scenario, devices: readonly PlacedDevice[]): Place[] {
  const windows = scenario.machine.cxlWindows;
  const used = windows.map(({ baseBytes }) => baseBytes);
  return devices.map(({ device, daxKind }): Place => {
    const { startBytes, capacityBytes } = device;
    if (windows.length === 0 || daxKind !== "cxl")
      return { startBytes, noRoom: undefined, notes: [], window: undefined };
    if (startBytes !== undefined) {
      const within = windowOf(windows, startBytes, capacityBytes);
      return { startBytes, noRoom: undefined, notes: outsideNotes(within, startBytes, capacityBytes), window: within };
    }
    const from = windows.map((window, i) => roundUp(scenario.pluggedTogether ? used[i]! : window.baseBytes));
    const free = windows.map((window, i) => Math.max(0, window.baseBytes + window.sizeBytes - from[i]!));
    const found = free.findIndex((bytes) => bytes >= capacityBytes);
    if (found >= 0) {
      used[found] = from[found]! + capacityBytes;
      return { startBytes: from[found], noRoom: undefined, notes: [], window: found };
    }
    const rooms = windows.map((window, i) => `${formatBytes(free[i]!)} in the one at ${hex(window.baseBytes)}`);
    const noRoom = `${formatBytes(capacityBytes)} does not fit a CXL window, and a region lies in one: free are ${rooms.join(", ")}`;
    return { startBytes: undefined, noRoom, notes: [], window: undefined };
  });
}

function windowOf(windows: readonly CxlWindow[], startBytes: number, capacityBytes: number): number | undefined {
  const end = startBytes + capacityBytes;
  const within = windows.findIndex((one) => startBytes >= one.baseBytes && end <= one.baseBytes + one.sizeBytes);
  return within < 0 ? undefined : within;
}

function outsideNotes(window: number | undefined, startBytes: number, capacityBytes: number): string[] {
  const range = `${hex(startBytes)} to ${hex(startBytes + capacityBytes)}`;
  return window === undefined ? [`${range} is not inside one of machine.cxl_windows`] : [];
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / CXL_GRANULE_BYTES) * CXL_GRANULE_BYTES;
}
