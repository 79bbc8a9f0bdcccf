import { TOUCH_BYTES, TOUCH_PFN } from "../../assembly/layout/touch.ts";
import type { WorkloadRun, WorkloadWork } from "../counts/workload.ts";
import type { CacheGeometry, PageRange } from "../counts.ts";
import { InputError } from "../errors.ts";
import { baselineUnknown } from "../recording/countedRecording.ts";
import type { Operation } from "../recording/operationsSchema.ts";
import { otherLlcShare } from "../recording/otherTraffic.ts";
import { openRecording, type Recording } from "../recording/recording.ts";
import type { RecordingSummary } from "../recording/recordingSummary.ts";
import { DEFAULT_PFN_LAST, type RecordBatches, replay } from "../wasm/replay.ts";
import { workloadWork } from "./workloadWork.ts";

const LINE_BYTES = 64;
/** The L2 in which a recording's `other_l2_fills` were counted. */
const RECORDED_L2_BYTES = 1024 ** 2;
/** Where hot-added memory starts in every recording so far: 4 GiB. Used for a bare trace only. */
const DEFAULT_PFN_FROM = 0x100000;
/** 5 million records: every packaged recording; far below what a machine that runs this has. */
const MAX_KEPT_BYTES = 5_000_000 * TOUCH_BYTES;
const HOTPLUG_OPERATIONS = new Set(["add", "online_movable", "online_kernel", "offline", "offline_busy"]);

/**
 * Replays one recording cold and warm through the caches of a host.
 *
 * @param target name of a packaged recording, path of one with or without suffix, or of a bare touch trace
 * @error InputError when there is no touch trace, or a part is unreadable
 */
export async function countWorkload(target: string, geometry: CacheGeometry): Promise<WorkloadRun> {
  return countTrace(await openTrace(target, geometry), target, geometry);
}

/** The same of a trace that is open already. */
export async function countTrace(trace: Trace, target: string, geometry: CacheGeometry): Promise<WorkloadRun> {
  const { name, summary, operations, open, pfnFrom, pfnLast, llcShare } = trace;
  const before = mappedBefore(operations, pfnFrom);
  const { cold, warm } = await replay(open, { geometry, pfnFrom, pfnLast, llcShare, name: target }, before);
  const mappedPages = before.reduce((sum, range) => sum + range.nrPages, 0);
  return {
    name,
    kernel: summary?.kernel ?? "unknown",
    command: summary?.command ?? "",
    judged: operations.some(({ op }) => HOTPLUG_OPERATIONS.has(op)) ? "cold" : "warm",
    cold,
    warm,
    instructions: summary?.instructions ?? cold.instructions,
    work: trace.work,
    footprintBytes: Math.max(mappedPages, cold.firstTouches.hotAdded) * LINE_BYTES,
    byFunction: summary?.hotAdded.byFunction ?? [],
    notes: [...trace.notes, ...notesOf(name, summary, cold.otherL2Fills, geometry)],
  };
}

/** A recording opened for replay, and what replay needs to know of it. */
export interface Trace {
  readonly name: string;
  readonly summary: RecordingSummary | undefined;
  readonly operations: readonly Operation[];
  readonly open: () => RecordBatches;
  readonly pfnFrom: number;
  /** The last pfn of a trace that is kept, or of the largest machine. */
  readonly pfnLast: number;
  /** Share of other L2 fills that also enter the host's LLC. */
  readonly llcShare: number;
  /** What its tasks did beside struct pages; absent where the recording does not tell. */
  readonly work: WorkloadWork | undefined;
  /** Its touches are what the page engine derives from the allocator events. */
  readonly isPredicted: boolean;
  readonly notes: readonly string[];
}

/** @error InputError when there is neither a touch trace nor events, or a part is unreadable */
export async function openTrace(target: string, geometry: CacheGeometry): Promise<Trace> {
  const recording = await openRecording(target);
  const { name, summary, operations = [] } = recording;
  const isPredicted = recording.touches === undefined;
  const touches: OpenTouches = isPredicted ? () => predicted(recording, target) : touchesOf(recording, target);
  const { open, pfnLast } = isPredicted ? await kept(touches) : await keptOnce(recording, touches);
  return {
    name,
    summary,
    operations,
    open,
    isPredicted,
    notes: isPredicted
      ? [`${name}: no touch trace; its touches follow from its allocator events, by the page engine`]
      : [],
    pfnFrom: summary?.hotAdded.pfnFrom ?? DEFAULT_PFN_FROM,
    pfnLast,
    work: workloadWork(summary, geometry.llc.bytes, operations),
    llcShare: summary === undefined ? 1 : shareOf(summary, geometry.llc.bytes),
  };
}

type KeptTrace = Pick<Trace, "open" | "pfnLast">;
type OpenTouches = NonNullable<Recording["touches"]>;

