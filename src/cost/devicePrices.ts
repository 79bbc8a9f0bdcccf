import { BYTES_PER_MEMMAP_BYTE } from "../../assembly/layout/structPage.ts";
import type { FootprintRun, OperationCount, WorkloadRun } from "../counts/workload.ts";
import type { EventRun, HotplugRuns, TouchCounts } from "../counts.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import { geometryOf } from "../machine/geometry.ts";
import type { Machine } from "../machine/machine.ts";
import type { DeviceProfile } from "../machine/profiles.ts";
import { BASE_FOLIO, type Folio } from "../scenario/folio.ts";
import type { MachineUse } from "../scenario/machineUse.ts";
import { isOperationName } from "../scenario/operationNames.ts";
import { countSums } from "./countSums.ts";
import { type DeviceLosses, priceLosses } from "./deviceLosses.ts";
import { folioRule } from "./folio.ts";
import { type EventPrice, priceEvent } from "./hotplugPrice.ts";
import type { SampleOptions } from "./machineDraw.ts";
import type { RowsOf } from "./machineLoss.ts";
import { type CpuSlowdown, slowdownByCpus } from "./manyCpus.ts";
import { type OperationEstimates, type OperationRows, operationRows, priceOperation } from "./operationPrice.ts";
import { type OperationOptions, statedUnit, statedWork } from "./operationUnit.ts";
import { type KernelWork, workOfOperation } from "./operationWork.ts";
import { type MachineSamples, memmapInDram, type PriceOptions, priceOn, sampleMachine } from "./price.ts";
import { priceWorkloadOn, type WorkloadPrice } from "./priceWorkload.ts";

export interface WorkloadPrices {
  readonly run: WorkloadRun;
  readonly cold: WorkloadPrice;
  readonly warm: WorkloadPrice;
  /** The judged run on many CPUs at once, each running its own copy over the same zone and memories. */
  readonly manyCpus: readonly CpuSlowdown[];
  /** What the judged run's struct pages cost on the device beyond what they cost in DRAM, largest term first. */
  readonly extraTerms: readonly { readonly name: string; readonly ns: number }[];
}

/** What one page's worth of an operation spends on struct pages, and in all. */
export interface OperationPrice {
  readonly count: OperationCount;
  /** What one operation works on; `structPages` of a large folio are those it touches. */
  readonly folio: Folio & { readonly structPages: number | undefined };
  /** Of one operation, as stated. */
  readonly instructions: number;
  readonly ns: OperationEstimates;
}

/** Draws behind the interval of an operation: a hundred give its ends to a few per cent. */
const OPERATION_SAMPLES = 100;

/** CPUs running at once; one CPU is the plain price. */
const MANY_CPUS = [16, 64] as const;
/** Draws behind an interval of many CPUs: each solves a queueing network several times. */
const MANY_CPUS_SAMPLES = 8;

