import { InputError } from "../errors.ts";
import type { CacheGeometry } from "../kernels/cache.ts";
import { type PageRange, type ReplayCounts, replay } from "../kernels/replay.ts";
import type { Operation } from "./operationsSchema.ts";
import { otherLlcShare } from "./otherTraffic.ts";
import { openRecording, type Recording } from "./recording.ts";
import type { RecordingSummary } from "./recordingSummary.ts";

/** A recorded workload as counts: from caches empty of struct pages, and from those that a run before left. */
export interface WorkloadRun {
  readonly name: string;
  readonly kernel: string;
  readonly command: string;
  /** Which of the two runs stands for the workload: one-shot operations are judged cold, the rest warm. */
  readonly judged: "cold" | "warm";
  readonly cold: ReplayCounts;
  readonly warm: ReplayCounts;
  /** All guest instructions, what followed the last touch included. */
  readonly instructions: number;
  /** Misses of everything but struct pages in the modelled LLC. */
  readonly otherLlcFills: number;
  /** Bytes of hot-added memory's struct pages that are in use: those touched, and those mapped before. */
  readonly footprintBytes: number;
  readonly notes: readonly string[];
}

const LINE_BYTES = 64;
/** The L2 in which a recording's `other_l2_fills` were counted. */
const RECORDED_L2_BYTES = 1024 ** 2;
const HOTPLUG_OPERATIONS = new Set(["add", "online_movable", "online_kernel", "offline", "offline_busy"]);

/**
 * Replays one recording cold and warm through the caches of a host.
 *
 * @error InputError when the recording lacks its summary or touch trace, or either is unreadable
 */
export async function countWorkload(target: string, geometry: CacheGeometry): Promise<WorkloadRun> {
  const recording = await openRecording(target);
  const { summary, touches } = partsOf(recording, target);
  const llcShare = shareOf(summary, geometry.llc.bytes);
  const before = mappedBefore(recording.operations ?? [], summary.hotAdded.pfnFrom);
  const options = { geometry, pfnFrom: summary.hotAdded.pfnFrom, llcShare };
  const { cold, warm } = await replay(() => touches(), options, before);
  const mappedPages = before.reduce((sum, range) => sum + range.nrPages, 0);
  return {
    name: recording.name,
    kernel: summary.kernel,
    command: summary.command,
    judged: (recording.operations ?? []).some(({ op }) => HOTPLUG_OPERATIONS.has(op)) ? "cold" : "warm",
    cold,
    warm,
    instructions: summary.instructions,
    otherLlcFills: Math.round(llcShare * summary.otherL2Fills),
    footprintBytes: Math.max(mappedPages, cold.firstTouches.hotAdded) * LINE_BYTES,
    notes: notesOf(summary, geometry),
  };
}

function partsOf(recording: Recording, target: string) {
  const { summary, touches } = recording;
  if (summary === undefined || touches === undefined) {
    throw new InputError({
      where: target,
      what: `the recording has no ${summary === undefined ? "summary (NAME.json)" : "touch trace (NAME.touch.gz)"}`,
      expected: "traffic/NAME.json with traces/NAME.touch.gz beside it, or the name of a packaged recording",
      example: "wl_redis_set_30k_1k",
    });
  }
  return { summary, touches };
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

function notesOf(summary: RecordingSummary, geometry: CacheGeometry): readonly string[] {
  if (summary.otherL2Fills === 0 || geometry.l2.bytes === RECORDED_L2_BYTES) return [];
  return [
    `${summary.name}: other traffic was recorded behind a 1 MiB L2 and is used unchanged for one of ${geometry.l2.bytes} bytes`,
  ];
}
