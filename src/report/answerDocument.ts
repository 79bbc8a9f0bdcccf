import type { EventPrice, WorkloadPrices } from "../cost/devicePrices.ts";
import type { CpuSlowdown } from "../cost/manyCpus.ts";
import type { WorkloadPrice } from "../cost/priceWorkload.ts";
import { type Estimate, noDifferenceWithinError } from "../cost/sample.ts";
import type { FootprintRun } from "../count/operations/footprint.ts";
import { dramUse, usableBytes } from "../hotplug/dramUse.ts";
import { machineNotes } from "../hotplug/plan.ts";
import { foreignNotes } from "../scenario/foreignHost.ts";
import type { HotplugEvent } from "../scenario/scenario.ts";
import type { DeviceOutcome, Simulation } from "../simulate.ts";
import { formatBytes } from "../units.ts";
import { inputOf } from "./answerInput.ts";
import { type AnswerOperation, operationOf } from "./answerOperation.ts";
import { type AnswerWhy, whyKeys } from "./answerWhy.ts";
import { baselineKeys, type Interval, slowdownKeys, timeKeys } from "./estimateKeys.ts";
import { roundNs, roundRatio } from "./numbers.ts";
import { servedBy } from "./replayDocument.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export type { AnswerOperation } from "./answerOperation.ts";
export type { Interval } from "./estimateKeys.ts";
export type PlacementName = "dram" | "on-memory";

/** The JSON of `altmap answer`. Bytes and counts are whole numbers; the unit is in every key. */
export interface AnswerDocument {
  readonly schema: "altmap/answer-v1";
  readonly input: object;
  readonly results: readonly AnswerResult[];
  readonly verdicts: readonly Verdict[];
  /** Each recording and operation at each footprint asked for (--footprint); empty without. */
  readonly footprints: readonly AnswerFootprint[];
  readonly warnings: readonly string[];
  /** Only with --why. */
  readonly why?: readonly AnswerWhy[];
}

export interface AnswerResult {
  readonly device: string;
  readonly placement: PlacementName;
  readonly dram_used_bytes: number;
  readonly device_usable_bytes: number;
  readonly add_ns: number;
  readonly online_ns: number;
  readonly offline_ns: number;
  readonly max_nonpreemptible_ns: number;
  readonly max_nonpreemptible_interval_ns: Interval;
  readonly add_interval_ns: Interval;
  readonly online_interval_ns: Interval;
  readonly offline_interval_ns: Interval;
  readonly workloads: readonly AnswerWorkload[];
  readonly operations: readonly AnswerOperation[];
}

export interface AnswerWorkload {
  readonly name: string;
  /** Which run the numbers of this object are of; the other is in `other_state`. */
  readonly state: "cold" | "warm";
  readonly instructions: number;
  readonly touches: number;
  readonly llc_misses: number;
  readonly hot_added_llc_misses: number;
  readonly compulsory_misses: number;
  readonly footprint_bytes: number;
  readonly metadata_ns: number;
  readonly metadata_interval_ns: Interval;
  /** What struct pages cost here beyond what they cost in DRAM. */
  readonly extra_ns: number;
  readonly extra_interval_ns: Interval;
  /** null: the recording does not tell what is not about struct pages; then no ratio is known either. */
  readonly baseline_ns: number | null;
  readonly baseline_interval_ns: Interval | null;
  readonly slowdown_ratio: number | null;
  readonly slowdown_interval_ratio: Interval | null;
  readonly no_difference_within_error: boolean | null;
  /** Every CPU runs its own copy over the same zone, lruvec and memories; the first is one CPU. */
  readonly many_cpus: readonly {
    readonly nr_cpus: number;
    readonly slowdown_ratio: number;
    readonly slowdown_interval_ratio: Interval;
    readonly no_difference_within_error: boolean;
    /** False: load and latency did not settle. */
    readonly converged: boolean;
    readonly busiest: string;
  }[];
  /** What struct pages cost here beyond what they cost in DRAM, by term, largest first. */
  readonly extra_terms: readonly { readonly name: string; readonly ns: number }[];
  readonly other_state: {
    readonly state: "cold" | "warm";
    readonly llc_misses: number;
    readonly hot_added_llc_misses: number;
    readonly metadata_ns: number;
    readonly slowdown_ratio: number | null;
    readonly slowdown_interval_ratio: Interval | null;
    readonly no_difference_within_error: boolean | null;
  };
}

/** A workload with so much hot-added memory in use. Counts and times are of one unit. */
export interface AnswerFootprint {
  /** A recording or an operation. */
  readonly name: string;
  readonly footprint_bytes: number;
  readonly model: FootprintRun["model"];
  /** How far a scaled run may be from one of every page; null for a trace, whose pages are moved as `model` says. */
  readonly model_error_ratio: number | null;
  readonly unit: FootprintRun["unit"];
  /** In all of the footprint; null for an operation that never ends (churn). */
  readonly units: number | null;
  readonly llc_misses: number;
  readonly hot_added_llc_misses: number;
  /** Those on which the memmap may lie. */
  readonly devices: readonly AnswerFootprintDevice[];
}

