import type { Simulation } from "../simulate.ts";
import type { FitFacts, PricePerGib } from "./facts.ts";

/** Where a memmap on the memory begins to cost more than the DRAM that it frees gains. */
export interface BreakEven {
  /** Hot data that the freed DRAM takes out of slow memory, at most; bytes. */
  readonly freedBytes: number;
  /** What each access to such data saves; ns. */
  readonly savedNsAnAccess: number;
  /** CPUs lost to slow struct pages, of all, at the scenario's rates. */
  readonly cpusLost: number;
  readonly cpusLostInterval: readonly [number, number];
  /** Misses a second to the freed data at which both are equal; null: struct pages cost nothing within error. */
  readonly missesPerSecond: number | null;
  readonly missesPerSecondInterval: readonly [number, number] | null;
  /** Misses a second against rates of operations, as factors of the scenario's. */
  readonly curve: readonly {
    readonly rateFactor: number;
    readonly cpusLost: number;
    readonly missesPerSecond: number;
  }[];
  /** By device latency: what crosses at it, others as they are; ns. */
  readonly byLatency: readonly { readonly latencyNs: number; readonly missesPerSecond: number | null }[];
  /** Of freed DRAM, less the hot-added memory that it costs, in the user's currency; null without prices. */
  readonly moneySaved: number | null;
}

const NS_A_SECOND = 1e9;
const RATE_FACTORS = [0.1, 1, 10, 100] as const;

/**
 * Freed DRAM holds data that would lie on the device: each miss to it saves the difference of latencies. Struct pages
 * on the device cost the CPUs that `machine.losses` says. Both are CPU time, so they are equal at one rate of misses.
 */
export function breakEven(
  { totals, plans }: Pick<FitFacts, "totals" | "plans">,
  { devices, machine }: Simulation,
  price: PricePerGib | undefined,
): BreakEven | undefined {
  const losses = devices.flatMap(({ prices, profile }) =>
    prices.losses === undefined ? [] : [{ loss: prices.losses.judged, profile }],
  );
  const worst = [...losses].sort((a, b) => b.loss.cpusLost.value - a.loss.cpusLost.value)[0];
  if (worst === undefined || totals.onMemory === undefined) return undefined;
  const { cpusLost } = worst.loss;
  const near = machine.dram.idleReadNs.value;
  const savedNs = worst.profile.idleReadNs.value - near;
  const crossing = (cpus: number, ns: number): number | null =>
    cpus <= 0 || ns <= 0 ? null : (cpus * NS_A_SECOND) / ns;
  const missesPerSecond = crossing(cpusLost.value, savedNs);
  const freedBytes = totals.dram.dramUsedBytes - totals.onMemory.dramUsedBytes;
  return {
    freedBytes,
    savedNsAnAccess: savedNs,
    cpusLost: cpusLost.value,
    cpusLostInterval: cpusLost.interval,
    missesPerSecond,
    missesPerSecondInterval:
      savedNs <= 0
        ? null
        : [(cpusLost.interval[0] * NS_A_SECOND) / savedNs, (cpusLost.interval[1] * NS_A_SECOND) / savedNs],
    curve: RATE_FACTORS.map((rateFactor) => ({
      rateFactor,
      cpusLost: rateFactor * cpusLost.value,
      missesPerSecond: crossing(rateFactor * cpusLost.value, savedNs) ?? 0,
    })),
    // Waiting for a struct page grows with what the device is slower; so does what a miss to data saves.
    byLatency: [1.25, 1.5, 2, 4].map((factor) => ({
      latencyNs: factor * near,
      missesPerSecond: crossing(cpusLost.value * (((factor - 1) * near) / savedNs), (factor - 1) * near),
    })),
    moneySaved: price === undefined ? null : (freedBytes * price.dram - lostBytes(plans) * price.hotAdded) / 1024 ** 3,
  };
}

const lostBytes = (plans: FitFacts["plans"]): number =>
  plans.reduce((sum, { nrBlocks, altmapPages, pageBytes }) => sum + nrBlocks * altmapPages * pageBytes, 0);
