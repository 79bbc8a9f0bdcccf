import { readText } from "../scenario/readText.ts";
import { defaultDevices, devices } from "./devices.ts";
import { findNamed } from "./find.ts";
import { defaultHost, hosts } from "./hosts.ts";
import type { DeviceProfile, HostProfile } from "./profiles.ts";
import { type ProfileSet, parseProfiles } from "./schema.ts";

const EXAMPLE = "altmap profiles show cxl-samsung-mxp-genoa --yaml > mine.yaml";

/** Ids of what `altmap answer` uses when nothing is named. */
export function builtInDefaults(): ReadonlySet<string> {
  return new Set([...defaultDevices.map((device) => device.id), defaultHost.id]);
}

/**
 * The built-in profiles, after those of `file` if one is given; a profile of the file hides a built-in
 * one of the same id.
 *
 * @error InputError when the file cannot be read or is no profile file
 */
export async function loadProfiles(file?: string): Promise<ProfileSet> {
  if (file === undefined) return { devices, hosts };
  const own = parseProfiles(readText(file, "a profile file in YAML", EXAMPLE, ["profiles"]), file);
  return { devices: hiding(own.devices, devices), hosts: hiding(own.hosts, hosts) };
}

function hiding<T extends { readonly id: string }>(own: readonly T[], builtIn: readonly T[]): T[] {
  const ids = new Set(own.map((profile) => profile.id));
  return [...own, ...builtIn.filter((profile) => !ids.has(profile.id))];
}

/** A device or host of `set`. @error InputError that suggests the nearest name */
export function findProfile(id: string, set: ProfileSet): DeviceProfile | HostProfile {
  const all = [...set.devices, ...set.hosts];
  return findNamed(id, all, "profile");
}
