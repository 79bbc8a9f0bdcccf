import { LEVEL_LLC, LEVEL_MEMORY, NR_CLASSES, NR_RW, OWNER_HOT_ADDED } from "../../../assembly/layout/touch.ts";
import { demandOf, type TouchCounts } from "../../counts.ts";
import { pricedAs } from "../../linux/recordedKernels.ts";
import { alignTouches } from "../../recording/alignTouches.ts";
import { importNotes } from "../../recording/import/importNotes.ts";
import { mergeStreams } from "../../recording/mergeStreams.ts";
import { otherLlcShare } from "../../recording/otherTraffic.ts";
import { openRecording, type Recording, type RecordingFiles } from "../../recording/recording.ts";
import type { RecordingSummary } from "../../recording/recordingSummary.ts";
import { decimals, KIB, MIB } from "../../units.ts";
import { type RecordBatches, Replayer } from "../../wasm/replay.ts";
import { type PredictedTraffic, predictTraffic } from "./predictTraffic.ts";

/** Traffic of hot-added struct pages, recorded or predicted; misses are null without a touch trace. */
export interface TrafficTotals {
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
  readonly distinct_pages: number;
  readonly l2_misses: number | null;
  readonly llc_misses_8MiB: number | null;
  readonly llc_misses_32MiB: number | null;
  readonly llc_misses_128MiB: number | null;
}

/** Loads or stores of one kernel function. */
export interface FunctionRow {
  readonly function: string;
  readonly kind: "load" | "store";
  readonly recorded: number;
  readonly predicted: number;
}

/** altmap/traffic-v1. */
export interface TrafficDocument {
  readonly schema: "altmap/traffic-v1";
  readonly name: string;
  readonly kernel: string;
  readonly recorded: TrafficTotals;
  readonly predicted: TrafficTotals;
  /** predicted / recorded; null where nothing was recorded. */
  readonly ratio: Readonly<Record<keyof TrafficTotals, number | null>>;
  /** Accesses to hot-added pages that the model does not explain, largest first: recorded - predicted, by function. */
  readonly unexplained: readonly (readonly [string, number])[];
  /** Accesses that the model has and the recording has not. */
  readonly overpredicted: readonly (readonly [string, number])[];
  /** Accesses to hot-added pages of each kernel function, recorded and predicted, most recorded ones first. */
  readonly by_function: readonly FunctionRow[];
  readonly by_operation: readonly {
    readonly op: string;
    readonly times: number;
    readonly touches: number;
    readonly loads: number;
    readonly stores: number;
  }[];
  /** How much of the prediction the input does not determine. */
  readonly undetermined: readonly string[];
  /** In what the trace of events is not whole. */
  readonly events_notes: readonly string[];
}

const LLC_SIZES = [8, 32, 128] as const;

/** Runs the engine on a recording and compares. @error InputError on input that cannot be used */
export async function traffic(target: string | undefined, files: RecordingFiles): Promise<TrafficDocument> {
  const recording = await openRecording(target, files);
  // Without recorded touches there is nothing to replay the predicted ones with.
  const predicted = await predictTraffic(recording, recording.touches !== undefined);
  const summary = recording.summary as RecordingSummary;
  const misses = await bothMisses(recording, summary, predicted);
  const totals = {
    recorded: { ...recordedTotals(summary), ...misses.recorded },
    predicted: {
      touches: predicted.touches,
      loads: predicted.loads,
      stores: predicted.stores,
      distinct_pages: predicted.distinctPages,
      ...misses.predicted,
    },
  };
  return {
    schema: "altmap/traffic-v1",
    name: summary.name,
    kernel: summary.kernel,
    ...totals,
    ratio: ratios(totals.predicted, totals.recorded),
    ...compareFunctions(summary, predicted),
    by_operation: predicted.byOperation,
    undetermined: undetermined(recording, predicted),
    events_notes: predicted.imported === undefined ? [] : importNotes(predicted.imported),
  };
}

function recordedTotals(summary: RecordingSummary) {
  const { touches, loads, stores, distinctPages } = summary.hotAdded;
  return { touches, loads, stores, distinct_pages: distinctPages };
}

function ratios(predicted: TrafficTotals, recorded: TrafficTotals): TrafficDocument["ratio"] {
  const keys = Object.keys(predicted) as (keyof TrafficTotals)[];
  return Object.fromEntries(
    keys.map((key) => {
      const [p, r] = [predicted[key], recorded[key]];
      return [key, p === null || r === null || r === 0 ? (p === r && p !== null ? 1 : null) : p / r];
    }),
  ) as TrafficDocument["ratio"];
}

type Misses = Pick<TrafficTotals, "l2_misses" | "llc_misses_8MiB" | "llc_misses_32MiB" | "llc_misses_128MiB">;

const NO_MISSES: Misses = {
  l2_misses: null,
  llc_misses_8MiB: null,
  llc_misses_32MiB: null,
  llc_misses_128MiB: null,
};

