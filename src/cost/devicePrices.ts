import type { WorkloadRun } from "../count/countWorkload.ts";
import type { FootprintRun } from "../count/operations/footprint.ts";
import type { OperationCount } from "../count/operations/operationCounts.ts";
import type { EventRun, HotplugRuns, TouchCounts } from "../counts.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { Machine } from "../machine/machine.ts";
import type { DeviceProfile } from "../machine/profiles.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { eventInstructions } from "./instructions.ts";
import { type CpuSlowdown, slowdownByCpus } from "./manyCpus.ts";
import {
  type MachineSamples,
  memmapInDram,
  type Price,
  type PriceOptions,
  priceOn,
  priceTotal,
  sampleMachine,
} from "./price.ts";
import { priceWorkloadOn, type WorkloadPrice } from "./priceWorkload.ts";
import type { Estimate } from "./sample.ts";
import { WALK_INSTRUCTIONS, walkedPageblocks } from "./zoneContiguous.ts";

/** One hotplug event, priced. */
export interface EventPrice {
  readonly run: EventRun;
  readonly price: Price;
  /** The longest stretch of one block without a scheduling point. */
  readonly longestStretch: Estimate;
}

export interface WorkloadPrices {
  readonly run: WorkloadRun;
  readonly cold: WorkloadPrice;
  readonly warm: WorkloadPrice;
  /** The judged run on many CPUs at once, each running its own copy over the same zone and memories. */
  readonly manyCpus: readonly CpuSlowdown[];
  /** What the judged run's struct pages cost on the device beyond what they cost in DRAM, largest term first. */
  readonly extraTerms: readonly { readonly name: string; readonly ns: number }[];
}

/** What one page's worth of an operation spends on struct pages, beyond its instructions. */
export interface OperationPrice {
  readonly count: OperationCount;
  /** Every struct page in L1 or L2: the same in both placements. */
  readonly hotNs: Estimate;
  /** None in any cache, pages all over the memory. */
  readonly coldDramNs: Estimate;
  readonly coldOnMemoryNs: Estimate;
}

/** 4096 bytes for each 64 of struct page. */
const BYTES_PER_MEMMAP_BYTE = 64;

/** Draws behind the interval of an operation: a hundred give its ends to a few per cent. */
const OPERATION_SAMPLES = 100;

/** CPUs running at once; one CPU is the plain price. */
const MANY_CPUS = [16, 64] as const;
/** Draws behind an interval of many CPUs: each solves a queueing network several times. */
const MANY_CPUS_SAMPLES = 8;

/** Everything that one device costs, in both placements. */
export interface DevicePrices {
  readonly dram: readonly EventPrice[];
  readonly onMemory: readonly EventPrice[] | undefined;
  readonly workloads: readonly WorkloadPrices[];
  readonly operations: readonly OperationPrice[];
  readonly footprints: readonly FootprintPrice[];
}

/** One unit of a workload at a footprint; an operation has no time but that of its struct pages. */
export interface FootprintPrice {
  readonly run: FootprintRun;
  readonly price: WorkloadPrice;
}

/** What is priced on one device: the plan and counts of its hotplug, and the workloads. */
export interface DeviceCounts {
  readonly plan: HotplugPlan;
  readonly hotplug: HotplugRuns;
  readonly workloads: readonly WorkloadRun[];
  readonly operations: readonly OperationCount[];
  readonly footprints: readonly FootprintRun[];
}

