import { InputError } from "../../errors.ts";
import { emptyMeasurements, type Measurements, pathBetween } from "./measured.ts";
import { readBandwidthMatrix, readLatencyMatrix, readMixTable } from "./mlcBlocks.ts";
import { readLoadedTable } from "./mlcLoaded.ts";
import type { MlcContext } from "./mlcRows.ts";
import { RunLog } from "./runs.ts";
import { atLine, MAX_LATENCY_NS, positiveNumber, quote, type TextLine, type TextSource, whereOf } from "./text.ts";

/**
 * Reads the text of Intel Memory Latency Checker (3.1a to 3.12): idle latency matrix, bandwidth matrix, peak
 * injection or maximum bandwidths, loaded latencies, one idle latency. MLC prints MB/s of 1,000,000 bytes.
 *
 * @param partial keeps the whole rows of a table that was cut short, with a note, instead of refusing it
 * @error InputError naming file and line for a table cut short, a row that is none, and a file without a table
 */
export function parseMlc(source: TextSource, partial: boolean): Measurements {
  const into = emptyMeasurements("mlc", source.file);
  const context: MlcContext = { source, into, partial, mix: undefined, bufferBytes: undefined, runs: new RunLog() };
  let tables = 0;
  for (let index = 0; index < source.lines.length; ) {
    const line = source.lines[index];
    if (line === undefined) break;
    const table = tableOfTitle(line.trimmed);
    if (table === undefined) {
      noteOfRun(line, context);
      if (readSingleIdle(line, context)) tables++;
      index++;
      continue;
    }
    tables++;
    index = table(context, index);
  }
  context.runs.settle(into);
  refuseCutTitle(source, partial);
  if (tables === 0) {
    throw new InputError({
      what: "holds no MLC table",
      where: source.file,
      expected: '"Measuring idle latencies", "Measuring Memory Bandwidths between nodes" or another MLC table',
      example: "mlc > mlc.txt; altmap profiles import mlc.txt",
    });
  }
  return into;
}

/** A file may end inside a title: the table it announces is missing then, and that must not go unsaid. */
function refuseCutTitle(source: TextSource, partial: boolean): void {
  const last = source.lines.at(-1);
  if (last === undefined || partial || !/^M(easuring\b.*)?$/.test(last.trimmed)) return;
  if (/cache-to-cache/.test(last.trimmed)) return;
  throw new InputError({
    what: `the file ends inside or right after the title ${quote(last.trimmed)}`,
    where: whereOf(atLine(source, last)),
    expected: "the whole output of MLC",
    example: "--partial keeps the whole rows of a file that was cut short",
  });
}

/** True when a file looks like MLC's. */
export function looksLikeMlc(source: TextSource): boolean {
  return source.lines.some(
    (line) =>
      /^Intel\(R\) Memory Latency Checker/.test(line.trimmed) ||
      tableOfTitle(line.trimmed) !== undefined ||
      /^Each iteration took .*\sns\s*\)/.test(line.trimmed),
  );
}

type TableReader = (context: MlcContext, titleIndex: number) => number;

const tables: readonly (readonly [RegExp, TableReader])[] = [
  [/^Measuring idle latencies( for (random|sequential) access)? \(in ns\)/, readLatencyMatrix],
  [/^Measuring Memory Bandwidths between nodes within system/, readBandwidthMatrix],
  [/^Measuring (Peak|Peak Injection|Maximum) Memory Bandwidths for the system/, readMixTable],
  [/^Measuring Loaded Latencies for the system/, readLoadedTable],
  // Pastes lose the title too: the line of column names is as sure a mark.
  [/^Inject\s+Latency\s+Bandwidth/, readLoadedTable],
];

function tableOfTitle(text: string): TableReader | undefined {
  return tables.find(([title]) => title.test(text))?.[1];
}

/** `Each iteration took 202.0 core clocks ( 80.8 ns)`: the one result of --idle_latency. */
function readSingleIdle(line: TextLine, context: MlcContext): boolean {
  const { source, into } = context;
  if (!line.trimmed.startsWith("Each iteration took")) return false;
  const at = atLine(source, line);
  const match = /\(\s*(\S+)\s*ns\s*\)/.exec(line.trimmed);
  if (!match) {
    throw new InputError({
      what: `${quote(line.trimmed)} ends before its latency`,
      where: whereOf(at),
      example: "Each iteration took 202.0 core clocks ( 80.8 ns)",
    });
  }
  const value = positiveNumber(match[1] ?? "", at, "idle latency", MAX_LATENCY_NS);
  // MLC does not say which nodes it used.
  context.runs.latency(pathBetween(into), { value, at, how: "MLC --idle_latency", bufferBytes: context.bufferBytes });
  return true;
}

/** Lines between tables that colour the values: prefetchers, buffer size, traffic mix, command line. */
function noteOfRun(line: TextLine, context: MlcContext): void {
  const { into } = context;
  const note = (text: string): void => {
    if (!into.notes.includes(text)) into.notes.push(text);
  };
  if (/^\*\*\* Unable to modify prefetchers/.test(line.trimmed)) note("MLC could not switch the prefetchers off");
  if (/^\*\*\* So, enabling random access/.test(line.trimmed)) note("MLC measured latency with random access");
  if (/^Intel\(R\) Memory Latency Checker/.test(line.trimmed)) {
    note(line.trimmed.slice(0, 80));
    context.bufferBytes = undefined;
  }
  const buffer = /^Using buffer size of (\d{1,9}(?:\.\d{1,6})?)\s*M(?:i?B)/.exec(line.trimmed);
  if (buffer) context.bufferBytes = Math.round(Number(buffer[1]) * 1048576);
  const command = /^Command line parameters:\s*(.*)$/.exec(line.trimmed);
  if (command?.[1]) note(`MLC command line: ${command[1].slice(0, 120)}`);
}
