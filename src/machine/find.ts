import { InputError, nearestName } from "../errors.ts";
import { devices } from "./devices.ts";
import { hosts } from "./hosts.ts";
import type { DeviceProfile, HostProfile } from "./profiles.ts";

/**
 * The device a user named, among `own` (from profile files) first and then the built-in ones.
 *
 * @error InputError that suggests the nearest name
 */
export function findDevice(id: string, own: readonly DeviceProfile[] = []): DeviceProfile {
  return find(id, [...own, ...devices], "device");
}

/** The host a user named. @error InputError that suggests the nearest name */
export function findHost(id: string, own: readonly HostProfile[] = []): HostProfile {
  return find(id, [...own, ...hosts], "host");
}

/** Whether it is one of the packaged hosts, not one of a profile file. */
export function isBuiltInHost(host: HostProfile): boolean {
  return hosts.some(({ id, description }) => id === host.id && description === host.description);
}

function find<T extends { readonly id: string }>(id: string, all: readonly T[], kind: string): T {
  const found = all.find((candidate) => candidate.id === id);
  if (found !== undefined) return found;
  const names = all.map((candidate) => candidate.id);
  const near = nearestName(id, names);
  throw new InputError({
    what: `unknown ${kind} "${id.slice(0, 64)}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
    expected: `one of ${names.join(", ")}`,
    example: near ?? names[0]!,
  });
}
