import { formatBytes, threeDigits } from "../units.ts";
import type { FitFacts } from "./facts.ts";

/** One placement at a glance. */
export interface Light {
  readonly light: "fits" | "fits-but" | "does-not-fit";
  /** What keeps it from plain green, worst first; empty for `fits`. */
  readonly because: readonly string[];
}

/** Both placements at a glance. */
export interface Lights {
  readonly dram: Light;
  readonly onMemory: Light;
}

/** Above this share of free DRAM a memmap is a bad neighbour. Chosen, as in the verdict of altmap answer. */
const LARGE_SHARE = 0.5;
/** Above this share of the machine the cost is no longer nothing. Chosen, as in the verdict of altmap answer. */
const FELT_SHARE = 0.01;

/** @returns why each placement is not plainly green */
export function lightsOf(facts: FitFacts): Lights {
  return { dram: dramLight(facts), onMemory: onMemoryLight(facts) };
}

const lightOf = (because: readonly string[]): Light => ({ light: because.length === 0 ? "fits" : "fits-but", because });

function dramLight({ plans, room, totals }: FitFacts): Light {
  const noAdd = notAdded(plans);
  if (noAdd !== undefined) return { light: "does-not-fit", because: [noAdd] };
  const { neededBytes, freeBytes, basePagesBytes } = room;
  if (!room.fits)
    return {
      light: "does-not-fit",
      because: [`needs ${formatBytes(neededBytes)}, ${formatBytes(freeBytes)} of DRAM are free`],
    };
  return lightOf([
    ...(neededBytes > LARGE_SHARE * freeBytes
      ? [`takes ${threeDigits((100 * neededBytes) / freeBytes)} % of the free DRAM`]
      : []),
    ...(basePagesBytes > 0
      ? [`${formatBytes(basePagesBytes)} of ${formatBytes(totals.memmapBytes)} in base pages: DRAM is fragmented`]
      : []),
  ]);
}

function notAdded(plans: FitFacts["plans"]): string | undefined {
  const refused = plans.find(
    ({ placement, nrBlocks }) => placement.outcome === "no-room" || !(nrBlocks > 0) || !Number.isInteger(nrBlocks),
  );
  return refused?.placement.reason;
}

function onMemoryLight({ plans, totals, simulation }: FitFacts): Light {
  const noAdd = notAdded(plans);
  if (noAdd !== undefined) return { light: "does-not-fit", because: [noAdd] };
  const refused = plans.filter(({ placement }) => !placement.selfHosted);
  if (refused.length === plans.length) return { light: "does-not-fit", because: [refused[0]!.placement.reason] };
  const wasted = plans.reduce(
    (sum, plan) => sum + (plan.placement.selfHosted ? plan.nrBlocks * plan.placement.wastePages * plan.pageBytes : 0),
    0,
  );
  const share = costShare(simulation);
  return lightOf([
    ...(refused.length > 0
      ? [`${refused.length} of ${plans.length} devices cannot: ${refused[0]!.placement.reason}`]
      : []),
    ...(share !== undefined && share.value > FELT_SHARE
      ? [`costs ${threeDigits(100 * share.value)} % of the CPU time`]
      : []),
    ...(wasted > 0 ? [`wastes ${formatBytes(wasted)} of ${formatBytes(totals.addedBytes)} (force)`] : []),
  ]);
}

/** Of the machine's CPU time, memmaps on the memory: of the device that costs most, as all operations are taken to meet it. */
export function costShare(simulation: FitFacts["simulation"]) {
  const shares = simulation?.devices.flatMap(({ prices }) => prices.losses?.judged.share ?? []) ?? [];
  return [...shares].sort((a, b) => b.value - a.value)[0];
}
