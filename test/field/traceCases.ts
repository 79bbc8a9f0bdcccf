import type { FieldCase } from "./fieldCase.ts";

// Traces of other recorders, times in other forms, and files that were given to the wrong command. Every readable trace
// is of one page, allocated and freed 56 us later, unless its row says otherwise.

const TIME = "E: times dropped unsaid";
const RECORDER = "O: recorder not named";
const WRONG_FILE = "6: a file of another kind";

const imports = (
  kind: string,
  file: string,
  format: string,
  more: Readonly<Record<string, unknown>> = {},
  prints: readonly (string | RegExp)[] = [],
): FieldCase => ({
  id: file,
  kind,
  run: ["import", file],
  exitCode: 0,
  prints: [format, ...prints],
  json: {
    format,
    events: 2,
    recorded_ns: 56_000,
    events_without_time: 0,
    garbage_lines: 0,
    pfn_end: 0x140059,
    ...more,
  },
});

const refused = (
  kind: string,
  run: readonly string[],
  what: string | RegExp,
  example?: string | RegExp,
): FieldCase => ({
  id: run.join(" "),
  kind,
  run,
  exitCode: 2,
  prints: [what, ...(example === undefined ? [] : [example])],
  never: ["outside the machine", "garbage"],
});

const forms: readonly FieldCase[] = [
  imports(TIME, "07-ftrace-latency-format.txt", "ftrace (latency format)", { events: 3, pfn_end: 0x14005a }, [
    "3 events over 56.0 us",
  ]),
  imports(TIME, "trace-latency-trace-cmd.txt", "ftrace (latency format)"),
  imports(TIME, "trace-latency-verbose.txt", "ftrace (latency format)", { recorded_ns: 36_000 }),
  imports(TIME, "trace-counter-clock.txt", "ftrace trace", { recorded_ns: null, events_in_ticks: 2 }, [
    "2 events have times without a unit",
  ]),
  imports(TIME, "trace-perf-tod.txt", "perf script"),
  imports(TIME, "trace-perf-tod-and-time.txt", "perf script"),
  imports(TIME, "trace-perf-deltatime.txt", "perf script", { events: 5 }, ["taken for differences"]),
  imports(TIME, "trace-perf-without-time.txt", "perf script", { recorded_ns: null, events_without_time: 2 }, [
    "2 of 2 events have no time that can be read",
  ]),
  imports(TIME, "trace-unknown-time.txt", "ftrace trace", { recorded_ns: null, events_without_time: 2 }, [
    "2 of 2 events have no time that can be read",
  ]),
  imports(TIME, "trace-cmd-ts-diff.txt", "trace-cmd report"),
  imports(TIME, "trace-cmd-raw.txt", "trace-cmd report"),
  imports(RECORDER, "18-perf-trace.txt", "perf trace", { recorded_ns: 13_000 }),
  imports(RECORDER, "trace-perf-trace-new.txt", "perf trace", { other_events: 1 }),
  imports(RECORDER, "trace-lttng.txt", "LTTng (babeltrace)", { other_events: 1 }),
  imports(RECORDER, "trace-bpftrace.json", "bpftrace (JSON)", { lost_events: 4, loss_notices: 1 }),
];

const binaries: readonly FieldCase[] = [
  refused(RECORDER, ["import", "trace-perf.data"], "is a binary perf.data", "perf script -i trace-perf.data --ns"),
  refused(RECORDER, ["import", "trace-cmd.dat"], "is a binary trace.dat", "trace-cmd report -t -i trace-cmd.dat"),
  refused(RECORDER, ["import", "trace.perfetto-trace"], "perhaps a Perfetto trace", "traceconv systrace"),
  refused(RECORDER, ["import", "trace-bcc.txt"], "is the output of bcc's trace", "altmap record --tool bpftrace"),
  refused(RECORDER, ["import", "trace-perf-report.txt"], "is a summary of perf report", "perf script -i perf.data"),
  refused(RECORDER, ["import", "packets.pcap"], "is a capture of network packets"),
  refused(RECORDER, ["import", "trace.txt.zst"], "is compressed with zstd", "zstd -dc trace.txt.zst | altmap import -"),
  refused(RECORDER, ["import", "trace.txt.xz"], "is compressed with xz", "xz -dc trace.txt.xz | altmap import -"),
  refused(
    RECORDER,
    ["import", "trace.txt.bz2"],
    "is compressed with bzip2",
    "bzip2 -dc trace.txt.bz2 | altmap import -",
  ),
];

