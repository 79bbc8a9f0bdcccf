import { PAGE_SHIFT, STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import {
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_CLASSES,
  NR_OWNERS,
  NR_RW,
  OWNER_HOT_ADDED,
  TOUCH_BYTES,
  TOUCH_PFN,
} from "../../assembly/layout/touch.ts";
import type { FootprintRun } from "../counts/workload.ts";
import { type CacheGeometry, demandOf, type TouchCounts } from "../counts.ts";
import { type RecordBatches, Replayer } from "../wasm/replay.ts";
import type { Trace } from "./countWorkload.ts";
import { checkFootprint, PAGEBLOCK_SHIFT } from "./operations/footprint.ts";

/** An odd number near 2^32 / phi spreads pageblocks; how far apart runs lie is another. */
const SPREAD = 2_654_435_761;
const RUN_STRIDE = 40_503;

/**
 * The recorded touches on pages of a larger working set.
 *
 * Each run of the trace moves its pageblocks of hot-added memory to other places of the footprint (the order of pages
 * within a pageblock is kept, and with it what is sequential); boot memory stays. Measured is a run after the whole
 * footprint was touched once and the trace ran once elsewhere: the steady state of a process that does this work all
 * over its memory.
 */
export async function moveTrace(trace: Trace, geometry: CacheGeometry, footprintBytes: number): Promise<FootprintRun> {
  const nrPages = checkFootprint(footprintBytes) / 2 ** PAGE_SHIFT;
  const { pfnFrom, llcShare } = trace;
  const replayer = new Replayer({ geometry, pfnFrom, llcShare, pfnLast: pfnFrom + nrPages - 1 });
  // Of a sweep only the end stays: what is older than all caches can hold is gone whatever it was.
  const kept = Math.min(nrPages, (2 * geometry.llc.bytes) / STRUCT_PAGE_BYTES);
  replayer.touchBefore({ startPfn: pfnFrom + nrPages - kept, nrPages: kept });
  await replayer.run(moved(trace.open(), pfnFrom, nrPages, 1));
  const { counts } = await replayer.run(moved(trace.open(), pfnFrom, nrPages, 2));
  return {
    name: trace.name,
    footprintBytes,
    model: trace.isPredicted ? "predicted trace" : "moved trace",
    errorRatio: undefined,
    unit: "run",
    nrUnits: 1,
    counts: steady(counts),
    work: trace.work,
  };
}

/**
 * In a steady state as many lines leave the LLC as come, so no more of them dirty. The memory touched before leaves more:
 * it was written all at once.
 */
function steady(counts: TouchCounts): TouchCounts {
  let fetched = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++)
    for (let rw = 0; rw < NR_RW; rw++) fetched += demandOf(counts, accessClass, OWNER_HOT_ADDED, rw, LEVEL_MEMORY);
  const writeBacks = counts.writeBacks.slice();
  const at = LEVEL_LLC * NR_OWNERS + OWNER_HOT_ADDED;
  writeBacks[at] = Math.min(writeBacks[at] ?? 0, fetched);
  return { ...counts, writeBacks };
}

/** The records with their pageblocks of hot-added memory moved; batches are changed in a copy. */
async function* moved(
  batches: RecordBatches,
  pfnFrom: number,
  nrPages: number,
  run: number,
): AsyncGenerator<Uint8Array> {
  const nrPageblocks = nrPages >>> PAGEBLOCK_SHIFT;
  for await (const batch of batches) {
    const copy = batch.slice();
    const words = new Uint32Array(copy.buffer);
    for (let at = TOUCH_PFN >> 2; at < words.length; at += TOUCH_BYTES >> 2) {
      const page = (words[at] as number) - pfnFrom;
      if (page < 0) continue;
      const block = (Math.imul(page >>> PAGEBLOCK_SHIFT, SPREAD) + Math.imul(run, RUN_STRIDE)) >>> 0;
      words[at] = pfnFrom + (block % nrPageblocks) * (1 << PAGEBLOCK_SHIFT) + (page & 511);
    }
    yield copy;
  }
}
