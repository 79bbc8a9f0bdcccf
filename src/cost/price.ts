import { NR_CLASSES, OWNER_BOOT, OWNER_HOT_ADDED } from "../../assembly/layout.ts";
import type { TouchCounts } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { type DeviceDraw, drawDevice, drawHost, type HostDraw } from "./draws.ts";
import { exposedNs } from "./exposure.ts";
import { loadedNs } from "./loadedLatency.ts";
import { occupiedNs } from "./occupancy.ts";
import { type Estimate, estimate, type Random, seededRandom } from "./sample.ts";
import { type CountSums, countSums } from "./sums.ts";
import { pageWalksNs, type VmemmapMapping } from "./tlb.ts";

/** What holds the struct pages: boot memory's are always in DRAM, hot-added memory's follow the placement. */
export interface MemmapMedia {
  readonly boot: DeviceProfile;
  readonly hotAdded: DeviceProfile;
}

export interface PriceOptions {
  /** Draws behind each interval. @default 400 */
  readonly samples?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Share of its peak at which each medium is already busy with other traffic. @default 0 */
  readonly utilisation?: { readonly boot: number; readonly hotAdded: number };
  /** Memmap over which random touches spread, for the TLB. @default 0 (within reach) */
  readonly memmapBytes?: number;
  /** @default "pmd" */
  readonly mapping?: VmemmapMapping;
  /** Instructions of struct page loops that execute beside the touches. @default 0 (touches alone) */
  readonly instructions?: number;
}

/** Paths that run side by side: the slowest sets the time. */
export type Path = "core" | "boot medium" | "hot-added medium";

export interface PriceTerm {
  readonly name: string;
  readonly path: Path;
  readonly ns: number;
  readonly interval: readonly [number, number];
}

export interface Price {
  readonly ns: number;
  readonly interval: readonly [number, number];
  /** Terms of one path add up; `binding` is the path that is slowest at the stated values. */
  readonly terms: readonly PriceTerm[];
  readonly binding: Path;
}

/** One draw of everything a price depends on. */
export interface MachineDraw {
  readonly host: HostDraw;
  readonly boot: DeviceDraw;
  readonly hotAdded: DeviceDraw;
}

/** A machine as its profiles state it, and drawn from their ranges: made once, it prices any number of counts. */
export interface MachineSamples {
  readonly stated: MachineDraw;
  readonly draws: readonly MachineDraw[];
}

export const DEFAULT_SAMPLES = 400;

/** @returns draws of host and media; the same device in both places is drawn once */
export function sampleMachine(host: HostProfile, media: MemmapMedia, options: PriceOptions = {}): MachineSamples {
  const { samples = DEFAULT_SAMPLES, seed = 1 } = options;
  const random = seededRandom(seed);
  return {
    stated: drawMachine(host, media, null),
    draws: Array.from({ length: samples }, () => drawMachine(host, media, random)),
  };
}

/** The same machine with the hot-added memory's struct pages in DRAM: what both placements share is drawn alike. */
export function memmapInDram(machine: MachineSamples): MachineSamples {
  const inDram = (draw: MachineDraw): MachineDraw => ({ ...draw, hotAdded: draw.boot });
  return { stated: inDram(machine.stated), draws: machine.draws.map(inDram) };
}

function drawMachine(host: HostProfile, media: MemmapMedia, random: Random): MachineDraw {
  const hostDraw = drawHost(host, random);
  const boot = drawDevice(media.boot, random);
  return { host: hostDraw, boot, hotAdded: media.hotAdded === media.boot ? boot : drawDevice(media.hotAdded, random) };
}

/** `priceOn` a machine that is priced once. */
export function priceCounts(
  counts: TouchCounts,
  host: HostProfile,
  media: MemmapMedia,
  options: PriceOptions = {},
): Price {
  return priceOn(counts, sampleMachine(host, media, options), options);
}

/**
 * Time that the touches in `counts` cost on `host` with the struct pages in `media`.
 *
 * The core waits for lines (by class: `exposedNs`) while each medium is busy moving them (`occupiedNs`);
 * the time is that of the slowest path. Instructions are not in `counts`: `options.instructions` adds them, and a
 * hit in L1 costs nothing beyond them.
 */