export interface AnswerFootprintDevice {
  readonly device: string;
  /** What is not about struct pages: instructions and data; null where a recording does not tell. */
  readonly baseline_ns: number | null;
  readonly metadata_dram_ns: number;
  readonly metadata_dram_interval_ns: Interval;
  readonly metadata_on_memory_ns: number;
  readonly metadata_on_memory_interval_ns: Interval;
  /** Of baseline and metadata together; null without a baseline. */
  readonly slowdown_ratio: number | null;
  readonly slowdown_interval_ratio: Interval | null;
  readonly no_difference_within_error: boolean | null;
  /** What the memmap on the memory costs in all units; null where `units` is. */
  readonly extra_ns: number | null;
  readonly extra_interval_ns: Interval | null;
}

const NO_TIME: Estimate = { value: 0, interval: [0, 0] };
const NOTHING: Interval = [0, 0];

export function answerDocument(simulation: Simulation): AnswerDocument {
  return {
    schema: "altmap/answer-v1",
    input: inputOf(simulation),
    results: simulation.devices.flatMap((device) => {
      const placements: PlacementName[] = device.prices.onMemory ? ["dram", "on-memory"] : ["dram"];
      return placements.map((placement) => resultOf(device, placement));
    }),
    verdicts: simulation.devices.map((device) => verdictOf(device, simulation)),
    footprints: footprintsOf(simulation),
    warnings: warningsOf(simulation),
    ...whyKeys(simulation),
  };
}

function resultOf(device: DeviceOutcome, placement: PlacementName): AnswerResult {
  const events = (placement === "dram" ? device.prices.dram : device.prices.onMemory) ?? [];
  const add = sumOf(events, ["add"]);
  const online = sumOf(events, ["online_movable", "online_kernel"]);
  const offline = sumOf(events, ["offline"]);
  const stretches = events.map((event) => event.longestStretch).sort((a, b) => b.value - a.value);
  const longest = stretches[0] ?? { value: 0, interval: NOTHING };
  return {
    device: device.profile.id,
    placement,
    dram_used_bytes: dramUse(device.plan, placement).totalBytes,
    device_usable_bytes: usableBytes(device.plan, placement),
    add_ns: add.ns,
    online_ns: online.ns,
    offline_ns: offline.ns,
    max_nonpreemptible_ns: roundNs(longest.value),
    max_nonpreemptible_interval_ns: [roundNs(longest.interval[0]), roundNs(longest.interval[1])],
    add_interval_ns: add.interval,
    online_interval_ns: online.interval,
    offline_interval_ns: offline.interval,
    workloads: device.prices.workloads.map((workload) => workloadOf(workload, placement)),
    operations: device.prices.operations.map((operation) =>
      operationOf(operation, placement === "dram", device.prices.onMemory !== undefined),
    ),
  };
}

/** Events of the given kinds, one after the other. */
function sumOf(events: readonly EventPrice[], kinds: readonly HotplugEvent[]): { ns: number; interval: Interval } {
  const prices = events.filter((event) => kinds.includes(event.run.event)).map((event) => event.price);
  if (prices.length === 0) return { ns: 0, interval: NOTHING };
  const sum = (pick: (price: EventPrice["price"]) => number) =>
    roundNs(prices.reduce((total, price) => total + pick(price), 0));
  return {
    ns: sum((price) => price.ns),
    interval: [sum((price) => price.interval[0]), sum((price) => price.interval[1])],
  };
}

function workloadOf(workload: WorkloadPrices, placement: PlacementName): AnswerWorkload {
  const { run } = workload;
  const state = run.judged;
  const other = state === "cold" ? "warm" : "cold";
  const judged = stateOf(workload, state, placement);
  const { metadata_interval_ns: _, ...otherState } = stateOf(workload, other, placement);
  return {
    name: run.name,
    state,
    instructions: run.instructions,
    touches: run[state].touches,
    llc_misses: judged.llc_misses,
    hot_added_llc_misses: judged.hot_added_llc_misses,
    compulsory_misses: run[state].firstTouches.boot + run[state].firstTouches.hotAdded,
    footprint_bytes: run.footprintBytes,
    metadata_ns: judged.metadata_ns,
    metadata_interval_ns: judged.metadata_interval_ns,
    ...timeKeys("extra", placement === "dram" ? NO_TIME : workload[state].extraNs),
    ...baselineKeys(workload[state]),
    slowdown_ratio: judged.slowdown_ratio,
    slowdown_interval_ratio: judged.slowdown_interval_ratio,
    no_difference_within_error: judged.no_difference_within_error,
    many_cpus: placement === "dram" ? [] : workload.manyCpus.map(cpusOf),
    extra_terms:
      placement === "dram" ? [] : workload.extraTerms.slice(0, 3).map(({ name, ns }) => ({ name, ns: roundNs(ns) })),
    other_state: { state: other, ...otherState },
  };
}