/** Everything that one device costs, in both placements. */
export interface DevicePrices {
  /** undefined: the memmap does not fit in DRAM. */
  readonly dram: readonly EventPrice[] | undefined;
  /** undefined: the memmap may not lie on the memory. */
  readonly onMemory: readonly EventPrice[] | undefined;
  readonly workloads: readonly WorkloadPrices[];
  readonly operations: readonly OperationPrice[];
  readonly footprints: readonly FootprintPrice[];
  /** What the machine loses to a memmap on the memory; undefined where it may not lie there, and where one asks why. */
  readonly losses: DeviceLosses | undefined;
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

/** What is assumed of the data, and whose code runs. */
export interface PricePolicy extends KernelWork {
  /** Share of user data that lies on the hot-added memory. */
  readonly userDataOnHotAdded: number;
  /** Share of pages that operations meet in pfn order. */
  readonly pfnOrder: number;
  readonly folio: Folio;
  /** How busy core-mm is, and what the rest of the machine leaves it. */
  readonly use: MachineUse;
  /** Bytes of hot-added memory in use. */
  readonly footprints: readonly number[];
}

export interface DeviceSampling extends SampleOptions {
  /** Leaves out what many CPUs do to each other. @default false */
  readonly isAlone?: boolean;
  /** Draws with the memmap in DRAM, which devices of one machine share. @default drawn for this device */
  readonly inDram?: MachineSamples;
}

let lastInDram:
  | { readonly key: string; readonly host: object; readonly samples: MachineSamples; uses: number }
  | undefined;
/** What is priced once for the same draws is kept with them: a sweep over policies would keep it for every point. */
const MOST_USES = 32;

/** Draws of a machine with the memmap in DRAM, whatever is plugged; the same ones when asked for again. */
export function sampleInDram(machine: Machine, { use }: Pick<PricePolicy, "use">, sampling: SampleOptions = {}) {
  const { host, dram, remoteDram } = machine;
  const remote = { share: use.memmapCpuNode, idleReadNs: remoteDram.idleReadNs };
  const draw = () => memmapInDram(sampleMachine(host, { boot: dram, hotAdded: dram }, sampling), remote);
  // Who holds inputs as stated asks once for each.
  if (sampling.held !== undefined) return draw();
  const key = JSON.stringify([dram, remote, sampling]);
  if (lastInDram?.host !== host || lastInDram.key !== key || lastInDram.uses >= MOST_USES)
    lastInDram = { key, host, samples: draw(), uses: 0 };
  lastInDram.uses++;
  return lastInDram.samples;
}

/** Prices the counts of one device in both placements, from one set of draws. */
export function priceDevice(
  device: DeviceProfile,
  counts: DeviceCounts,
  machine: Machine,
  policy: PricePolicy,
  sampling: DeviceSampling = {},
): DevicePrices {
  const onMemory = sampleMachine(machine.host, { boot: machine.dram, hotAdded: device }, sampling);
  const { l2, llc } = geometryOf(machine.host, policy.use.llcShare);
  const host = { l2Bytes: l2.bytes, llcBytes: llc.bytes, initOnAlloc: policy.initOnAlloc };
  const inDram = sampling.inDram ?? sampleInDram(machine, policy, sampling);
  const events = (runs: readonly EventRun[] | undefined, samples: MachineSamples, selfHosted: boolean) =>
    runs?.map((run) => priceEvent(run, counts.plan, samples, selfHosted, host));
  const rowsOf = operationPricer(counts.plan, onMemory, inDram, policy, sampling);
  return {
    dram: events(counts.hotplug.dram, inDram, false),
    onMemory: events(counts.hotplug.onMemory, onMemory, true),
    operations: priceOperations(counts.operations, rowsOf, policy),
    footprints: priceFootprints(counts.footprints, onMemory, inDram, policy),
    losses:
      counts.hotplug.onMemory === undefined || sampling.isAlone === true
        ? undefined
        : priceLosses(counts, rowsOf, machine, policy),
    workloads: counts.workloads.map((run) => {
      const { work, footprintBytes } = run;
      const options = { dataShareOnHotAdded: policy.userDataOnHotAdded, memmapBytes: footprintBytes };
      const price = (state: "cold" | "warm") =>
        priceWorkloadOn({ counts: run[state].counts, work }, onMemory, inDram, options);
      const judged = { counts: run[run.judged].counts, work };
      const media = { dram: machine.dram, device };
      const shared = { ...options, samples: MANY_CPUS_SAMPLES };
      return {
        run,
        cold: price("cold"),
        warm: price("warm"),
        manyCpus:
          sampling.isAlone === true
            ? []
            : slowdownByCpus(judged, run.byFunction, machine.host, media, shared, MANY_CPUS),
        extraTerms: extraTerms(judged.counts, onMemory, inDram, options),
      };
    }),
  };
}

const fewDraws = new WeakMap<MachineSamples, MachineSamples>();

function someDraws(samples: MachineSamples): MachineSamples {
  const some = fewDraws.get(samples) ?? { ...samples, draws: samples.draws.slice(0, OPERATION_SAMPLES) };
  fewDraws.set(samples, some);
  return some;
}

/** Prices operations on one device, each of one folio once. */
function operationPricer(
  { memmapBytes }: HotplugPlan,
  onMemory: MachineSamples,
  inDram: MachineSamples,
  policy: PricePolicy,
  { held }: DeviceSampling,
): RowsOf {
  const known = new Map<string, OperationRows>();
  return (counts, work, folio) => {
    const key = `${counts.key} ${folio.order}`;
    const options: OperationOptions = {
      memmapBytes,
      pfnOrder: policy.pfnOrder,
      dataShare: policy.userDataOnHotAdded,
      folio,
      ...(held === undefined ? {} : { held }),
    };
    const rows = known.get(key) ?? operationRows(counts, work, someDraws(onMemory), someDraws(inDram), options);
    known.set(key, rows);
    return rows;
  };
}

function priceOperations(operations: readonly OperationCount[], rowsOf: RowsOf, policy: PricePolicy): OperationPrice[] {
  return operations
    .filter(({ key }) => policy.folio.order === BASE_FOLIO.order || folioRule(key) !== undefined)
    .map((count) => {
      const work = workOfOperation(count.key, policy);
      const unit = statedUnit(count, work, policy.folio);
      return {
        count,
        folio: { ...policy.folio, structPages: unit.lines },
        instructions: unit.work.instructions,
        ns: priceOperation(rowsOf(count, work, policy.folio)),
      };
    });
}

function priceFootprints(
  runs: readonly FootprintRun[],
  onMemory: MachineSamples,
  inDram: MachineSamples,
  policy: PricePolicy,
): FootprintPrice[] {
  const dataShareOnHotAdded = policy.userDataOnHotAdded;
  return runs.map((run) => {
    const options = { dataShareOnHotAdded, memmapBytes: run.footprintBytes / BYTES_PER_MEMMAP_BYTE };
    if (!isOperationName(run.name)) return { run, price: priceWorkloadOn(run, onMemory, inDram, options) };
    const operation = workOfOperation(run.name, policy);
    const work = statedWork(operation);
    const misses = servedByMemory(run.counts);
    const pattern = {
      distance: work.instructions / Math.max(1, misses),
      lockedShare: operation.lockedShare,
    };
    const counted = { counts: run.counts, countsInOrder: run.countsInOrder, work };
    // What is at random by its nature stays so in any order of pfns.
    const pfnOrder = run.name === "churn" ? 0 : policy.pfnOrder;
    return { run, price: priceWorkloadOn(counted, onMemory, inDram, { ...options, pattern, pfnOrder }) };
  });
}

const servedByMemory = (counts: TouchCounts): number =>
  countSums(counts).fetched.reduce((sum, count) => sum + count, 0);

function extraTerms(counts: TouchCounts, onMemory: MachineSamples, inDram: MachineSamples, options: PriceOptions) {
  const stated = (machine: MachineSamples) =>
    priceOn(counts, { ...machine, draws: machine.draws.slice(0, 1) }, options).terms;
  const dram = stated(inDram);
  return stated(onMemory)
    .map(({ name, ns }, t) => ({ name, ns: ns - (dram[t]?.ns ?? 0) }))
    .filter(({ ns }) => ns > 0)
    .sort((a, b) => b.ns - a.ns);
}