export function priceOn(counts: TouchCounts, machine: MachineSamples, options: PriceOptions = {}): Price {
  const sums = countSums(counts);
  const terms = new Float64Array(TERMS.length);
  const totals = new Float64Array(machine.draws.length);
  const termDraws = TERMS.map(() => new Float64Array(machine.draws.length));
  machine.draws.forEach((draw, i) => {
    totals[i] = pathsNs(sums, draw, options, terms);
    for (let t = 0; t < terms.length; t++) termDraws[t]![i] = terms[t]!;
  });
  const ns = pathsNs(sums, machine.stated, options, terms);
  const total = estimate(ns, totals);
  return {
    ns: total.value,
    interval: total.interval,
    binding: slowestPath(terms, machine.stated),
    terms: TERMS.map(({ name, path }, t) => {
      const shared = path === "hot-added medium" && machine.stated.hotAdded === machine.stated.boot;
      const ns = terms[t]!;
      return { name, path: shared ? "boot medium" : path, ns, interval: estimate(ns, termDraws[t]!).interval };
    }),
  };
}

/** The terms, in reading order; `fillTerms` writes their values in this order. */
const TERMS: readonly { readonly name: string; readonly path: Path }[] = [
  { name: "instructions", path: "core" },
  { name: "hits in L2 and LLC", path: "core" },
  { name: "waiting for boot memory's struct pages", path: "core" },
  { name: "waiting for hot-added memory's struct pages", path: "core" },
  { name: "page walks for the vmemmap", path: "core" },
  { name: "moving boot memory's struct pages", path: "boot medium" },
  { name: "moving hot-added memory's struct pages", path: "hot-added medium" },
];
const NR_CORE_TERMS = 5;
export const NR_TERMS = TERMS.length;

/**
 * Time of one draw: that of its slowest path. Terms of a path add up, paths overlap; with the memmap in DRAM the two
 * media are one.
 *
 * @param terms NR_TERMS values, overwritten
 */
export function pathsNs(sums: CountSums, draw: MachineDraw, options: PriceOptions, terms: Float64Array): number {
  fillTerms(sums, draw, options, terms);
  const [core, boot, hotAdded] = pathSums(terms, draw);
  return Math.max(core, boot, hotAdded);
}

function pathSums(terms: Float64Array, draw: MachineDraw): readonly [core: number, boot: number, hotAdded: number] {
  let core = 0;
  for (let t = 0; t < NR_CORE_TERMS; t++) core += terms[t]!;
  const boot = terms[NR_CORE_TERMS]!;
  const hotAdded = terms[NR_CORE_TERMS + 1]!;
  return draw.hotAdded === draw.boot ? [core, boot + hotAdded, 0] : [core, boot, hotAdded];
}

function slowestPath(terms: Float64Array, draw: MachineDraw): Path {
  const [core, boot, hotAdded] = pathSums(terms, draw);
  if (core >= boot && core >= hotAdded) return "core";
  return boot >= hotAdded ? "boot medium" : "hot-added medium";
}

function fillTerms(sums: CountSums, draw: MachineDraw, options: PriceOptions, terms: Float64Array): void {
  const { host, boot, hotAdded } = draw;
  const { memmapBytes = 0, mapping = "pmd", instructions = 0, utilisation } = options;
  const bootNs = loadedNs(boot, utilisation?.boot ?? 0);
  const hotAddedNs = loadedNs(hotAdded, utilisation?.hotAdded ?? 0);
  let hitsNs = 0;
  let bootWaitNs = 0;
  let hotAddedWaitNs = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++) {
    const exposure = exposedNs(accessClass, 1, host);
    hitsNs += exposure * (sums.l2Hits[accessClass]! * host.l2Ns + sums.llcHits[accessClass]! * host.llcNs);
    bootWaitNs += exposure * sums.misses[OWNER_BOOT]![accessClass]! * bootNs;
    hotAddedWaitNs += exposure * sums.misses[OWNER_HOT_ADDED]![accessClass]! * hotAddedNs;
  }
  terms[0] = (instructions * host.memmapCpi) / host.clockGHz;
  terms[1] = hitsNs;
  terms[2] = bootWaitNs;
  terms[3] = hotAddedWaitNs;
  terms[4] = pageWalksNs(sums.randomMisses, memmapBytes, mapping, host);
  terms[5] = occupiedNs(boot, sums.fetched[OWNER_BOOT]!, sums.evicted[OWNER_BOOT]!);
  terms[6] = occupiedNs(hotAdded, sums.fetched[OWNER_HOT_ADDED]!, sums.evicted[OWNER_HOT_ADDED]!);
}

export type { Estimate };
