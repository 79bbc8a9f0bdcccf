import { baselineNs } from "./baseline.ts";
import { type CountSums, countSums } from "./countSums.ts";
import type { HostDraw } from "./draws.ts";
import { aloneNs, exposedShare, inOrderNs } from "./exposure.ts";
import type { MachineDraw, MachineSamples } from "./machineDraw.ts";
import { drawUnit, type OperationCounts, type OperationOptions, type Unit } from "./operationUnit.ts";
import type { OperationWork } from "./operationWork.ts";
import { pricedOnce } from "./pricedOnce.ts";
import { type Estimate, estimate, type Random, seededRandom } from "./sample.ts";
import { inOneShape, type MissPattern, NR_TERMS, type PriceOptions, pathsNs, patternShare } from "./terms.ts";

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

/** Instructions of a unit are drawn by themselves: one seed a draw, as machines are. */
const WORK_SEED = 0x51ed;

/** Prices one operation in both placements, from draws they share. @unit ns an operation, with 90 % intervals */
export function priceOperation({ stated, draws }: OperationRows): OperationEstimates {
  return Object.fromEntries(
    COLUMNS.map((key) => [key, estimate(stated[key], column(draws, key))]),
  ) as OperationEstimates;
}

/** ns that struct pages of one unit cost on the memory beyond what they cost in DRAM, cold, at the share in pfn order. */
export function extraOfOperation({ stated, draws }: OperationRows): {
  readonly stated: number;
  readonly draws: Float64Array;
} {
  const extra = ({ mixedOnMemory, mixedDram }: Row): number => Math.max(0, mixedOnMemory - mixedDram);
  return { stated: extra(stated), draws: Float64Array.from(draws, extra) };
}

function column(rows: readonly Row[], key: Column): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < values.length; i++) values[i] = rows[i]![key];
  return values;
}

type Row = Readonly<Record<Column, number>>;

/** One operation priced: as stated, and draw by draw. */
export interface OperationRows {
  readonly stated: Row;
  readonly draws: readonly Row[];
}

/** Prices one operation in both placements, draw by draw. */
export function operationRows(
  counts: OperationCounts,
  work: OperationWork,
  onMemory: MachineSamples,
  inDram: MachineSamples,
  options: OperationOptions,
): OperationRows {
  const near = onceInDram(inDram, counts, [work, options], () => rowsInDram(counts, work, inDram, options));
  const cold: Cold = { random: countSums(counts.cold), inOrder: countSums(counts.coldInOrder) };
  const at = options.pfnOrder;
  const rowOf = (far: MachineDraw, { unit, patterned, hot, randomDram, inOrderDram, mixedDram }: DramRow): Row => {
    const base = baselineNs(unit.work, far, options.dataShare);
    const randomOnMemory = structPagesNs(unit, cold, far, "random", patterned);
    const inOrderOnMemory = structPagesNs(unit, cold, far, "inOrder", patterned);
    const mixedOnMemory = randomOnMemory + at * (inOrderOnMemory - randomOnMemory);
    return {
      hot,
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
    stated: rowOf(onMemory.stated, near.stated),
    draws: onMemory.draws.map((far, i) => rowOf(far, near.draws[i]!)),
  };
}

/** One draw of a unit, and what its struct pages cost in DRAM. */
interface DramRow extends Pick<Row, "hot" | "randomDram" | "inOrderDram" | "mixedDram"> {
  readonly unit: Unit;
  readonly patterned: PriceOptions;
}

interface DramRows {
  readonly stated: DramRow;
  readonly draws: readonly DramRow[];
}

const onceInDram = pricedOnce<DramRows>();

function rowsInDram(
  counts: OperationCounts,
  work: OperationWork,
  inDram: MachineSamples,
  options: OperationOptions,
): DramRows {
  const hotSums = countSums(counts.hot);
  const cold: Cold = { random: countSums(counts.cold), inOrder: countSums(counts.coldInOrder) };
  const rowOf = (near: MachineDraw, random: Random): DramRow => {
    const unit = drawUnit(counts.key, work, cold.random, options, random);
    const patterned = inOneShape({ ...options, pattern: unit.pattern });
    const randomDram = structPagesNs(unit, cold, near, "random", patterned);
    const inOrderDram = structPagesNs(unit, cold, near, "inOrder", patterned);
    const mixedDram = randomDram + options.pfnOrder * (inOrderDram - randomDram);
    return { unit, patterned, hot: hitsNs(unit, hotSums, near, patterned), randomDram, inOrderDram, mixedDram };
  };
  return {
    stated: rowOf(inDram.stated, null),
    draws: inDram.draws.map((near, i) => rowOf(near, seededRandom(WORK_SEED + i))),
  };
}

/** Sums of the same unit with its pages at random and in the order of their pfns. */
interface Cold {
  readonly random: CountSums;
  readonly inOrder: CountSums;
}

const terms = new Float64Array(NR_TERMS);

function hitsNs(unit: Unit, hot: CountSums, machine: MachineDraw, options: PriceOptions): number {
  if (unit.lines === undefined) return pathsNs(hot, machine, options, terms);
  const { host } = machine;
  const tailShare = exposedShare("independent", unit.perTail, host);
  return (1 + (unit.lines - 1) * tailShare) * aloneNs(Math.max(0, host.l2Ns - host.l1Ns), host);
}

function structPagesNs(unit: Unit, cold: Cold, machine: MachineDraw, order: keyof Cold, options: PriceOptions): number {
  const { pattern, lines, perTail } = unit;
  if (lines === undefined) return pathsNs(cold[order], machine, options, terms);
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
