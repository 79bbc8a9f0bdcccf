import { InputError } from "../errors.ts";
import type { HotplugEvent } from "./schema.ts";

type DeviceState = "unplugged" | "offline" | "online";

/** From which state each event leads to which. */
const STEPS: Readonly<Record<HotplugEvent, readonly [from: DeviceState, to: DeviceState]>> = {
  add: ["unplugged", "offline"],
  online_movable: ["offline", "online"],
  online_kernel: ["offline", "online"],
  offline: ["online", "offline"],
  remove: ["offline", "unplugged"],
};

/** @error InputError for an event that the device's state does not allow; it starts unplugged */
export function checkEvents(events: readonly HotplugEvent[], where: string): readonly HotplugEvent[] {
  let state: DeviceState = "unplugged";
  for (const [i, event] of events.entries()) {
    const [from, to]: readonly [DeviceState, DeviceState] = STEPS[event];
    if (from !== state) {
      const possible = Object.entries(STEPS).filter(([, [before]]) => before === state);
      throw new InputError({
        what: `"events.${i}" is ${event}, but the device is ${state} then`,
        where,
        expected: possible.map(([name]) => name).join(" or "),
        example: "events: [add, online_movable, offline, remove]",
      });
    }
    state = to;
  }
  return events;
}
