import { PageOp } from "../../../assembly/layout/engine.ts";
import { InputError, namingFile } from "../../errors.ts";
import { recipesOf } from "../../linux/recipes/ofKernel.ts";
import { type HotEvents, NO_EVENTS } from "../../recording/allocatorEventColumns.ts";
import type { ImportReport } from "../../recording/import/importReport.ts";
import type { Operation, SimpleOperation } from "../../recording/operationsSchema.ts";
import type { Recording } from "../../recording/recording.ts";
import type { RecordingSummary } from "../../recording/recordingSummary.ts";
import { TouchBuffer } from "../../recording/touchBuffer.ts";
import { NONE, type PageEngine, WasmPageEngine } from "../../wasm/wasmPageEngine.ts";
import type { HotLayout } from "../coremm/hotLayout.ts";
import { OperationRunner, type OperationTotals } from "../coremm/runOperations.ts";
import { idleHotplugTraffic } from "../hotplug/idleTraffic.ts";
import { checkBlocks } from "./checkBlocks.ts";
import { readHotEvents } from "./engineEvents.ts";
import { buildState, hotLayout, type StateBefore } from "./engineState.ts";
import { OWN_PAGES } from "./heldPages.ts";
import { idleHotplugOf } from "./idleBlocks.ts";
import { RecordedPages } from "./recordedPages.ts";
import type { FollowCounts } from "./unexplainedEvents.ts";

/** What the model says a recording's operations and events did to hot-added struct pages. */
export interface PredictedTraffic {
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
  readonly distinctPages: number;
  /** Accesses by kernel function: [loads, stores]. */
  readonly byFunction: ReadonlyMap<string, readonly [number, number]>;
  /** What each kind of operation added, in order of first appearance. */
  readonly byOperation: readonly OperationTotals[];
  /** The touches in order, 12-byte records without other traffic, in pieces; none when they are only counted. */
  readonly stream: readonly Uint8Array[];
  readonly follow: FollowCounts;
  /** Pages that were in another state than the model thought. */
  readonly surprises: number;
  /** What the state before was taken to be where nothing recorded says, in words. */
  readonly assumed: readonly string[];
  /** Operations without a rule. */
  readonly unmodelled: ReadonlyMap<string, number>;
  readonly nrEvents: number;
  /** What the import of the events saw; undefined without events, and for packaged ones, which are whole. */
  readonly imported: ImportReport | undefined;
  /** Computed by the hotplug kernels: nothing is left open. */
  readonly isExact: boolean;
}

/**
 * @param keepsStream whether the touches are wanted in order, not only counted: 12 bytes for each
 * @error InputError when the recording has no summary, an unknown kernel, or neither events nor operations
 */
export async function predictTraffic(recording: Recording, keepsStream = true): Promise<PredictedTraffic> {
  const summary = recording.summary;
  if (summary === undefined)
    throw new InputError({
      where: recording.name,
      what: "the recording has no summary (traffic/NAME.json)",
      expected: "what the kernel was and which blocks were online: --summary FILE",
    });
  const where = recording.summaryPath ?? recording.name;
  const operations = recording.operations ?? [];
  if (recording.events === undefined && operations.length === 0)
    throw new InputError({
      where: recording.name,
      what: "the recording has neither allocator events nor operations",
      expected: "traces/NAME.kmem.txt.gz, --kmem FILE, or --operations FILE",
    });
  checkBlocks(operations, summary, where);
  const idle = namingFile(where, () => (operations.length === 1 ? idleHotplug(operations[0], summary) : undefined));
  if (idle !== undefined) return idle;
  const layout = hotLayout(summary);
  const pfnEnd = layout.basePfn + layout.nrPages;
  const events =
    recording.events === undefined
      ? NO_EVENTS
      : await readHotEvents(recording.events({ pfnEnd }), layout.basePfn, pfnEnd);
  const buffer = keepsStream ? new TouchBuffer() : undefined;
  return namingFile(where, () => runEngine(summary, layout, operations, events, buffer));
}

