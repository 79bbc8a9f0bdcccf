import { InputError } from "../../errors.ts";
import { type LoadedPoint, type MemoryPath, pathBetween } from "./measured.ts";
import { cutNumber, cutRow, endsTable, type MlcContext, noteMix, tableCut } from "./mlcRows.ts";
import {
  atLine,
  MAX_BANDWIDTH_MB_PER_S,
  MAX_LATENCY_NS,
  MB_PER_S,
  positiveNumber,
  quote,
  type TextLine,
  whereOf,
} from "./text.ts";

/** The delays of --loaded_latency without -g, in the order MLC prints them. */
const DEFAULT_DELAYS = [0, 2, 8, 15, 50, 100, 200, 300, 400, 500, 700, 1000, 1300, 1700, 2500, 3500, 5000, 9000, 20000];

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
    else if (!inRows && isLoadedRow(line)) {
      inRows = true;
      context.into.notes.push(
        `loaded latencies: the rule of = above line ${line.number} is lost: rows read by their form`,
      );
    } else if (!inRows) noteMix(line, context);
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
  keepTable(context, path, points);
  return index;
}

/** Of several loaded tables in a file the first stays: tables of other runs and mixes are no part of its curve. */
function keepTable(context: MlcContext, path: MemoryPath, points: LoadedPoint[]): void {
  const { into, mix } = context;
  const kept = path.loaded?.[0];
  if (kept === undefined) {
    path.loaded = points;
    if (mix !== undefined) into.notes.push(`loaded latencies: ${mix} traffic`);
    return;
  }
  into.notes.push(
    `loaded latencies: the first table (line ${kept.at.line}) taken, not that of line ${points[0]?.at.line ?? "?"}${mix === undefined ? "" : ` (${mix} traffic)`}`,
  );
}

/** A delay, ns with decimals and MB/s: no other line between the title and the rows looks like it. */
function isLoadedRow(line: TextLine): boolean {
  return /^\d{1,7}\s+\d+\.\d+\s+\d+(\.\d+)?$/.test(line.trimmed);
}
