import { COUNTERS_BYTES } from "../../assembly/layout/counters.ts";
import { STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { ATTR_CLASS_SHIFT, CLASS_STREAM, RW_READ, RW_WRITE } from "../../assembly/layout/touch.ts";
import { type CacheGeometry, readTouchCounts, type TouchCounts } from "../counts.ts";
import { countersView, initCache } from "./cache.ts";
import type { WasmInstance } from "./instance.ts";

/** The struct page passes that are measured on this machine and predicted from counts. */
export const CHECKED_KERNELS = ["init", "free pass", "scan", "scan movable", "random update", "list churn"] as const;
export type CheckedPass = (typeof CHECKED_KERNELS)[number];

/** Where the arena keeps what the kernels work on. */
export interface Places {
  readonly kernels: WasmInstance;
  readonly area: number;
  readonly head: number;
  readonly cache: number;
  readonly counters: number;
}

type TimedExport = "timeInit" | "timeFreePass" | "timeRelease" | "timeCheckFreed" | "timeScan" | "timeScanMovable";

interface Phase {
  /** The export that does this phase alone. */
  readonly kernel: TimedExport;
  readonly rw: number;
}

/**
 * Passes in address order. The phases of one pass take turns, chunk by chunk: each is waited for on its own, so
 * each is priced on its own.
 */
const STREAMED: Readonly<
  Partial<Record<CheckedPass, { readonly whole: TimedExport; readonly phases: readonly Phase[] }>>
> = {
  init: { whole: "timeInit", phases: [{ kernel: "timeInit", rw: RW_WRITE }] },
  "free pass": {
    whole: "timeFreePass",
    phases: [
      { kernel: "timeRelease", rw: RW_WRITE },
      { kernel: "timeCheckFreed", rw: RW_WRITE },
    ],
  },
  scan: { whole: "timeScan", phases: [{ kernel: "timeScan", rw: RW_READ }] },
  "scan movable": { whole: "timeScanMovable", phases: [{ kernel: "timeScanMovable", rw: RW_READ }] },
};

export const MAX_PHASES = 2;
/** Pages that the free pass releases before it checks them (order 10). */
const CHUNK_PAGES = 1024;

/** How many phases of a pass are timed one by one. */
export function phasesOf(kernel: CheckedPass): number {
  return STREAMED[kernel]?.phases.length ?? 1;
}

let seed = 1;
/** Where the last part of a pass ended: the next call goes on there, or a large area would be a small one. */
let cursor = 0;

/**
 * Runs `kernel` (or one phase of it) over `nrPages` struct pages of `nrLines`.
 *
 * @param phase undefined for the kernel as a whole
 */
export function runPhase(
  { kernels, area, head }: Places,
  kernel: CheckedPass,
  phase: number | undefined,
  nrLines: number,
  nrPages: number,
): void {
  const streamed = STREAMED[kernel];
  if (streamed !== undefined) {
    const name = phase === undefined ? streamed.whole : (streamed.phases[phase]?.kernel ?? streamed.whole);
    const times = Math.floor(nrPages / nrLines);
    if (times > 0) kernels.call(name, area, nrLines, times);
    for (let left = nrPages % nrLines; left > 0; ) {
      const start = cursor % nrLines;
      const nr = Math.min(left, nrLines - start);
      kernels.call(name, area + start * STRUCT_PAGE_BYTES, nr, 1);
      cursor = start + nr;
      left -= nr;
    }
  } else if (kernel === "list churn") {
    kernels.call("churnList", head, nrPages);
  } else {
    seed = kernels.callU32("randomUpdate", area, nrLines, nrPages, seed);
  }
}

/** What the cache model counts for the same, caches warm: one count a phase. */
export function countPhases(
  places: Places,
  kernel: CheckedPass,
  nrLines: number,
  nrPages: number,
  geometry: CacheGeometry,
): TouchCounts[] {
  const { kernels, cache, counters } = places;
  initCache(kernels, cache, geometry);
  const view = countersView(kernels, counters, COUNTERS_BYTES * MAX_PHASES);
  sweep(places, 0, nrLines, RW_WRITE, 0);
  countOnce(places, kernel, nrLines, nrLines);
  view.fill(0n);
  countOnce(places, kernel, nrLines, nrPages);
  const perPhase = COUNTERS_BYTES / 8;
  return Array.from({ length: phasesOf(kernel) }, (_, phase) =>
    readTouchCounts(view.subarray(phase * perPhase, (phase + 1) * perPhase)),
  );
}

function countOnce(places: Places, kernel: CheckedPass, nrLines: number, nrPages: number): void {
  const { kernels, area, head, cache, counters } = places;
  const phases = STREAMED[kernel]?.phases;
  if (phases !== undefined) {
    for (let left = nrPages; left > 0; left -= nrLines) countPass(places, phases, Math.min(left, nrLines));
  } else if (kernel === "list churn") {
    kernels.call("countChurnList", cache, counters, head, nrPages);
  } else {
    seed = kernels.callU32("countRandomUpdate", cache, counters, area / STRUCT_PAGE_BYTES, nrLines, nrPages, seed);
  }
}

function countPass(places: Places, phases: readonly Phase[], nrPages: number): void {
  const chunk = phases.length === 1 ? nrPages : CHUNK_PAGES;
  for (let done = 0; done < nrPages; done += chunk) {
    phases.forEach(({ rw }, phase) => {
      sweep(places, done, Math.min(chunk, nrPages - done), rw, phase);
    });
  }
}

function sweep({ kernels, area, cache, counters }: Places, first: number, nr: number, rw: number, phase: number): void {
  const attr = (CLASS_STREAM << ATTR_CLASS_SHIFT) | rw;
  const line = area / STRUCT_PAGE_BYTES + first;
  kernels.call("sweep", cache, counters + phase * COUNTERS_BYTES, line, nr, 1, attr);
}
