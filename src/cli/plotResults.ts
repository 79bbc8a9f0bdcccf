import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { InputError } from "../errors.ts";
import { type PlotRow, plotOf } from "../report/plot/series.ts";
import { plotSvg } from "../report/plot/svg.ts";
import { plotText } from "../report/plot/terminal.ts";

/** What a chart holds at most: more rows are a file for another program. */
const MOST_ROWS = 1_000_000;

/** `altmap plot`: a chart as SVG where a file is named, else in characters. */
export async function plotResults(
  path: string,
  options: {
    readonly x: string;
    readonly y: string;
    readonly by?: string;
    readonly where?: readonly string[];
    readonly output?: string;
  },
): Promise<string> {
  const wanted = (options.where ?? []).map(conditionOf);
  const rows = (await rowsOf(path)).filter((row) => wanted.every(([key, value]) => String(row[key]) === value));
  const plot = plotOf(rows, options.x, options.y, options.by);
  return options.output === undefined ? plotText(plot) : plotSvg(plot);
}

function conditionOf(text: string): readonly [string, string] {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new InputError({
    what: `"${text.slice(0, 80)}" is no condition`,
    where: "--where",
    expected: "COLUMN=VALUE",
    example: "--where row=workload",
  });
}

/** Rows of a folder of results, or of a file of NDJSON. */
async function rowsOf(path: string): Promise<readonly PlotRow[]> {
  const stat = statSync(path, { throwIfNoEntry: false });
  const file = stat?.isDirectory() ? join(path, "results.ndjson") : path;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new InputError({
      what: stat === undefined ? "no such file or folder" : "holds no results.ndjson",
      where: path,
      expected: "a folder of a sweep whose points are all done, or a file of NDJSON",
      example: "altmap merge results",
    });
  const rows: PlotRow[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line++;
    if (text.trim() === "") continue;
    if (rows.length === MOST_ROWS)
      throw new InputError({
        what: `has more than ${MOST_ROWS} rows`,
        where: file,
        expected: "a smaller sweep, or a program that reads results.parquet",
      });
    rows.push(parseRow(text, `${file}:${line}`));
  }
  return rows;
}

function parseRow(text: string, where: string): PlotRow {
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return row as PlotRow;
  } catch {
    // Said below.
  }
  throw new InputError({
    what: "is no JSON object",
    where,
    expected: "NDJSON: an object a line, as results.ndjson of altmap sweep",
  });
}