/** Misses from cold caches, the recorded other traffic interleaved with both streams alike. */
async function bothMisses(recording: Recording, summary: RecordingSummary, predicted: PredictedTraffic) {
  const { touches } = recording;
  if (touches === undefined) return { recorded: NO_MISSES, predicted: NO_MISSES };
  const { pfnFrom, touches: nrRecorded } = summary.hotAdded;
  const counts = { recorded: nrRecorded, predicted: predicted.touches };
  const name = recording.touchPath ?? recording.name;
  const anchors = await alignTouches(touches(), predicted.stream, pfnFrom);
  const merged = () => mergeStreams(touches(), predicted.stream, pfnFrom, counts, anchors, name);
  return {
    recorded: await missesOf(summary, () => touches(), name),
    predicted: await missesOf(summary, merged, name),
  };
}

async function missesOf(summary: RecordingSummary, open: () => RecordBatches, name: string): Promise<Misses> {
  const misses: Record<string, number> = {};
  for (const mib of LLC_SIZES) {
    const replayer = new Replayer({
      geometry: {
        l1: { bytes: 32 * KIB, ways: 8 },
        l2: { bytes: MIB, ways: 16 },
        llc: { bytes: mib * MIB, ways: 16 },
      },
      pfnFrom: summary.hotAdded.pfnFrom,
      llcShare: shareOf(summary, mib * MIB),
      name,
    });
    const { counts } = await replayer.run(open());
    misses[`llc_misses_${mib}MiB`] = hotAt(counts, LEVEL_MEMORY);
    misses["l2_misses"] = hotAt(counts, LEVEL_MEMORY) + hotAt(counts, LEVEL_LLC);
  }
  return misses as unknown as Misses;
}

function shareOf(summary: RecordingSummary, llcBytes: number): number {
  const fillsAt = (mib: number) => summary.otherLlcFills.find((row) => row.llcBytes === mib * MIB)?.fills ?? 0;
  return otherLlcShare(
    {
      l2Fills: summary.otherL2Fills,
      llcFills8MiB: fillsAt(8),
      llcFills32MiB: fillsAt(32),
      llcFills128MiB: fillsAt(128),
    },
    llcBytes,
  );
}

function hotAt(counts: TouchCounts, level: number): number {
  let total = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++)
    for (let rw = 0; rw < NR_RW; rw++) total += demandOf(counts, accessClass, OWNER_HOT_ADDED, rw, level);
  return total;
}

function compareFunctions(summary: RecordingSummary, predicted: PredictedTraffic) {
  const rows = new Map<string, FunctionRow>();
  const add = (row: FunctionRow): void => {
    const key = `${row.function} ${row.kind}`;
    const { recorded, predicted: known } = rows.get(key) ?? { recorded: 0, predicted: 0 };
    rows.set(key, { ...row, recorded: row.recorded + recorded, predicted: row.predicted + known });
  };
  for (const { name, kind, count } of summary.hotAdded.byFunction)
    add({ function: name, kind, recorded: count, predicted: 0 });
  for (const [name, [loads, stores]] of predicted.byFunction) {
    if (loads > 0) add({ function: name, kind: "load", recorded: 0, predicted: loads });
    if (stores > 0) add({ function: name, kind: "store", recorded: 0, predicted: stores });
  }
  const byFunction = [...rows.values()].sort(
    (a, b) => b.recorded - a.recorded || b.predicted - a.predicted || (a.function < b.function ? -1 : 1),
  );
  const byName = (sign: number): [string, number][] => {
    const totals = new Map<string, number>();
    for (const { function: name, recorded, predicted: known } of byFunction) {
      const count = (recorded - known) * sign;
      if (count > 0) totals.set(name, (totals.get(name) ?? 0) + count);
    }
    return [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  };
  return { unexplained: byName(1), overpredicted: byName(-1), by_function: byFunction };
}

/** Of a kernel that is not recorded itself. */
function standIn(release: string): string[] {
  const stands = pricedAs(release);
  return stands === "" ? [] : [`Linux ${/^\d+\.\d+/.exec(release)?.[0]} was not recorded: ${stands}`];
}

/** Says in words what the input left open. */
function undetermined(recording: Recording, predicted: PredictedTraffic): string[] {
  const { follow } = predicted;
  const notes = standIn((recording.summary as RecordingSummary).kernel);
  if (predicted.isExact) return notes;
  const share = (part: number, whole: number) => `${decimals((100 * part) / Math.max(1, whole), 1)} %`;
  const other = predicted.byOperation.find((row) => row.op === "(other events)");
  if (recording.operations === undefined && recording.events !== undefined)
    notes.push(
      "no operations: only allocation and freeing are known; reads of cached files, forks, scans and reference counts leave no event",
    );
  else if (other !== undefined && other.touches > 0)
    notes.push(`${share(other.touches, predicted.touches)} of the touches follow events that no operation describes`);
  if (recording.events === undefined && predicted.nrEvents === 0 && recording.operations !== undefined)
    notes.push("no allocator events: which pages are used, and their neighbours on lists, are the model's own choice");
  if (follow.slabAllocations > 0)
    notes.push(
      `${follow.slabAllocations} slabs were allocated: that objects in them are set up and freed leaves no event and is not counted`,
    );
  if (follow.simulatedAllocations > 0)
    notes.push(
      `${follow.simulatedAllocations} pages that operations ask for were not in the events; the model chose them`,
    );
  if (predicted.surprises > 0)
    notes.push(`${predicted.surprises} pages were in another state than the known part of the state before gave`);
  notes.push(...predicted.assumed);
  for (const [op, times] of predicted.unmodelled) notes.push(`operation ${op} (${times} times) has no recipe`);
  return notes;
}
