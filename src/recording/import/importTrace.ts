import { FileInputError, readInput } from "../inputFile.ts";
import type { ImportReport } from "./importReport.ts";
import { TraceText, type TraceTextOptions } from "./traceText.ts";

/** What is read, in words. */
export const READ_FORMS =
  "perf script or perf trace, an ftrace trace, trace-cmd report, bpftrace (-f json too) or babeltrace (LTTng)";

/** One pass over a trace file. */
export interface TraceImport {
  /** Batches of whole event records (EVENT_* in assembly/layout/allocatorEvents.ts); each is valid until the next is asked for. */
  readonly batches: AsyncGenerator<Uint8Array, void>;
  /** Grows as batches are taken, complete after the last. */
  readonly report: ImportReport;
}

/**
 * Imports the text of perf script, perf trace, ftrace, trace-cmd report, bpftrace or babeltrace, plain or gzip, of any size, in
 * memory that does not grow with it ("-" is standard input). The form is told from each line.
 *
 * @error FileInputError when the file cannot be read, is a binary recording, or holds lines and none of them is of a
 *   trace. A gzip stream that breaks off keeps what was read: `report.truncated` says so.
 */
export function importTrace(path: string, options: TraceTextOptions = {}): TraceImport {
  const text = new TraceText(path, options);
  return { batches: batchesOf(readInput(path, { gzip: "detect", takes: ["events"] }), text), report: text.report };
}

/**
 * The same of a text that is no file: a string, or its bytes in pieces of any size.
 *
 * @param where what errors call the text
 * @error FileInputError of fault "content" when it holds lines and none of them is of a trace
 */
export function importTraceText(
  given: string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  where = "(text)",
  options: TraceTextOptions = {},
): TraceImport {
  const text = new TraceText(where, options);
  const pieces = typeof given === "string" ? [new TextEncoder().encode(given)] : given;
  return { batches: batchesOf(pieces, text), report: text.report };
}

async function* batchesOf(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  text: TraceText,
): AsyncGenerator<Uint8Array, void> {
  const { report } = text;
  try {
    for await (const piece of pieces) {
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

function refuseGarbage(report: ImportReport): void {
  const { garbageLines, firstGarbage } = report;
  if (firstGarbage === undefined || report.events + report.failedAllocations > 0) return;
  if (report.otherEvents + report.audit.beyondMachine > 0) return;
  throw new FileInputError("content", report.path, 0, {
    what: `none of ${report.lines} lines is an event of a trace (${garbageLines} are garbage); line ${firstGarbage.line} is ${JSON.stringify(firstGarbage.text)}`,
    expected: `text of ${READ_FORMS}, or of another recorder that prints lines as NANOSECONDS A|F PFN ORDER MIGRATETYPE GFP`,
    example:
      "bash 12211 [000] 618.064733: kmem:mm_page_alloc: page=0x104b6b pfn=0x104b6b order=0 migratetype=0 gfp_flags=GFP_KERNEL",
  });
}
