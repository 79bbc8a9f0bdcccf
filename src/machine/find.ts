import { InputError, namesLike } from "../errors.ts";
import { devices } from "./devices.ts";
import { hosts } from "./hosts.ts";
import type { DeviceProfile, HostProfile } from "./profiles.ts";

/**
 * The device a user named, among `own` (from profile files) first and then the built-in ones.
 *
 * @error InputError that suggests the names that begin so, else the nearest
 */
export function findDevice(id: string, own: readonly DeviceProfile[] = []): DeviceProfile {
  return findNamed(id, [...own, ...devices], "device");
}

/** The host a user named. @error InputError that suggests names */
export function findHost(id: string, own: readonly HostProfile[] = []): HostProfile {
  return findNamed(id, [...own, ...hosts], "host");
}

/** Whether it is one of the packaged hosts, not one of a profile file. */
export function isBuiltInHost(host: HostProfile): boolean {
  return hosts.some(({ id, description }) => id === host.id && description === host.description);
}

/**
 * The one of that id, or the only one whose id begins so.
 *
 * @error InputError that suggests the names that begin with `id`, else the nearest; never every name there is
 */
export function findNamed<T extends { readonly id: string }>(id: string, all: readonly T[], kind: string): T {
  const found = all.find((candidate) => candidate.id === id);
  if (found !== undefined) return found;
  const like = namesLike(
    id,
    all.map((candidate) => candidate.id),
  );
  if (like.isPrefix && like.names.length === 1) return all.find((candidate) => candidate.id === like.names[0])!;
  const hint =
    like.names.length === 0
      ? ""
      : like.isPrefix && like.names.length > 1
        ? `; ${like.names.length} begin with it`
        : `; did you mean "${like.names[0]}"?`;
  throw new InputError({
    what: `unknown ${kind} "${id.slice(0, 64)}"${hint}`,
    expected:
      like.names.length === 0
        ? `an id that \`altmap profiles list\` prints`
        : `${listed(like.names)} (altmap profiles list prints all)`,
    example: like.names[0] ?? all[0]!.id,
  });
}

/** What a terminal shows in a few lines. */
const MOST_NAMES = 12;

function listed(names: readonly string[]): string {
  const shown = [...new Set(names)];
  const rest = shown.length - MOST_NAMES;
  const tail = rest > 0 ? ` and ${rest} more` : "";
  return `${shown.length > 1 ? "one of " : ""}${shown.slice(0, MOST_NAMES).join(", ")}${tail}`;
}