/** Prices the counts of one device in both placements, from one set of draws. */
export function priceDevice(
  device: DeviceProfile,
  counts: DeviceCounts,
  machine: Machine,
  scenario: Scenario,
): DevicePrices {
  const onMemory = sampleMachine(machine.host, { boot: machine.dram, hotAdded: device });
  const inDram = memmapInDram(onMemory);
  const events = (runs: readonly EventRun[], samples: MachineSamples, selfHosted: boolean) =>
    runs.map((run) => priceEvent(run, counts.plan, samples, selfHosted));
  return {
    dram: events(counts.hotplug.dram, inDram, false),
    onMemory: counts.hotplug.onMemory === undefined ? undefined : events(counts.hotplug.onMemory, onMemory, true),
    operations: counts.operations.map((count) => priceOperation(count, onMemory, inDram, counts.plan.memmapBytes)),
    footprints: priceFootprints(counts.footprints, onMemory, inDram, scenario),
    workloads: counts.workloads.map((run) => {
      const { instructions, otherLlcFills, footprintBytes } = run;
      const options = { dataShareOnHotAdded: scenario.policy.userDataOnHotAdded, memmapBytes: footprintBytes };
      const price = (state: "cold" | "warm") =>
        priceWorkloadOn({ counts: run[state].counts, instructions, otherLlcFills }, onMemory, inDram, options);
      const judged = { counts: run[run.judged].counts, instructions, otherLlcFills };
      const media = { dram: machine.dram, device };
      const shared = { ...options, samples: MANY_CPUS_SAMPLES };
      return {
        run,
        cold: price("cold"),
        warm: price("warm"),
        manyCpus: slowdownByCpus(judged, run.byFunction, machine.host, media, shared, MANY_CPUS),
        extraTerms: extraTerms(judged.counts, onMemory, inDram, options),
      };
    }),
  };
}

function priceOperation(
  count: OperationCount,
  onMemory: MachineSamples,
  inDram: MachineSamples,
  memmapBytes: number,
): OperationPrice {
  const price = (counts: TouchCounts, machine: MachineSamples): Estimate =>
    priceTotal(counts, { ...machine, draws: machine.draws.slice(0, OPERATION_SAMPLES) }, { memmapBytes });
  return {
    count,
    hotNs: price(count.hot, inDram),
    coldDramNs: price(count.cold, inDram),
    coldOnMemoryNs: price(count.cold, onMemory),
  };
}

function priceFootprints(
  runs: readonly FootprintRun[],
  onMemory: MachineSamples,
  inDram: MachineSamples,
  scenario: Scenario,
): FootprintPrice[] {
  const dataShareOnHotAdded = scenario.policy.userDataOnHotAdded;
  return runs.map((run) => {
    const options = { dataShareOnHotAdded, memmapBytes: run.footprintBytes / BYTES_PER_MEMMAP_BYTE };
    return { run, price: priceWorkloadOn(run, onMemory, inDram, options) };
  });
}

function extraTerms(counts: TouchCounts, onMemory: MachineSamples, inDram: MachineSamples, options: PriceOptions) {
  const stated = (machine: MachineSamples) =>
    priceOn(counts, { ...machine, draws: machine.draws.slice(0, 1) }, options).terms;
  const dram = stated(inDram);
  return stated(onMemory)
    .map(({ name, ns }, t) => ({ name, ns: ns - (dram[t]?.ns ?? 0) }))
    .filter(({ ns }) => ns > 0)
    .sort((a, b) => b.ns - a.ns);
}

const NO_STRETCH: Estimate = { value: 0, interval: [0, 0] };

function priceEvent(run: EventRun, plan: HotplugPlan, samples: MachineSamples, selfHosted: boolean): EventPrice {
  const instructions = eventInstructions(run.event, plan.nrBlocks, run.nrPages, run.recordedKernel);
  const walked = walkedPageblocks(run.event, plan.nrBlocks, plan.blockPages, selfHosted);
  const options = (executed: number): PriceOptions => ({ instructions: executed, memmapBytes: plan.memmapBytes });
  const stretches = run.stretches.map(({ counts, nrPages }) => {
    // A stretch runs its pages' share of the event's instructions; walks have scheduling points of their own.
    const executed = run.nrPages > 0 ? (instructions * nrPages) / run.nrPages : instructions;
    return priceTotal(counts, samples, options(executed));
  });
  return {
    run,
    price: priceOn(run.counts, samples, options(instructions + walked * WALK_INSTRUCTIONS[run.recordedKernel])),
    longestStretch: stretches.reduce((most, one) => (one.value > most.value ? one : most), NO_STRETCH),
  };
}
