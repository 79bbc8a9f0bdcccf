import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import {
  CLASS_DEPENDENT,
  CLASS_INDEPENDENT,
  CLASS_STREAM,
  CLASS_UNCLASSIFIED,
  NR_CLASSES,
  OWNER_BOOT,
  OWNER_HOT_ADDED,
} from "../../assembly/layout/touch.ts";
import type { CountSums } from "./countSums.ts";
import type { HostDraw } from "./draws.ts";
import { aloneNs, exposedShare, independentAlone, unknownShare, windowAlone, windowStreamed } from "./exposure.ts";
import { loadedNs } from "./loadedLatency.ts";
import type { MachineDraw, SampleOptions } from "./machineDraw.ts";
import { occupiedNs } from "./occupancy.ts";
import { pageWalksNs, type VmemmapMapping } from "./tlb.ts";

export interface PriceOptions extends SampleOptions {
  /** Share of its peak at which each medium is already busy with other traffic. @default 0 */
  readonly utilisation?: { readonly boot: number; readonly hotAdded: number };
  /** Memmap over which random touches spread, for the TLB. @default 0 (within reach) */
  readonly memmapBytes?: number;
  /** @default "pmd" */
  readonly mapping?: VmemmapMapping;
  /** Instructions of struct page loops that execute beside the touches. @default 0 (touches alone) */
  readonly instructions?: number;
  /** Pages of DRAM, in bytes, that are cleared before the touches. @default 0 */
  readonly clearedBytes?: number;
  /** What is known of the misses where the counts have no windows. @default nothing lies between them */
  readonly pattern?: MissPattern;
}

/** The same options as an object of one shape, whoever states what of them: loops over draws read it fast. */
export function inOneShape(options: PriceOptions): PriceOptions {
  const { memmapBytes = 0, mapping = "pmd", instructions = 0, clearedBytes = 0, utilisation = IDLE, pattern } = options;
  return pattern === undefined
    ? { memmapBytes, mapping, instructions, clearedBytes, utilisation }
    : { memmapBytes, mapping, instructions, clearedBytes, utilisation, pattern };
}

const IDLE = { boot: 0, hotAdded: 0 };

/** How the misses of an operation lie, unit by unit: better known than by the mean distance of its touches. */
export interface MissPattern {
  /** Genuine instructions between two of them. */
  readonly distance: number;
  /** Share of them behind a locked operation. */
  readonly lockedShare: number;
}

/** Paths that run side by side: the slowest sets the time. */
export type Path = "core" | "line buffers" | "boot medium" | "hot-added medium";

/** The terms, in reading order; `fillTerms` writes their values in this order. */
export const TERMS: readonly { readonly name: string; readonly path: Path }[] = [
  { name: "instructions", path: "core" },
  { name: "hits in L2 and LLC", path: "core" },
  { name: "waiting for boot memory's struct pages", path: "core" },
  { name: "waiting for hot-added memory's struct pages", path: "core" },
  { name: "page walks for the vmemmap", path: "core" },
  { name: "clearing pages of DRAM", path: "core" },
  { name: "streams of struct pages already cached", path: "line buffers" },
  { name: "streams of boot memory's struct pages", path: "line buffers" },
  { name: "streams of hot-added memory's struct pages", path: "line buffers" },
  { name: "moving boot memory's struct pages", path: "boot medium" },
  { name: "moving hot-added memory's struct pages", path: "hot-added medium" },
];
const CLEAR_TERM = 5;
const FIRST_STREAM_TERM = 6;
const FIRST_MEDIUM_TERM = 9;
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
  const core = terms[0]! + terms[1]! + terms[2]! + terms[3]! + terms[4]! + terms[CLEAR_TERM]!;
  const streams = terms[FIRST_STREAM_TERM]! + terms[FIRST_STREAM_TERM + 1]! + terms[FIRST_STREAM_TERM + 2]!;
  const [boot, hotAdded] = [terms[FIRST_MEDIUM_TERM]!, terms[FIRST_MEDIUM_TERM + 1]!];
  const media = draw.hotAdded === draw.boot ? boot + hotAdded : Math.max(boot, hotAdded);
  return Math.max(core, streams, media);
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

/** The path that bounds the time of these terms. @param terms ns by term, in the order of `TERMS` */
export function slowestPath(terms: Float64Array, draw: MachineDraw): Path {
  const sums = pathSums(terms, draw);
  return PATHS[sums.indexOf(Math.max(...sums))] ?? "core";
}

/** A miss replaces the L1 latency that its instructions already hold. */
const beyondL1 = (ns: number, host: HostDraw): number => Math.max(0, ns - host.l1Ns);

