import { PAGE_SHIFT, STRUCT_PAGE_BYTES, TOUCH_BYTES, TOUCH_PFN } from "../../assembly/layout.ts";
import type { TouchCounts } from "../counts.ts";
import { InputError } from "../errors.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { type RecordBatches, Replayer } from "../kernels/replay.ts";
import { formatBytes, GIB, TIB } from "../units.ts";
import { openTrace } from "./countWorkload.ts";

/** A recorded workload whose pages are spread over more memory than when it was recorded. */
export interface FootprintRun {
  readonly name: string;
  readonly footprintBytes: number;
  readonly counts: TouchCounts;
  readonly instructions: number;
  readonly otherLlcFills: number;
}

export const MIN_FOOTPRINT_BYTES = GIB;
export const MAX_FOOTPRINT_BYTES = TIB;
const PAGEBLOCK_SHIFT = 9;
/** An odd number near 2^32 / phi spreads pageblocks; how far apart runs lie is another. */
const SPREAD = 2_654_435_761;
const RUN_STRIDE = 40_503;

/** @error InputError for a footprint below 1 GiB, above 1 TiB, or of no whole pageblocks */
export function checkFootprint(footprintBytes: number): number {
  const whole = footprintBytes % (1 << (PAGE_SHIFT + PAGEBLOCK_SHIFT)) === 0;
  if (whole && footprintBytes >= MIN_FOOTPRINT_BYTES && footprintBytes <= MAX_FOOTPRINT_BYTES) return footprintBytes;
  throw new InputError({
    what: `a footprint of ${footprintBytes} bytes (${formatBytes(footprintBytes)})`,
    expected: "1GiB to 1TiB, a multiple of 2 MiB",
    example: "--footprint 1GiB 16GiB 256GiB",
  });
}

/**
 * The recorded operations on pages of a larger working set.
 *
 * Each run of the trace moves its pageblocks of hot-added memory to other places of the footprint (the order of pages
 * within a pageblock is kept, and with it what is sequential); boot memory stays. Measured is a run after the whole
 * footprint was touched once and the trace ran once elsewhere: the steady state of a process that does this work all
 * over its memory. Assumed: it visits all of it alike; a hot subset would miss less.
 *
 * @param footprintBytes of hot-added memory in use; struct pages of 1/64 of it compete for the caches
 */
export async function countAtFootprint(
  target: string,
  geometry: CacheGeometry,
  footprintBytes: number,
): Promise<FootprintRun> {
  const trace = await openTrace(target, geometry);
  const nrPages = checkFootprint(footprintBytes) / 2 ** PAGE_SHIFT;
  const { pfnFrom, llcShare } = trace;
  const replayer = new Replayer({ geometry, pfnFrom, llcShare, pfnLast: pfnFrom + nrPages - 1 });
  // Of a sweep only the end stays: what is older than every cache can hold is gone whatever it was.
  const kept = Math.min(nrPages, (4 * geometry.llc.bytes) / STRUCT_PAGE_BYTES);
  replayer.touchBefore({ startPfn: pfnFrom + nrPages - kept, nrPages: kept });
  await replayer.run(moved(trace.open(), pfnFrom, nrPages, 1));
  const { counts, instructions, otherL2Fills } = await replayer.run(moved(trace.open(), pfnFrom, nrPages, 2));
  return {
    name: trace.name,
    footprintBytes,
    counts,
    instructions: trace.summary?.instructions ?? instructions,
    otherLlcFills: Math.round(llcShare * otherL2Fills),
  };
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
    const view = new DataView(copy.buffer);
    for (let at = TOUCH_PFN; at < copy.length; at += TOUCH_BYTES) {
      const page = view.getUint32(at, true) - pfnFrom;
      if (page < 0) continue;
      const block = (Math.imul(page >>> PAGEBLOCK_SHIFT, SPREAD) + Math.imul(run, RUN_STRIDE)) >>> 0;
      view.setUint32(at, pfnFrom + (block % nrPageblocks) * (1 << PAGEBLOCK_SHIFT) + (page & 511), true);
    }
    yield copy;
  }
}
