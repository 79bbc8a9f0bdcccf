import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { NR_WINDOW_BUCKETS } from "../../assembly/layout/windows.ts";
import { type BucketCounts, distanceOf } from "../counts/windows.ts";
import type { Quantity } from "../machine/provenance.ts";
import type { WindowSums } from "./countSums.ts";
import type { HostDraw } from "./draws.ts";

/**
 * Share of misses behind which a core goes on with its window until the line comes. User loads a window and more apart
 * on Zen 4 hide nothing (204 ns of a latency of 171 to 202), loops that the front end feeds well hide all they can; a
 * branch on what the line says that is predicted wrongly hides nothing whatever the window.
 */
export const HIDDEN_SHARE: Quantity = {
  value: 0.2,
  range: [0.05, 0.5],
  level: "C",
  source: "zen4-vm",
  note: "user loads 8 to 368 instructions apart: least error from 0 to 0.25; the range is twice as far",
};

/** What of a core decides how many misses share a window. */
export type WindowOfHost = Pick<HostDraw, "nrLinesInFlight" | "windowInstructions" | "unevenPace">;

/**
 * Misses that share one window, for a miss that comes `distance` instructions behind the one before. Never more than the
 * core keeps lines in flight.
 *
 * Karkhanis and Smith, A First-Order Superscalar Processor Model, ISCA 2004: independent misses within one window share
 * one latency. 1 + W / d of them do where misses come at random; at an even pace it is 1 + floor(W / d), whose mean over
 * half a miss either way is max(1, 1/2 + W / d). Kernel paths lie between: loops with other misses here and there. Of
 * user loads 8 to 368 instructions apart on Zen 4, which are even, the second is 13 % off with the profile's window, the
 * first 28 %, the middle 19 %.
 */
export function missesInWindow(distance: number, host: WindowOfHost): number {
  if (distance <= 0) return host.nrLinesInFlight;
  const more = host.windowInstructions / distance;
  const even = Math.max(1, 0.5 + more);
  return Math.min(host.nrLinesInFlight, even + host.unevenPace * (1 + more - even));
}

const BUCKET_DISTANCES = Float64Array.from({ length: NR_WINDOW_BUCKETS }, (_, bucket) => distanceOf(bucket));

/** What one of the misses in each bucket of distance costs, as a share of a miss alone, when they are independent. */
export function bucketShares(host: WindowOfHost): Float64Array {
  return BUCKET_DISTANCES.map((distance) => 1 / missesInWindow(distance, host));
}

/** Misses alone that cost what these independent ones do. */
export function independentAlone({ buckets, counts }: BucketCounts, { bucketShares }: HostDraw): number {
  let alone = 0;
  for (let i = 0; i < buckets.length; i++) alone += counts[i]! * bucketShares[buckets[i]!]!;
  return alone;
}

/** The same where it is not known what their addresses hang on. */
export function unknownAlone(misses: BucketCounts, host: HostDraw): number {
  const independent = independentAlone(misses, host);
  return independent + host.dependence * (misses.total - independent);
}

/** Lines of each 4 KiB that are counted as restarts of a stream. */
const COUNTED_RESTARTS = 2;

/**
 * Misses of one owner as misses alone.
 *
 * @param share what an independent one costs of a miss alone, where that is known better than by its distance
 */
export function windowAlone(sums: WindowSums, host: HostDraw, share?: number): number {
  const { independent, unknown, adjacent } = sums;
  const missed = 1 - host.adjacentLineShare;
  return share === undefined
    ? independentAlone(independent, host) +
        unknownAlone(unknown, host) +
        sums.dependent +
        independentAlone(adjacent, host) * missed +
        restartsOf(sums, host)
    : share * independent.total +
        share * unknown.total +
        sums.dependent +
        share * adjacent.total * missed +
        restartsOf(sums, host);
}

/** Misses of one owner as lines of a stream that the prefetchers keep in flight. */
export function windowStreamed(sums: WindowSums, host: HostDraw): number {
  return sums.prefetched + sums.restarts - restartsOf(sums, host);
}

/** Misses with which the streams begin, and begin anew. */
function restartsOf({ restarts, prefetched }: WindowSums, host: HostDraw): number {
  const started = Math.min(1, PAGE_BYTES / host.streamPageBytes) * (host.streamTrainingLines / COUNTED_RESTARTS);
  return Math.min(restarts + prefetched, restarts * started);
}

/** ns that a miss of `latencyNs` with no other in its window keeps the core waiting. */
export function aloneNs(latencyNs: number, host: HostDraw): number {
  return latencyNs - host.hiddenShare * Math.min(latencyNs, host.windowNs);
}

/** What is known of where the address of a miss came from. */
export type Dependence =
  /** It was known before the miss before was served: misses of one window share a latency. */
  | "independent"
  /** It was read from the line of the miss before (a neighbour on a list): no overlap at any distance. */
  | "dependent"
  /** Anywhere between: both bounds are one for a miss alone in its window, which most are. */
  | "unknown";

/** Share of `aloneNs` that one of the misses `distance` instructions apart costs. */
export function exposedShare(dependence: Dependence, distance: number, host: HostDraw): number {
  if (dependence === "dependent") return 1;
  const independent = 1 / missesInWindow(distance, host);
  return dependence === "independent" ? independent : unknownShare(independent, host);
}

/** The share where it is not known what addresses hang on. @param independent the share where they are known */
export function unknownShare(independent: number, host: HostDraw): number {
  return independent + host.dependence * (1 - independent);
}

/** ns that a miss of `latencyNs`, `distance` instructions behind the one before, keeps the core waiting. */
export function exposedNs(dependence: Dependence, latencyNs: number, distance: number, host: HostDraw): number {
  return aloneNs(latencyNs, host) * exposedShare(dependence, distance, host);
}

const LINE_BYTES = 64;

/** Share of the lines of a stream that are misses of their own, because the prefetcher starts anew after each page. */
function restartShare(host: HostDraw): number {
  return Math.min(1, (host.streamTrainingLines * LINE_BYTES) / host.streamPageBytes);
}

/** ns a line of a stream of struct pages in pfn order, of which one comes every `distance` instructions. */
export function inOrderNs(latencyNs: number, distance: number, host: HostDraw): number {
  const missed = exposedNs("independent", latencyNs, distance, host);
  const streamed = Math.min(missed, latencyNs / host.nrStreamLinesInFlight);
  // A prefetcher learns from misses that come one by one: its restarts overlap nothing.
  return Math.min(missed, streamed + restartShare(host) * (aloneNs(latencyNs, host) - streamed));
}