function fillTerms(sums: CountSums, draw: MachineDraw, options: PriceOptions, terms: Float64Array): void {
  const { host, boot, hotAdded } = draw;
  const { memmapBytes = 0, mapping = "pmd", instructions = 0, clearedBytes = 0, utilisation } = options;
  // One busy core runs at its turbo clock; memmapCpi was fitted there.
  terms.fill(0);
  terms[0] = (instructions * host.memmapCpi) / host.turboGHz;
  if (clearedBytes > 0) {
    const { clearGBps, clearStartNs } = draw.streamed.boot;
    terms[CLEAR_TERM] = clearedBytes / clearGBps + (clearedBytes / PAGE_BYTES) * clearStartNs;
  }
  if (sums.isEmpty) return;
  fillHits(sums, host, options.pattern, terms);
  const bootNs = beyondL1(loadedNs(boot, utilisation?.boot ?? 0), host);
  const hotAddedNs = beyondL1(loadedNs(hotAdded, utilisation?.hotAdded ?? 0), host);
  const exposed =
    fillWaits(sums, OWNER_BOOT, bootNs, host, options.pattern, terms) +
    fillWaits(sums, OWNER_HOT_ADDED, hotAddedNs, host, options.pattern, terms);
  // A page walk is part of its access: walks of independent misses overlap as the misses do.
  terms[4] = pageWalksNs(exposed, memmapBytes, mapping, host);
  terms[FIRST_MEDIUM_TERM] = occupiedNs(boot, sums.fetched[OWNER_BOOT]!, sums.evicted[OWNER_BOOT]!);
  const region = memmapBytes > 0 ? memmapBytes : Number.POSITIVE_INFINITY;
  terms[FIRST_MEDIUM_TERM + 1] = occupiedNs(
    hotAdded,
    sums.fetched[OWNER_HOT_ADDED]!,
    sums.evicted[OWNER_HOT_ADDED]!,
    region,
  );
}

const NO_HITS = new Float64Array(NR_CLASSES);

function fillHits(sums: CountSums, host: HostDraw, pattern: MissPattern | undefined, terms: Float64Array): void {
  if (!sums.hasHits) return;
  const l2Ns = beyondL1(host.l2Ns, host);
  const llcNs = beyondL1(host.llcNs, host);
  const l2Alone = aloneNs(l2Ns, host);
  const llcAlone = aloneNs(llcNs, host);
  // Windows hold every LLC hit, streams too; a pattern says better how those of an operation lie.
  const isWindow = pattern === undefined && sums.llcWindow.counts.length > 0;
  const { l2Hits } = sums;
  const llcHits = isWindow ? NO_HITS : sums.llcHits;
  const waits = (accessClass: number, share: number): number =>
    share * (l2Hits[accessClass]! * l2Alone + llcHits[accessClass]! * llcAlone);
  // Access classes that no prefetcher streams, and what is known of their addresses.
  const distance = pattern?.distance ?? 0;
  const independent = exposedShare("independent", distance, host);
  terms[1] =
    waits(CLASS_INDEPENDENT, independent) +
    waits(CLASS_DEPENDENT, 1) +
    waits(CLASS_UNCLASSIFIED, unknownShare(independent, host));
  if (isWindow) terms[1]! += independentAlone(sums.llcWindow, host) * llcAlone;
  terms[FIRST_STREAM_TERM] =
    (l2Hits[CLASS_STREAM]! * l2Ns + llcHits[CLASS_STREAM]! * llcNs) / host.nrStreamLinesInFlight;
}

/** Waiting for one owner's struct pages. @returns misses alone that cost what these do, whose page walks count */
function fillWaits(
  sums: CountSums,
  owner: number,
  latencyNs: number,
  host: HostDraw,
  pattern: MissPattern | undefined,
  terms: Float64Array,
): number {
  if (!sums.hasMisses[owner]) return 0;
  const lineNs = latencyNs / host.nrStreamLinesInFlight;
  const streams = (pattern === undefined ? sums.unplaced : sums.misses)[owner]!;
  terms[FIRST_STREAM_TERM + 1 + owner] = streams[CLASS_STREAM]! * lineNs;
  const missNs = aloneNs(latencyNs, host);
  const share = pattern && patternShare(pattern, host);
  const unplaced = sums.unplaced[owner]!;
  const windows = sums.windows[owner]!;
  const streamed = windowStreamed(windows, host);
  const independent = share ?? exposedShare("independent", 0, host);
  const exposed =
    windowAlone(windows, host, share) +
    unplaced[CLASS_INDEPENDENT]! * independent +
    unplaced[CLASS_DEPENDENT]! +
    unplaced[CLASS_UNCLASSIFIED]! * (share ?? unknownShare(independent, host));
  terms[2 + owner] = exposed * missNs + streamed * lineNs;
  return exposed;
}

/** What an independent miss of an operation costs, of a miss alone: some locked operations serialise. */
export function patternShare({ distance, lockedShare }: MissPattern, host: HostDraw): number {
  const serial = lockedShare * host.lockedSerialShare;
  return serial + (1 - serial) * exposedShare("independent", distance, host);
}