/** The packaged recording that was decoded last: a sweep over scenarios asks for it again and again. */
let lastKept: { readonly name: string; readonly trace: Promise<KeptTrace> } | undefined;

function keptOnce({ name, packaged, lastPfn }: Recording, touches: OpenTouches): Promise<KeptTrace> {
  if (!packaged) return kept(touches);
  if (lastKept?.name !== name) lastKept = { name, trace: kept(touches, lastPfn) };
  return lastKept.trace;
}

/**
 * Decodes a trace once where it is small; a large one is read anew by each run, in constant memory.
 *
 * @param lastPfn of a packaged trace, which comes as one batch: no other follows, so it needs no copy
 */
async function kept(touches: OpenTouches, lastPfn?: () => number): Promise<KeptTrace> {
  const batches: Uint8Array[] = [];
  let bytes = 0;
  let pfnLast = lastPfn?.() ?? 0;
  for await (const batch of touches(lastPfn ? { batchRecords: MAX_KEPT_BYTES / TOUCH_BYTES } : {})) {
    bytes += batch.length;
    if (bytes > MAX_KEPT_BYTES) return { open: () => touches(), pfnLast: DEFAULT_PFN_LAST };
    batches.push(lastPfn ? batch : batch.slice());
    if (!lastPfn) pfnLast = Math.max(pfnLast, lastPfnOf(batch));
  }
  return { open: () => batches, pfnLast: Math.min(pfnLast, DEFAULT_PFN_LAST) };
}

/** A batch holds whole records, but for the last one of a damaged trace. */
function lastPfnOf(batch: Uint8Array): number {
  const words = new Uint32Array(batch.buffer, batch.byteOffset, batch.length >> 2);
  let last = 0;
  for (let at = TOUCH_PFN / 4; at < words.length; at += TOUCH_BYTES / 4) if (words[at]! > last) last = words[at]!;
  return last;
}

/** What the allocator events, and operations if there are any, did to struct pages. */
async function* predicted(recording: Recording, target: string): AsyncGenerator<Uint8Array> {
  if (recording.events === undefined || recording.summary === undefined) touchesOf(recording, target);
  const { predictTraffic } = await import("./follow/predictTraffic.ts");
  yield* (await predictTraffic(recording)).stream;
}

function touchesOf(recording: Recording, target: string) {
  if (recording.touches !== undefined) return recording.touches;
  throw new InputError({
    where: target,
    what:
      recording.events === undefined
        ? "the recording has no touch trace (NAME.touch.gz)"
        : "the recording has allocator events, but no summary of the state before them (NAME.json)",
    expected:
      "traffic/NAME.json with traces/NAME.touch.gz or NAME.kmem.txt.gz beside it, a touch trace, or the name of a packaged recording",
    example: "wl_redis_set_30k_1k",
  });
}

function shareOf(summary: RecordingSummary, llcBytes: number): number {
  const fillsAt = (bytes: number) => summary.otherLlcFills.find((row) => row.llcBytes === bytes)?.fills ?? 0;
  return otherLlcShare(
    {
      l2Fills: summary.otherL2Fills,
      llcFills8MiB: fillsAt(8 * 1024 ** 2),
      llcFills32MiB: fillsAt(32 * 1024 ** 2),
      llcFills128MiB: fillsAt(128 * 1024 ** 2),
    },
    llcBytes,
  );
}

/**
 * The pages that `already_mapped_anon` describes. Which pfns they are is not recorded: the buddy hands out a freshly
 * onlined range in ascending order (blocks are onlined to the tail, expand() keeps the lower half), so they are taken
 * to be the first of the hot-added range. In wl_churn_3g_20k every page zapped lies there.
 */
function mappedBefore(operations: readonly Operation[], pfnFrom: number): readonly PageRange[] {
  const nrPages = operations.reduce((sum, step) => sum + (step.op === "already_mapped_anon" ? step.pages : 0), 0);
  return nrPages === 0 ? [] : [{ startPfn: pfnFrom, nrPages }];
}

function notesOf(
  name: string,
  summary: RecordingSummary | undefined,
  otherL2Fills: number,
  geometry: CacheGeometry,
): readonly string[] {
  const notes: string[] = [];
  if (summary === undefined) {
    notes.push(
      `${name}: no summary beside the trace, so struct pages from pfn ${DEFAULT_PFN_FROM} are taken for hot-added memory's and all other L2 fills for LLC fills`,
    );
  }
  if (summary !== undefined && summary.counted === undefined) notes.push(baselineUnknown(name));
  if (otherL2Fills > 0 && geometry.l2.bytes !== RECORDED_L2_BYTES) {
    notes.push(
      `other traffic was recorded behind a 1 MiB L2 and is used unchanged for the host's L2 of ${geometry.l2.bytes / 1024} KiB`,
    );
  }
  return notes;
}