const EVENTS = "is text of allocator events";
const wrongFiles: readonly FieldCase[] = [
  ...["altmap.perf.txt.gz", "trace-lttng.txt"].flatMap((file) => [
    refused(WRONG_FILE, ["answer", "--workload", file], EVENTS, `altmap import ${file}`),
    refused(WRONG_FILE, ["replay", file], EVENTS, `altmap import ${file}`),
  ]),
  refused(WRONG_FILE, ["answer", "--workload", "trace-perf.data"], "is a binary perf.data", "perf script -i"),
  refused(WRONG_FILE, ["answer", "--workload", "trace.txt.zst"], "is compressed with zstd", "zstd -dc"),
  refused(WRONG_FILE, ["answer", "--workload", "packets.pcap"], "is a capture of network packets"),
  refused(
    WRONG_FILE,
    ["answer", "--workload", "wrong-conformance.json"],
    "is a recording of hotplug steps",
    "altmap conform wrong",
  ),
  refused(WRONG_FILE, ["replay", "wrong-scenario.yaml"], "is a scenario", "altmap answer wrong-scenario.yaml"),
  refused(
    WRONG_FILE,
    ["answer", "--profiles", "wrong-scenario.yaml"],
    "is a scenario",
    "altmap answer wrong-scenario.yaml",
  ),
  refused(WRONG_FILE, ["answer", "--profiles", "altmap.perf.txt.gz"], EVENTS, "altmap import altmap.perf.txt.gz"),
  refused(
    WRONG_FILE,
    ["explain", "wrong-profiles.yaml"],
    "is a file of profiles",
    "altmap answer --profiles wrong-profiles.yaml",
  ),
  refused(
    WRONG_FILE,
    ["validate", "--cases", "wrong-conformance.json"],
    "is a recording of hotplug steps",
    "altmap conform",
  ),
  refused(
    WRONG_FILE,
    ["conform", "wrong-operations.json"],
    "is a list of operations",
    "--operations wrong-operations.json",
  ),
  refused(WRONG_FILE, ["conform", "altmap.perf.txt.gz"], EVENTS, "altmap import altmap.perf.txt.gz"),
  refused(
    WRONG_FILE,
    ["import", "wrong-operations.json"],
    "is a list of operations",
    "--operations wrong-operations.json",
  ),
  refused(
    WRONG_FILE,
    ["traffic", "wl_tmpfs_write_read_rm_48m", "--kmem", "wrong-conformance.json"],
    "is a recording of hotplug steps",
    "altmap conform",
  ),
  refused(
    WRONG_FILE,
    ["traffic", "wl_tmpfs_write_read_rm_48m", "--operations", "altmap.perf.txt.gz"],
    EVENTS,
    "altmap import",
  ),
  refused(
    WRONG_FILE,
    ["traffic", "wl_tmpfs_write_read_rm_48m", "--summary", "trace-lttng.txt"],
    EVENTS,
    "altmap import",
  ),
];

/** A free of more pages than one after a batch without a known page: `traffic` and `answer --workload` died of it. */
const CRASH = "3: an order of events that was not followed";
const crashes: readonly FieldCase[] = [
  {
    id: "traffic",
    kind: CRASH,
    run: ["traffic", "wl_tmpfs_write_read_rm_48m", "--kmem", "trace-orphan-batched-free.txt"],
    exitCode: 0,
    prints: ["touches"],
  },
];

export const traceCases: readonly FieldCase[] = [...forms, ...binaries, ...wrongFiles, ...crashes];
