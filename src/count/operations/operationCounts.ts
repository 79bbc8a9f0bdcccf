import { CLASS_DEPENDENT, TOUCH_BYTES, TOUCH_PFN } from "../../../assembly/layout/layout.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import { addTouchCounts, emptyTouchCounts, type TouchCounts } from "../../counts.ts";
import { concatBytes } from "../../platform.ts";
import { TouchBuffer } from "../../recording/touchBuffer.ts";
import { OPERATION_NAMES, OPERATIONS, type OperationName } from "../../scenario/operationNames.ts";
import type { CacheGeometry } from "../../wasm/cache.ts";
import { NONE } from "../../wasm/pageEngine.ts";
import { type ReplayCounts, Replayer } from "../../wasm/replay.ts";
import { BLOCK_PAGES } from "../coremm/hotLayout.ts";
import { BASE_PFN, type IdleMemory, idleMemory, runScript, SCRIPTS } from "./scripts.ts";

/** Struct page touches of one page's worth of an operation of core-mm, by the page engine. */
export interface OperationCount {
  readonly key: OperationName | "alloc_free";
  readonly name: string;
  /** Touches and distinct struct pages per page worked on. */
  readonly touchesPerPage: number;
  readonly linesPerPage: number;
  /**
   * Per page: every struct page in L1 or L2 already; none in any cache, and pages all over the memory; none in any
   * cache, and pages in the order of their pfns.
   */
  readonly hot: TouchCounts;
  readonly cold: TouchCounts;
  readonly coldInOrder: TouchCounts;
  /** Share of the first touches, which miss, that go to a neighbour on a list: its address is read from the page before. */
  readonly dependentShare: number;
}

/** Pages per measurement: their struct pages fit in any L2, and the edges of batches weigh little. */
const NR_PAGES = 1024;

/** Of these the scan of the block is taken off, so that what remains is per page in use. */
const WITHOUT_SCAN: Readonly<Partial<Record<OperationName, string>>> = {
  offline: "migrate a page out of a block (scanned before)",
};

/** Operations that say nothing per page, or nothing that the others do not. */
const NOT_PER_PAGE: ReadonlySet<OperationName> = new Set(["churn", "thp_fault", "thp_exit", "child_exit"]);

/** Every operation on an idle movable block of 128 MiB, counted through the caches of a host. */
export async function countOperations(kernel: string, geometry: CacheGeometry): Promise<OperationCount[]> {
  const replayer = new Replayer({ geometry, pfnFrom: BASE_PFN, pfnLast: BASE_PFN + BLOCK_PAGES - 1 });
  const touches = recordOperations(kernel, NR_PAGES);
  const idle = recordOperations(kernel, 0);
  const counts = [
    await countTouches("alloc_free", "order-0 alloc and free", allocAndFree(kernel), undefined, replayer),
  ];
  for (const name of OPERATION_NAMES) {
    const recorded = touches.get(name);
    if (recorded === undefined) continue;
    const label = WITHOUT_SCAN[name];
    counts.push(
      await countTouches(
        name,
        label ?? OPERATIONS[name].label,
        recorded,
        label === undefined ? undefined : idle.get(name)?.records,
        replayer,
      ),
    );
  }
  return counts;
}

interface Recorded {
  readonly records: Uint8Array;
  readonly units: number;
  readonly dependentShare: number;
}

/** The touches of each operation that is told per page, at `nrPages` pages. */
function recordOperations(kernel: string, nrPages: number): Map<OperationName, Recorded> {
  const all = new Map<OperationName, Recorded>();
  const size = { pages: nrPages, blockPages: BLOCK_PAGES };
  for (const script of SCRIPTS) {
    const wanted = script.flatMap(({ name }) => name ?? []).filter((name) => !NOT_PER_PAGE.has(name));
    if (wanted.length === 0 || (nrPages === 0 && !wanted.some((name) => name in WITHOUT_SCAN))) continue;
    const recorder = recordingMemory(kernel);
    runScript(script, size, recorder, (name, units, run) => {
      recorder.begin();
      run();
      if (!NOT_PER_PAGE.has(name)) all.set(name, { ...recorder.recorded(), units });
    });
  }
  return all;
}

