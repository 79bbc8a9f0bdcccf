import { drawDevice, drawHost } from "../cost/drawMachine.ts";
import { draw, estimate, median, type Random, seededRandom } from "../cost/sample.ts";
import type { KernelVersion } from "../linux/pageTypesVersion.ts";
import type { CaseRow } from "./caseFile.ts";
import { type CaseMachine, machinesOf } from "./caseMachine.ts";
import { type CaseWork, kernelOf, workOf } from "./caseOperation.ts";
import { recipeOf } from "./passes.ts";
import { type OperationMachine, type PassPrice, priceRecipe } from "./predict.ts";
import { transferNsPerByte } from "./transfer.ts";

/** One row with what the model says of it. Times are totals. */
export interface CaseResult {
  readonly id: string;
  readonly use: "calibration" | "check";
  readonly predictedNs: number;
  readonly publishedNs: number;
  /** Predicted over published. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
  readonly source: string;
  readonly work: CaseWork;
  readonly kernel: KernelVersion;
  /** Where it may have run: one machine when the row names it, else the plausible ones. */
  readonly machines: readonly string[];
  /** Passes on the first machine, with the path that binds each; empty for device figures. */
  readonly passes: readonly PassPrice[];
  /** Why a prediction far off is as it is, where that is known. */
  readonly reason?: string;
}

export interface Skipped {
  readonly id: string;
  readonly reason: string;
}

export interface Validation {
  readonly cases: readonly CaseResult[];
  readonly skipped: readonly Skipped[];
}

/** A bandwidth figure is compared as the time to move this much. */
const BANDWIDTH_BYTES = 1e9;

/** Below 4 GiB an x86 guest has 3 GiB of RAM, whose zones are never initialised by the deferred threads. */
const LOW_ZONE_PAGES = (3 * 1024 ** 3) / 4096;

/**
 * 90 % of what the terms leave out lies within this share of the prediction: the residuals of the
 * calibration rows of struct page operations.
 */
const MODEL_ERROR = { value: 1, range: [0.75, 1.33], level: "C", source: "memmap-rows" } as const;

const SAMPLES = 300;

/** Predicts every row that can be predicted, and says of the others why not. */
export function validate(rows: readonly CaseRow[], where: string): Validation {
  const cases: CaseResult[] = [];
  const skipped: Skipped[] = [];
  rows.forEach((row, i) => {
    const at = `${where}: row ${i} (${row.id.slice(0, 60)})`;
    const work = workOf(row);
    if (row.use === "context") skipped.push({ id: row.id, reason: "context: not meant to be predicted" });
    else if (work.kind === "none") skipped.push({ id: row.id, reason: work.reason });
    else {
      const machines = machinesOf(row, at);
      if (machines.length === 0) skipped.push({ id: row.id, reason: "no profile of this architecture" });
      else cases.push(caseOf(row, work, machines, at));
    }
  });
  return { cases, skipped };
}

function caseOf(row: CaseRow, work: CaseWork, machines: readonly CaseMachine[], where: string): CaseResult {
  const kernel = kernelOf(row, where);
  const random = seededRandom(1);
  const points = machines.map((machine) => predictNs(row, work, kernel, machine, null));
  const predictedNs = Math.exp(points.reduce((sum, ns) => sum + Math.log(ns), 0) / points.length);
  const draws = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES; i++) {
    const machine = machines[i % machines.length]!;
    draws[i] = predictNs(row, work, kernel, machine, random) * draw(MODEL_ERROR, random);
  }
  const publishedNs = publishedOf(row, work);
  const reason = reasonOf(work, row);
  return {
    id: row.id,
    use: row.use as "calibration" | "check",
    predictedNs,
    publishedNs,
    ratio: predictedNs / publishedNs,
    interval: estimate(predictedNs, draws).interval,
    source: row.source,
    work,
    kernel,
    machines: [...new Set(machines.map(({ host, memmap }) => `${host.id}/${memmap.id}`))],
    passes: work.kind === "operation" ? passesOf(row, work, kernel, machines[0]!, null) : [],
    ...(reason === undefined ? {} : { reason }),
  };
}

