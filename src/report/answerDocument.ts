import { PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import type { WorkloadPrices } from "../cost/devicePrices.ts";
import { doesNotFitWords, dramFit } from "../hotplug/dramFit.ts";
import { machineNotes } from "../hotplug/plan.ts";
import { foreignNotes } from "../scenario/foreignHost.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { DeviceOutcome, Simulation } from "../simulate.ts";
import { formatBytes, grouped } from "../units.ts";
import * as columns from "./answerColumns.ts";
import { inputOf } from "./answerInput.ts";
import type * as rows from "./answerRows.ts";
import { type AnswerWhy, whyKeys } from "./answerWhy.ts";
import { filledRow } from "./columns.ts";
import { type AnswerTogether, togetherDocument } from "./fit/machineTotalsDocument.ts";
import { type AnswerMachine, machineUseDocument } from "./machineUseDocument.ts";
import { lossNotes } from "./machineVerdict.ts";
import { roundNs } from "./numbers.ts";
import { verdictOf } from "./verdict.ts";

/** The JSON of `altmap answer`. Bytes and counts are whole numbers; the unit is in every key. */
export interface AnswerDocument {
  readonly schema: "altmap/answer-v1";
  readonly input: object;
  readonly results: readonly AnswerResult[];
  /** All devices that the scenario lists, as one machine; null for alternatives. */
  readonly together: AnswerTogether | null;
  readonly verdicts: readonly rows.VerdictRow[];
  /** Each recording and operation at each footprint asked for (--footprint); empty without. */
  readonly footprints: readonly AnswerFootprint[];
  readonly warnings: readonly string[];
  /** Only with --why. */
  readonly why?: readonly AnswerWhy[];
}

/** A device with one placement; without workloads and operations where the memmap does not fit. */
export interface AnswerResult extends rows.HotplugRow {
  /** Each event pass by pass, which run one after the other: their times add up. */
  readonly passes: readonly rows.PassRow[];
  /** null with the memmap in DRAM, which losses are against. */
  readonly machine: AnswerMachine | null;
  readonly workloads: readonly AnswerWorkload[];
  readonly operations: readonly rows.OperationRow[];
}

export interface AnswerWorkload extends rows.WorkloadRow {
  /** Share of the LLC that struct pages have: slowdowns, and that there is none, are said for it alone. */
  readonly llc_share_ratio: number;
  /**
   * On 16 and 64 CPUs; empty with the memmap in DRAM, which slowdowns are against, and where the recording does not tell
   * what is not about struct pages.
   */
  readonly many_cpus: readonly rows.CpusRow[];
  /** Largest first. */
  readonly extra_terms: readonly rows.TermRow[];
  /** The run that is not judged. */
  readonly other_state: rows.StateRow;
}

export interface AnswerFootprint extends rows.FootprintRow {
  /** Those on which the memmap may lie. */
  readonly devices: readonly (rows.FootprintDeviceRow & { readonly llc_share_ratio: number })[];
}

/** All that the other formats are made of. */
export function answerDocument(simulation: Simulation): AnswerDocument {
  return {
    schema: "altmap/answer-v1",
    input: inputOf(simulation),
    results: simulation.devices.flatMap((device) => {
      const placements: rows.PlacementName[] = device.prices.onMemory ? ["dram", "on-memory"] : ["dram"];
      return placements.map((placement) => resultOf(device, placement, simulation.scenario));
    }),
    together: togetherDocument(simulation),
    verdicts: simulation.devices.map((device) => filledRow(columns.VERDICT_COLUMNS, verdictOf(device, simulation))),
    footprints: footprintsOf(simulation),
    warnings: warningsOf(simulation),
    ...whyKeys(simulation),
  };
}

function resultOf(device: DeviceOutcome, placement: rows.PlacementName, { use, policy }: Scenario): AnswerResult {
  const { prices } = device;
  const events = placement === "dram" ? prices.dram : prices.onMemory;
  const fits = events !== undefined;
  const possible = { fitsInDram: prices.dram !== undefined, isAllowed: prices.onMemory !== undefined };
  return {
    ...filledRow(columns.HOTPLUG_COLUMNS, { device, placement, events, blocksInUse: policy.blocksInUse }),
    passes: (events ?? []).flatMap(({ run, passes }) =>
      passes.map(({ name, instructions, ns, interval: [low, high], binding }) => ({
        event: run.event,
        name,
        instructions: Math.round(instructions),
        ns: roundNs(ns),
        interval_ns: [roundNs(low), roundNs(high)] as const,
        binding,
      })),
    ),
    machine: placement === "dram" || !prices.losses ? null : machineUseDocument(prices.losses),
    workloads: fits ? prices.workloads.map((workload) => workloadOf(workload, placement, use.llcShare)) : [],
    operations: fits
      ? prices.operations.map((operation) =>
          filledRow(columns.OPERATION_COLUMNS, { operation, placement, ...possible }),
        )
      : [],
  };
}

/** Terms that are named; the rest are smaller. */
const MOST_TERMS = 3;

function workloadOf(workload: WorkloadPrices, placement: rows.PlacementName, llcShare: number): AnswerWorkload {
  const state = workload.run.judged;
  const other = state === "cold" ? "warm" : "cold";
  const inDram = placement === "dram";
  return {
    llc_share_ratio: llcShare,
    ...filledRow(columns.WORKLOAD_COLUMNS, { workload, state, placement }),
    many_cpus: inDram ? [] : workload.manyCpus.map((cpus) => filledRow(columns.CPUS_COLUMNS, cpus)),
    extra_terms: inDram
      ? []
      : workload.extraTerms.slice(0, MOST_TERMS).map((term) => filledRow(columns.TERM_COLUMNS, term)),
    other_state: filledRow(columns.STATE_COLUMNS, { workload, state: other, placement }),
  };
}

/** Counts are the same on every device; those that refuse the memmap have no second placement. */
function footprintsOf({ devices, scenario }: Simulation): AnswerFootprint[] {
  const able = devices.filter(({ prices }) => prices.onMemory !== undefined);
  return (devices[0]?.prices.footprints ?? []).map(({ run }, i) => ({
    ...filledRow(columns.FOOTPRINT_COLUMNS, run),
    devices: able.map(({ profile, prices }) => ({
      llc_share_ratio: scenario.use.llcShare,
      ...filledRow(columns.FOOTPRINT_DEVICE_COLUMNS, {
        device: profile.id,
        fitsInDram: prices.dram !== undefined,
        nrUnits: run.nrUnits,
        price: prices.footprints[i]!.price,
      }),
    })),
  }));
}

const REMOTE_ASSUMED =
  "the latency of DRAM on the other socket is not known for this host: taken as 1.69 [1.38, 1.97] times that of its own";

function warningsOf(simulation: Simulation): readonly string[] {
  const { devices, machine, scenario, workloads } = simulation;
  const ranges = devices.flatMap(({ profile, plan }) => plan.notes.map((note) => `${profile.id}: ${note}`));
  const refused = devices
    .filter(({ plan }) => !plan.canSelfHost)
    .map(({ profile, plan }) => `${profile.id}: the memmap cannot lie on the memory: ${plan.placement.reason}`);
  const largest = Math.max(0, ...scenario.footprints);
  const tooLarge = devices
    .filter(({ plan }) => plan.device.capacityBytes < largest)
    .map(
      ({ profile, plan }) =>
        `a footprint of ${formatBytes(largest)} is more than the ${formatBytes(plan.device.capacityBytes)} of one ${profile.id}: take it for several`,
    );
  const { materialised } = simulation;
  return [
    ...new Set([
      ...(materialised === undefined
        ? []
        : [
            `${grouped(materialised)} struct pages were written as the kernel writes them, and the counts of hotplug are those of the walk without them`,
          ]),
      ...foreignNotes(scenario, machine.host.id, devices[0]?.plan.pageBytes ?? PAGE_BYTES),
      ...machineNotes(scenario),
      ...ranges,
      ...refused,
      ...devices.flatMap((one) => noRoom(one, scenario.machine.dramBytes)),
      ...tooLarge,
      ...devices.flatMap(({ prices }) => (prices.losses === undefined ? [] : lossNotes(prices.losses.judged))),
      ...(scenario.use.memmapCpuNode > 0 && machine.remoteDram.assumed ? [REMOTE_ASSUMED] : []),
      ...workloads.flatMap(({ notes }) => notes),
    ]),
  ];
}

function noRoom({ profile, plan, prices }: DeviceOutcome, dramBytes: number): string[] {
  if (prices.dram !== undefined) return [];
  const compared = prices.onMemory === undefined ? "" : "; slowdowns are against a machine with enough DRAM for it";
  return [`${profile.id}: the memmap in DRAM ${doesNotFitWords(dramFit(plan, dramBytes))}${compared}`];
}

export type { Interval, OperationRow, PlacementName } from "./answerRows.ts";
