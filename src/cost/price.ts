import {
  CLASS_STREAM,
  LEVEL_L2,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_CLASSES,
  OWNER_BOOT,
  OWNER_HOT_ADDED,
  RW_READ,
  RW_WRITE,
} from "../../assembly/layout.ts";
import { demandOf, type TouchCounts, writeBacksOf } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { type DeviceDraw, drawDevice, drawHost, type HostDraw } from "./draws.ts";
import { exposedNs } from "./exposure.ts";
import { loadedNs } from "./loadedLatency.ts";
import { occupiedNs } from "./occupancy.ts";
import { estimate, type Random, seededRandom } from "./sample.ts";
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

export const DEFAULT_SAMPLES = 400;

/**
 * Time that the touches in `counts` cost on `host` with the struct pages in `media`.
 *
 * The core waits for lines (by class: `exposedNs`) while each medium is busy moving them (`occupiedNs`);
 * the time is that of the slowest path. Instructions are not in `counts`: `options.instructions` adds them, and a
 * hit in L1 costs nothing beyond them.
 */
export function priceCounts(
  counts: TouchCounts,
  host: HostProfile,
  media: MemmapMedia,
  options: PriceOptions = {},
): Price {
  const { samples = DEFAULT_SAMPLES, seed = 1 } = options;
  const stated = priceTerms(counts, drawMachine(host, media, null), options);
  const random = seededRandom(seed);
  const totals = new Float64Array(samples);
  const termDraws = stated.map(() => new Float64Array(samples));
  for (let i = 0; i < samples; i++) {
    const terms = priceTerms(counts, drawMachine(host, media, random), options);
    totals[i] = slowestPath(terms).ns;
    for (let t = 0; t < terms.length; t++) termDraws[t]![i] = terms[t]!.ns;
  }
  const slowest = slowestPath(stated);
  const total = estimate(slowest.ns, totals);
  return {
    ns: total.value,
    interval: total.interval,
    binding: slowest.path,
    terms: stated.map((term, t) => ({ ...term, interval: estimate(term.ns, termDraws[t]!).interval })),
  };
}

/** @returns draws of host and media; the same device in both places is drawn once */
export function drawMachine(host: HostProfile, media: MemmapMedia, random: Random): MachineDraw {
  const hostDraw = drawHost(host, random);
  const boot = drawDevice(media.boot, random);
  return { host: hostDraw, boot, hotAdded: media.hotAdded === media.boot ? boot : drawDevice(media.hotAdded, random) };
}

interface Term {
  readonly name: string;
  readonly path: Path;
  readonly ns: number;
}

/** The terms of one draw, in reading order. */
export function priceTerms(counts: TouchCounts, draw: MachineDraw, options: PriceOptions = {}): Term[] {
  const { host } = draw;
  const latencies = [
    loadedNs(draw.boot, options.utilisation?.boot ?? 0),
    loadedNs(draw.hotAdded, options.utilisation?.hotAdded ?? 0),
  ];
  let cachesNs = 0;
  const waitNs = [0, 0];
  const fetched = [0, 0];
  let randomMisses = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++) {
    for (const owner of [OWNER_BOOT, OWNER_HOT_ADDED]) {
      const at = (level: number) =>
        demandOf(counts, accessClass, owner, RW_READ, level) + demandOf(counts, accessClass, owner, RW_WRITE, level);
      const misses = at(LEVEL_MEMORY);
      cachesNs += at(LEVEL_L2) * exposedNs(accessClass, host.l2Ns, host);
      cachesNs += at(LEVEL_LLC) * exposedNs(accessClass, host.llcNs, host);
      waitNs[owner]! += misses * exposedNs(accessClass, latencies[owner]!, host);
      fetched[owner]! += misses;
      if (accessClass !== CLASS_STREAM) randomMisses += misses;
    }
  }
  const evicted = [writeBacksOf(counts, LEVEL_LLC, OWNER_BOOT), writeBacksOf(counts, LEVEL_LLC, OWNER_HOT_ADDED)];
  const { memmapBytes = 0, mapping = "pmd", instructions = 0 } = options;
  return [
    { name: "instructions", path: "core", ns: (instructions * host.memmapCpi) / host.clockGHz },
    { name: "hits in L2 and LLC", path: "core", ns: cachesNs },
    { name: "waiting for boot memory's struct pages", path: "core", ns: waitNs[OWNER_BOOT]! },
    { name: "waiting for hot-added memory's struct pages", path: "core", ns: waitNs[OWNER_HOT_ADDED]! },
    { name: "page walks for the vmemmap", path: "core", ns: pageWalksNs(randomMisses, memmapBytes, mapping, host) },
    {
      name: "moving boot memory's struct pages",
      path: "boot medium",
      ns: occupiedNs(draw.boot, fetched[OWNER_BOOT]!, evicted[OWNER_BOOT]!),
    },
    {
      name: "moving hot-added memory's struct pages",
      path: draw.hotAdded === draw.boot ? "boot medium" : "hot-added medium",
      ns: occupiedNs(draw.hotAdded, fetched[OWNER_HOT_ADDED]!, evicted[OWNER_HOT_ADDED]!),
    },
  ];
}

/** Terms of a path add up; paths overlap. */
export function slowestPath(terms: readonly Term[]): { path: Path; ns: number } {
  const byPath = new Map<Path, number>();
  for (const term of terms) byPath.set(term.path, (byPath.get(term.path) ?? 0) + term.ns);
  let slowest: { path: Path; ns: number } = { path: "core", ns: byPath.get("core") ?? 0 };
  for (const [path, ns] of byPath) if (ns > slowest.ns) slowest = { path, ns };
  return slowest;
}
