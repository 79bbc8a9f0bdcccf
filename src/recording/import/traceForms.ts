/** The shape of a line. */
export const enum Form {
  Perf,
  Ftrace,
  TraceCmd,
  FunctionGraph,
  Bpftrace,
  BpftraceShort,
  Latency,
  PerfTrace,
  Lttng,
  BpftraceJson,
  Count,
}

export const FORM_NAMES: readonly string[] = [
  "perf script",
  "ftrace trace",
  "trace-cmd report",
  "function_graph",
  "bpftrace",
  "bpftrace (short)",
  "ftrace (latency format)",
  "perf trace",
  "LTTng (babeltrace)",
  "bpftrace (JSON)",
];

/** What became of a line. */
export const enum LineKind {
  /** An event that is understood: its parts are in the parser's fields. */
  Event,
  /** An event of another kind. */
  OtherEvent,
  /** An event that is understood, but a field is missing or out of bounds. */
  Malformed,
  /** No event by its shape. */
  NoEvent,
}
