/** A recording beside what the nearest recipes say of it, function by function. */
import { predictTraffic } from "../../../src/count/follow/predictTraffic.ts";
import { openRecording } from "../../../src/recording/recording.ts";

/** One kernel function's accesses to hot-added struct pages in one workload. */
export interface FunctionRow {
  readonly name: string;
  readonly recorded: readonly [loads: number, stores: number];
  readonly predicted: readonly [loads: number, stores: number];
}

export interface WorkloadRow {
  readonly name: string;
  /** Predicted / recorded. */
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
  /** Those that differ by more than SHOWN_SHARE of all accesses, largest first. */
  readonly functions: readonly FunctionRow[];
}

/** A function that the recording calls otherwise than the nearest kernel: as many accesses within RENAME_TOLERANCE. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** What lists spill and batches leave differs by so much between two recordings of one kernel. */
const SHOWN_SHARE = 0.002;
const RENAME_TOLERANCE = 0.05;

const sum = ([loads, stores]: readonly [number, number]): number => loads + stores;
const gap = ({ recorded, predicted }: FunctionRow): number =>
  Math.abs(recorded[0] - predicted[0]) + Math.abs(recorded[1] - predicted[1]);

/** @param target path of a recording without suffix @error InputError when the recording cannot be read */
export async function compareWorkload(name: string, target: string): Promise<WorkloadRow> {
  const recording = await openRecording(target, {});
  const summary = recording.summary;
  if (summary === undefined) throw new Error(`${target}: no summary`);
  const predicted = await predictTraffic(recording, false);
  const rows = new Map<string, [number, number]>();
  for (const row of summary.hotAdded.byFunction) {
    const counts = rows.get(row.name) ?? [0, 0];
    counts[row.kind === "load" ? 0 : 1] += row.count;
    rows.set(row.name, counts);
  }
  const names = new Set([...rows.keys(), ...predicted.byFunction.keys()]);
  const { touches, loads, stores } = summary.hotAdded;
  const functions = [...names]
    .map((of): FunctionRow => {
      return { name: of, recorded: rows.get(of) ?? [0, 0], predicted: predicted.byFunction.get(of) ?? [0, 0] };
    })
    .filter((row) => gap(row) > SHOWN_SHARE * (loads + stores))
    .sort((a, b) => gap(b) - gap(a) || (a.name < b.name ? -1 : 1));
  const ratio = (a: number, b: number): number => (b === 0 ? 1 : a / b);
  return {
    name,
    touches: ratio(predicted.touches, touches),
    loads: ratio(predicted.loads, loads),
    stores: ratio(predicted.stores, stores),
    functions,
  };
}

/** Functions that one side lacks, paired by what they did; a name that pairs twice the same is taken once. */
export function findRenames(workloads: readonly WorkloadRow[]): Rename[] {
  const found = new Map<string, string>();
  for (const { functions } of workloads) {
    const gone = functions.filter((row) => sum(row.recorded) === 0);
    const come = functions.filter((row) => sum(row.predicted) === 0);
    for (const { name, predicted } of gone) {
      const alike = come.filter(({ recorded }) =>
        [0, 1].every((kind) => {
          const [was, is] = [predicted[kind] ?? 0, recorded[kind] ?? 0];
          return Math.abs(was - is) <= RENAME_TOLERANCE * Math.max(was, is);
        }),
      );
      if (alike.length === 1 && alike[0] !== undefined && !found.has(name)) found.set(name, alike[0].name);
    }
  }
  return [...found].map(([from, to]) => ({ from, to }));
}
