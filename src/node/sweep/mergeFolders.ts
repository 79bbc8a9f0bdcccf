import { closeSync, mkdirSync, openSync, readSync } from "node:fs";
import { InputError } from "../../errors.ts";
import type { SweepCell, SweepColumn } from "../../report/sweep/sweepColumn.ts";
import { sweepColumns } from "../../report/sweep/sweepColumns.ts";
import { selector } from "../../sweep/plan.ts";
import { writeResults } from "./resultFiles.ts";
import { linesOf, type PointLine, readIdentity, type Shard, shardsSeen } from "./resultFolder.ts";

/** What the folders hold between them. */
export interface Merge {
  readonly nrPoints: number;
  readonly missing: readonly number[];
  /** By the shards that part files name. */
  readonly missingByShard: readonly { readonly shard: Shard; readonly nr: number }[];
  /** Points that several processes did, all with the same bytes. */
  readonly nrTwice: number;
  readonly columns: readonly SweepColumn[];
  /** Rows of all points, in the order of their numbers. */
  rows(): Generator<readonly SweepCell[]>;
}

/**
 * Reads folders of one sweep, of whatever shards and processes.
 *
 * @error InputError when they are of different sweeps, and when two lines of one point differ
 */
export function openMerge(folders: readonly string[]): Merge {
  const [first, ...others] = folders.map((folder) => ({ folder, identity: readIdentity(folder) }));
  for (const { folder, identity } of others)
    if (identity.sweep !== first!.identity.sweep || identity.model !== first!.identity.model)
      throw new InputError({
        what: `holds another sweep than ${first!.folder}, or results of another build`,
        where: folder,
        expected: "folders of one sweep",
      });
  const { plan } = first!.identity;
  const lines = new Map<number, PointLine>();
  let nrTwice = 0;
  for (const folder of folders)
    for (const line of linesOf(folder)) {
      const known = lines.get(line.point);
      if (known === undefined) lines.set(line.point, line);
      else if (textOf(known) === textOf(line)) nrTwice++;
      else
        throw new InputError({
          what: `point ${line.point} differs from that in ${known.file}`,
          where: line.file,
          expected: "results of one build on equal inputs",
        });
    }
  const isChosen = selector(plan);
  const chosen: number[] = [];
  for (let point = 0; point < plan.nrCombinations; point++) if (isChosen(point)) chosen.push(point);
  const missing = chosen.filter((point) => !lines.has(point));
  return {
    nrPoints: chosen.length,
    missing,
    missingByShard: byShard(missing, folders.flatMap(shardsSeen)),
    nrTwice,
    columns: sweepColumns(plan),
    *rows() {
      for (const point of chosen) {
        const line = lines.get(point);
        if (line !== undefined) yield* (JSON.parse(textOf(line)) as { readonly rows: SweepCell[][] }).rows;
      }
    },
  };
}

/** The shards of which points are missing, a shard that never began too. */
function byShard(missing: readonly number[], seen: readonly Shard[]): Merge["missingByShard"] {
  const sizes = [...new Set(seen.map(({ of }) => of))].filter((of) => of > 1);
  return sizes.flatMap((of) =>
    Array.from({ length: of }, (_none, index) => ({
      shard: { index, of },
      nr: missing.filter((point) => point % of === index).length,
    })).filter(({ nr }) => nr > 0),
  );
}

let open: { readonly path: string; readonly descriptor: number } | undefined;

/** Points of one file lie mostly beside each other: it stays open. */
function textOf({ file, offset, length }: PointLine): string {
  if (open?.path !== file) {
    if (open !== undefined) closeSync(open.descriptor);
    open = { path: file, descriptor: openSync(file, "r") };
  }
  const bytes = Buffer.alloc(length);
  readSync(open.descriptor, bytes, 0, length, offset);
  return bytes.toString("utf8");
}

/** Writes `results.ndjson`, `.csv`, `.parquet` and `columns.md`: the same bytes however the points came about. */
export function writeMerge(merge: Merge, folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  return writeResults(folder, merge.columns, () => merge.rows());
}

/** `17, 19 to 22 and 4 more`. */
export function listedPoints(points: readonly number[], most = 8): string {
  const runs: [number, number][] = [];
  for (const point of points) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === point - 1) last[1] = point;
    else runs.push([point, point]);
  }
  const shown = runs.slice(0, most).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  const rest = runs.slice(most).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
