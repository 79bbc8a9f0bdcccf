import { CLASS_STREAM, NR_CLASSES, OWNER_BOOT, OWNER_HOT_ADDED } from "../../assembly/layout/layout.ts";
import type { TouchCounts } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { type CountSums, countSums } from "./countSums.ts";
import { type DeviceDraw, drawDevice, drawHost, type HostDraw } from "./drawMachine.ts";
import { exposedNs } from "./exposure.ts";
import { loadedNs } from "./loadedLatency.ts";
import { occupiedNs } from "./occupancy.ts";
import { type Estimate, estimate, type Random, seededRandom } from "./sample.ts";
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
export type Path = "core" | "line buffers" | "boot medium" | "hot-added medium";

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
  const inDram = ({ host, boot }: MachineDraw): MachineDraw => ({ host, boot, hotAdded: boot });
  return { stated: inDram(machine.stated), draws: machine.draws.map(inDram) };
}

export function drawMachine(host: HostProfile, media: MemmapMedia, random: Random): MachineDraw {
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
 * Four paths run side by side, and the slowest sets the time: the core executes and waits for lines it needs next
 * (by class: `exposedNs`), its line buffers fill with streams, and each medium moves lines (`occupiedNs`).
 * Instructions are not in `counts`: `options.instructions` adds them, and a hit in L1 costs nothing beyond them.
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

/** What `priceOn` says of the total, without the intervals of the terms. */
export function priceTotal(counts: TouchCounts, machine: MachineSamples, options: PriceOptions = {}): Estimate {
  const sums = countSums(counts);
  const terms = new Float64Array(TERMS.length);
  const totals = new Float64Array(machine.draws.length);
  for (let i = 0; i < totals.length; i++) totals[i] = pathsNs(sums, machine.draws[i]!, options, terms);
  return estimate(pathsNs(sums, machine.stated, options, terms), totals);
}

/** The terms, in reading order; `fillTerms` writes their values in this order. */
const TERMS: readonly { readonly name: string; readonly path: Path }[] = [
  { name: "instructions", path: "core" },
  { name: "hits in L2 and LLC", path: "core" },
  { name: "waiting for boot memory's struct pages", path: "core" },
  { name: "waiting for hot-added memory's struct pages", path: "core" },
  { name: "page walks for the vmemmap", path: "core" },
  { name: "streams of struct pages already cached", path: "line buffers" },
  { name: "streams of boot memory's struct pages", path: "line buffers" },
  { name: "streams of hot-added memory's struct pages", path: "line buffers" },
  { name: "moving boot memory's struct pages", path: "boot medium" },
  { name: "moving hot-added memory's struct pages", path: "hot-added medium" },
];
const FIRST_STREAM_TERM = 5;
const FIRST_MEDIUM_TERM = 8;
export const NR_TERMS = TERMS.length;
/** Index of the core's waiting for hot-added memory's struct pages: what is waited for while locks are held. */
export const HOT_ADDED_WAIT = 3;

/**
 * Time of one draw: that of its slowest path. Terms of a path add up, paths overlap; with the memmap in DRAM the two
 * media are one.
 *
 * @param terms NR_TERMS values, overwritten
 */
export function pathsNs(sums: CountSums, draw: MachineDraw, options: PriceOptions, terms: Float64Array): number {
  fillTerms(sums, draw, options, terms);
  const [core, streams, boot, hotAdded] = pathSums(terms, draw);
  return Math.max(core, streams, boot, hotAdded);
}

function pathSums(terms: Float64Array, draw: MachineDraw): readonly [number, number, number, number] {
  let core = 0;
  for (let t = 0; t < FIRST_STREAM_TERM; t++) core += terms[t]!;
  let streams = 0;
  for (let t = FIRST_STREAM_TERM; t < FIRST_MEDIUM_TERM; t++) streams += terms[t]!;
  const boot = terms[FIRST_MEDIUM_TERM]!;
  const hotAdded = terms[FIRST_MEDIUM_TERM + 1]!;
  return draw.hotAdded === draw.boot ? [core, streams, boot + hotAdded, 0] : [core, streams, boot, hotAdded];
}

const PATHS: readonly Path[] = ["core", "line buffers", "boot medium", "hot-added medium"];

function slowestPath(terms: Float64Array, draw: MachineDraw): Path {
  const sums = pathSums(terms, draw);
  return PATHS[sums.indexOf(Math.max(...sums))] ?? "core";
}

function fillTerms(sums: CountSums, draw: MachineDraw, options: PriceOptions, terms: Float64Array): void {
  const { host, boot, hotAdded } = draw;
  const { memmapBytes = 0, mapping = "pmd", instructions = 0, utilisation } = options;
  // A miss replaces the L1 latency that its instructions already hold.
  const bootNs = Math.max(0, loadedNs(boot, utilisation?.boot ?? 0) - host.l1Ns);
  const hotAddedNs = Math.max(0, loadedNs(hotAdded, utilisation?.hotAdded ?? 0) - host.l1Ns);
  const l2Ns = Math.max(0, host.l2Ns - host.l1Ns);
  const llcNs = Math.max(0, host.llcNs - host.l1Ns);
  terms.fill(0);
  let exposedMisses = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++) {
    const exposure = exposedNs(accessClass, 1, host);
    const bootMisses = exposure * sums.misses[OWNER_BOOT]![accessClass]!;
    const hotAddedMisses = exposure * sums.misses[OWNER_HOT_ADDED]![accessClass]!;
    const first = accessClass === CLASS_STREAM ? FIRST_STREAM_TERM : 1;
    terms[first]! += exposure * (sums.l2Hits[accessClass]! * l2Ns + sums.llcHits[accessClass]! * llcNs);
    terms[first + 1]! += bootMisses * bootNs;
    terms[first + 2]! += hotAddedMisses * hotAddedNs;
    // A page walk is part of its access: walks of independent misses overlap as the misses do.
    if (accessClass !== CLASS_STREAM) exposedMisses += bootMisses + hotAddedMisses;
  }
  // One busy core runs at its turbo clock; memmapCpi was fitted there.
  terms[0] = (instructions * host.memmapCpi) / host.turboGHz;
  terms[4] = pageWalksNs(exposedMisses, memmapBytes, mapping, host);
  terms[FIRST_MEDIUM_TERM] = occupiedNs(boot, sums.fetched[OWNER_BOOT]!, sums.evicted[OWNER_BOOT]!);
  const region = memmapBytes > 0 ? memmapBytes : Number.POSITIVE_INFINITY;
  terms[FIRST_MEDIUM_TERM + 1] = occupiedNs(
    hotAdded,
    sums.fetched[OWNER_HOT_ADDED]!,
    sums.evicted[OWNER_HOT_ADDED]!,
    region,
  );
}

export type { Estimate };
