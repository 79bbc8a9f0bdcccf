import { median } from "../cost/sample.ts";
import { InputError } from "../errors.ts";
import { ASSUMED_HOST, completeHost } from "../machine/assumed.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import { windowInstructions } from "../machine/window.ts";
import { decimals } from "../units.ts";
import type { MeasuredDocument, MeasuredRow } from "./document.ts";
import { measuredMachine, statedColdLessHot } from "./predict.ts";

/** A window of the reorder buffer, and how far predictions with it are from what was measured. */
export interface WindowFit {
  readonly instructions: number;
  /** Median of |predicted / measured - 1| over cold less hot of pfns at random. */
  readonly medianErrorRatio: number;
  readonly nrOperations: number;
}

/** The window of one half of the operations, judged on the other, both ways round. */
export interface HalvesFit {
  readonly before: WindowFit;
  readonly judged: readonly [WindowFit, WindowFit];
  /** Median error of all operations, each with the window of the half that it is not in. */
  readonly crossErrorRatio: number;
  /** Of all operations. */
  readonly all: WindowFit;
}

const SOURCE = "altmap measure";
/** From one instruction, nothing overlaps, to more than any core's. */
const [LEAST_WINDOW, MOST_WINDOW] = [1, 2000];
const STEP = 1.05;
const HUGE_PAGE_BYTES = 2 * 1024 ** 2;
const LINE_BYTES = 64;

/** Operations that were measured and are modelled. */
function comparable(document: MeasuredDocument, host: HostProfile, dram: DeviceProfile): MeasuredRow[] {
  return document.operations.filter(
    ({ name, refused, random, struct_page: touches }) =>
      refused === null &&
      random !== null &&
      random.cold_less_hot_ns > 0 &&
      touches !== "none" &&
      statedColdLessHot(name, document.machine.kernel, machineOf(document, host, dram), "random") !== undefined,
  );
}

const machineOf = (document: MeasuredDocument, host: HostProfile, dram: DeviceProfile) =>
  measuredMachine(host, dram, {
    median: document.latency_ns,
    quartiles: document.latency_quartiles_ns,
    runs: document.latency_quartiles_ns,
  });

/** The host with a window of so many instructions, as measured with whatever its sibling did. */
function withWindow(host: HostProfile, instructions: number, range: readonly [number, number]): HostProfile {
  const perInstruction = (host.microOpsPerInstruction ?? ASSUMED_HOST.microOpsPerInstruction).value;
  const quantity = (note: string, value: number, low: number, high: number): Quantity => ({
    value: Number(value.toPrecision(4)),
    range: [Number(low.toPrecision(4)), Number(high.toPrecision(4))],
    level: "M",
    source: SOURCE,
    note,
  });
  return {
    ...host,
    reorderBufferMicroOps: quantity(
      "what of the buffer kernel paths fill here, from misses of struct pages",
      instructions * perInstruction,
      Math.min(instructions, range[0]) * perInstruction,
      Math.max(instructions, range[1]) * perInstruction,
    ),
    reorderBufferSiblingShare: quantity("measured with the sibling as it was", 1, 1, 1),
  };
}

function errorsWith(rows: readonly MeasuredRow[], document: MeasuredDocument, host: HostProfile, dram: DeviceProfile) {
  const machine = machineOf(document, host, dram);
  return rows.map(({ name, random }) => {
    const predicted = statedColdLessHot(name, document.machine.kernel, machine, "random") ?? Number.NaN;
    return Math.abs(predicted / (random?.cold_less_hot_ns ?? Number.NaN) - 1);
  });
}

function fitWindow(rows: readonly MeasuredRow[], document: MeasuredDocument, host: HostProfile, dram: DeviceProfile) {
  let best = { instructions: LEAST_WINDOW, error: Number.POSITIVE_INFINITY };
  for (let instructions = LEAST_WINDOW; instructions <= MOST_WINDOW; instructions *= STEP) {
    const error = median(
      errorsWith(rows, document, withWindow(host, instructions, [instructions, instructions]), dram),
    );
    if (error < best.error) best = { instructions, error };
  }
  return best.instructions;
}

/**
 * Fits the window to every other operation, in the order of the document, and judges it on the rest.
 *
 * @returns undefined for fewer than four operations that are modelled
 */
