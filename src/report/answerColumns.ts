// THE TABLE OF COLUMNS of an answer: every quantity once, with its name, its unit and how it is got. JSON is filled
// from it (answerDocument.ts), CSV and Markdown take its names and the JSON's values (answerTables.ts).
import type { OperationPrice, WorkloadPrices } from "../cost/devicePrices.ts";
import type { EventPrice } from "../cost/hotplugPrice.ts";
import type { CpuSlowdown } from "../cost/manyCpus.ts";
import type { WorkloadPrice } from "../cost/priceWorkload.ts";
import type { Estimate } from "../cost/sample.ts";
import type { FootprintRun } from "../counts/workload.ts";
import { dramUse, usableBytes } from "../hotplug/dramUse.ts";
import type { HotplugEvent } from "../scenario/scenario.ts";
import type { DeviceOutcome } from "../simulate.ts";
import type * as rows from "./answerRows.ts";
import { type Columns, column, ratioColumns, sameColumn, timeColumns } from "./columns.ts";
import { roundNs, roundRatio } from "./numbers.ts";
import { servedBy } from "./replayDocument.ts";

/** One device with one placement; `events` is undefined where the memmap does not fit. */
export interface PricedPlacement {
  readonly device: DeviceOutcome;
  readonly placement: rows.PlacementName;
  readonly events: readonly EventPrice[] | undefined;
  /** Share of a block's pages that are in use when it goes offline. */
  readonly blocksInUse: number;
}

/** Events of the given kinds, one after the other; 0 where there is none. */
const phase =
  (...kinds: readonly HotplugEvent[]) =>
  ({ events }: PricedPlacement): Estimate | undefined => {
    const prices = events?.filter(({ run }) => kinds.includes(run.event)).map(({ price }) => price);
    if (prices === undefined) return undefined;
    const sum = (pick: (price: EventPrice["price"]) => number) =>
      prices.reduce((total, price) => total + pick(price), 0);
    return { value: sum(({ ns }) => ns), interval: [sum(({ interval }) => interval[0]), sum((p) => p.interval[1])] };
  };

/** An idle offline, and one migration for each folio in use: the new pages lie in DRAM, the old are read where they are. */
function offlineInUse(source: PricedPlacement): Estimate | undefined {
  const idle = phase("offline")(source);
  const { device, placement, blocksInUse } = source;
  const migration = device.prices.operations.find(({ count }) => count.key === "offline");
  if (idle === undefined || idle.value === 0 || migration === undefined) return idle;
  const each = placement === "dram" ? migration.ns.wholeDram : migration.ns.wholeOnMemory;
  const pageBytes = 4096 * migration.folio.nrPages;
  const folios = (blocksInUse * usableBytes(device.plan, placement)) / pageBytes;
  const sum = (a: number, b: number): number => a + folios * b;
  return {
    value: sum(idle.value, each.value),
    interval: [sum(idle.interval[0], each.interval[0]), sum(idle.interval[1], each.interval[1])],
  };
}

function longestStretch({ events }: PricedPlacement): Estimate | undefined {
  const none: Estimate = { value: 0, interval: [0, 0] };
  return events?.reduce((most, one) => (one.longestStretch.value > most.value ? one.longestStretch : most), none);
}

export const HOTPLUG_COLUMNS: Columns<PricedPlacement, rows.HotplugRow> = {
  device: column("text", ({ device }) => device.profile.id),
  placement: column("text", ({ placement }) => placement),
  fits: column("flag", ({ events }) => events !== undefined),
  dram_used_bytes: column("bytes", ({ device, placement }) => dramUse(device.plan, placement).totalBytes),
  device_usable_bytes: column("bytes", ({ device, placement, events }) =>
    events === undefined ? null : usableBytes(device.plan, placement),
  ),
  ...timeColumns("add", phase("add")),
  ...timeColumns("online", phase("online_movable", "online_kernel")),
  ...timeColumns("offline", phase("offline")),
  ...timeColumns("offline_in_use", offlineInUse),
  blocks_in_use_ratio: column("ratio", ({ blocksInUse }) => blocksInUse),
  ...timeColumns("remove", phase("remove")),
  ...timeColumns("max_nonpreemptible", longestStretch),
};

/** An operation with one placement, on a device that may have both. */
export interface PlacedOperation {
  readonly operation: OperationPrice;
  readonly placement: rows.PlacementName;
  readonly fitsInDram: boolean;
  /** The memmap may lie on the memory. */
  readonly isAllowed: boolean;
}

type ColdOrder = "random" | "inOrder" | "mixed";

const cold =
  (order: ColdOrder) =>
  ({ operation, placement }: PlacedOperation): Estimate =>
    operation.ns[`${order}${placement === "dram" ? "Dram" : "OnMemory"}`];

export const OPERATION_COLUMNS: Columns<PlacedOperation, rows.OperationRow> = {
  name: column("text", ({ operation }) => operation.count.name),
  folio_bytes: column("bytes", ({ operation }) => operation.folio.nrPages * 4096),
  struct_pages_per_operation: column("count", ({ operation: { folio, count } }) =>
    roundRatio(folio.structPages ?? count.linesPerPage),
  ),
  touches_per_operation: column("count", ({ operation: { folio, count } }) =>
    roundRatio(folio.structPages ?? count.touchesPerPage),
  ),
  ...timeColumns("hot", ({ operation }: PlacedOperation) => operation.ns.hot),
  ...timeColumns("cold", cold("random")),
  ...timeColumns("cold_random", cold("random")),
  ...timeColumns("cold_in_order", cold("inOrder")),
  ...timeColumns("cold_mixed", cold("mixed")),
  instructions_per_operation: column("count", ({ operation }) => Math.round(operation.instructions)),
  ...timeColumns("whole_dram", ({ operation, fitsInDram }: PlacedOperation) =>
    fitsInDram ? operation.ns.wholeDram : undefined,
  ),
  ...timeColumns("whole_on_memory", ({ operation, isAllowed }: PlacedOperation) =>
    isAllowed ? operation.ns.wholeOnMemory : undefined,
  ),
  ...ratioColumns("whole_slowdown", ({ operation, isAllowed }: PlacedOperation) =>
    isAllowed ? operation.ns.wholeRatio : undefined,
  ),
};