function recordingMemory(kernel: string): IdleMemory & { begin(): void; recorded(): Omit<Recorded, "units"> } {
  let buffer = new TouchBuffer();
  /** Class of each struct page's first touch. */
  let first = new Map<number, number>();
  return {
    ...idleMemory(kernel, {
      blockPages: BLOCK_PAGES,
      nrBlocks: 1,
      sink: (pfn, loads, stores, accessClass) => {
        buffer.add(pfn, loads, stores);
        if (!first.has(pfn)) first.set(pfn, accessClass);
      },
    }),
    begin: () => {
      buffer = new TouchBuffer();
      first = new Map();
    },
    recorded: () => ({
      records: concatBytes(buffer.pieces()),
      dependentShare: shareOf([...first.values()], CLASS_DEPENDENT),
    }),
  };
}

const shareOf = (classes: readonly number[], wanted: number): number =>
  classes.length === 0 ? 0 : classes.filter((accessClass) => accessClass === wanted).length / classes.length;

/** Pages taken from the pcp list one after the other, then freed to it: what the allocator itself touches. */
function allocAndFree(kernel: string): Recorded {
  const { engine, recorded } = recordingMemory(kernel);
  const pfns = Array.from({ length: NR_PAGES }, () => engine.take(NONE));
  for (const pfn of pfns) {
    engine.run(Step.prepareCache, pfn);
    engine.commit(pfn);
  }
  engine.flush();
  return { ...recorded(), units: NR_PAGES };
}

/** @param idleTouches what the same takes when no page is in use: taken off */
async function countTouches(
  key: OperationCount["key"],
  name: string,
  { records, units, dependentShare }: Recorded,
  idleTouches: Uint8Array | undefined,
  replayer: Replayer,
): Promise<OperationCount> {
  const runs = await runTwice(records, replayer);
  const idle = idleTouches && (await runTwice(idleTouches, replayer));
  const perPage = (state: "cold" | "hot"): TouchCounts => {
    const share = emptyTouchCounts();
    addTouchCounts(share, runs[state].counts, 1 / units);
    if (idle) addTouchCounts(share, idle[state].counts, -1 / units);
    // A page that is in use can spare a scan a touch; no count is less than none.
    for (const counts of [share.demand, share.writeBacks]) counts.set(counts.map((count) => Math.max(0, count)));
    return share;
  };
  return {
    key,
    name,
    dependentShare,
    touchesPerPage: (runs.cold.touches - (idle?.cold.touches ?? 0)) / units,
    // What is per page in use works on that page's own line; the rest of the block is scanned either way.
    linesPerPage: idle ? 1 : distinctPages(records) / units,
    hot: perPage("hot"),
    cold: perPage("cold"),
    coldInOrder: perPage("cold"),
  };
}

/** From empty caches, and again. */
async function runTwice(
  touches: Uint8Array,
  replayer: Replayer,
): Promise<{ readonly cold: ReplayCounts; readonly hot: ReplayCounts }> {
  const records = scattered(touches);
  replayer.empty();
  return { cold: await replayer.run([records]), hot: await replayer.run([records]) };
}

function distinctPages(records: Uint8Array): number {
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  const pages = new Set<number>();
  for (let at = TOUCH_PFN; at < records.length; at += TOUCH_BYTES) pages.add(view.getUint32(at, true));
  return pages.size;
}

/** Pages in no useful order, as in a zone that has been in use: no struct page is next to the one before. */
function scattered(records: Uint8Array): Uint8Array {
  const copy = new Uint8Array(records);
  const view = new DataView(copy.buffer);
  for (let at = TOUCH_PFN; at < copy.length; at += TOUCH_BYTES) {
    const page = view.getUint32(at, true) - BASE_PFN;
    view.setUint32(at, BASE_PFN + ((page * 40_503) % BLOCK_PAGES), true);
  }
  return copy;
}
