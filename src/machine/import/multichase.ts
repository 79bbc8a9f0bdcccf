import { InputError } from "../../errors.ts";
import { emptyMeasurements, type Measurements, pathBetween } from "./measured.ts";
import { RunLog } from "./runs.ts";
import {
  atLine,
  MAX_BANDWIDTH_MB_PER_S,
  MAX_LATENCY_NS,
  MIB_PER_S,
  positiveNumber,
  quote,
  type TextLine,
  type TextSource,
  whereOf,
} from "./text.ts";

/**
 * Reads multichase: one number, the best ns per dependent load (with -a the average, with -y seconds before it); with
 * -v, `key = value` lines and samples before it. Several runs may follow each other.
 *
 * @error InputError when the last line is not that number, for instance because the run was stopped
 */
export function parseMultichase(source: TextSource): Measurements {
  const into = emptyMeasurements("multichase", source.file);
  const lines = source.lines.filter((line) => line.trimmed !== "");
  const last = lines.at(-1);
  if (last === undefined) throw new InputError({ what: "is empty", where: source.file });
  if (resultOf(last.trimmed) === undefined) {
    throw new InputError({
      what: `the last line ${quote(last.trimmed)} is not multichase's result`,
      where: whereOf(atLine(source, last)),
      expected: "one number, ns per load, as the last line",
      example: " 105.4",
    });
  }
  const runs = new RunLog();
  let bufferBytes: number | undefined;
  for (const line of lines) {
    const setting = /^(nr_threads|page_size|total_memory|stride|tlb_locality|chase)\s*=\s*(.+)$/.exec(line.trimmed);
    if (setting) {
      const value = (setting[2] ?? "").slice(0, 60);
      if (setting[1] === "total_memory") bufferBytes = Number.parseInt(value, 10) || undefined;
      const note = `multichase ${setting[1]} = ${value}`;
      if (!into.notes.includes(note)) into.notes.push(note);
      continue;
    }
    const command = COMMAND.exec(line.trimmed);
    if (command) bufferBytes = bytesOfOption(command[1] ?? "");
    const result = resultOf(line.trimmed);
    if (result === undefined) continue;
    const at = atLine(source, line);
    const value = positiveNumber(result, at, "latency", MAX_LATENCY_NS);
    runs.latency(pathBetween(into), { value, at, how: "multichase, dependent loads", bufferBytes });
  }
  runs.settle(into);
  return into;
}