function publishedOf(row: CaseRow, work: CaseWork): number {
  if (work.kind === "operation") return (row.time_ms ?? Number.NaN) * 1e6;
  const value = row.value ?? Number.NaN;
  return work.kind === "bandwidth" ? BANDWIDTH_BYTES / value : value;
}

/** What is known to be missing where a row is far off. */
function reasonOf(work: CaseWork, row: CaseRow): string | undefined {
  if (work.kind === "bandwidth" && work.transfer === "read" && (row.threads ?? 1) > 8 && row.medium === "pmem") {
    return "many read streams losing each other's 256-byte lines in the device's buffer is not modelled";
  }
  if (work.kind === "bandwidth" && work.transfer === "store and flush" && row.medium === "pmem") {
    return "how much of a flush overlaps the next fetch is taken from DRAM";
  }
  return undefined;
}

/** Total ns of one row on one machine, for one draw of its values. */
export function predictNs(
  row: CaseRow,
  work: CaseWork,
  kernel: KernelVersion,
  machine: CaseMachine,
  random: Random,
): number {
  if (work.kind === "operation") {
    const recipe = recipeOf(work.operation, kernel);
    const nrTouched = touchedPages(row, work.nrPages, recipe.pagesPerStructPage ?? 1, work.operation);
    return passesOf(row, work, kernel, machine, random).reduce((sum, pass) => sum + pass.ns * nrTouched, 0);
  }
  const host = drawHost(machine.host, random);
  const device = drawDevice(machine.memmap, random);
  if (work.kind === "bandwidth") {
    return BANDWIDTH_BYTES * transferNsPerByte(work.transfer, row.threads ?? 1, host, device);
  }
  if (work.kind !== "latency") throw new RangeError(`row ${row.id} has nothing to predict`);
  switch (work.access) {
    case "random read":
    case "read":
      return device.idleReadNs;
    case "sequential read":
      return device.sequentialReadNs;
    case "non-temporal store":
      return device.writeAcceptedNs;
    case "store and flush":
      return device.flushNs;
  }
}

function passesOf(
  row: CaseRow,
  work: CaseWork,
  kernel: KernelVersion,
  machine: CaseMachine,
  random: Random,
): PassPrice[] {
  if (work.kind !== "operation") return [];
  const dram = drawDevice(machine.dram, random);
  const drawn: OperationMachine = {
    host: drawHost(machine.host, random),
    dram,
    memmap: machine.memmap === machine.dram ? dram : drawDevice(machine.memmap, random),
    nrCores: coresOf(row, machine),
    guest: isGuest(row),
  };
  return priceRecipe(recipeOf(work.operation, kernel), row.threads ?? 1, drawn);
}

/** Struct pages that the operation walks, of the pages that the row counts. */
function touchedPages(row: CaseRow, nrPages: number, pagesPerStructPage: number, operation: string): number {
  if (operation === "deferred-init" && isGuest(row) && nrPages > 2 * LOW_ZONE_PAGES) return nrPages - LOW_ZONE_PAGES;
  return Math.ceil(nrPages / pagesPerStructPage);
}

export function isGuest(row: CaseRow): boolean {
  return row.medium === "vm" || /\bkvm\b|\bguest\b|\bvm\b|wsl|qemu/i.test(row.platform);
}

/** `16c x 2t` in the words of a platform: cores a node; otherwise the host's. */
function coresOf(row: CaseRow, machine: CaseMachine): number {
  const stated = /(\d+)c x \d+t/.exec(row.platform);
  return stated === null ? machine.host.nrCores.value : Number(stated[1]);
}

/** Median of |ratio - 1| over `cases`, in percent; undefined when there are none. */
export function medianErrorPercent(cases: readonly CaseResult[]): number | undefined {
  return cases.length === 0 ? undefined : 100 * median(cases.map(({ ratio }) => Math.abs(ratio - 1)));
}
