import { InputError } from "../../errors.ts";
import { looksLikeSummary, readSummary } from "./lmbenchSummary.ts";
import { type ChaseCurve, emptyMeasurements, type Measurements, pathBetween } from "./measured.ts";
import { RunLog } from "./runs.ts";
import {
  atLine,
  MAX_BANDWIDTH_MB_PER_S,
  MAX_LATENCY_NS,
  MB_PER_S,
  positiveNumber,
  quote,
  type TextLine,
  type TextSource,
  whereOf,
} from "./text.ts";

/** lat_mem_rd prints sizes in MiB of 2^20 bytes; 16 TiB bounds them. */
const MAX_MIB = 16 * 1024 * 1024;

interface Section {
  readonly title: TextLine;
  readonly kind: "chase" | "read-bandwidth";
  readonly strideBytes: number;
  /** With -t, or below "Random load latency" of a results file. */
  readonly random: boolean;
  readonly points: ChaseCurve["points"][number][];
}

/**
 * Reads lmbench: lat_mem_rd (it writes to stderr: `lat_mem_rd -t 512 64 2> lat.txt`), a results file with its
 * sections, or the summary that `make see` prints. A curve is `"stride=64`, then lines of MiB and ns per load, and a
 * blank line. The last size of a curve is what it says of memory; of several, the largest size, random before strided.
 *
 * @error InputError for a title without rows, rows that are not two numbers and sizes that do not grow
 */
export function parseLatMemRd(source: TextSource): Measurements {
  const into = emptyMeasurements("lat-mem-rd", source.file);
  const runs = new RunLog();
  const sections = sectionsOf(source);
  for (const section of sections) {
    if (section.kind === "read-bandwidth") {
      recordBandwidth(into, runs, source, section);
      continue;
    }
    if (section.points.length < 2) {
      throw new InputError({
        what: `${quote(section.title.trimmed)} is followed by ${section.points.length} sizes`,
        where: whereOf(atLine(source, section.title)),
        expected: "at least two lines of MiB and ns",
        example: "0.00049 1.368",
      });
    }
    const { strideBytes, points, random } = section;
    into.chaseCurves.push({ strideBytes, at: atLine(source, section.title), points });
    const last = points.at(-1)!;
    const kind = random ? "random, " : "";
    const how = `lat_mem_rd, ${kind}stride ${strideBytes}, ${Math.round(last.bytes / 1048576)} MiB`;
    // Prefetchers follow a stride, the less the wider it is: random tells most of memory, then the widest.
    const rank = random ? 2 ** 40 : Math.min(strideBytes, 2 ** 39);
    runs.latency(pathBetween(into), { value: last.ns, at: last.at, how, bufferBytes: last.bytes, rank });
  }
  readSummary(source, into, runs);
  if (into.paths.length === 0) {
    throw new InputError({
      what: "has no lat_mem_rd curve",
      where: source.file,
      expected: 'a line "stride=64',
      example: "lat_mem_rd -t 512 64 2> lat.txt",
    });
  }
  runs.settle(into);
  const random = sections.some((section) => section.random) || looksLikeSummary(source);
  if (!random)
    into.notes.push("lat_mem_rd without -t walks a fixed stride, which prefetchers follow: use -t for memory latency");
  const unread = unreadSections(source);
  if (unread.length > 0)
    into.notes.push(`lmbench sections that say nothing of memory's speed are not read (${unread.length})`);
  return into;
}

const TITLE = /^"stride=(\d{1,9})"?$/;
/** `bw_mem SIZE rd` of a results file: one process, MB/s of 1e6 bytes. */
const READ_BANDWIDTH = /^"?Memory read bandwidth"?$/;

function sectionsOf(source: TextSource): Section[] {
  const sections: Section[] = [];
  let open: Section | undefined;
  let random = false;
  for (const line of source.lines) {
    const stride = TITLE.exec(line.trimmed);
    const isBandwidth = READ_BANDWIDTH.test(line.trimmed);
    if (stride || isBandwidth) {
      const kind = stride ? "chase" : "read-bandwidth";
      open = { title: line, kind, strideBytes: Number(stride?.[1] ?? 0), random, points: [] };
      sections.push(open);
      continue;
    }
    if (/^Random load latency/i.test(line.trimmed)) random = true;
    if (/^Memory load latency/i.test(line.trimmed)) random = false;
    // A blank line ends a curve, and so does the text that a results file puts between them.
    if (line.trimmed === "" && (open?.points.length ?? 0) > 0) open = undefined;
    if (line.trimmed === "" || open === undefined) continue;
    if (open.points.length > 0 && /^["[A-Za-z]/.test(line.trimmed) && line.fields.length !== 2) {
      open = undefined;
      continue;
    }
    readPoint(open, source, line);
  }
  return sections;
}

function readPoint(section: Section, source: TextSource, line: TextLine): void {
  const at = atLine(source, line);
  if (line.fields.length !== 2) {
    throw new InputError({
      what: `${quote(line.trimmed)} is not a size and a latency`,
      where: whereOf(at),
      expected: "MiB and ns per load",
      example: "64.00000 95.412",
    });
  }
  const bytes = Math.round(positiveNumber(line.fields[0] ?? "", at, "size", MAX_MIB) * 1048576);
  const [what, limit] =
    section.kind === "chase"
      ? (["latency", MAX_LATENCY_NS] as const)
      : (["bandwidth", MAX_BANDWIDTH_MB_PER_S] as const);
  const ns = positiveNumber(line.fields[1] ?? "", at, what, limit);
  const before = section.points.at(-1);
  if (before !== undefined && bytes <= before.bytes) {
    throw new InputError({
      what: "the sizes do not grow",
      where: whereOf(at),
      expected: `more than ${before.bytes} bytes`,
    });
  }
  section.points.push({ bytes, ns, at });
}

/** The largest buffer's; smaller ones were read from caches. */
function recordBandwidth(into: Measurements, runs: RunLog, source: TextSource, section: Section): void {
  const last = section.points.at(-1);
  if (last === undefined) return;
  const how = `lmbench bw_mem rd, ${Math.round(last.bytes / 1048576)} MiB, one process`;
  runs.bandwidth(pathBetween(into), "read", { value: last.ns * MB_PER_S, at: last.at, how });
  into.notes.push(
    `line ${atLine(source, section.title).line}: lmbench reads with one process: the memory's peak may be higher`,
  );
}

/** Titles of other sections of a results file, which begin with a quote. */
function unreadSections(source: TextSource): string[] {
  return source.lines
    .map((line) => line.trimmed)
    .filter((text) => /^"[A-Za-z]/.test(text) && !TITLE.test(text) && !READ_BANDWIDTH.test(text));
}

/** Whether the text is of lmbench: lat_mem_rd, or its summary. */
export function looksLikeLatMemRd(source: TextSource): boolean {
  return source.lines.some((line) => TITLE.test(line.trimmed)) || looksLikeSummary(source);
}
