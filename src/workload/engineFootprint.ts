import { PageOp, Step } from "../../assembly/engineLayout.ts";
import type { TouchCounts } from "../counts.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { NONE, type PageEngine, WasmPageEngine } from "../kernels/engine.ts";
import { GIB } from "../units.ts";
import { freeRange } from "./engineState.ts";
import { checkFootprint } from "./footprint.ts";
import { recipesOf } from "./kernelRecipes.ts";
import { releasePages } from "./releasePages.ts";

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
  const mapped: number[] = [];
  engine.setPcp(63, 4 * 63);
  const map = (): void => {
    for (let i = 0; i < nrPages; i++) mapped.push(fault(engine));
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
      unmap(engine, [mapped[index] as number]);
      mapped[index] = fault(engine);
    };
    for (let i = 0; i < CHURN_WARM; i++) once();
    engine.forget();
    for (let i = 0; i < CHURN_COUNTED; i++) once();
    return CHURN_COUNTED;
  },
  fork(engine, mapped) {
    for (const pfn of mapped) engine.op(PageOp.fork, pfn);
    unmap(engine, mapped);
    return mapped.length;
  },
  exit(engine, mapped) {
    unmap(engine, mapped);
    return mapped.length;
  },
  fault(engine, _mapped, nrPages) {
    for (let i = 0; i < nrPages; i++) fault(engine);
    return nrPages;
  },
};

function fault(engine: PageEngine): number {
  const pfn = engine.take(NONE);
  if (pfn === NONE) throw new RangeError("the footprint does not fit its own range");
  engine.op(PageOp.anonFault, pfn);
  return pfn;
}

/** Unmaps and frees as struct mmu_gather batches it. */
export function unmap(engine: PageEngine, pfns: readonly number[], commit = simulatedCommit(engine)): void {
  const { gatherBundle, gatherBatch, gatherBatches } = engine.recipes.sizes;
  const most = gatherBundle + gatherBatch * gatherBatches;
  engine.lruAddDrain();
  for (let from = 0; from < pfns.length; from += most) {
    const gathered = pfns.slice(from, from + most);
    for (const pfn of gathered) engine.op(PageOp.zap, pfn);
    for (let at = 0; at < gathered.length; ) {
      const size = at === 0 ? gatherBundle : gatherBatch;
      const batch = gathered.slice(at, at + size);
      for (const pfn of batch) engine.run(Step.swapFree, pfn);
      releasePages(engine, batch, commit);
      at += size;
    }
  }
}

const simulatedCommit =
  (engine: PageEngine) =>
  (pfn: number): void => {
    if (pfn !== NONE) engine.commit(pfn);
  };