export function fitHalves(document: MeasuredDocument, host: HostProfile, dram: DeviceProfile): HalvesFit | undefined {
  const rows = comparable(document, host, dram);
  if (rows.length < LEAST_ROWS) return undefined;
  const halves = [rows.filter((_, i) => i % 2 === 0), rows.filter((_, i) => i % 2 === 1)] as const;
  const errors = (instructions: number, on: readonly MeasuredRow[]): number[] =>
    errorsWith(on, document, withWindow(host, instructions, [instructions, instructions]), dram);
  const judge = (instructions: number, on: readonly MeasuredRow[]): WindowFit => ({
    instructions,
    medianErrorRatio: median(errors(instructions, on)),
    nrOperations: on.length,
  });
  const before = {
    instructions: windowInstructions(completeHost(host, dram)).value,
    medianErrorRatio: median(errorsWith(rows, document, host, dram)),
    nrOperations: rows.length,
  };
  const [first, second] = halves.map((half) => fitWindow(half, document, host, dram)) as [number, number];
  return {
    before,
    judged: [judge(first, halves[1]), judge(second, halves[0])],
    crossErrorRatio: median([...errors(first, halves[1]), ...errors(second, halves[0])]),
    all: judge(fitWindow(rows, document, host, dram), rows),
  };
}

const LEAST_ROWS = 4;

/** A profile with what was measured, and what is said of it. */
export interface Merged {
  readonly host: HostProfile;
  readonly notes: readonly string[];
}

/**
 * A host profile with the window, and what prefetchers do with pfns in order, as measured.
 *
 * @error InputError when too little of the measurement is modelled
 */
export function mergeMeasured(document: MeasuredDocument, host: HostProfile, dram: DeviceProfile): Merged {
  const fit = fitHalves(document, host, dram);
  if (fit === undefined) {
    throw new InputError({
      what: `fewer than ${LEAST_ROWS} of the measured operations are modelled and were not refused: no window follows from them`,
      expected: "a measurement of most operations",
      example: "altmap measure -o measured.json",
    });
  }
  const { all, judged, before, crossErrorRatio } = fit;
  const bounds = judged.map(({ instructions }) => instructions);
  const windowed = withWindow(host, all.instructions, [Math.min(...bounds), Math.max(...bounds)]);
  const ordered = withOrder(windowed, document);
  const percent = (ratio: number): string => `${Math.round(100 * ratio)} %`;
  const errors = judged.map(({ medianErrorRatio }) => percent(medianErrorRatio)).join(" and ");
  return {
    host: ordered.host,
    notes: [
      `window: ${Math.round(all.instructions)} instructions (profile: ${Math.round(before.instructions)}); median error of operations ` +
        `with the window of the other half ${percent(crossErrorRatio)} (halves ${errors}), before ${percent(before.medianErrorRatio)}`,
      ordered.note,
      "memmapCpi: as before, none was measured: it takes a timed offline and online of a free block, as root",
    ],
  };
}

/** Prefetching in order: how far a stream runs before it begins anew, and how many lines it keeps in flight. */
function withOrder(host: HostProfile, document: MeasuredDocument): { host: HostProfile; note: string } {
  const times = document.operations
    .filter(({ refused, struct_page: touches }) => refused === null && touches !== "none")
    .flatMap(({ in_order: result }) => (result === null || result.refused !== null ? [] : [result.cold_less_hot_ns]));
  if (times.length < LEAST_ROWS) return { host, note: "in order: as before, too few operations had pfns in order" };
  const { latency_ns: latencyNs } = document;
  const measuredNs = Math.max(latencyNs / 1000, median(times));
  const { streamTrainingLines } = { ...ASSUMED_HOST, ...host };
  const lines = Math.max(host.nrStreamLinesInFlight.value, latencyNs / measuredNs);
  const restartNs = Math.max(0, measuredNs - latencyNs / lines);
  const runBytes = restartNs === 0 ? HUGE_PAGE_BYTES : (streamTrainingLines.value * LINE_BYTES * latencyNs) / restartNs;
  const bytes = Math.min(HUGE_PAGE_BYTES, Math.max(PAGE_BYTES, runBytes));
  const sorted = [...times].sort((a, b) => a - b);
  const note = `${times.length} operations, ${decimals(sorted[0] ?? 0, 1)} to ${decimals(sorted.at(-1) ?? 0, 1)} ns a page in order`;
  const of = (value: number, low: number, high: number): Quantity => ({
    value: Math.round(value),
    range: [low, high],
    level: "M",
    source: SOURCE,
    note,
  });
  return {
    host: {
      ...host,
      nrStreamLinesInFlight: of(lines, Number((lines / 2).toPrecision(4)), Number((lines * 2).toPrecision(4))),
      streamPageBytes: of(bytes, PAGE_BYTES, HUGE_PAGE_BYTES),
    },
    note: `in order: ${decimals(measuredNs, 1)} ns a page (${note}): a stream keeps ${Math.round(lines)} lines in flight`,
  };
}

const PAGE_BYTES = 4096;
