import type { DeviceDraw, HostDraw } from "../cost/draws.ts";
import { occupiedNs, streamedWriteNs } from "../cost/occupancy.ts";
import { type Station, solveNetwork } from "../cost/queueingNetwork.ts";
import type { Pass, Recipe } from "./passes.ts";

/** One draw of where an operation runs. */
export interface OperationMachine {
  readonly host: HostDraw;
  readonly dram: DeviceDraw;
  /** What holds the struct pages. */
  readonly memmap: DeviceDraw;
  /** Cores the threads may use; more threads than cores share them. */
  readonly nrCores: number;
  /** In a virtual machine. */
  readonly guest: boolean;
}

export interface OperationTerm {
  readonly name: string;
  /** Per struct page and thread, alone on the machine. */
  readonly ns: number;
}

export interface PassPrice {
  readonly name: string;
  /** Per struct page, all threads together. */
  readonly ns: number;
  readonly terms: readonly OperationTerm[];
  /** The path that is slowest. */
  readonly binding: string;
}

/** Struct pages that one host page of a guest's memory holds. */
const STRUCT_PAGES_PER_4K = 64;
/** What a second thread adds to a core that already runs one. Recalled: 1.2 to 1.3 for such loops. */
const SMT_GAIN = 0.25;
/** `free_one_page` under zone->lock, once for each MAX_ORDER block of 1024 pages; assumed. */
const ZONE_LOCK_NS_PER_PAGE = 150 / 1024;

/**
 * Time per struct page of `recipe`, `nrThreads` at work: one price a pass, or one for all of them when
 * they are interleaved.
 */
export function priceRecipe(recipe: Recipe, nrThreads: number, machine: OperationMachine): PassPrice[] {
  const demands = recipe.passes.map((pass, i) => demandOf(pass, i === 0, nrThreads, machine));
  const groups = recipe.interleaved === true ? [demands] : demands.map((demand) => [demand]);
  return groups.map((group) => priceGroup(group, recipe, nrThreads, machine));
}

interface Demand {
  readonly pass: Pass;
  readonly coreNs: number;
  readonly lineNs: number;
  readonly memoryNs: number;
  readonly guestNs: number;
}

function demandOf(pass: Pass, first: boolean, nrThreads: number, machine: OperationMachine): Demand {
  const clockGHz = clockOf(machine.host, nrThreads, machine.nrCores);
  return {
    pass,
    coreNs: coreNs(pass, machine, clockGHz),
    lineNs: lineNs(pass, machine),
    memoryNs: memoryNs(pass, machine),
    guestNs: first && machine.guest ? guestNs(pass, machine.host) : 0,
  };
}

/**
 * One thread alone takes the slowest of three overlapping paths: its core executing, its line buffers
 * waiting for lines, and the memory moving them. With more threads the core and buffers of each are
 * thinking time, and the memory (and zone->lock) a queue that all of them share.
 */
function priceGroup(group: readonly Demand[], recipe: Recipe, nrThreads: number, machine: OperationMachine): PassPrice {
  const sum = (of: (demand: Demand) => number) => group.reduce((total, demand) => total + of(demand), 0);
  const memory = sum((demand) => demand.memoryNs);
  const alone = sum((demand) => Math.max(demand.coreNs, demand.lineNs) + demand.guestNs);
  const busy = Math.min(nrThreads, machine.nrCores) + SMT_GAIN * Math.max(0, nrThreads - machine.nrCores);
  const tail = recipe.chunksPerThread === undefined ? 0 : (0.5 / recipe.chunksPerThread) * (1 - 1 / nrThreads);
  const stations: Station[] = [{ name: "memory", serviceNs: memory, variability: 0 }];
  if (group.some(({ pass }) => pass.name === "free")) {
    stations.push({ name: "zone->lock", serviceNs: ZONE_LOCK_NS_PER_PAGE });
  }
  const think = Math.max(0, alone - memory) * (nrThreads / busy) * (1 + tail);
  const network = solveNetwork(nrThreads, think, stations);
  const guest = sum((demand) => demand.guestNs);
  const terms = [
    { name: "instructions and locked operations", ns: sum((demand) => demand.coreNs) },
    { name: "waiting for lines in flight", ns: sum((demand) => demand.lineNs) },
    { name: `${machine.memmap.id} moving lines`, ns: memory },
    ...(guest > 0 ? [{ name: "nested paging of the guest", ns: guest }] : []),
  ];
  return {
    name: group.map(({ pass }) => pass.name).join(" + "),
    ns: 1 / network.throughputPerNs,
    terms,
    binding: bindingOf(terms, nrThreads, network.utilisation),
  };
}

/** A sweep meets a new 4 KiB of the guest's memory every 64 struct pages; scattered touches meet one each. */
function guestNs(pass: Pass, host: HostDraw): number {
  return pass.access === "scattered" ? host.guestPageNs : host.guestPageNs / STRUCT_PAGES_PER_4K;
}

function bindingOf(terms: readonly OperationTerm[], nrThreads: number, utilisation: readonly number[]): string {
  const memory = terms[2]!;
  if (nrThreads > 1 && (utilisation[0] ?? 0) > 0.8) return memory.name;
  return terms.reduce((slowest, term) => (term.ns > slowest.ns ? term : slowest)).name;
}

/** One busy core runs at its turbo clock; with all of them busy the gain over nominal is halved (assumed). */
function clockOf(host: HostDraw, nrThreads: number, nrCores: number): number {
  const busyShare = nrCores > 1 ? Math.min(1, (nrThreads - 1) / (nrCores - 1)) : 0;
  return host.turboGHz - 0.5 * busyShare * (host.turboGHz - host.clockGHz);
}

/** Instructions, microcode and locked operations; a scattered line is waited for in full. */
function coreNs(pass: Pass, machine: OperationMachine, clockGHz: number): number {
  const cycles =
    pass.instructions * machine.host.memmapCpi +
    (pass.extraCycles ?? 0) +
    (pass.atomics ?? 0) * machine.host.atomicCycles;
  return cycles / clockGHz + (pass.access === "scattered" ? machine.memmap.idleReadNs : 0);
}

/** Lines over what the core keeps in flight. */
function lineNs(pass: Pass, { host, dram, memmap }: OperationMachine): number {
  const other = ((pass.otherLines ?? 0) * dram.idleReadNs) / host.nrStreamLinesInFlight;
  switch (pass.access) {
    case "stream-update":
      return memmap.idleReadNs / host.nrStreamLinesInFlight + other;
    case "bulk-store":
      return (host.bulkStoreHold * memmap.writeAcceptedNs) / host.nrLinesInFlight;
    default:
      return other;
  }
}

/** How long the memory of the struct pages is busy with one of them. */
function memoryNs(pass: Pass, { memmap }: OperationMachine): number {
  switch (pass.access) {
    case "cached":
      return 0;
    case "bulk-store":
      return streamedWriteNs(memmap, 1);
    default:
      return occupiedNs(memmap, 1, 1);
  }
}
