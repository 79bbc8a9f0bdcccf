// Lines that hold no event: which of them mean loss, which are the tool's own words, and which are garbage.

export type PlainLine =
  | { readonly state: "expected" }
  /** Undefined when the notice gives no number. */
  | { readonly state: "loss"; readonly events: number | undefined }
  | { readonly state: "garbage" };

const EXPECTED: readonly RegExp[] = [
  /^\s*$/,
  /^\s+(?:[0-9a-f]{4,16} \S|[0-9a-f]+ .*\)$|[0-9a-f]{8,16}\s*$)/, // call chain of perf, -F without sym too
  /^ => |: <(user )?stack.*>\s*$/, // call chain of ftrace
  /: \S+ <-\S+\s*$/, // function tracer
  /: PERF_RECORD_/, // perf script --show-task-events and the like
  /^Attach(ing|ed) \d+ probes/, // bpftrace
  /^(cpus=\d+|version = \d+|CPU \d+ is empty|CPU:\d+ is empty|trace-cmd: .*)$/, // trace-cmd
  /^\s*-{5,}/, // function_graph
  /^\s*\d+\)\s/,
];

const LOSS: readonly RegExp[] = [
  /^CPU:\d+ \[LOST (\d{1,15}) EVENTS\]/, // ftrace
  /^CPU:\d+ \[(?:(\d{1,15}) )?EVENTS DROPPED\]/, // trace-cmd
  /PERF_RECORD_LOST(?:_SAMPLES)? lost (\d{1,15})/, // perf script --show-lost-events
  /^LOST (\d{1,15}) events!/, // perf
  /^(?:WARNING: )?Lost (\d{1,15}) events/, // bpftrace
  /Tracer (?:discarded|lost) (\d{1,15}) events/, // babeltrace, of LTTng
  /^Processed \d+ events and lost (\d{1,15}) chunks/, // perf, whose chunks hold an unknown number of events
];

/** `# entries-in-buffer/entries-written: 15911/40000`: ftrace overwrote the difference. */
const OVERWRITTEN = /^# entries-in-buffer\/entries-written: (\d{1,15})\/(\d{1,15})/;

/** What a line without an event is: of the tool, a loss of events, or unexpected. */
export function classifyPlainLine(text: string): PlainLine {
  if (text.startsWith("#")) {
    const match = OVERWRITTEN.exec(text);
    const events = match ? Number(match[2]) - Number(match[1]) : 0;
    return events > 0 ? { state: "loss", events } : { state: "expected" };
  }
  for (const pattern of LOSS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const isCount = match[1] !== undefined && !text.startsWith("Processed");
    return { state: "loss", events: isCount ? Number(match[1]) : undefined };
  }
  return { state: EXPECTED.some((pattern) => pattern.test(text)) ? "expected" : "garbage" };
}
