import { InputError } from "../../errors.ts";
import type { Measurements } from "./measured.ts";
import type { RunLog } from "./runs.ts";
import { atLine, quote, type TextLine, type TextSource, whereOf } from "./text.ts";

/** What the readers of MLC's tables share while a file is read. */
export interface MlcContext {
  readonly source: TextSource;
  readonly into: Measurements;
  readonly partial: boolean;
  /** Traffic mix that MLC named for the table being read. */
  mix: string | undefined;
  /** Buffer of the run being read, as MLC prints it. */
  bufferBytes: number | undefined;
  /** Values that several runs in one file may repeat. */
  readonly runs: RunLog;
}

/** A blank line inside a table is not its end (some tools reprint with blank lines); text is. */
export function endsTable(line: TextLine, started: boolean): boolean {
  if (/^(Measuring|Each iteration|Intel\(R\)|Command line)/.test(line.trimmed)) return true;
  return started && line.trimmed !== "" && !/^[\d=]|^(ALL Reads|Stream-triad)/i.test(line.trimmed);
}

/** Keeps the mix of reads and writes that MLC announces for the tables that follow. */
export function noteMix(line: TextLine, context: MlcContext): void {
  const mix = /^Using (\S+) traffic type/.exec(line.trimmed)?.[1];
  if (mix !== undefined) context.mix = mix;
}

/** True when a row is incomplete and may be left out; otherwise an incomplete row is an error. */
export function cutRow(context: MlcContext, line: TextLine, fields: number, expected: string): boolean {
  if (line.fields.length === fields) return false;
  if (line.fields.length < fields && context.partial) {
    context.into.notes.push(`line ${line.number} is cut short and was left out`);
    return true;
  }
  const verb = line.fields.length < fields ? "ends early" : "has too many fields";
  throw cut(line, context.source, `${quote(line.trimmed)} ${verb}`, expected);
}

/** The error of a row that was cut short, naming its line. */
export function cut(line: TextLine, source: TextSource, what: string, expected?: string): InputError {
  return new InputError({
    what,
    where: whereOf(atLine(source, line)),
    ...(expected === undefined ? {} : { expected }),
    example: "--partial keeps the whole rows of a file that was cut short",
  });
}

/** Notes a table that was cut short. @error InputError unless whole rows were asked for */
export function tableCut(context: MlcContext, titleIndex: number, expected: string): void {
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
export function cutNumber(context: MlcContext, line: TextLine, above: TextLine | undefined): boolean {
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
