import { NO_MISSES, type WorkloadWork } from "../counts/workload.ts";
import type { TouchCounts } from "../counts.ts";
import { BASE_FOLIO, type Folio } from "../scenario/folio.ts";
import { baselineNs } from "./baseline.ts";
import { type CountSums, countSums } from "./countSums.ts";
import type { HostDraw } from "./draws.ts";
import { aloneNs, exposedShare, inOrderNs } from "./exposure.ts";
import { folioRule, touchedStructPages } from "./folio.ts";
import type { MachineDraw, MachineSamples } from "./machineDraw.ts";
import type { OperationWork, WorkName } from "./operationWork.ts";
import { draw, type Estimate, estimate, keyed, type Random, seededRandom } from "./sample.ts";
import { type MissPattern, NR_TERMS, type PriceOptions, pathsNs, patternShare } from "./terms.ts";

/** What an operation does to struct pages, as counts of one unit. */
export interface OperationCounts {
  readonly key: WorkName;
  readonly hot: TouchCounts;
  readonly cold: TouchCounts;
  readonly coldInOrder: TouchCounts;
}

export interface OperationOptions extends PriceOptions {
  /** Share of pages in pfn order, 0 to 1. */
  readonly pfnOrder: number;
  /** Share of the data that lies on the hot-added memory. */
  readonly dataShare: number;
  readonly folio?: Folio;
}

const COLUMNS = [
  "hot",
  "randomDram",
  "randomOnMemory",
  "inOrderDram",
  "inOrderOnMemory",
  "mixedDram",
  "mixedOnMemory",
  "wholeDram",
  "wholeOnMemory",
  "wholeRatio",
] as const;
type Column = (typeof COLUMNS)[number];

/**
 * One unit of an operation. Its struct pages alone: in cache, cold with pages at random, in pfn order, and at the stated
 * share between; and the whole of it, instructions, clears and copies included, at that share. ns, but for the ratio.
 */
export type OperationEstimates = Readonly<Record<Column, Estimate>>;

/** clear_page and copy_page are called for each page, of a large folio too (until the multi-page clears of 2025). */
const PAGE_BYTES = 4096;

/** Instructions of a unit are drawn by themselves: one seed a draw, as machines are. */
const WORK_SEED = 0x51ed;

/** Prices one operation in both placements, from draws they share. @unit ns an operation, with 90 % intervals */
export function priceOperation(
  counts: OperationCounts,
  work: OperationWork,
  onMemory: MachineSamples,
  inDram: MachineSamples,
  options: OperationOptions,
): OperationEstimates {
  const { stated, draws } = operationRows(counts, work, onMemory, inDram, options);
  return Object.fromEntries(
    COLUMNS.map((key) => [
      key,
      estimate(
        stated[key],
        Float64Array.from(draws, (row) => row[key]),
      ),
    ]),
  ) as OperationEstimates;
}

/** ns that struct pages of one unit cost on the memory beyond what they cost in DRAM, cold, at the share in pfn order. */
export function extraOfOperation(
  counts: OperationCounts,
  work: OperationWork,
  onMemory: MachineSamples,
  inDram: MachineSamples,
  options: OperationOptions,
): { readonly stated: number; readonly draws: Float64Array } {
  const { stated, draws } = operationRows(counts, work, onMemory, inDram, options);
  const extra = ({ mixedOnMemory, mixedDram }: Record<Column, number>): number =>
    Math.max(0, mixedOnMemory - mixedDram);
  return { stated: extra(stated), draws: Float64Array.from(draws, extra) };
}

function operationRows(
  counts: OperationCounts,
  work: OperationWork,
  onMemory: MachineSamples,
  inDram: MachineSamples,
  options: OperationOptions,
) {
  const hot = countSums(counts.hot);
  const cold: Cold = { random: countSums(counts.cold), inOrder: countSums(counts.coldInOrder) };
  const rowOf = (far: MachineDraw, near: MachineDraw, random: Random): Record<Column, number> => {
    const unit = drawUnit(counts.key, work, cold.random, options, random);
    const wait = (machine: MachineDraw, order: keyof Cold) => structPagesNs(unit, cold, machine, order, options);
    const base = baselineNs(unit.work, far, options.dataShare);
    const at = options.pfnOrder;
    const [randomDram, randomOnMemory] = [wait(near, "random"), wait(far, "random")];
    const [inOrderDram, inOrderOnMemory] = [wait(near, "inOrder"), wait(far, "inOrder")];
    const mixed = (random: number, inOrder: number): number => random + at * (inOrder - random);
    const [mixedDram, mixedOnMemory] = [mixed(randomDram, inOrderDram), mixed(randomOnMemory, inOrderOnMemory)];
    return {
      hot: hitsNs(unit, hot, near, options),
      randomDram,
      randomOnMemory,
      inOrderDram,
      inOrderOnMemory,
      mixedDram,
      mixedOnMemory,
      wholeDram: base + mixedDram,
      wholeOnMemory: base + mixedOnMemory,
      wholeRatio: (base + mixedOnMemory) / (base + mixedDram),
    };
  };
  return {
    stated: rowOf(onMemory.stated, inDram.stated, null),
    draws: onMemory.draws.map((far, i) => rowOf(far, inDram.draws[i]!, seededRandom(WORK_SEED + i))),
  };
}

