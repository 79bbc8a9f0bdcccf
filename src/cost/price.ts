import type { TouchCounts } from "../counts.ts";
import type { HostProfile } from "../machine/profiles.ts";
import { countSums } from "./countSums.ts";
import { type MachineDraw, type MachineSamples, type MemmapMedia, sampleMachine } from "./machineDraw.ts";
import { type Estimate, estimate } from "./sample.ts";
import { inOneShape, type Path, type PriceOptions, pathsNs, slowestPath, TERMS } from "./terms.ts";

export {
  DEFAULT_SAMPLES,
  drawMachine,
  type MachineDraw,
  type MachineSamples,
  type MemmapMedia,
  memmapInDram,
  sampleMachine,
} from "./machineDraw.ts";
export {
  HOT_ADDED_WAIT,
  inOneShape,
  type MissPattern,
  NR_TERMS,
  type Path,
  type PriceOptions,
  pathsNs,
} from "./terms.ts";

export interface PriceTerm {
  readonly name: string;
  readonly path: Path;
  readonly ns: number;
  readonly interval: readonly [number, number];
}

export interface Price {
  readonly ns: number;
  readonly interval: readonly [number, number];
  /** Terms of one path add up; `binding` is the path that is slowest at the stated values. */
  readonly terms: readonly PriceTerm[];
  readonly binding: Path;
}

/** `priceOn` a machine that is priced once. */
export function priceCounts(
  counts: TouchCounts,
  host: HostProfile,
  media: MemmapMedia,
  options: PriceOptions = {},
): Price {
  return priceOn(counts, sampleMachine(host, media, options), options);
}

/**
 * Time that the touches in `counts` cost on `host` with the struct pages in `media`.
 *
 * Four paths run side by side, and the slowest sets the time: the core executes and waits for lines it needs next
 * (by class: `exposedNs`), its line buffers fill with streams, and each medium moves lines (`occupiedNs`).
 * Instructions are not in `counts`: `options.instructions` adds them, and a hit in L1 costs nothing beyond them.
 */
export function priceOn(counts: TouchCounts, machine: MachineSamples, options: PriceOptions = {}): Price {
  const [sums, shaped] = [countSums(counts), inOneShape(options)];
  const terms = new Float64Array(TERMS.length);
  const totals = new Float64Array(machine.draws.length);
  const termDraws = TERMS.map(() => new Float64Array(machine.draws.length));
  machine.draws.forEach((draw, i) => {
    totals[i] = pathsNs(sums, draw, shaped, terms);
    for (let t = 0; t < terms.length; t++) termDraws[t]![i] = terms[t]!;
  });
  const ns = pathsNs(sums, machine.stated, shaped, terms);
  const total = estimate(ns, totals);
  return {
    ns: total.value,
    interval: total.interval,
    binding: slowestPath(terms, machine.stated),
    terms: termsOf(terms, termDraws, machine),
  };
}

/** Work that begins when the one before has ended. */
export interface PassInput {
  readonly name: string;
  readonly counts: TouchCounts;
  readonly options: PriceOptions;
}

export interface EventPassPrice {
  readonly name: string;
  readonly instructions: number;
  readonly ns: number;
  readonly interval: readonly [number, number];
  /** The path that is slowest at the stated values. */
  readonly binding: Path;
}

/** The time alone of passes one after the other, without its terms. @returns a price as stated, drawn when asked */
export function totalInTurn(inputs: readonly PassInput[], machine: MachineSamples) {
  const terms = new Float64Array(TERMS.length);
  const passes = inputs.map(({ counts, options }) => ({ sums: countSums(counts), options: inOneShape(options) }));
  const total = (draw: MachineDraw): number => {
    let ns = 0;
    for (const { sums, options } of passes) ns += pathsNs(sums, draw, options, terms);
    return ns;
  };
  const ns = total(machine.stated);
  return { ns, drawn: (): Estimate => estimate(ns, Float64Array.from(machine.draws, total)) };
}

/**
 * Time of passes one after the other: nothing of one hides in another. Terms of the total are sums over the passes; its
 * `binding` is that of the longest pass.
 */
export function priceInTurn(
  inputs: readonly PassInput[],
  machine: MachineSamples,
): { readonly total: Price; readonly passes: readonly EventPassPrice[] } {
  const terms = new Float64Array(TERMS.length);
  const nrDraws = machine.draws.length;
  const [totals, statedTerms] = [new Float64Array(nrDraws), new Float64Array(TERMS.length)];
  const termDraws = TERMS.map(() => new Float64Array(nrDraws));
  const passes = inputs.map(({ name, counts, options }): EventPassPrice => {
    const [sums, shaped] = [countSums(counts), inOneShape(options)];
    const price = (draw: MachineDraw): number => pathsNs(sums, draw, shaped, terms);
    const own = new Float64Array(nrDraws);
    // Without a touch and a clear there are only instructions, the first term.
    const nrTerms = sums.isEmpty && shaped.clearedBytes === 0 ? 1 : terms.length;
    for (let i = 0; i < nrDraws; i++) {
      const drawnNs = price(machine.draws[i]!);
      own[i] = drawnNs;
      totals[i]! += drawnNs;
      for (let t = 0; t < nrTerms; t++) termDraws[t]![i]! += terms[t]!;
    }
    const ns = price(machine.stated);
    for (let t = 0; t < terms.length; t++) statedTerms[t]! += terms[t]!;
    const binding = slowestPath(terms, machine.stated);
    return { name, instructions: options.instructions ?? 0, ns, interval: estimate(ns, own).interval, binding };
  });
  const longest = passes.reduce<EventPassPrice | undefined>(
    (most, one) => (one.ns > (most?.ns ?? 0) ? one : most),
    undefined,
  );
  const ns = passes.reduce((sum, pass) => sum + pass.ns, 0);
  return {
    passes,
    total: {
      ns,
      interval: estimate(ns, totals).interval,
      binding: longest?.binding ?? "core",
      terms: termsOf(statedTerms, termDraws, machine),
    },
  };
}

function termsOf(stated: Float64Array, draws: readonly Float64Array[], machine: MachineSamples): PriceTerm[] {
  return TERMS.map(({ name, path }, t) => {
    const shared = path === "hot-added medium" && machine.stated.hotAdded === machine.stated.boot;
    const ns = stated[t]!;
    return { name, path: shared ? "boot medium" : path, ns, interval: estimate(ns, draws[t]!).interval };
  });
}

export type { Estimate };
