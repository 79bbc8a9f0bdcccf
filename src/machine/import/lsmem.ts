import { InputError } from "../../errors.ts";
import type { JsonObject } from "./json.ts";
import { emptyMeasurements, type Measurements } from "./measured.ts";
import { atLine, MAX_NODE, quote, type TextSource, whereOf } from "./text.ts";

/**
 * Reads `lsmem` (any columns, with or without -a, -b): the ranges, their node when it is printed, and the size of a
 * memory block from the summary below, or from ranges that are one block each.
 *
 * @error InputError for a table without a RANGE and SIZE column and for a size that is none
 */
export function parseLsmem(source: TextSource): Measurements {
  const into = emptyMeasurements("lsmem", source.file);
  const header = source.lines.find((line) => isHeader(line.fields));
  if (header === undefined) {
    throw new InputError({
      what: "has no line of column names",
      where: source.file,
      expected: "the output of lsmem, with RANGE and SIZE",
      example: "lsmem -o+ZONES,NODE > lsmem.txt",
    });
  }
  const nodeColumn = header.fields.indexOf("NODE");
  const fromEnd = header.fields.length - nodeColumn;
  for (const line of source.lines) {
    const at = atLine(source, line);
    const summary = /^Memory block size:\s*(\S+)$/.exec(line.trimmed);
    if (summary) into.memoryBlock = { value: sizeOf(summary[1] ?? "", at), at, how: "lsmem, memory block size" };
    const range = /^(0x[0-9a-f]{1,16})-(0x[0-9a-f]{1,16})$/i.exec(line.fields[0] ?? "");
    if (!range) continue;
    // Columns may be empty, so the node is counted from the end.
    const text = nodeColumn < 0 ? undefined : line.fields.at(-fromEnd);
    addRange(into, range[1]!, range[2]!, text === undefined ? undefined : Number(text), at);
  }
  noteUse(into);
  return into;
}

/** The same of `lsmem -J`: sizes are bytes with -b or human strings. */
export function readLsmemJson(source: TextSource, object: JsonObject, into: Measurements): void {
  const at = { file: source.file };
  let block: number | undefined;
  for (const entry of object["memory"] as readonly JsonObject[]) {
    const range = /^(0x[0-9a-f]{1,16})-(0x[0-9a-f]{1,16})$/i.exec(String(entry?.["range"] ?? ""));
    if (!range) continue;
    const bytes = addRange(into, range[1]!, range[2]!, numberOf(entry["node"]), at);
    // With -a each entry is one block and names one.
    if (/^\d+$/.test(String(entry["block"] ?? ""))) block = Math.min(block ?? bytes, bytes);
  }
  if (block !== undefined) into.memoryBlock = { value: block, at, how: "lsmem -J, one block" };
  noteUse(into);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value)) ? Number(value) : undefined;
}

function addRange(
  into: Measurements,
  first: string,
  last: string,
  node: number | undefined,
  at: { readonly file: string; readonly line?: number },
): number {
  const bytes = Number(BigInt(last) - BigInt(first)) + 1;
  if (!(bytes > 0)) throw new InputError({ what: `${quote(`${first}-${last}`)} is not a range`, where: whereOf(at) });
  const known = node !== undefined && Number.isInteger(node) && node <= MAX_NODE ? node : undefined;
  into.listed.push({ node: known, bytes, at });
  return bytes;
}

function noteUse(into: Measurements): void {
  if (into.listed.length > 0 && into.listed.every(({ node }) => node === undefined)) {
    into.notes.push("lsmem names no nodes here: its ranges are not used; with them: lsmem -o+ZONES,NODE");
  }
}

const UNITS: Readonly<Record<string, number>> = { B: 0, K: 10, M: 20, G: 30, T: 40 };

function sizeOf(text: string, at: { readonly file: string; readonly line?: number }): number {
  const match = /^(\d{1,15}(?:\.\d)?)([BKMGT]?)$/.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * 2 ** (UNITS[match[2] || "B"] ?? 0);
  if (bytes > 0) return bytes;
  throw new InputError({
    what: `${quote(text)} is not a size`,
    where: whereOf(at),
    example: "Memory block size: 128M",
  });
}

function isHeader(fields: readonly string[]): boolean {
  return fields[0] === "RANGE" && fields.includes("SIZE");
}

/** Whether the text is of lsmem. */
export function looksLikeLsmem(source: TextSource): boolean {
  return source.lines.some((line) => isHeader(line.fields) || /^Memory block size:\s/.test(line.trimmed));
}
