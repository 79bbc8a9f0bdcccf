import { InputError } from "../../errors.ts";
import { type Measured, pathBetween } from "./measured.ts";
import { cut, cutNumber, cutRow, endsTable, type MlcContext, noteMix, tableCut } from "./mlcRows.ts";
import {
  atLine,
  MAX_BANDWIDTH_MB_PER_S,
  MAX_LATENCY_NS,
  MB_PER_S,
  nodeNumber,
  positiveNumber,
  quote,
  type TextLine,
  whereOf,
} from "./text.ts";

/** Matrix of idle latencies: rows are CPU nodes, columns all nodes; memory-only nodes are columns only. */
export function readLatencyMatrix(context: MlcContext, titleIndex: number): number {
  const title = context.source.lines[titleIndex]?.trimmed ?? "";
  const kind = / for (random|sequential) access/.exec(title)?.[1];
  const how = kind === undefined ? "MLC idle latency matrix" : `MLC idle latency matrix, ${kind} access`;
  return readMatrix(context, titleIndex, "latency", MAX_LATENCY_NS, (from, to, value, at) => {
    // Random access is what struct pages see: a sequential matrix of the same file does not replace it.
    const rank = kind === "sequential" ? 0 : kind === "random" ? 2 : 1;
    context.runs.latency(pathBetween(context.into, from, to), { value, at, how, rank });
  });
}

/** Matrix of bandwidths between nodes, MB/s of 1e6 bytes. */
export function readBandwidthMatrix(context: MlcContext, titleIndex: number): number {
  return readMatrix(context, titleIndex, "bandwidth", MAX_BANDWIDTH_MB_PER_S, (from, to, value, at) => {
    const mix = context.mix ?? "read-only";
    const path = pathBetween(context.into, from, to);
    const measured: Measured = { value: value * MB_PER_S, at, how: `MLC bandwidth matrix, ${mix} traffic` };
    context.runs.bandwidth(path, /^read-only$/i.test(mix) ? "read" : mix, measured);
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
      // MLC prints "-" where a node has no memory; some versions 0.0.
      if (/^0+(\.0+)?$/.test(text)) noteNothing(context, what, from, to, text);
      else if (text !== "-") sink(from, to, positiveNumber(text, at, what, limit), at);
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

function noteNothing(context: MlcContext, what: string, from: number, to: number, text: string): void {
  context.into.notes.push(`${what} from node ${from} to node ${to} is ${text}: no memory there`);
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
    context.runs.bandwidth(path, name, measured);
    last = name;
  }
  if (last === "") tableCut(context, titleIndex, '"ALL Reads : MB/s" and four more rows');
  if (last !== "triad") tableCut(context, titleIndex, 'a last row "Stream-triad like: MB/s"');
  return index;
}
