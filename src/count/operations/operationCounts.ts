import { Step } from "../../../assembly/layout/steps.ts";
import { LEVEL_MEMORY, NR_CLASSES, NR_OWNERS, NR_RW } from "../../../assembly/layout/touch.ts";
import type { OperationCount } from "../../counts/workload.ts";
import {
  addTouchCounts,
  type CacheGeometry,
  demandIndex,
  emptyTouchCounts,
  type OrderedCounts,
  type TouchCounts,
  windowIndex,
} from "../../counts.ts";
import { OPERATION_NAMES, OPERATIONS, type OperationName } from "../../scenario/operationNames.ts";
import { NONE } from "../../wasm/pageEngine.ts";
import { TouchList, TouchRuns } from "../../wasm/touchRuns.ts";
import { BLOCK_PAGES } from "../coremm/hotLayout.ts";
import { INSTRUCTIONS_PER_TOUCH, type InstructionsPerTouch } from "./instructionsPerTouch.ts";
import { type IdleMemory, idleMemory, runScript, SCRIPTS } from "./scripts.ts";

/** Pages per measurement: their struct pages fit in any L2, and the edges of batches weigh little. */
const NR_PAGES = 1024;

/** Of these the scan of the block is taken off, so that what remains is per page in use. */
const WITHOUT_SCAN: Readonly<Partial<Record<OperationName, string>>> = {
  offline: "migrate a page out of a block (scanned before)",
};

/** Operations that say nothing per page, or nothing that the others do not. */
const NOT_PER_PAGE: ReadonlySet<OperationName> = new Set(["churn", "thp_fault", "thp_exit", "child_exit"]);

/**
 * Every operation on an idle movable block of 128 MiB, counted through the caches of a host.
 *
 * @param instructionsPerTouch for the windows of misses; a mean over kernels and programs where it is left out
 */
export function countOperations(
  kernel: string,
  geometry: CacheGeometry,
  instructionsPerTouch: InstructionsPerTouch = () => INSTRUCTIONS_PER_TOUCH,
): OperationCount[] {
  const runs = new TouchRuns(geometry);
  const recorded = recordOperations(kernel, NR_PAGES);
  const idle = recordOperations(kernel, 0);
  const count = (key: OperationCount["key"], name: string, touches: Recorded, idleTouches?: TouchList) =>
    countTouches(key, name, touches, idleTouches, runs, instructionsPerTouch(key));
  const counts = [count("alloc_free", "order-0 alloc and free", allocAndFree(kernel))];
  for (const name of OPERATION_NAMES) {
    const operation = recorded.get(name);
    if (operation === undefined) continue;
    const label = WITHOUT_SCAN[name];
    const idleTouches = label === undefined ? undefined : idle.get(name)?.touches;
    counts.push(count(name, label ?? OPERATIONS[name].label, operation, idleTouches));
  }
  return counts;
}

interface Recorded {
  readonly touches: TouchList;
  readonly units: number;
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
      if (!NOT_PER_PAGE.has(name)) all.set(name, { touches: recorder.touches(), units });
    });
  }
  return all;
}

function recordingMemory(kernel: string): IdleMemory & { begin(): void; touches(): TouchList } {
  let list = new TouchList();
  return {
    ...idleMemory(kernel, {
      blockPages: BLOCK_PAGES,
      nrBlocks: 1,
      sink: (...touch) => list.add(...touch),
    }),
    begin: () => {
      list = new TouchList();
    },
    touches: () => list,
  };
}

/** Pages taken from the pcp list one after the other, then freed to it: what the allocator itself touches. */
function allocAndFree(kernel: string): Recorded {
  const { engine, touches } = recordingMemory(kernel);
  const pfns = Array.from({ length: NR_PAGES }, () => engine.take(NONE));
  for (const pfn of pfns) {
    engine.run(Step.prepareCache, pfn);
    engine.commit(pfn);
  }
  engine.flush();
  return { touches: touches(), units: NR_PAGES };
}

/** @param idleTouches what the same takes when no page is in use: taken off */
function countTouches(
  key: OperationCount["key"],
  name: string,
  { touches, units }: Recorded,
  idleTouches: TouchList | undefined,
  runs: TouchRuns,
  instructionsPerTouch: number,
): OperationCount {
  const busy = runTwice(touches, runs, instructionsPerTouch);
  const idle = idleTouches && runTwice(idleTouches, runs, instructionsPerTouch);
  return {
    key,
    name,
    touchesPerPage: (touches.length - (idleTouches?.length ?? 0)) / units,
    // What is per page in use works on that page's own line; the rest of the block is scanned either way.
    linesPerPage: idle ? 1 : touches.nrDistinctPages() / units,
    hot: perUnit(busy.hot.random, idle?.hot.random, units),
    cold: perUnit(busy.cold.random, idle?.cold.random, units),
    coldInOrder: perUnit(busy.cold.inOrder, idle?.cold.inOrder, units),
  };
}

function perUnit(busy: TouchCounts, idle: TouchCounts | undefined, units: number): TouchCounts {
  const share = emptyTouchCounts();
  addTouchCounts(share, busy, 1 / units);
  if (idle === undefined) return share;
  addTouchCounts(share, idle, -1 / units);
  // A page that is in use can spare a scan a touch, or move one to another distance; no count is less than none.
  const { demand, writeBacks, windows } = share;
  for (const counts of [demand, writeBacks, windows.memory, windows.llc])
    counts.set(counts.map((count) => Math.max(0, count)));
  keepMisses(share);
  return share;
}

/** As many misses in the windows of an owner as memory served. */
function keepMisses({ demand, windows }: TouchCounts): void {
  for (let owner = 0; owner < NR_OWNERS; owner++) {
    const kinds = windows.memory.subarray(windowIndex(owner, 0, 0), windowIndex(owner + 1, 0, 0));
    const sum = kinds.reduce((total, count) => total + count, 0);
    let missed = 0;
    for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++)
      for (let rw = 0; rw < NR_RW; rw++) missed += demand[demandIndex(accessClass, owner, rw, LEVEL_MEMORY)] ?? 0;
    if (sum > 0) kinds.set(kinds.map((count) => (count * missed) / sum));
  }
}

/** From empty caches, and again. */
function runTwice(
  touches: TouchList,
  runs: TouchRuns,
  instructionsPerTouch: number,
): { readonly cold: OrderedCounts; readonly hot: OrderedCounts } {
  runs.empty();
  return { cold: runs.run(touches, instructionsPerTouch), hot: runs.run(touches, instructionsPerTouch) };
}