function cpusOf({ nrCpus, slowdownRatio, converged, busiest }: CpuSlowdown): AnswerWorkload["many_cpus"][number] {
  const [low, high] = slowdownRatio.interval;
  return {
    nr_cpus: nrCpus,
    slowdown_ratio: roundRatio(slowdownRatio.value),
    slowdown_interval_ratio: [roundRatio(low), roundRatio(high)],
    no_difference_within_error: noDifferenceWithinError(slowdownRatio),
    converged,
    busiest,
  };
}

function stateOf(workload: WorkloadPrices, state: "cold" | "warm", placement: PlacementName) {
  const price = workload[state];
  const metadata = placement === "dram" ? price.metadataDramNs : price.metadataOnMemoryNs;
  const slowdown: Estimate | undefined = placement === "dram" ? { value: 1, interval: [1, 1] } : price.slowdownRatio;
  return {
    llc_misses: servedBy(workload.run[state].counts, 3),
    hot_added_llc_misses: servedBy(workload.run[state].counts, 3, 1),
    metadata_ns: roundNs(metadata.value),
    metadata_interval_ns: [roundNs(metadata.interval[0]), roundNs(metadata.interval[1])] as const,
    ...slowdownKeys(slowdown),
  };
}

/** Counts are the same on every device; those that refuse the memmap have no second placement. */
function footprintsOf({ devices }: Simulation): AnswerFootprint[] {
  const able = devices.filter(({ prices }) => prices.onMemory !== undefined);
  return (devices[0]?.prices.footprints ?? []).map(({ run }, i) => ({
    name: run.name,
    footprint_bytes: run.footprintBytes,
    model: run.model,
    model_error_ratio: run.errorRatio ?? null,
    unit: run.unit,
    units: run.nrUnits ?? null,
    llc_misses: roundRatio(servedBy(run.counts, 3)),
    hot_added_llc_misses: roundRatio(servedBy(run.counts, 3, 1)),
    devices: able.map(({ profile, prices }) => footprintDeviceOf(profile.id, run, prices.footprints[i]!.price)),
  }));
}

function footprintDeviceOf(device: string, { nrUnits }: FootprintRun, price: WorkloadPrice): AnswerFootprintDevice {
  const rounded = (interval: Interval): Interval => [roundNs(interval[0]), roundNs(interval[1])];
  const inAll = (ns: number): number => (nrUnits ?? 0) * ns;
  const { metadataDramNs, metadataOnMemoryNs, slowdownRatio, extraNs } = price;
  return {
    device,
    baseline_ns: baselineKeys(price).baseline_ns,
    metadata_dram_ns: roundNs(metadataDramNs.value),
    metadata_dram_interval_ns: rounded(metadataDramNs.interval),
    metadata_on_memory_ns: roundNs(metadataOnMemoryNs.value),
    metadata_on_memory_interval_ns: rounded(metadataOnMemoryNs.interval),
    ...slowdownKeys(slowdownRatio),
    extra_ns: nrUnits === undefined ? null : roundNs(inAll(extraNs.value)),
    extra_interval_ns: nrUnits === undefined ? null : rounded([inAll(extraNs.interval[0]), inAll(extraNs.interval[1])]),
  };
}

function warningsOf(simulation: Simulation): readonly string[] {
  const refused = simulation.devices
    .filter((device) => device.prices.onMemory === undefined)
    .map((device) => `${device.profile.id}: the memmap cannot lie on the memory: ${device.plan.placement.reason}`);
  const largest = Math.max(0, ...simulation.scenario.footprints);
  const tooLarge = simulation.devices
    .filter(({ plan }) => plan.device.capacityBytes < largest)
    .map(
      ({ profile, plan }) =>
        `a footprint of ${formatBytes(largest)} is more than the ${formatBytes(plan.device.capacityBytes)} of one ${profile.id}: take it for several`,
    );
  const { scenario, machine, devices } = simulation;
  const ranges = devices.flatMap(({ profile, plan }) => plan.notes.map((note) => `${profile.id}: ${note}`));
  const assumed = [...foreignNotes(scenario, machine.host.id), ...machineNotes(scenario), ...ranges];
  return [
    ...new Set([...assumed, ...refused, ...tooLarge, ...simulation.workloads.flatMap((workload) => workload.notes)]),
  ];
}
