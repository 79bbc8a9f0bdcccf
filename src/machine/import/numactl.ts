import { InputError } from "../../errors.ts";
import { emptyMeasurements, factsOfNode, type Measurements, type SourceLine } from "./measured.ts";
import { atLine, nodeNumber, quote, type TextLine, type TextSource, whereOf } from "./text.ts";

/** numactl prints "MB" and means 2^20 bytes. */
const NUMACTL_MB = 1048576;
const MAX_MB = 2 ** 33;

/**
 * Reads `numactl -H`: nodes, their CPUs and sizes, and the SLIT distance matrix. Distances are not latencies,
 * and 255 (unreachable by ACPI) is common for CXL: both are kept as they stand.
 *
 * @error InputError for a size that is no number, a matrix row that is short, a node count that does not match
 */
export function parseNumactl(source: TextSource): Measurements {
  const into = emptyMeasurements("numactl", source.file);
  let columns: number[] | undefined;
  let announced: Announced | undefined;
  let inMatrix = false;
  let matrixRows = 0;
  for (const line of source.lines) {
    const at = atLine(source, line);
    const available = /^available:\s*(\d{1,4}) nodes?/.exec(line.trimmed);
    if (available) {
      // Printed again, as before and after a hotplug: the last state is the machine's.
      if (announced !== undefined) {
        refuseCut(into, announced, inMatrix, columns, matrixRows);
        into.nodes.length = 0;
        into.notes.push(`printed more than once: the nodes below line ${line.number} taken`);
      }
      announced = { count: Number(available[1]), line: atLine(source, line) };
      inMatrix = false;
      columns = undefined;
      matrixRows = 0;
    } else if (/^node distances:/.test(line.trimmed)) inMatrix = true;
    else if (inMatrix && /^node\s+\d/.test(line.trimmed))
      columns = line.fields.slice(1).map((text) => nodeNumber(text, at));
    else if (inMatrix && columns !== undefined && matrixRows >= columns.length && !/^\d+:/.test(line.trimmed)) {
      // What a shell printed after it.
      inMatrix = matrixRows !== columns.length;
    } else if (inMatrix && line.trimmed !== "") {
      readDistances(into, source, line, columns);
      matrixRows++;
    } else readNode(into, source, line);
  }
  if (announced === undefined || into.nodes.length === 0) {
    throw new InputError({
      what: "is not the output of numactl -H",
      where: source.file,
      expected: '"available: N nodes" and nodes',
    });
  }
  refuseCut(into, announced, inMatrix, columns, matrixRows);
  into.notes.push("SLIT distances are ratios that firmware claims, not latencies");
  return into;
}

interface Announced {
  readonly count: number;
  readonly line: SourceLine;
}

function refuseCut(
  into: Measurements,
  { count, line }: Announced,
  inMatrix: boolean,
  columns: readonly number[] | undefined,
  matrixRows: number,
): void {
  const nrSizes = into.nodes.filter((facts) => facts.sizeBytes !== undefined || facts.sizeUnknown).length;
  if (nrSizes !== count) {
    throw new InputError({
      what: `names ${count} nodes and gives the size of ${nrSizes}: cut short?`,
      where: whereOf(line),
    });
  }
  if (inMatrix && (columns === undefined || matrixRows !== columns.length)) {
    throw new InputError({
      what: "the distance matrix is cut short",
      where: line.file,
      expected: "one row for each node",
    });
  }
}

function readNode(into: Measurements, source: TextSource, line: TextLine): void {
  const at = atLine(source, line);
  const row = /^node (\d{1,4}) (cpus|size|free):\s*(.*)$/.exec(line.trimmed);
  if (!row) return;
  const facts = factsOfNode(into, nodeNumber(row[1] ?? "", at));
  const value = row[3] ?? "";
  if (row[2] === "cpus") {
    facts.cpus = { count: nrCpusOf(value, at), at };
  } else if (row[2] === "size") {
    if (value === "<not available>") {
      facts.sizeUnknown = true;
      return;
    }
    const size = /^(\d{1,12}) MB$/.exec(value);
    if (!size || Number(size[1]) > MAX_MB) {
      throw new InputError({
        what: `${quote(value)} is not a size`,
        where: whereOf(at),
        example: "node 2 size: 129017 MB",
      });
    }
    // A node without memory says 0 MB, which is a fact and not a default.
    facts.sizeBytes = { value: Number(size[1]) * NUMACTL_MB, at, how: "numactl -H size (usable memory, MB of 2^20)" };
  }
}

/**
 * `0 1 2 3`; with --cpu-compress of newer numactl `0-3, 8 (5)`, the count in brackets and `(0)` for none.
 *
 * @error InputError for what is no list, and for a count that does not match
 */
function nrCpusOf(value: string, at: SourceLine): number {
  const compressed = /^(.*?)\s*\((\d{1,5})\)$/.exec(value);
  const list = compressed?.[1] ?? value;
  let count = 0;
  for (const part of list.split(/[\s,]+/).filter((text) => text !== "")) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const [first, last] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
    if (!(first <= last)) throw new InputError({ what: `${quote(value)} is not a list of CPUs`, where: whereOf(at) });
    count += last - first + 1;
  }
  if (compressed && Number(compressed[2]) !== count) {
    throw new InputError({
      what: `${quote(value)} lists ${count} CPUs and says ${compressed[2]}`,
      where: whereOf(at),
      expected: "the unchanged output of numactl -H",
    });
  }
  return count;
}

function readDistances(
  into: Measurements,
  source: TextSource,
  line: TextLine,
  columns: readonly number[] | undefined,
): void {
  const at = atLine(source, line);
  const row = /^(\d{1,4}):\s*(.*)$/.exec(line.trimmed);
  const values = row?.[2]?.split(/\s+/) ?? [];
  if (!row || columns === undefined || values.length !== columns.length) {
    throw new InputError({
      what: `${quote(line.trimmed)} is not a row of ${columns?.length ?? "the"} distances`,
      where: whereOf(at),
      example: "  0:  10  32  50",
    });
  }
  const from = nodeNumber(row[1] ?? "", at);
  columns.forEach((to, column) => {
    const text = values[column] ?? "";
    if (!/^\d{1,3}$/.test(text) || Number(text) > 255) {
      throw new InputError({ what: `distance ${quote(text)} is not 0 to 255`, where: whereOf(at) });
    }
    const facts = factsOfNode(into, to);
    facts.distanceFrom = { ...facts.distanceFrom, [from]: { value: Number(text), at, how: "SLIT distance" } };
  });
}

/** Whether the text is of numactl --hardware. */
export function looksLikeNumactl(source: TextSource): boolean {
  return source.lines.some((line) => /^available:\s*\d+ nodes?/.test(line.trimmed));
}
