import { InputError } from "../../errors.ts";
import { emptyMeasurements, type Measured, type Measurements, type MemoryPath, pathBetween } from "./measured.ts";
import {
  atLine,
  MAX_BANDWIDTH_MB_PER_S,
  MAX_LATENCY_NS,
  MIB_PER_S,
  positiveNumber,
  quote,
  type TextSource,
  whereOf,
} from "./text.ts";

/**
 * Reads multichase: one number, the best ns per dependent load; with -v, `key = value` lines and samples before it.
 *
 * @error InputError when the last line is not that number, for instance because the run was stopped
 */
export function parseMultichase(source: TextSource): Measurements {
  const into = emptyMeasurements("multichase", source.file);
  const lines = source.lines.filter((line) => line.trimmed !== "");
  const last = lines.at(-1);
  if (last === undefined) throw new InputError({ what: "is empty", where: source.file });
  const at = atLine(source, last);
  if (last.fields.length !== 1 || !/^[\d.]+$/.test(last.trimmed)) {
    throw new InputError({
      what: `the last line ${quote(last.trimmed)} is not multichase's result`,
      where: whereOf(at),
      expected: "one number, ns per load, as the last line",
      example: " 105.4",
    });
  }
  const value = positiveNumber(last.trimmed, at, "latency", MAX_LATENCY_NS);
  pathBetween(into).readLatencyNs = { value, at, how: "multichase, dependent loads" };
  for (const line of lines) {
    const setting = /^(nr_threads|page_size|total_memory|stride|tlb_locality|chase)\s*=\s*(.+)$/.exec(line.trimmed);
    if (setting) into.notes.push(`multichase ${setting[1]} = ${(setting[2] ?? "").slice(0, 60)}`);
  }
  return into;
}

export function looksLikeMultichase(source: TextSource): boolean {
  const lines = source.lines.filter((line) => line.trimmed !== "");
  if (lines.some((line) => /^(nr_threads|tlb_locality)\s*=/.test(line.trimmed))) return true;
  return lines.length === 1 && /^\d+(\.\d+)?$/.test(lines[0]?.trimmed ?? "");
}

/**
 * Reads multiload's two lines: names and values, separated by commas and tabs. Its bandwidths are MiB/s.
 *
 * @error InputError for a missing value line and for columns that are not numbers
 */
export function parseMultiload(source: TextSource): Measurements {
  const into = emptyMeasurements("multiload", source.file);
  const header = source.lines.find((line) => /^Samples\s*,/.test(line.trimmed));
  if (header === undefined) {
    throw new InputError({
      what: "has no line of column names",
      where: source.file,
      expected: '"Samples , Byte/thd , ..."',
    });
  }
  const names = cells(header.text);
  const rows = source.lines.filter((line) => line.number > header.number && line.trimmed !== "");
  if (rows.length === 0) {
    throw new InputError({ what: "has column names but no values", where: whereOf(atLine(source, header)) });
  }
  for (const row of rows) {
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
      loadMibs === undefined
        ? undefined
        : positiveNumber(loadMibs, at, "LdAvgMibs", MAX_BANDWIDTH_MB_PER_S) * MIB_PER_S;
    if (bytesPerSecond === undefined && ns !== undefined) {
      path.readLatencyNs = { value: ns, at, how: "multiload chase, no load threads" };
    } else if (bytesPerSecond !== undefined && ns !== undefined) {
      path.loaded = [...(path.loaded ?? []), { bytesPerSecond, ns, at }];
    } else if (bytesPerSecond !== undefined) {
      recordLoad(path, cell("MemLdArg") ?? "", { value: bytesPerSecond, at, how: `multiload, ${threads} threads` });
    }
  }
  into.notes.push("multiload bandwidths are MiB/s (1,048,576 bytes)");
  return into;
}

function recordLoad(path: MemoryPath, kind: string, measured: Measured): void {
  const named = { ...measured, how: `${measured.how}, ${kind || "unnamed load"}` };
  if (kind === "stream-sum") path.readBandwidth = named;
  else path.mixedBandwidth[kind || "unnamed"] = named;
}

function cells(text: string): string[] {
  return text.split(",").map((cell) => cell.trim());
}

export function looksLikeMultiload(source: TextSource): boolean {
  return source.lines.some((line) => /^Samples\s*,\s*Byte\/thd/.test(line.trimmed));
}
