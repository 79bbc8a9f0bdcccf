import { PAGE_SHIFT } from "../../../assembly/layout/layout.ts";
import type { WorkloadWork } from "../../cost/baseline.ts";
import type { TouchCounts } from "../../counts.ts";
import { InputError } from "../../errors.ts";
import type { OPERATIONS } from "../../scenario/operationNames.ts";
import { formatBytes, GIB, TIB } from "../../units.ts";

/**
 * How a run at a footprint was made.
 *
 * - `moved trace`: the touches of a recording, its pages moved all over the footprint. Assumed: the workload visits all
 *   of it alike; a hot subset would miss less.
 * - `predicted trace`: the same, of touches that the page engine derives from allocator events.
 * - `page by page`: every page of the footprint by the page engine.
 * - `scaled`: by the page engine, a part of the footprint in caches of the same part of the size; see footprintScale.ts.
 */
export type FootprintModel = "moved trace" | "predicted trace" | "page by page" | "scaled";

/** A workload at a footprint: so much hot-added memory in use, struct pages of 1/64 of it. */
export interface FootprintRun {
  /** Of a recording, or a named operation. */
  readonly name: string;
  readonly footprintBytes: number;
  readonly model: FootprintModel;
  /** How far it may be from a run of every page; undefined for a trace, whose pages are moved as the model says. */
  readonly errorRatio: number | undefined;
  /** What is counted: one run of a recording; one page, huge page, or pair of zap and fault of an operation. */
  readonly unit: "run" | (typeof OPERATIONS)[keyof typeof OPERATIONS]["unit"];
  /** Of units in all the footprint; undefined where there is no end (churn). */
  readonly nrUnits: number | undefined;
  /** Of one unit; of an operation as if its pages had pfns at random. */
  readonly counts: TouchCounts;
  /** Of an operation on pages in the order of their pfns; undefined for a recording, which has the order it had. */
  readonly countsInOrder?: TouchCounts;
  /** Of one run of a recording; absent where it does not tell, and of an operation, whose work is a table's. */
  readonly work: WorkloadWork | undefined;
}

export const MIN_FOOTPRINT_BYTES = GIB;
export const MAX_FOOTPRINT_BYTES = TIB;
export const PAGEBLOCK_SHIFT = 9;

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