/** One run of a recording in one placement. */
export interface PlacedRun {
  readonly workload: WorkloadPrices;
  readonly state: "cold" | "warm";
  readonly placement: rows.PlacementName;
}

const countsOf = ({ workload, state }: PlacedRun) => workload.run[state];
const metadataOf = ({ workload, state, placement }: PlacedRun): Estimate =>
  placement === "dram" ? workload[state].metadataDramNs : workload[state].metadataOnMemoryNs;
/** Slowdowns are against the memmap in DRAM. */
const slowdownOf = ({ workload, state, placement }: PlacedRun): Estimate | undefined =>
  placement === "dram" ? { value: 1, interval: [1, 1] } : workload[state].slowdownRatio;
const extraOf = ({ workload, state, placement }: PlacedRun): Estimate =>
  placement === "dram" ? { value: 0, interval: [0, 0] } : workload[state].extraNs;

export const STATE_COLUMNS: Columns<PlacedRun, rows.StateRow> = {
  state: column("text", ({ state }) => state),
  llc_misses: column("count", (source) => servedBy(countsOf(source).counts, 3)),
  hot_added_llc_misses: column("count", (source) => servedBy(countsOf(source).counts, 3, 1)),
  ...timeColumns("metadata", metadataOf),
  ...ratioColumns("slowdown", slowdownOf),
  ...sameColumn(slowdownOf),
};

export const WORKLOAD_COLUMNS: Columns<PlacedRun, rows.WorkloadRow> = {
  name: column("text", ({ workload }) => workload.run.name),
  ...STATE_COLUMNS,
  instructions: column("count", ({ workload }) => workload.run.instructions),
  touches: column("count", (source) => countsOf(source).touches),
  compulsory_misses: column("count", (source) => {
    const { boot, hotAdded } = countsOf(source).firstTouches;
    return boot + hotAdded;
  }),
  struct_pages_in_use_bytes: column("bytes", ({ workload }) => workload.run.footprintBytes),
  ...timeColumns("extra", extraOf),
  ...timeColumns("baseline", ({ workload, state }: PlacedRun) => workload[state].baselineNs),
};

const slowdownOfCpus = ({ slowdownRatio }: CpuSlowdown): Estimate => slowdownRatio;

export const CPUS_COLUMNS: Columns<CpuSlowdown, rows.CpusRow> = {
  nr_cpus: column("count", ({ nrCpus }) => nrCpus),
  ...ratioColumns("slowdown", slowdownOfCpus),
  ...sameColumn(slowdownOfCpus),
  converged: column("flag", ({ converged }) => converged),
  busiest: column("text", ({ busiest }) => busiest),
};

export const TERM_COLUMNS: Columns<WorkloadPrices["extraTerms"][number], rows.TermRow> = {
  name: column("text", ({ name }) => name),
  ns: column("ns", ({ ns }) => roundNs(ns)),
};

export const FOOTPRINT_COLUMNS: Columns<FootprintRun, rows.FootprintRow> = {
  name: column("text", (run) => run.name),
  footprint_bytes: column("bytes", (run) => run.footprintBytes),
  model: column("text", (run) => run.model),
  model_error_ratio: column("ratio", (run) => run.errorRatio ?? null),
  unit: column("text", (run) => run.unit),
  units: column("count", (run) => run.nrUnits ?? null),
  llc_misses: column("count", (run) => roundRatio(servedBy(run.counts, 3))),
  hot_added_llc_misses: column("count", (run) => roundRatio(servedBy(run.counts, 3, 1))),
};

/** A footprint on one device; `nrUnits` is undefined for an operation that never ends. */
export interface FootprintOnDevice {
  readonly device: string;
  readonly fitsInDram: boolean;
  readonly nrUnits: number | undefined;
  readonly price: WorkloadPrice;
}

const slowdownAtFootprint = ({ price }: FootprintOnDevice): Estimate | undefined => price.slowdownRatio;

function extraInAll({ price, nrUnits }: FootprintOnDevice): Estimate | undefined {
  if (nrUnits === undefined) return undefined;
  const { value, interval } = price.extraNs;
  return { value: nrUnits * value, interval: [nrUnits * interval[0], nrUnits * interval[1]] };
}

export const FOOTPRINT_DEVICE_COLUMNS: Columns<FootprintOnDevice, rows.FootprintDeviceRow> = {
  device: column("text", ({ device }) => device),
  ...timeColumns("baseline", ({ price }: FootprintOnDevice) => price.baselineNs),
  ...timeColumns("metadata_dram", ({ price, fitsInDram }: FootprintOnDevice) =>
    fitsInDram ? price.metadataDramNs : undefined,
  ),
  ...timeColumns("metadata_on_memory", ({ price }: FootprintOnDevice) => price.metadataOnMemoryNs),
  ...ratioColumns("slowdown", slowdownAtFootprint),
  ...sameColumn(slowdownAtFootprint),
  ...timeColumns("extra", extraInAll),
};

export const VERDICT_COLUMNS: Columns<rows.VerdictRow, rows.VerdictRow> = {
  device: column("text", ({ device }) => device),
  choice: column("text", ({ choice }) => choice),
  default_placement: column("text", ({ default_placement: placement }) => placement),
  sentence: column("text", ({ sentence }) => sentence),
};
