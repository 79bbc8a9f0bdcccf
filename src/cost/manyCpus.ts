import { OWNER_BOOT, OWNER_HOT_ADDED } from "../../assembly/layout/layout.ts";
import type { HostProfile } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import { type CountSums, countSums } from "./countSums.ts";
import type { DeviceDraw } from "./drawMachine.ts";
import { loadedNs } from "./loadedLatency.ts";
import { type FunctionAccesses, type LockUse, lockUses } from "./locks.ts";
import { occupiedNs } from "./occupancy.ts";
import { drawMachine, HOT_ADDED_WAIT, type MachineDraw, NR_TERMS, pathsNs } from "./price.ts";
import type { WorkloadCounts, WorkloadMedia, WorkloadOptions } from "./priceWorkload.ts";
import { type NetworkResult, type Station, solveNetwork } from "./queueingNetwork.ts";
import { draw, drawUniform, type Estimate, estimate, type Random, seededRandom } from "./sample.ts";

/** CPUs for which slowdowns are given. */
export const CPU_COUNTS: readonly number[] = [1, 4, 16, 64];

export interface CpuSlowdown {
  readonly nrCpus: number;
  /** Time of one run with the memmap on the memory over the same with it in DRAM, all CPUs running one each. */
  readonly slowdownRatio: Estimate;
  /** The station that is busiest with the memmap on the memory, and for how much of the time. */
  readonly busiest: string;
  readonly busyShare: number;
}

/** Instructions for each access to a struct page while a lock is held; assumed. */
const INSTRUCTIONS_PER_LOCKED_ACCESS: Quantity = { value: 6, range: [3, 12], level: "R", source: "assumed" };
/** A contended lock moves its line from core to core: local HITM 47 ns (FD.io Haswell), more on a mesh. */
const HANDOFF_NS: Quantity = { value: 60, range: [45, 110], level: "C", source: "fdio-hsw" };
/** How much more (or less) of the waiting falls under the locks than of the accesses; assumed. */
const LOCKED_WAITING: Quantity = { value: 1, range: [0.5, 2], level: "R", source: "assumed" };
/** Rounds in which latency and load settle; each changes little after the third. */
const LOAD_ROUNDS = 6;

/**
 * Slowdown of a workload when each of `nrCpus` CPUs runs its own copy over the same zone, lruvec and memories.
 *
 * A closed queueing network: each CPU alternates between work of its own and four stations: zone->lock, the lru lock,
 * DRAM and the hot-added memory. Struct pages on slower memory are waited for while a lock is held, so its holders
 * keep it longer and the queue grows with CPUs; data and memmap queue for the same bandwidth.
 */
export function slowdownByCpus(
  workload: WorkloadCounts,
  byFunction: readonly FunctionAccesses[],
  host: HostProfile,
  media: WorkloadMedia,
  options: WorkloadOptions = {},
  cpuCounts: readonly number[] = CPU_COUNTS,
): CpuSlowdown[] {
  const { samples = 100, seed = 1 } = options;
  const uses = lockUses(byFunction);
  const sums = countSums(workload.counts);
  return cpuCounts.map((nrCpus) => {
    const random = seededRandom(seed);
    const run = (source: Random) => {
      const drawn = drawShared(host, media, source);
      const near = cycleOf(workload, sums, uses, nrCpus, drawn, "dram", options);
      const far = cycleOf(workload, sums, uses, nrCpus, drawn, "on-memory", options);
      return { ratio: near.cycleNs > 0 ? far.cycleNs / near.cycleNs : 1, far };
    };
    const stated = run(null);
    const ratios = Float64Array.from({ length: samples }, () => run(random).ratio);
    const busy = stated.far.stations.map((station, i) => [station.name, stated.far.utilisation[i] ?? 0] as const);
    const [busiest, busyShare] = busy.reduce((most, one) => (one[1] > most[1] ? one : most));
    return { nrCpus, slowdownRatio: estimate(stated.ratio, ratios), busiest, busyShare };
  });
}

/** What both placements share of one draw. */
interface SharedDraw {
  readonly machine: MachineDraw;
  readonly baselineExposure: number;
  readonly dirtyShare: number;
  readonly lockedWaiting: number;
  readonly instructionsPerAccess: number;
  readonly handoffNs: number;
}

function drawShared(host: HostProfile, media: WorkloadMedia, random: Random): SharedDraw {
  return {
    machine: drawMachine(host, { boot: media.dram, hotAdded: media.device }, random),
    baselineExposure: random === null ? 1 : drawUniform(0.5, 1, random),
    dirtyShare: drawUniform(0, 1, random),
    lockedWaiting: draw(LOCKED_WAITING, random),
    instructionsPerAccess: draw(INSTRUCTIONS_PER_LOCKED_ACCESS, random),
    handoffNs: draw(HANDOFF_NS, random),
  };
}

interface Cycle extends NetworkResult {
  readonly stations: readonly Station[];
}

