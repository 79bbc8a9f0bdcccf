import { FileInputError, readInput } from "../inputFile.ts";
import type { ImportReport } from "./importReport.ts";
import { TraceText, type TraceTextOptions } from "./traceText.ts";

/** One pass over a trace file. */
export interface TraceImport {
  /** Batches of whole event records (EVENT_* in assembly/layout/layout.ts); each is valid until the next is asked for. */
  readonly batches: AsyncGenerator<Uint8Array, void>;
  /** Grows as batches are taken, complete after the last. */
  readonly report: ImportReport;
}

/**
 * Imports the text of `perf script`, ftrace `trace`, `trace-cmd report` or `bpftrace`, plain or gzip, of any size, in
 * memory that does not grow with it ("-" is standard input). The form is told from each line.
 *
 * @error FileInputError when the file cannot be read, is a binary recording, or holds lines and none of them is of a
 *   trace. A gzip stream that breaks off keeps what was read: `report.truncated` says so.
 */
export function importTrace(path: string, options: TraceTextOptions = {}): TraceImport {
  const text = new TraceText(path, options);
  return { batches: batchesOf(path, text), report: text.report };
}

async function* batchesOf(path: string, text: TraceText): AsyncGenerator<Uint8Array, void> {
  const { report } = text;
  try {
    for await (const piece of readInput(path, { gzip: "detect" })) {
      if (report.bytes === 0) refuseBinary(path, piece);
      report.bytes += piece.length;
      for (let at = 0; at < piece.length; ) {
        at = text.read(piece, at);
        if (text.isFull) yield text.take();
      }
    }
  } catch (error) {
    const isCut = error instanceof FileInputError && (error.fault === "truncated" || error.fault === "corrupt");
    if (!isCut || report.lines === 0) throw error;
    report.truncated = error.problem.what;
  }
  text.finish(report.truncated !== undefined);
  refuseGarbage(report);
  if (text.length > 0) yield text.take();
}

/** First bytes of what is not text -> what it is, and how to make text of it. */
const BINARY: readonly (readonly [string, string, (path: string) => string])[] = [
  ["PERFILE2", "a binary perf.data", (path) => `perf script -i ${path} --ns > trace.txt`],
  ["2ELIFREP", "a binary perf.data", (path) => `perf script -i ${path} --ns > trace.txt`],
  ["\x17\x08Dtracing", "a binary trace.dat", (path) => `trace-cmd report -t -i ${path} > trace.txt`],
  ["\x28\xb5\x2f\xfd", "compressed with zstd", (path) => `zstd -dc ${path} | altmap import -`],
  ["\xfd7zXZ", "compressed with xz", (path) => `xz -dc ${path} | altmap import -`],
  ["\x1f\x8b", "compressed twice", (path) => `zcat ${path} | altmap import -`],
  ["\x04\x22\x4d\x18", "compressed with lz4", (path) => `lz4 -dc ${path} | altmap import -`],
  ["PK\x03\x04", "a zip archive", (path) => `unzip -p ${path} | altmap import -`],
  ["BZh", "compressed with bzip2", (path) => `bzip2 -dc ${path} | altmap import -`],
];

/** A byte order mark, or Latin letters with zeros between. */
const WIDE_TEXT: readonly (readonly [RegExp, string])[] = [
  [/^(\xff\xfe\0\0|\0\0\xfe\xff|[^\0]\0\0\0[^\0]\0\0\0)/, "UTF-32"],
  [/^\xff\xfe|^([^\0]\0){6}/, "UTF-16LE"],
  [/^\xfe\xff|^(\0[^\0]){6}/, "UTF-16BE"],
];

function refuseBinary(path: string, piece: Uint8Array): void {
  const start = String.fromCharCode(...piece.subarray(0, 16));
  const found = BINARY.find(([magic]) => start.startsWith(magic));
  if (found !== undefined)
    throw new FileInputError("content", path, 0, { what: `is ${found[1]}, not text`, example: found[2](path) });
  const wide = WIDE_TEXT.find(([pattern]) => pattern.test(start));
  if (wide !== undefined)
    throw new FileInputError("content", path, 0, {
      what: `is ${wide[1]} text`,
      expected: "one byte a character, as the tools print it",
      example: `iconv -f ${wide[1]} -t UTF-8 ${path} | altmap import -`,
    });
}

function refuseGarbage(report: ImportReport): void {
  const { garbageLines, firstGarbage } = report;
  if (firstGarbage === undefined || report.events + report.failedAllocations > 0) return;
  if (report.otherEvents + report.audit.beyondMachine > 0) return;
  throw new FileInputError("content", report.path, 0, {
    what: `none of ${report.lines} lines is an event of a trace (${garbageLines} are garbage); line ${firstGarbage.line} is ${JSON.stringify(firstGarbage.text)}`,
    expected: "text of perf script, an ftrace trace, trace-cmd report or bpftrace",
    example:
      "bash 12211 [000] 618.064733: kmem:mm_page_alloc: page=0x104b6b pfn=0x104b6b order=0 migratetype=0 gfp_flags=GFP_KERNEL",
  });
}
