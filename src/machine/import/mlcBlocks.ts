import { InputError } from "../../errors.ts";
import { type Measured, type Measurements, pathBetween } from "./measured.ts";
import {
  atLine,
  MAX_BANDWIDTH_MB_PER_S,
  MAX_LATENCY_NS,
  MB_PER_S,
  nodeNumber,
  positiveNumber,
  quote,
  type TextLine,
  type TextSource,
  whereOf,
} from "./text.ts";

export interface MlcContext {
  readonly source: TextSource;
  readonly into: Measurements;
  readonly partial: boolean;
  /** Traffic mix that MLC named for the table being read. */
  mix: string | undefined;
}

/** The delays of --loaded_latency without -g, in the order MLC prints them. */
const DEFAULT_DELAYS = [0, 2, 8, 15, 50, 100, 200, 300, 400, 500, 700, 1000, 1300, 1700, 2500, 3500, 5000, 9000, 20000];

/** Matrix of idle latencies: rows are CPU nodes, columns all nodes; memory-only nodes are columns only. */
export function readLatencyMatrix(context: MlcContext, titleIndex: number): number {
  const title = context.source.lines[titleIndex]?.trimmed ?? "";
  const kind = / for (random|sequential) access/.exec(title)?.[1];
  const how = kind === undefined ? "MLC idle latency matrix" : `MLC idle latency matrix, ${kind} access`;
  return readMatrix(context, titleIndex, "latency", MAX_LATENCY_NS, (from, to, value, at) => {
    const path = pathBetween(context.into, from, to);
    // Random access is what struct pages see: a sequential matrix of the same file does not replace it.
    if (kind === "sequential" && path.readLatencyNs !== undefined) return;
    path.readLatencyNs = { value, at, how };
  });
}

/** Matrix of bandwidths between nodes, MB/s of 1e6 bytes. */
export function readBandwidthMatrix(context: MlcContext, titleIndex: number): number {
  return readMatrix(context, titleIndex, "bandwidth", MAX_BANDWIDTH_MB_PER_S, (from, to, value, at) => {
    const mix = context.mix ?? "read-only";
    const path = pathBetween(context.into, from, to);
    const measured: Measured = { value: value * MB_PER_S, at, how: `MLC bandwidth matrix, ${mix} traffic` };
    if (/^read-only$/i.test(mix)) path.readBandwidth = measured;
    else path.mixedBandwidth[mix] = measured;
  });
}

type CellSink = (from: number, to: number, value: number, at: Measured["at"]) => void;

function readMatrix(
  context: MlcContext,
  titleIndex: number,
  what: "latency" | "bandwidth",
  limit: number,
  sink: CellSink,
): number {
  const { source } = context;
  context.mix = undefined;
  let columns: number[] | undefined;
  const rows: number[] = [];
  let above: TextLine | undefined;
  let index = titleIndex + 1;
  for (; index < source.lines.length; index++) {
    const line = source.lines[index];
    if (line === undefined || endsTable(line, columns !== undefined && rows.length > 0)) break;
    const at = atLine(source, line);
    const header = /^(?:Numa node|Socket)\s+(\d.*)$/i.exec(line.trimmed);
    if (header) {
      columns = (header[1] ?? "").split(/\s+/).map((text) => nodeNumber(text, at));
      if (new Set(columns).size !== columns.length) {
        throw new InputError({ what: "the header names a node twice", where: whereOf(at) });
      }
      continue;
    }
    if (columns === undefined) {
      noteMix(line, context);
      continue;
    }
    if (line.fields.length === 0) continue;
    if (cutRow(context, line, columns.length + 1, `${columns.length} columns after the node`)) continue;
    if (cutNumber(context, line, above)) continue;
    above = line;
    const from = nodeNumber(line.fields[0] ?? "", at);
    columns.forEach((to, column) => {
      const text = line.fields[column + 1] ?? "";
      // MLC prints "-" where a node has no memory.
      if (text !== "-") sink(from, to, positiveNumber(text, at, what, limit), at);
    });
    if (rows.includes(from)) throw new InputError({ what: `a second row of node ${from}`, where: whereOf(at) });
    rows.push(from);
  }
  if (columns === undefined || rows.length === 0) {
    tableCut(context, titleIndex, `a "Numa node" header and at least one row`);
  }
  const alone = (columns ?? []).filter((node) => !rows.includes(node));
  if (alone.length > 0 && rows.length > 0) {
    context.into.notes.push(`${what}: no row from node ${alone.join(", ")}: memory without CPUs, if the file is whole`);
  }
  return index;
}

/** Five rows `ALL Reads : MB/s` ... `Stream-triad like: MB/s` for all CPUs together. */
export function readMixTable(context: MlcContext, titleIndex: number): number {
  const { source } = context;
  const kind = /Maximum/.test(source.lines[titleIndex]?.trimmed ?? "") ? "maximum" : "peak injection";
  const path = pathBetween(context.into);
  let above: TextLine | undefined;
  let last = "";
  let index = titleIndex + 1;
  for (; index < source.lines.length; index++) {
    const line = source.lines[index];
    if (line === undefined || endsTable(line, last !== "")) break;
    const row = /^(ALL Reads|(\d):1 Reads-Writes|Stream-triad like)\s*:?\s*(\S*)\s*$/i.exec(line.trimmed);
    if (!row) {
      if (last !== "" && line.trimmed !== "") throw cut(line, source, `${quote(line.trimmed)} is no row of this table`);
      continue;
    }
    const at = atLine(source, line);
    const name = row[2] === undefined ? (/^ALL/i.test(row[1] ?? "") ? "read" : "triad") : `r${row[2]}w1`;
    if (row[3] === "") {
      if (!context.partial) throw cut(line, source, `${quote(line.trimmed)} has no value`);
      continue;
    }
    if (cutNumber(context, line, above)) continue;
    above = line;
    const value = positiveNumber(row[3] ?? "", at, "bandwidth", MAX_BANDWIDTH_MB_PER_S) * MB_PER_S;
    const measured: Measured = { value, at, how: `MLC ${kind} bandwidth, all CPUs, ${row[1]}` };
    if (name === "read") path.readBandwidth = measured;
    else path.mixedBandwidth[name] = measured;
    last = name;
  }
  if (last === "") tableCut(context, titleIndex, '"ALL Reads : MB/s" and four more rows');
  if (last !== "triad") tableCut(context, titleIndex, 'a last row "Stream-triad like: MB/s"');
  return index;
}

