import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { InputError } from "../../errors.ts";
import type { SweepCell, SweepColumn } from "../../report/sweep/sweepColumn.ts";
import { columnsText } from "../../report/sweep/sweepColumnsText.ts";

/** Rows, from the first each time it is called; cells in the order of the columns. */
export type ResultWriter = () => Generator<readonly SweepCell[]>;

/** Rows that are held at once, and make one row group of Parquet. */
const GROUP_ROWS = 10_000;
const BUFFER_CHARACTERS = 1 << 20;

/**
 * Writes the results in each form, each under a temporary name until it is whole.
 *
 * @returns the files
 * @error InputError when one cannot be written
 */
export function writeResults(folder: string, columns: readonly SweepColumn[], rows: ResultWriter): readonly string[] {
  const forms: readonly [name: string, write: (path: string) => void][] = [
    ["results.ndjson", (path) => writeText(path, ndjsonOf(columns, rows))],
    ["results.csv", (path) => writeText(path, csvOf(columns, rows))],
    ["results.parquet", (path) => writeParquet(path, columns, rows)],
    ["columns.md", (path) => writeFileSync(path, columnsText(columns))],
  ];
  return forms.map(([name, write]) => {
    const path = join(folder, name);
    const temporary = join(folder, `.${name}.${process.pid}.tmp`);
    try {
      write(temporary);
      sync(temporary);
      renameSync(temporary, path);
      return path;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new InputError({
        what: `cannot write: ${error instanceof Error ? error.message.replace(temporary, path) : String(error)}`,
        where: path,
        expected: "room and a folder that can be written",
      });
    }
  });
}

function sync(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeText(path: string, lines: Iterable<string>): void {
  const file = openSync(path, "w");
  const write = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  };
  try {
    let buffer = "";
    for (const line of lines) {
      buffer += line;
      if (buffer.length < BUFFER_CHARACTERS) continue;
      write(buffer);
      buffer = "";
    }
    write(buffer);
  } finally {
    closeSync(file);
  }
}

/** A JSON object a row; what is null is left out. */
function* ndjsonOf(columns: readonly SweepColumn[], rows: ResultWriter): Generator<string> {
  for (const row of rows()) {
    const cells = columns.flatMap(({ name }, i) => (row[i] === null || row[i] === undefined ? [] : [[name, row[i]]]));
    yield `${JSON.stringify(Object.fromEntries(cells))}\n`;
  }
}

/** RFC 4180, but with lines that end as Unix has it; what is null is empty. */
function* csvOf(columns: readonly SweepColumn[], rows: ResultWriter): Generator<string> {
  yield `${columns.map(({ name }) => name).join(",")}\n`;
  for (const row of rows()) yield `${row.map(csvCell).join(",")}\n`;
}

function csvCell(cell: SweepCell): string {
  if (cell === null) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const TYPES = {
  text: "STRING",
  flag: "BOOLEAN",
  bytes: "INT64",
  ns: "DOUBLE",
  ratio: "DOUBLE",
  count: "DOUBLE",
} as const;

function writeParquet(path: string, columns: readonly SweepColumn[], rows: ResultWriter): void {
  const columnData = (group: readonly (readonly SweepCell[])[]): ColumnSource[] =>
    columns.map(({ name, unit }, i) => ({
      name,
      type: TYPES[unit],
      nullable: true,
      data: group.map((row) =>
        unit === "bytes" && typeof row[i] === "number" ? BigInt(row[i] as number) : (row[i] ?? null),
      ),
    }));
  const parquet = new ParquetWriter({
    writer: fileWriter(path),
    schema: schemaFromColumnData({ columnData: columnData([]) }),
    createdBy: "altmap",
  });
  let group: (readonly SweepCell[])[] = [];
  const flush = (): void => {
    if (group.length > 0) parquet.write({ columnData: columnData(group), rowGroupSize: GROUP_ROWS });
    group = [];
  };
  for (const row of rows()) {
    group.push(row);
    if (group.length === GROUP_ROWS) flush();
  }
  flush();
  parquet.finish();
}