function runEngine(
  summary: RecordingSummary,
  layout: HotLayout,
  operations: readonly Operation[],
  events: HotEvents,
  buffer: TouchBuffer | undefined,
): PredictedTraffic {
  const engine = new WasmPageEngine(recipesOf(summary.kernel), layout, buffer?.add);
  const follower = new RecordedPages(events, engine);
  let before: StateBefore = { held: [], assumed: [] };
  engine.quietly(() => {
    before = buildState(engine, layout, events, heldPages(operations), summary.zonesBefore);
  });
  if (events.length === 0 && operations.some(({ op }) => op === "anon_fault")) faultOwnPages(engine, follower);
  const runner = new OperationRunner(engine, follower, before.held, layout);
  runner.run(operations);
  runner.finish();
  const totals = engine.totals();
  return {
    touches: totals.touches,
    loads: totals.loads,
    stores: totals.stores,
    distinctPages: totals.distinctPages,
    byFunction: engineFunctions(engine),
    byOperation: runner.totals,
    stream: buffer?.pieces() ?? [],
    follow: follower.counts,
    surprises: totals.surprises,
    assumed: before.assumed,
    unmodelled: runner.unmodelled,
    nrEvents: events.length,
    imported: events.report,
    isExact: false,
  };
}

/**
 * Without events nothing shows the pages that the process has beside those of its operations. It faulted them before, so
 * they lie behind the others on the LRU list and are neighbours of the oldest.
 */
function faultOwnPages(engine: PageEngine, follower: RecordedPages): void {
  engine.quietly(() => {
    for (let i = 0; i < OWN_PAGES; i++) {
      const pfn = follower.allocate(true);
      if (pfn !== NONE) engine.op(PageOp.anonFault, pfn);
    }
  });
}

const heldPages = (operations: readonly Operation[]): number =>
  operations.reduce((total, row) => total + (row.op === "already_mapped_anon" ? row.pages : 0), 0);

function engineFunctions(engine: PageEngine): Map<string, [number, number]> {
  const totals = new Map<string, [number, number]>();
  const rowRuns = engine.rowRuns();
  engine.recipes.rowFunctions.forEach((shares, row) => {
    const runs = rowRuns[row] as number;
    if (runs === 0) return;
    for (const { name, loads, stores } of shares) {
      const total = totals.get(name) ?? [0, 0];
      totals.set(name, [total[0] + runs * loads, total[1] + runs * stores]);
    }
  });
  return totals;
}

/** Hotplug of an idle block is computed by the hotplug kernels themselves. */
function idleHotplug(operation: Operation | undefined, summary: RecordingSummary): PredictedTraffic | undefined {
  if (operation === undefined || !isIdle(operation)) return undefined;
  const block = operation.op === "add" ? (operation.blocks[0] as number) : operation.block;
  const idle = { op: operation.op, block, selfHosted: operation.self_hosted };
  const traffic = idleHotplugTraffic(idleHotplugOf(idle, summary));
  const { touches, loads, stores, distinctPages } = traffic;
  return {
    touches,
    loads,
    stores,
    distinctPages,
    byFunction: new Map(traffic.byFunction.map(([name, l, s]) => [name, [l, s] as const])),
    byOperation: [{ op: operation.op, times: 1, touches, loads, stores }],
    stream: [traffic.stream],
    follow: { extraAllocations: 0, extraFrees: 0, slabAllocations: 0, simulatedAllocations: 0 },
    surprises: 0,
    assumed: [],
    unmodelled: new Map(),
    nrEvents: 0,
    imported: undefined,
    isExact: true,
  };
}

type IdleOperation = Extract<SimpleOperation, { op: "add" | "online_movable" | "online_kernel" | "offline" }>;

const isIdle = (operation: Operation): operation is IdleOperation =>
  ["add", "online_movable", "online_kernel", "offline"].includes(operation.op);
