import { familyOf } from "../scenario/foreignHost.ts";
import { amdHosts } from "./hostsAmd.ts";
import { armHosts } from "./hostsArm.ts";
import { intelHosts } from "./hostsIntel.ts";
import { otherHosts } from "./hostsOther.ts";
import type { HostProfile } from "./profiles.ts";

/** Every built-in host. */
export const hosts: readonly HostProfile[] = [...intelHosts, ...amdHosts, ...armHosts, ...otherHosts];

const named = (id: string): HostProfile => hosts.find((host) => host.id === id)!;

/** The bare-metal x86_64 server of the default scenario. */
export const defaultHost: HostProfile = named("sapphire-rapids");

/**
 * The host of a scenario that names none, by family of the architecture: for arm64 one whose DRAM was measured; POWER and z
 * are as rough as their levels say, DRAM latency of level R. Of the others no host is known.
 */
const DEFAULT_HOSTS: Readonly<Record<string, HostProfile>> = {
  x86_64: defaultHost,
  arm64: named("neoverse-v1"),
  ppc64: named("power9"),
  s390: named("z15"),
};

/** The default host of a family, `arm64`; undefined where none is known. */
export function defaultHostOf(family: string): HostProfile | undefined {
  return DEFAULT_HOSTS[family];
}

/** Whether a scenario's machine can be priced: it names a host, or its architecture has a default one. */
export function isHostKnown({ host, arch }: { readonly host: string; readonly arch: string }): boolean {
  return host !== "default" || defaultHostOf(familyOf(arch)) !== undefined;
}
