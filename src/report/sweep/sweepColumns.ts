// THE TABLE OF COLUMNS of a sweep: each with its unit, what it says and how it is got. Values are those of the JSON of
// `altmap answer`; NDJSON, CSV, Parquet and columns.md are made of this one list.

import type { Simulation } from "../../simulate.ts";
import type { SweepPlan, SweepPoint } from "../../sweep/plan.ts";
import { typedValue } from "../../sweep/typed.ts";
import { answerDocument } from "../answerDocument.ts";
import type { ColumnUnit } from "../columns.ts";
import { type RowSource, ranged, type SweepCell, type SweepColumn, type SweepRow, sweepColumn } from "./sweepColumn.ts";

const EVENTS = ["add", "online", "offline", "remove"] as const;
const one = ({ simulation }: RowSource) => simulation.devices[0]!;
const isHotplug = <T>(source: RowSource, of: () => T): T | undefined => (source.kind === "hotplug" ? of() : undefined);
const onDevice = ({ footprint }: RowSource) => footprint?.devices[0];

/** What placement and hotplug cost: rows `hotplug`. */
const HOTPLUG: readonly SweepColumn[] = [
  sweepColumn("dram_used_dram_bytes", "bytes", "DRAM that the memmap takes when it lies in DRAM", (s) =>
    isHotplug(s, () => s.dram.dram_used_bytes),
  ),
  sweepColumn("dram_used_on_memory_bytes", "bytes", "DRAM that it takes all the same when it lies on the memory", (s) =>
    isHotplug(s, () => s.onMemory?.dram_used_bytes),
  ),
  sweepColumn("usable_dram_bytes", "bytes", "of the device, with the memmap in DRAM", (s) =>
    isHotplug(s, () => s.dram.device_usable_bytes),
  ),
  sweepColumn("usable_on_memory_bytes", "bytes", "of the device, with the memmap on it", (s) =>
    isHotplug(s, () => s.onMemory?.device_usable_bytes),
  ),
  ...EVENTS.flatMap((event) => [
    ...ranged(
      `${event}_dram`,
      "ns",
      `${event} of the whole device, memmap in DRAM`,
      (s) => isHotplug(s, () => [s.dram[`${event}_ns`], s.dram[`${event}_interval_ns`]] as const) ?? [null, null],
    ),
    ...ranged(
      `${event}_on_memory`,
      "ns",
      `${event} of the whole device, memmap on the memory`,
      (s) =>
        isHotplug(s, () => [s.onMemory?.[`${event}_ns`], s.onMemory?.[`${event}_interval_ns`]] as const) ?? [
          null,
          null,
        ],
    ),
  ]),
  sweepColumn(
    "cpus_lost_count",
    "count",
    "CPUs that a machine as the scenario says loses to the memmap on the memory",
    (s) => isHotplug(s, () => s.onMemory?.machine?.cpus_lost),
  ),
  sweepColumn("machine_lost_ratio", "ratio", "the same as a share of its CPUs", (s) =>
    isHotplug(s, () => {
      const lost = s.onMemory?.machine?.percent_of_machine;
      return typeof lost === "number" ? lost / 100 : undefined;
    }),
  ),
];

/** What runs: rows `workload` (a recording, its judged run) and `footprint`. */
const RUNS: readonly SweepColumn[] = [
  sweepColumn(
    "name",
    "text",
    "the recording or operation",
    (s) => s.workload?.dram?.name ?? s.workload?.onMemory?.name ?? s.footprint?.name,
  ),
  sweepColumn(
    "state",
    "text",
    "which run of the recording is judged: caches cold or warm",
    (s) => s.workload?.onMemory?.state ?? s.workload?.dram?.state,
  ),
  sweepColumn(
    "footprint_bytes",
    "bytes",
    "hot-added memory in use; null for a recording as recorded",
    (s) => s.footprint?.footprint_bytes,
  ),
  sweepColumn(
    "unit",
    "text",
    "what ns are of: a run of a recording, a page, a huge page, a pair",
    (s) => s.footprint?.unit ?? (s.workload === undefined ? undefined : "run"),
  ),
  sweepColumn(
    "llc_misses_count",
    "count",
    "struct page misses of the last-level cache, of one unit",
    (s) => s.footprint?.llc_misses ?? s.workload?.dram?.llc_misses ?? s.workload?.onMemory?.llc_misses,
  ),
  sweepColumn(
    "hot_added_llc_misses_count",
    "count",
    "those that meet struct pages of the hot-added memory",
    (s) =>
      s.footprint?.hot_added_llc_misses ??
      s.workload?.dram?.hot_added_llc_misses ??
      s.workload?.onMemory?.hot_added_llc_misses,
  ),
  ...ranged("baseline", "ns", "time that is not about struct pages; null where a recording does not tell", (s) => {
    const w = s.workload?.onMemory ?? s.workload?.dram ?? onDevice(s);
    return [w?.baseline_ns, w?.baseline_interval_ns];
  }),
  ...ranged("metadata_dram", "ns", "time on struct pages, memmap in DRAM", (s) =>
    s.footprint
      ? [onDevice(s)?.metadata_dram_ns, onDevice(s)?.metadata_dram_interval_ns]
      : [s.workload?.dram?.metadata_ns, s.workload?.dram?.metadata_interval_ns],
  ),
  ...ranged("metadata_on_memory", "ns", "the same with the memmap on the memory", (s) =>
    s.footprint
      ? [onDevice(s)?.metadata_on_memory_ns, onDevice(s)?.metadata_on_memory_interval_ns]
      : [s.workload?.onMemory?.metadata_ns, s.workload?.onMemory?.metadata_interval_ns],
  ),
  ...ranged("slowdown", "ratio", "time with the memmap on the memory over time with it in DRAM", (s) => {
    const w = s.workload?.onMemory ?? onDevice(s);
    return [w?.slowdown_ratio, w?.slowdown_interval_ratio];
  }),
  sweepColumn(
    "no_difference_within_error",
    "flag",
    "the interval of the slowdown holds 1",
    (s) => (s.workload?.onMemory ?? onDevice(s))?.no_difference_within_error,
  ),
];

