import { KIB } from "../units.ts";
import { deviceById } from "./devices.ts";
import { CLEAR_ASSUMED } from "./hostValues.ts";
import type { DeviceProfile, HostProfile } from "./profiles.ts";
import { type Quantity, rangeOf } from "./provenance.ts";
import { q } from "./quantity.ts";

/** What a host is taken to be where its profile does not say; `profiles show` lists what was assumed. */
export const ASSUMED_HOST = {
  l1Cycles: q(4, "R", "assumed", { range: [4, 5], note: "4 on Zen, Skylake and Neoverse, 5 from Ice Lake on" }),
  reorderBufferMicroOps: q(256, "R", "assumed", { range: [192, 512], note: "servers since 2014 hold 192 to 512" }),
  reorderBufferSiblingShare: q(0.6, "R", "assumed", { range: [0.5, 1], note: "halved, competitive or no sibling" }),
  microOpsPerInstruction: q(1.1, "R", "assumed", {
    range: [0.95, 1.3],
    note: "fused micro-ops; kernel code with its locked operations and calls lies above 1",
  }),
  nrL1MissBuffers: q(16, "R", "assumed", { range: [10, 24] }),
  nrL2MissBuffers: q(48, "R", "assumed", { range: [32, 96] }),
  adjacentLineShare: q(0.4, "R", "assumed", { range: [0.02, 0.8], note: "0.02 on Skylake-X, 0.72 to 0.76 on Zen" }),
  streamTrainingLines: q(3, "R", "assumed", { range: [2, 5] }),
  streamPageBytes: q(4 * KIB, "R", "assumed", { range: [4 * KIB, 2048 * KIB], note: "Intel's stays inside 4 KiB" }),
  lockedSerialShare: q(0.3, "R", "assumed", { range: [0.05, 1], note: "Haswell serialises, Zen 4 does not" }),
  clearGBps: CLEAR_ASSUMED,
  clearInCacheGBps: q(100, "C", "assumed", {
    range: [50, 160],
    note: "93 measured on Zen 3; 43 to 62 bytes a cycle in L1",
  }),
  clearStartNs: q(20, "S", "zen3-vm", {
    range: [8, 35],
    note: "as on Zen 3; rep stos starts in about 30 to 60 cycles",
  }),
  copyInCacheGBps: q(40, "S", "zen3-vm", { range: [20, 60], note: "as on Zen 3" }),
  copyStartNs: q(9, "S", "zen3-vm", { range: [5, 25], note: "as on Zen 3" }),
  syscallEntryNs: q(100, "S", "zen3-vm", {
    range: [30, 200],
    note: "getppid() in 209 ns with its instructions on a Zen 3 guest with mitigations; others are as far as three times less",
  }),
  faultEntryNs: q(300, "S", "zen3-vm", {
    range: [100, 700],
    note: "450 by touches of the zero page less MADV_POPULATE_READ on a Zen 3 guest with mitigations; bare metal less",
  }),
  stlbHitCycles: q(7, "S", "jiegec", { range: [5, 11], note: "7 on Golden Cove, Zen 2, 4 and 5; 5 on Neoverse" }),
  nrPageWalkers: q(2, "R", "assumed", { range: [1, 6] }),
  lineBytes: q(64, "R", "assumed", { range: [64, 64] }),
} as const satisfies Readonly<Record<string, Quantity>>;

/** Times a clear that a copy of the same bytes takes: 1.5 (pages at random) to 2.4 (in order) on a Zen 3 guest. */
const COPY_OVER_CLEAR: readonly [low: number, value: number, high: number] = [1.5, 1.9, 2.4];
/** DRAM of the other socket over local: 1.6 (Skylake to Ice Lake) to 2.5 (Turin, Graviton 4) of those that are known. */
const REMOTE_OVER_LOCAL: readonly [low: number, value: number, high: number] = [1.5, 1.8, 2.5];

type AssumedKey = keyof typeof ASSUMED_HOST | "copyGBps" | "nrStlbHugeEntries" | "remoteDramNs";
/** A host with every optional value present. */
export type CompleteHost = HostProfile & { readonly [K in AssumedKey]-?: Quantity };

/**
 * The host with what its profile leaves out filled in: `ASSUMED_HOST`, copies from clears, the other socket's DRAM from
 * the local one.
 *
 * @param dram the host's local DRAM. @default the built-in device that `localDram` names
 * @error RangeError when `localDram` is not built in and `dram` is not given
 */
export function completeHost(host: HostProfile, dram?: DeviceProfile): CompleteHost {
  const clear = host.clearGBps ?? ASSUMED_HOST.clearGBps;
  return {
    ...ASSUMED_HOST,
    nrStlbHugeEntries: host.nrStlbEntries,
    copyGBps: scaled(
      clear,
      [1 / COPY_OVER_CLEAR[2], 1 / COPY_OVER_CLEAR[1], 1 / COPY_OVER_CLEAR[0]],
      "of the rate of clears",
    ),
    ...(host.remoteDramNs === undefined
      ? { remoteDramNs: scaled((dram ?? deviceById(host.localDram)).idleReadNs, REMOTE_OVER_LOCAL, "times local DRAM") }
      : {}),
    ...host,
  } as CompleteHost;
}

/** Keys that `completeHost` had to fill in, with what it took. */
export function assumedOf(host: HostProfile, dram?: DeviceProfile): [key: string, quantity: Quantity][] {
  const complete = Object.entries(completeHost(host, dram)) as [string, Quantity][];
  return complete.filter(([key]) => host[key as keyof HostProfile] === undefined);
}

function scaled(of: Quantity, times: readonly [number, number, number], words: string): Quantity {
  const [low, high] = rangeOf(of);
  return q(of.value * times[1], "R", "assumed", {
    range: [low * times[0], high * times[2]],
    note: `${times.map((t) => Number(t.toPrecision(2))).join(", ")} ${words}`,
  });
}
