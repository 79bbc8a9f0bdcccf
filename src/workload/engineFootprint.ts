import { PageOp } from "../../assembly/engineLayout.ts";
import type { TouchCounts } from "../counts.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { WasmPageEngine } from "../kernels/engine.ts";
import { GIB } from "../units.ts";
import { freeRange } from "./engineState.ts";
import { checkFootprint } from "./footprint.ts";
import { recipesOf } from "./recipes/ofKernel.ts";

const PAGE_BYTES = 4096;
/** Footprints up to here are simulated page by page; 4 GiB are a million pages. */
const EXACT_BYTES = 4 * GIB;
/** Random operations of a churn: before counting, and counted. */
const CHURN_WARM = 100_000;
const CHURN_COUNTED = 50_000;

/** What a process of a given footprint does. */
export type FootprintWorkload = "churn" | "fork" | "exit" | "fault";

export const FOOTPRINT_WORKLOADS: Readonly<Record<FootprintWorkload, string>> = {
  churn: "zaps one random page and faults it again, over and over; caches as that leaves them",
  fork: "forks, the child exits at once; caches empty of struct pages before",
  exit: "unmaps all its memory; caches empty of struct pages before",
  fault: "touches all its memory for the first time; caches empty of struct pages before",
};

export interface EngineFootprint {
  readonly workload: FootprintWorkload;
  readonly footprintBytes: number;
  /** Pages that were operated on: those of the process, or the churn's operations. */
  readonly operations: number;
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
  readonly distinctPages: number;
  readonly counts: TouchCounts;
  /**
   * 1: simulated page by page. k: named model "scaled": a k-th of the footprint in L2 and LLC of a k-th of the size, sums
   * multiplied by k for sweeps. Per operation it differs from the page-by-page run by less than 3 % where both fit
   * (test/workload/engineFootprint.test.ts): neighbours on lists and batches do not depend on the footprint, only hits do.
   */
  readonly scale: number;
}

/**
 * Runs a workload at a footprint of choice.
 *
 * @param kernel release, `6.12.117`
 * @error InputError on a footprint outside 1 GiB to 1 TiB or no whole number of pages
 */
export function atFootprint(
  workload: FootprintWorkload,
  footprintBytes: number,
  kernel: string,
  caches: CacheGeometry,
  exactBytes = EXACT_BYTES,
): EngineFootprint {
  checkFootprint(footprintBytes);
  let scale = 1;
  while (footprintBytes / scale > exactBytes) scale *= 2;
  const nrPages = Math.floor(footprintBytes / PAGE_BYTES / scale);
  // A quarter more, so that copies and batches find free pages; whole chunks of MAX_PAGE_ORDER.
  const range = { basePfn: 0x100000, nrPages: Math.ceil((nrPages * 1.25) / 1024) * 1024 };
  const engine = new WasmPageEngine(recipesOf(kernel), range, undefined, { caches: scaled(caches, scale) });
  let mapped: number[] = [];
  engine.setPcp(63, 4 * 63);
  const map = (): void => {
    mapped = engine.faultRun(nrPages);
    engine.lruAddDrain();
  };
  engine.quietly(() => {
    freeRange(engine, range.basePfn, range.nrPages);
    if (workload === "fork" || workload === "exit") map();
  });
  // A churn starts with the caches as the faults left them.
  if (workload === "churn") map();
  const operations = RUNS[workload](engine, mapped, nrPages);
  engine.flush();
  const { touches, loads, stores, distinctPages } = engine.totals();
  const counts = engine.counts();
  // A sweep's sums grow with the footprint; a churn's are those of its operations.
  const times = workload === "churn" ? 1 : scale;
  const multiplied = (values: Float64Array): Float64Array => values.map((value) => value * times);
  return {
    workload,
    footprintBytes,
    operations: operations * times,
    touches: touches * times,
    loads: loads * times,
    stores: stores * times,
    distinctPages: distinctPages * times,
    counts: { demand: multiplied(counts.demand), writeBacks: multiplied(counts.writeBacks) },
    scale,
  };
}

/** L2 and LLC of a k-th of their sets, at least 8; L1 keeps its size: what it holds does not depend on the footprint. */
function scaled(caches: CacheGeometry, scale: number): CacheGeometry {
  const level = ({ bytes, ways }: { bytes: number; ways: number }) => {
    const sets = Math.max(8, Math.floor(bytes / (64 * ways) / scale));
    return { bytes: sets * ways * 64, ways };
  };
  return { l1: caches.l1, l2: level(caches.l2), llc: level(caches.llc) };
}

type Run = (engine: WasmPageEngine, mapped: number[], nrPages: number) => number;

const RUNS: Readonly<Record<FootprintWorkload, Run>> = {
  churn(engine, mapped) {
    let state = 1;
    const once = (): void => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const index = Math.floor((state / 2 ** 32) * mapped.length);
      engine.unmapRun([mapped[index] as number]);
      mapped[index] = engine.faultRun(1)[0] as number;
    };
    for (let i = 0; i < CHURN_WARM; i++) once();
    engine.forget();
    for (let i = 0; i < CHURN_COUNTED; i++) once();
    return CHURN_COUNTED;
  },
  fork(engine, mapped) {
    for (const pfn of mapped) engine.op(PageOp.fork, pfn);
    engine.unmapRun(mapped);
    return mapped.length;
  },
  exit(engine, mapped) {
    engine.unmapRun(mapped);
    return mapped.length;
  },
  fault(engine, _mapped, nrPages) {
    return engine.faultRun(nrPages).length;
  },
};