const FIRST: readonly SweepColumn[] = [
  sweepColumn("row", "text", "what the row is of: hotplug, workload or footprint", ({ kind }) => kind),
  sweepColumn("device", "text", "device profile", (s) => one(s).profile.id),
  sweepColumn(
    "idle_read_ns",
    "ns",
    "idle read latency of the device that was priced",
    (s) => one(s).profile.idleReadNs.value,
  ),
  sweepColumn(
    "read_bandwidth_gb_per_s",
    "ratio",
    "its read bandwidth in GB/s (1e9 bytes)",
    (s) => one(s).profile.readGBps.value,
  ),
  sweepColumn("capacity_bytes", "bytes", "hot-added capacity", (s) => one(s).plan.device.capacityBytes),
  sweepColumn("dram_bytes", "bytes", "boot memory", (s) => s.simulation.scenario.machine.dramBytes),
  sweepColumn("host", "text", "host profile", (s) => s.simulation.machine.host.id),
  sweepColumn("kernel", "text", "Linux version", (s) => s.simulation.scenario.kernel.version),
  sweepColumn("allowed", "flag", "whether Linux puts the memmap on the memory", (s) => s.onMemory !== undefined),
  sweepColumn("fits_in_dram", "flag", "whether the memmap fits in DRAM", (s) => s.dram.fits),
  sweepColumn(
    "choice",
    "text",
    "the verdict on the device: on-memory, dram, trade-off, only-on-memory, refused, does-not-fit",
    (s) => s.document.verdicts[0]?.choice,
  ),
];

/** Every column of a sweep's results: the point, its axes, then what was found. */
export function sweepColumns(plan: SweepPlan): readonly SweepColumn[] {
  const axes = plan.groups.flatMap(({ keys, values }) => keys.map((key, k) => axisColumn(key, values[k]!)));
  const point = sweepColumn(
    "point",
    "count",
    "number of the point among all combinations of the axes, the last axis changing fastest",
    (s) => s.point.index,
  );
  return [point, ...axes, ...FIRST, ...RUNS, ...HOTPLUG];
}

const UNITS: Readonly<Record<string, readonly [suffix: string, unit: ColumnUnit]>> = {
  bytes: ["_bytes", "bytes"],
  ns: ["_ns", "ns"],
  gb_per_s: ["_gb_per_s", "ratio"],
  number: ["", "ratio"],
};

/** `in_device_idle_read_latency_ns` of `device.idleReadLatency`; text where the values have no common unit. */
function axisColumn(key: string, values: readonly unknown[]): SweepColumn {
  const units = new Set(values.map((value) => typedValue(value).unit));
  const [suffix, unit] = (units.size === 1 ? UNITS[[...units][0]!] : undefined) ?? (["", "text"] as const);
  const name = key
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/\W+/g, "_")
    .toLowerCase();
  return sweepColumn(`in_${name}${suffix}`, unit, `the axis ${key}, as the sweep says it`, ({ point }) => {
    const { value } = typedValue(point.inputs.get(key));
    return unit === "text" && value !== null ? String(value) : value;
  });
}

/** The rows of one point, in an order that depends on the point alone. */
export function sweepRows(columns: readonly SweepColumn[], point: SweepPoint, simulation: Simulation): SweepRow[] {
  const document = answerDocument(simulation);
  const dram = document.results.find(({ placement }) => placement === "dram")!;
  const onMemory = document.results.find(({ placement }) => placement === "on-memory");
  const source = { point, simulation, document, dram, onMemory };
  const workloads = (dram.fits ? dram : (onMemory ?? dram)).workloads;
  const sources: RowSource[] = [
    { ...source, kind: "hotplug" },
    ...workloads.map((_workload, i) => ({
      ...source,
      kind: "workload" as const,
      workload: { dram: dram.workloads[i], onMemory: onMemory?.workloads[i] },
    })),
    ...document.footprints.map((footprint) => ({ ...source, kind: "footprint" as const, footprint })),
  ];
  return sources.map((one) =>
    Object.fromEntries(columns.map(({ name, of }) => [name, (of(one) ?? null) as SweepCell])),
  );
}
