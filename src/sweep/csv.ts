import { InputError } from "../errors.ts";
import { platform } from "../platform.ts";
import { readText } from "../scenario/readText.ts";
import type { Values } from "./values.ts";

/**
 * Columns of a CSV file (RFC 4180), each headed by a key. A number without quotes is one, all else is text: "6.10".
 *
 * @param beside the file from whose folder `path` is meant
 * @error InputError with line, for rows of another width and an open quote
 */
export function readColumns(path: string, beside: string): [string, Values][] {
  const { dirname, resolve } = platform().paths;
  const file = resolve(dirname(beside), path);
  const text = readText(file, "a CSV file whose first line has keys", "axes: [{csv: devices.csv}]", ["scenario"]);
  const rows = rowsOf(text.replace(/^\ufeff/, ""), file);
  const [keys = [], ...values] = rows;
  values.forEach((row, i) => {
    if (row.length === keys.length) return;
    throw new InputError({
      what: `has ${row.length} cells, and the first line ${keys.length} keys`,
      where: `${file}:${i + 2}`,
      example: "device.idleReadLatency,device.readBandwidth",
    });
  });
  return keys.map((key, k) => [String(key), values.map((row) => row[k]!)]);
}

type Cell = string | number;

function rowsOf(text: string, file: string): Cell[][] {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/gy;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null)
      throw new InputError({
        what: "a quote stands where no cell begins or ends",
        where: `${file}:${rows.length + 1}`,
        expected: "CSV as of RFC 4180",
      });
    const [, given = "", end] = found;
    row.push(given.startsWith('"') ? given.slice(1, -1).replaceAll('""', '"') : plainCell(given.trim()));
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

const plainCell = (text: string): Cell => (/^-?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text);
