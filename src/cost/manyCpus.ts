import { OWNER_BOOT, OWNER_HOT_ADDED } from "../../assembly/layout/touch.ts";
import type { WorkloadWork } from "../counts/workload.ts";
import type { HostProfile } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import { baselineNs, dataLines } from "./baseline.ts";
import { type CountSums, countSums } from "./countSums.ts";
import type { DeviceDraw } from "./draws.ts";
import { type FunctionAccesses, type LockUse, lockUses } from "./locks.ts";
import { occupiedNs } from "./occupancy.ts";
import { HOT_ADDED_WAIT, inOneShape, type MachineDraw, NR_TERMS, pathsNs, sampleMachine } from "./price.ts";
import type { WorkloadCounts, WorkloadMedia, WorkloadOptions } from "./priceWorkload.ts";
import { type NetworkResult, type Station, solveNetwork } from "./queueingNetwork.ts";
import { draw, drawUniform, type Estimate, estimate, type Random, seededRandom } from "./sample.ts";

/** CPUs for which slowdowns are given. */
const CPU_COUNTS: readonly number[] = [1, 4, 16, 64];

export interface CpuSlowdown {
  readonly nrCpus: number;
  /** Time of one run with the memmap on the memory over the same with it in DRAM, all CPUs running one each. */
  readonly slowdownRatio: Estimate;
  /** False: load and latency did not settle, and the ratio may be off by more than its digits say. */
  readonly converged: boolean;
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
/** Relative width at which a cycle is found, and bisections after which it is said not to be. */
const PRECISION = 1e-7;
const DEFAULT_ROUNDS = 60;
const MAX_WIDENED = 8;

export interface ManyCpusOptions extends WorkloadOptions {
  /** Most rounds in which load and latency are brought to agree. @default 60 */
  readonly rounds?: number;
}

/**
 * Slowdown of a workload when each of `nrCpus` CPUs runs its own copy over the same zone, lruvec and memories.
 *
 * A closed queueing network: each CPU alternates between work of its own and four stations: zone->lock, the lru lock,
 * DRAM and the hot-added memory. Struct pages on slower memory are waited for while a lock is held, so its holders
 * keep it longer and the queue grows with CPUs; data and memmap queue for the same bandwidth.
 *
 * @returns nothing for a workload whose own work is not known
 */
export function slowdownByCpus(
  workload: WorkloadCounts,
  byFunction: readonly FunctionAccesses[],
  host: HostProfile,
  media: WorkloadMedia,
  options: ManyCpusOptions = {},
  cpuCounts: readonly number[] = CPU_COUNTS,
): CpuSlowdown[] {
  const { work } = workload;
  if (work === undefined) return [];
  const { samples = 100 } = options;
  const run = { work, sums: countSums(workload.counts), uses: lockUses(byFunction), options };
  const machine = sampleMachine(host, { boot: media.dram, hotAdded: media.device }, { ...options, samples });
  const drawn = [
    drawShared(machine.stated, null),
    ...machine.draws.map((draw, i) => drawShared(draw, seededRandom(i + 1))),
  ];
  return cpuCounts.map((nrCpus) => {
    const both = drawn.map((draw) => {
      const near = cycleOf(run, nrCpus, draw, "dram");
      const far = cycleOf(run, nrCpus, draw, "on-memory");
      return {
        ratio: near.cycleNs > 0 ? far.cycleNs / near.cycleNs : 1,
        converged: near.converged && far.converged,
        far,
      };
    });
    const [stated, ...others] = both;
    const { stations, utilisation } = stated!.far;
    const busy = stations.map((station, i) => [station.name, utilisation[i] ?? 0] as const);
    const [busiest, busyShare] = busy.reduce((most, one) => (one[1] > most[1] ? one : most));
    return {
      nrCpus,
      slowdownRatio: estimate(
        stated!.ratio,
        Float64Array.from(others, ({ ratio }) => ratio),
      ),
      converged: both.every(({ converged }) => converged),
      busiest,
      busyShare,
    };
  });
}

/** What both placements share of one draw. */
interface SharedDraw {
  readonly machine: MachineDraw;
  readonly dirtyShare: number;
  readonly lockedWaiting: number;
  readonly instructionsPerAccess: number;
  readonly handoffNs: number;
}

function drawShared(machine: MachineDraw, random: Random): SharedDraw {
  return {
    machine,
    dirtyShare: drawUniform(0, 1, random),
    lockedWaiting: draw(LOCKED_WAITING, random),
    instructionsPerAccess: draw(INSTRUCTIONS_PER_LOCKED_ACCESS, random),
    handoffNs: draw(HANDOFF_NS, random),
  };
}

interface Run {
  readonly work: WorkloadWork;
  readonly sums: CountSums;
  readonly uses: readonly LockUse[];
  readonly options: ManyCpusOptions;
}

interface Cycle extends NetworkResult {
  readonly stations: readonly Station[];
  readonly converged: boolean;
}

type Placement = "dram" | "on-memory";

/**
 * One CPU's run with `nrCpus` of them at it. Load raises latency, which lowers throughput and so load: the throughput at
 * which they agree is one root of a function that falls from above to below, so it is bracketed and closed in on
 * (regula falsi, Illinois), never iterated towards.
 */
function cycleOf(run: Run, nrCpus: number, drawn: SharedDraw, placement: Placement): Cycle {
  const traffic = trafficOf(run, drawn, placement);
  const terms = new Float64Array(NR_TERMS);
  const at = (throughput: number) => networkAt(run, nrCpus, drawn, placement, traffic, throughput, terms);
  const excess = (throughput: number, { throughputPerNs }: NetworkResult): number => throughputPerNs - throughput;
  let cycle = at(0);
  let [low, high] = [0, cycle.throughputPerNs];
  if (!(high > 0 && high < Number.POSITIVE_INFINITY)) return { ...cycle, converged: true };
  let aboveLow = excess(0, cycle);
  cycle = at(high);
  let belowHigh = excess(high, cycle);
  // Published curves may fall at first: what load speeds up lies a little above.
  for (let widened = 0; belowHigh > 0 && widened < MAX_WIDENED; widened++) {
    high *= 2;
    cycle = at(high);
    belowHigh = excess(high, cycle);
  }
  const { rounds = DEFAULT_ROUNDS } = run.options;
  for (
    let round = 0;
    round < rounds && Math.abs(belowHigh) > PRECISION * high && high - low > PRECISION * high;
    round++
  ) {
    const secant = (low * belowHigh - high * aboveLow) / (belowHigh - aboveLow);
    const next = secant > low && secant < high ? secant : (low + high) / 2;
    cycle = at(next);
    const there = excess(next, cycle);
    if (Math.abs(there) <= PRECISION * next) return { ...cycle, converged: true };
    if (there > 0) {
      [low, aboveLow] = [next, there];
      belowHigh /= 2;
    } else {
      [high, belowHigh] = [next, there];
      aboveLow /= 2;
    }
  }
  return { ...cycle, converged: high - low <= PRECISION * high || Math.abs(belowHigh) <= PRECISION * high };
}

/** The network when all CPUs together finish `throughput` runs a ns. */
function networkAt(
  { work, sums, uses, options }: Run,
  nrCpus: number,
  drawn: SharedDraw,
  placement: Placement,
  traffic: Traffic,
  throughput: number,
  terms: Float64Array,
): Omit<Cycle, "converged"> {
  const { machine } = drawn;
  const load = { boot: Math.min(1, throughput * traffic.bootNs), device: Math.min(1, throughput * traffic.deviceNs) };
  const placed = placement === "dram" ? { ...machine, hotAdded: machine.boot } : machine;
  const utilisation = { boot: load.boot, hotAdded: placement === "dram" ? load.boot : load.device };
  const metadataNs = pathsNs(sums, placed, inOneShape({ ...options, utilisation }), terms);
  const waitingNs = terms[HOT_ADDED_WAIT]!;
  const alone = baselineNs(work, machine, options.dataShareOnHotAdded ?? 1, load) + metadataNs;
  const stations: Station[] = [
    ...uses.map((use) => lockStation(use, waitingNs, nrCpus, drawn)),
    { name: "DRAM", serviceNs: traffic.bootNs, variability: 0 },
    { name: "hot-added memory", serviceNs: traffic.deviceNs, variability: 0 },
  ];
  const served = stations.reduce((sum, { serviceNs }) => sum + serviceNs, 0);
  return { ...solveNetwork(nrCpus, Math.max(0, alone - served), stations), stations };
}

/** Held for its accesses, the share of the waiting that falls under it, and the transfer to the next holder. */
function lockStation(use: LockUse, waitingNs: number, nrCpus: number, drawn: SharedDraw): Station {
  const { host } = drawn.machine;
  const executing = (use.accesses * drawn.instructionsPerAccess * host.cpi) / host.clockGHz;
  const waiting = Math.min(1, use.share * drawn.lockedWaiting) * waitingNs;
  const handoff = nrCpus > 1 ? use.holds * drawn.handoffNs : 0;
  return { name: use.lock, serviceNs: executing + waiting + handoff };
}

interface Traffic {
  readonly bootNs: number;
  readonly deviceNs: number;
}

/** How long one run keeps each memory busy: its data, and struct pages. */
function trafficOf({ work, sums, options }: Run, drawn: SharedDraw, placement: Placement): Traffic {
  const { boot, hotAdded } = drawn.machine;
  const dataShare = options.dataShareOnHotAdded ?? 1;
  const { read, written } = dataLines(work, drawn.dirtyShare);
  const data = (device: DeviceDraw, share: number) => occupiedNs(device, share * read, share * written);
  const pages = (device: DeviceDraw, owner: number) => occupiedNs(device, sums.fetched[owner]!, sums.evicted[owner]!);
  const memmapNs = pages(placement === "dram" ? boot : hotAdded, OWNER_HOT_ADDED);
  return {
    bootNs: data(boot, 1 - dataShare) + pages(boot, OWNER_BOOT) + (placement === "dram" ? memmapNs : 0),
    deviceNs: data(hotAdded, dataShare) + (placement === "dram" ? 0 : memmapNs),
  };
}
