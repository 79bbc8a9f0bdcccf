import type { FileKind } from "./kinds.ts";

const profiles: FileKind = {
  name: "profiles",
  what: "a file of profiles",
  example: (path) => `altmap answer --profiles ${path}`,
};
const scenario: FileKind = {
  name: "scenario",
  what: "a scenario",
  example: (path) => `altmap answer ${path}`,
};

const script: FileKind = {
  name: "script",
  what: "a script of hotplug steps",
  example: (path) => `altmap try ${path}`,
};

const own: readonly (readonly [RegExp, FileKind])[] = [
  [/"?schema"?: *"?altmap\/profiles-v1/, profiles],
  [/"?schema"?: *"?altmap\/scenario-v1/, scenario],
  [/"?schema"?: *"?altmap\/script-v1|^steps\s*:/m, script],
  [
    /"schema": *"altmap\/measured-v1"/,
    { name: "measured", what: "what altmap measure wrote", example: (path) => `altmap validate --cases ${path}` },
  ],
  [
    /"schema": *"altmap\/[\w-]+"/,
    { name: "output", what: "what a command of altmap has printed with --json, which no command reads" },
  ],
  [
    /"(page_switches|hot_added|other_l2_fills)"\s*:/,
    {
      name: "summary",
      what: "the summary of a recording",
      example: (path) => `altmap traffic --summary ${path} --kmem TRACE`,
    },
  ],
  [
    /^\s*\{[\s\S]*"(system|initial)"\s*:[\s\S]*"(cmdline|boot_memory|steps|zones|blocks)"\s*:/,
    { name: "conformance", what: "a recording of hotplug steps", example: (path) => `altmap conform ${path}` },
  ],
  [
    /^\s*\[\s*\{[^}]*"(operation|use)"\s*:\s*"[^}]*"(platform|threads|time_ms|ns_per_page|value|source|medium)"\s*:|^\s*\[\s*\{[^}]*"(platform|threads|time_ms|ns_per_page|value|source|medium)"\s*:[^}]*"(operation|use)"\s*:\s*"/,
    { name: "cases", what: "a list of published timings", example: (path) => `altmap validate --cases ${path}` },
  ],
  [
    /^\s*(\[|\{\s*"operations"\s*:)[\s\S]*"op"\s*:\s*"/,
    {
      name: "operations",
      what: "a list of operations",
      example: (path) => `altmap traffic RECORDING --operations ${path}`,
    },
  ],
  [
    /Intel\(R\) Memory Latency Checker|^available: \d+ nodes? \(|^"stride=|\bChaseNS\b|"(memdev|decoder|chardev)"\s*:\s*"/m,
    {
      name: "measurement",
      what: "what a tool has measured or listed",
      example: (path) => `altmap profiles import ${path}`,
    },
  ],
  [/^ {2,}(- )?"?(idleReadLatency|readBandwidth|localDram)"?\s*:/m, profiles],
  // The whole of it: a list of objects that have such a key is none.
  [/^(machine|kernel|policy|workloads|footprints)\s*:/m, scenario],
  [/^\s*\{\s*"(machine|kernel|policy|workloads)"\s*:/, scenario],
];

const perfScript = (): string => "perf script -i perf.data --ns | altmap import -";
const record = (): string => "altmap record";

/** Text of tools that holds no events one by one; the example gives a readable form. */
const others: readonly (readonly [RegExp, string, (path: string) => string])[] = [
  [/^# +Overhead|^# Total Lost Samples:|^# Samples: /m, "a summary of perf report, without the events", perfScript],
  [/^ *Performance counter stats for /m, "counts of perf stat, without the events", record],
  [/^SUMMARY \((SLAB|page) allocator\)/m, "a summary of perf kmem, without the events", perfScript],
  [/^Page allocated via order \d+, mask /m, "a list of page_owner: what is in use, without the events", record],
  [/^packet \{/m, "a Perfetto trace as text of its protocol", () => "traceconv systrace trace.pftrace trace.txt"],
  [/^\s*\{?\s*"traceEvents"\s*:/, "a trace in the JSON of Chrome, which holds no allocator events", record],
  [/^\s*probe (kernel|begin|timer|syscall)\b/m, "a script of SystemTap, not its output", record],
  [
    /^(kprobe|tracepoint|t):[\w:]+\s*(\/|\{)/m,
    "a program of bpftrace, not its output",
    (path) => `bpftrace ${path} | altmap import -`,
  ],
  [
    /^Linux \d+\.\d+\S* \(.*\)\s+\S+\s+_\w+_\s+\(\d+ CPU\)|^procs -+memory/m,
    "rates of sar or vmstat, without the events",
    record,
  ],
];

/** Its lines start with a pid, and so look like those of bpftrace with a time. */
export const BCC_TRACE: readonly [RegExp, FileKind] = [
  /^(TIME +)?PID +TID +COMM +FUNC\b/m,
  {
    name: "other",
    what: "the output of bcc's trace, whose columns are not read",
    example: () => "altmap record --tool bpftrace",
  },
];

/** A mark that no other kind has -> the kind. In order of how sure it is. */
export const TEXT_KINDS: readonly (readonly [RegExp, FileKind])[] = [
  ...own,
  ...others.map(([mark, what, example]) => [mark, { name: "other", what, example }] as const),
];