/** The work of one unit as stated, of single pages. */
export function statedWork({ instructions, bytesSet, bytesCopied }: OperationWork): WorkloadWork {
  return workOf(instructions.value, bytesSet, bytesCopied, 1);
}

function workOf(instructions: number, bytesSet: number, bytesCopied: number, pages: number): WorkloadWork {
  return {
    instructions,
    nrSets: pages * Math.ceil(bytesSet / PAGE_BYTES),
    bytesSet: pages * bytesSet,
    nrCopies: pages * Math.ceil(bytesCopied / PAGE_BYTES),
    bytesCopied: pages * bytesCopied,
    servedByMemory: NO_MISSES,
    servedByLlc: NO_MISSES,
  };
}

/** Sums of the same unit with its pages at random and in the order of their pfns. */
interface Cold {
  readonly random: CountSums;
  readonly inOrder: CountSums;
}

/** One unit as stated. */
export function statedUnit(counts: OperationCounts, work: OperationWork, folio: Folio): Unit {
  return drawUnit(counts.key, work, countSums(counts.cold), { folio }, null);
}

/** One unit: a page, or one large folio. */
export interface Unit {
  readonly work: WorkloadWork;
  readonly pattern: MissPattern;
  /** Of a large folio; undefined where the counts say what is touched. */
  readonly lines: number | undefined;
  readonly perTail: number;
}

function drawUnit(
  key: WorkName,
  work: OperationWork,
  cold: CountSums,
  { folio = BASE_FOLIO, held }: Pick<OperationOptions, "folio" | "held">,
  random: Random,
): Unit {
  const drawn = keyed(random, "operation", held);
  const rule = folio.order === 0 ? undefined : folioRule(key);
  const pages = rule === undefined ? 1 : folio.nrPages;
  const lines = rule === undefined ? undefined : touchedStructPages(rule, folio);
  const perTail = draw(work.perTail, drawn("perTail"));
  const instructions = draw(work.instructions, drawn("instructions")) + perTail * ((lines ?? 1) - 1);
  const misses = lines === undefined ? cold.fetched.reduce((sum, count) => sum + count, 0) : 1;
  return {
    lines,
    perTail,
    pattern: {
      distance: misses > 0 ? instructions / misses : instructions,
      lockedShare: work.lockedShare,
    },
    work: workOf(instructions, work.bytesSet, work.bytesCopied, pages),
  };
}

const terms = new Float64Array(NR_TERMS);

function hitsNs(unit: Unit, hot: CountSums, machine: MachineDraw, options: OperationOptions): number {
  if (unit.lines === undefined) return pathsNs(hot, machine, { ...options, pattern: unit.pattern }, terms);
  const { host } = machine;
  const tailShare = exposedShare("independent", unit.perTail, host);
  return (1 + (unit.lines - 1) * tailShare) * aloneNs(Math.max(0, host.l2Ns - host.l1Ns), host);
}

function structPagesNs(
  unit: Unit,
  cold: Cold,
  machine: MachineDraw,
  order: keyof Cold,
  options: OperationOptions,
): number {
  const { pattern, lines, perTail } = unit;
  if (lines === undefined) return pathsNs(cold[order], machine, { ...options, pattern }, terms);
  return folioNs(lines, pattern, perTail, order, machine);
}

/** Its first line as any miss; its tails follow in order, so the prefetchers run ahead after a few of them. */
function folioNs(
  lines: number,
  pattern: MissPattern,
  perTail: number,
  order: keyof Cold,
  { host, hotAdded }: MachineDraw,
): number {
  const latencyNs = Math.max(0, hotAdded.idleReadNs - host.l1Ns);
  const random = aloneNs(latencyNs, host) * patternShare(pattern, host);
  const first = order === "random" ? random : Math.min(random, inOrderNs(latencyNs, pattern.distance, host));
  return first + tailsNs(lines - 1, latencyNs, perTail, order, host);
}

function tailsNs(tails: number, latencyNs: number, perTail: number, order: keyof Cold, host: HostDraw): number {
  const missed = aloneNs(latencyNs, host) * exposedShare("independent", perTail, host);
  const streamed = Math.min(missed, latencyNs / host.nrStreamLinesInFlight);
  // The stream of a folio at random starts with it; in pfn order it goes on from the folio before.
  const training = order === "random" ? Math.min(tails, Math.max(0, host.streamTrainingLines - 1)) : 0;
  return training * missed + (tails - training) * streamed;
}