/** Rows `00000 282.66 215712.8`: injected delay (a loop count, not ns), latency in ns, MB/s. */
export function readLoadedTable(context: MlcContext, titleIndex: number): number {
  const { source } = context;
  const path = pathBetween(context.into);
  let above: TextLine | undefined;
  context.mix = undefined;
  const delays: number[] = [];
  const points: NonNullable<typeof path.loaded> = [];
  let index = titleIndex + 1;
  let inRows = false;
  for (; index < source.lines.length; index++) {
    const line = source.lines[index];
    if (line === undefined || endsTable(line, points.length > 0)) break;
    if (/^=+$/.test(line.trimmed)) inRows = true;
    else if (!inRows) noteMix(line, context);
    if (!inRows || line.fields.length === 0 || /^=+$/.test(line.trimmed)) continue;
    const at = atLine(source, line);
    if (cutRow(context, line, 3, "a delay, ns and MB/s")) continue;
    if (!/^\d{1,7}$/.test(line.fields[0] ?? "")) {
      throw new InputError({
        what: `${quote(line.trimmed)} is no row of this table`,
        where: whereOf(at),
        example: "00100  227.05  215020.3",
      });
    }
    if (cutNumber(context, line, above)) continue;
    above = line;
    delays.push(Number(line.fields[0]));
    const ns = positiveNumber(line.fields[1] ?? "", at, "latency", MAX_LATENCY_NS);
    const mbPerS = positiveNumber(line.fields[2] ?? "", at, "bandwidth", MAX_BANDWIDTH_MB_PER_S);
    points.push({ bytesPerSecond: mbPerS * MB_PER_S, ns, at });
  }
  if (points.length === 0) tableCut(context, titleIndex, "a line of = and rows of delay, ns and MB/s");
  const defaults = delays.length >= 2 && delays.every((delay, i) => delay === DEFAULT_DELAYS[i]);
  if (defaults && delays.length < DEFAULT_DELAYS.length) tableCut(context, titleIndex, "a last row with delay 20000");
  path.loaded = points;
  if (context.mix !== undefined) context.into.notes.push(`loaded latencies: ${context.mix} traffic`);
  return index;
}

/** A blank line inside a table is not its end (some tools reprint with blank lines); text is. */
function endsTable(line: TextLine, started: boolean): boolean {
  if (/^(Measuring|Each iteration|Intel\(R\)|Command line)/.test(line.trimmed)) return true;
  return started && line.trimmed !== "" && !/^[\d=]|^(ALL Reads|Stream-triad)/i.test(line.trimmed);
}

function noteMix(line: TextLine, context: MlcContext): void {
  const mix = /^Using (\S+) traffic type/.exec(line.trimmed)?.[1];
  if (mix !== undefined) context.mix = mix;
}

/** True when a row is incomplete and may be left out; otherwise an incomplete row is an error. */
function cutRow(context: MlcContext, line: TextLine, fields: number, expected: string): boolean {
  if (line.fields.length === fields) return false;
  if (line.fields.length < fields && context.partial) {
    context.into.notes.push(`line ${line.number} is cut short and was left out`);
    return true;
  }
  const verb = line.fields.length < fields ? "ends early" : "has too many fields";
  throw cut(line, context.source, `${quote(line.trimmed)} ${verb}`, expected);
}

function cut(line: TextLine, source: TextSource, what: string, expected?: string): InputError {
  return new InputError({
    what,
    where: whereOf(atLine(source, line)),
    ...(expected === undefined ? {} : { expected }),
    example: "--partial keeps the whole rows of a file that was cut short",
  });
}

function tableCut(context: MlcContext, titleIndex: number, expected: string): void {
  const { source, into, partial } = context;
  const title = source.lines[titleIndex];
  if (title === undefined) return;
  if (!partial) throw cut(title, source, `the table ${quote(title.trimmed)} is cut short`, expected);
  into.notes.push(`the table at line ${title.number} is cut short`);
}

/**
 * True when the file ends inside this row's last number. MLC prints each column with a fixed number of decimals,
 * so `2157` of `215712.8` shows by having fewer than the row above. Only the last line of a file can be cut so.
 */
function cutNumber(context: MlcContext, line: TextLine, above: TextLine | undefined): boolean {
  const { source, into, partial } = context;
  const last = line.fields.at(-1) ?? "";
  if (line.number !== source.lines.length || last === "-") return false;
  const expected = decimalsOf(above?.fields.at(-1) ?? "0.0");
  if (decimalsOf(last) >= expected) return false;
  if (!partial) {
    throw cut(
      line,
      source,
      `the file ends inside the number ${quote(last)}`,
      `${expected} decimals, as in the row above`,
    );
  }
  into.notes.push(`line ${line.number} is cut short and was left out`);
  return true;
}

function decimalsOf(text: string): number {
  return text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
}