/** The command, as a paste or a script shows it before its result. */
const COMMAND = /^(?:\S*[$#>+]\s*)?(?:\S*\/)?multichase(\s.*)?$/;

/** `-m 1g`: as multichase reads it. Without it, its default of 256 MiB. */
function bytesOfOption(options: string): number | undefined {
  const given = /\s-m\s*(\d{1,12})([kmg]?)/i.exec(options);
  if (given === null) return 256 * 2 ** 20;
  return Number(given[1]) * 2 ** ({ k: 10, m: 20, g: 30 }[(given[2] ?? "").toLowerCase()] ?? 0);
}

/** `105.4`, or with -y `1668000000.123456 105.4`; a line of samples of -v ends in `avg=`. */
function resultOf(line: string): string | undefined {
  return /^(?:\d{9,}\.\d+\s+)?(\d+(?:\.\d+)?)$/.exec(line)?.[1];
}

/** Whether the text is of multichase: its parameters, its command, or nothing but its results. */
export function looksLikeMultichase(source: TextSource): boolean {
  const lines = source.lines.filter((line) => line.trimmed !== "");
  if (lines.some(({ trimmed }) => /^(nr_threads|tlb_locality)\s*=/.test(trimmed) || COMMAND.test(trimmed))) return true;
  return lines.length > 0 && lines.every((line) => resultOf(line.trimmed) !== undefined);
}

/**
 * Reads multiload: a line of names and a line of values for each run, separated by commas and tabs. Its bandwidths
 * are MiB/s. The line of names may come once or before each run.
 *
 * @error InputError for a missing value line and for columns that are not numbers
 */
export function parseMultiload(source: TextSource): Measurements {
  const into = emptyMeasurements("multiload", source.file);
  const header = source.lines.find(isHeader);
  if (header === undefined) {
    throw new InputError({
      what: "has no line of column names",
      where: source.file,
      expected: '"Samples , Byte/thd , ..."',
    });
  }
  const runs = new RunLog();
  let names: readonly string[] = [];
  let open: TextLine | undefined;
  for (const line of source.lines) {
    if (line.number < header.number || line.trimmed === "") continue;
    if (isHeader(line)) {
      // The line of names twice, and nothing between: the first run was stopped.
      if (open !== undefined) into.notes.push(`line ${open.number}: column names without values`);
      names = cells(line.text);
      open = line;
      continue;
    }
    // Between runs scripts print what they run next.
    if (!line.text.includes(",") && open === undefined) continue;
    readRun(into, runs, names, source, line);
    open = undefined;
  }
  if (open !== undefined) {
    throw new InputError({ what: "has column names but no values", where: whereOf(atLine(source, open)) });
  }
  runs.settle(into);
  into.notes.push("multiload bandwidths are MiB/s (1,048,576 bytes)");
  return into;
}

function readRun(into: Measurements, runs: RunLog, names: readonly string[], source: TextSource, row: TextLine): void {
  const at = atLine(source, row);
  const values = cells(row.text);
  if (values.length !== names.length) {
    throw new InputError({
      what: `has ${values.length} columns`,
      where: whereOf(at),
      expected: `${names.length}, as in the line of names`,
    });
  }
  const cell = (name: string): string | undefined => {
    const text = values[names.indexOf(name)];
    // "--------" means: this run had no such threads.
    return text === undefined || /^-*$/.test(text) ? undefined : text;
  };
  const path = pathBetween(into);
  const chaseNs = cell("ChaseNS");
  const loadMibs = cell("LdAvgMibs");
  const threads = cell("LoadThds") ?? "0";
  if (chaseNs === undefined && loadMibs === undefined) {
    throw new InputError({ what: "has neither ChaseNS nor LdAvgMibs", where: whereOf(at) });
  }
  const ns = chaseNs === undefined ? undefined : positiveNumber(chaseNs, at, "ChaseNS", MAX_LATENCY_NS);
  const bytesPerSecond =
    loadMibs === undefined ? undefined : positiveNumber(loadMibs, at, "LdAvgMibs", MAX_BANDWIDTH_MB_PER_S) * MIB_PER_S;
  if (bytesPerSecond === undefined && ns !== undefined) {
    const bufferBytes = Number.parseInt(cell("Byte/thd") ?? "", 10) || undefined;
    runs.latency(path, { value: ns, at, how: "multiload chase, no load threads", bufferBytes });
  } else if (bytesPerSecond !== undefined && ns !== undefined) {
    path.loaded = [...(path.loaded ?? []), { bytesPerSecond, ns, at }];
    into.notes.push(`loaded latency: ${chaseNs} ns at ${loadMibs} MiB/s (line ${row.number})`);
  } else if (bytesPerSecond !== undefined) {
    const kind = cell("MemLdArg") ?? "unnamed load";
    const how = `multiload, ${threads} threads, ${kind}`;
    runs.bandwidth(path, kind === "stream-sum" ? "read" : kind, { value: bytesPerSecond, at, how });
  }
}

function cells(text: string): string[] {
  return text.split(",").map((cell) => cell.trim());
}

function isHeader(line: TextLine): boolean {
  return /^Samples\s*,/.test(line.trimmed);
}

/** Whether the text has the table of multiload. */
export function looksLikeMultiload(source: TextSource): boolean {
  return source.lines.some((line) => /^Samples\s*,\s*Byte\/thd/.test(line.trimmed));
}