/** One CPU's run with `nrCpus` of them at it; load raises latency, which lowers load, until they agree. */
function cycleOf(
  workload: WorkloadCounts,
  sums: CountSums,
  uses: readonly LockUse[],
  nrCpus: number,
  drawn: SharedDraw,
  placement: "dram" | "on-memory",
  options: WorkloadOptions,
): Cycle {
  const { machine } = drawn;
  const { host, boot } = machine;
  const placed: MachineDraw = { host, boot, hotAdded: placement === "dram" ? boot : machine.hotAdded };
  const traffic = trafficOf(workload, sums, drawn, placement, options.dataShareOnHotAdded ?? 1);
  const terms = new Float64Array(NR_TERMS);
  let load = { boot: 0, device: 0 };
  let cycle: Cycle | undefined;
  for (let round = 0; round < LOAD_ROUNDS; round++) {
    const utilisation = { boot: load.boot, hotAdded: placement === "dram" ? load.boot : load.device };
    const metadataNs = pathsNs(sums, placed, { ...options, utilisation }, terms);
    const waitingNs = terms[HOT_ADDED_WAIT]!;
    const alone = baselineNs(workload, drawn, load, options.dataShareOnHotAdded ?? 1) + metadataNs;
    const locks = uses.map((use) => lockStation(use, waitingNs, nrCpus, drawn));
    const stations: Station[] = [
      ...locks,
      { name: "DRAM", serviceNs: traffic.bootNs, variability: 0 },
      { name: "hot-added memory", serviceNs: traffic.deviceNs, variability: 0 },
    ];
    const served = stations.reduce((sum, { serviceNs }) => sum + serviceNs, 0);
    cycle = { ...solveNetwork(nrCpus, Math.max(0, alone - served), stations), stations };
    const busy = (name: string) => cycle!.utilisation[stations.findIndex((station) => station.name === name)] ?? 0;
    const next = { boot: busy("DRAM"), device: busy("hot-added memory") };
    load = { boot: (load.boot + next.boot) / 2, device: (load.device + next.device) / 2 };
  }
  return cycle!;
}

/** Held for its accesses, the share of the waiting that falls under it, and the transfer to the next holder. */
function lockStation(use: LockUse, waitingNs: number, nrCpus: number, drawn: SharedDraw): Station {
  const { host } = drawn.machine;
  const executing = (use.accesses * drawn.instructionsPerAccess * host.cpi) / host.clockGHz;
  const waiting = Math.min(1, use.share * drawn.lockedWaiting) * waitingNs;
  const handoff = nrCpus > 1 ? use.holds * drawn.handoffNs : 0;
  return { name: use.lock, serviceNs: executing + waiting + handoff };
}

function baselineNs(
  workload: WorkloadCounts,
  drawn: SharedDraw,
  load: { boot: number; device: number },
  dataShare: number,
): number {
  const { host, boot, hotAdded } = drawn.machine;
  const latency = dataShare * loadedNs(hotAdded, load.device) + (1 - dataShare) * loadedNs(boot, load.boot);
  return (workload.instructions * host.cpi) / host.clockGHz + workload.otherLlcFills * latency * drawn.baselineExposure;
}

/** How long one run keeps each memory busy: its own misses, some of them written back, and struct pages. */
function trafficOf(
  workload: WorkloadCounts,
  sums: CountSums,
  drawn: SharedDraw,
  placement: "dram" | "on-memory",
  dataShare: number,
): { bootNs: number; deviceNs: number } {
  const { boot, hotAdded } = drawn.machine;
  const data = (device: DeviceDraw, share: number) =>
    occupiedNs(device, share * workload.otherLlcFills, share * workload.otherLlcFills * drawn.dirtyShare);
  const pages = (device: DeviceDraw, owner: number) => occupiedNs(device, sums.fetched[owner]!, sums.evicted[owner]!);
  const memmapOn = placement === "dram" ? boot : hotAdded;
  const memmapNs = pages(memmapOn, OWNER_HOT_ADDED);
  return {
    bootNs: data(boot, 1 - dataShare) + pages(boot, OWNER_BOOT) + (placement === "dram" ? memmapNs : 0),
    deviceNs: data(hotAdded, dataShare) + (placement === "dram" ? 0 : memmapNs),
  };
}

/**
 * Devices hotplugged at once: mem_hotplug_lock is held for writing throughout an add, an online or an offline
 * (mm/memory_hotplug.c mem_hotplug_begin), so they take turns.
 *
 * @returns ns until each of `nrDevices` simultaneous events is done, of which one alone holds the lock for `heldNs`
 */
export function hotplugTogetherNs(nrDevices: number, outsideNs: number, heldNs: number): number {
  return solveNetwork(nrDevices, outsideNs, [{ name: "mem_hotplug_lock", serviceNs: heldNs, variability: 0 }]).cycleNs;
}
