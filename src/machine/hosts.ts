import { amdHosts } from "./hostsAmd.ts";
import { armHosts } from "./hostsArm.ts";
import { intelHosts } from "./hostsIntel.ts";
import { otherHosts } from "./hostsOther.ts";
import type { HostProfile } from "./profiles.ts";

/** Every built-in host. */
export const hosts: readonly HostProfile[] = [...intelHosts, ...amdHosts, ...armHosts, ...otherHosts];

/** The bare-metal x86_64 server of the default scenario. */
export const defaultHost: HostProfile = intelHosts.find((host) => host.id === "sapphire-rapids")!;
