import { NR_DEMAND } from "../../assembly/layout/counters.ts";
import { SECTION_PAGES } from "../../assembly/layout/hotplug.ts";
import {
  ATTR_CLASS_SHIFT,
  CLASS_INDEPENDENT,
  CLASS_STREAM,
  LEVEL_L2,
  LEVEL_LLC,
  LEVEL_MEMORY,
  NR_LEVELS,
  OWNER_HOT_ADDED,
  RW_READ,
} from "../../assembly/layout/touch.ts";
import {
  addTouchCounts,
  demandIndex,
  type EventRun,
  type EventStretch,
  emptyTouchCounts,
  type HotplugPass,
} from "../counts.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import { blockWork, PRICED_AS, type PricedPass, passInstructions } from "./instructions.ts";
import {
  type EventPassPrice,
  type MachineSamples,
  type PassInput,
  type Price,
  priceInTurn,
  totalInTurn,
} from "./price.ts";
import { pricedOnce } from "./pricedOnce.ts";
import type { Estimate } from "./sample.ts";
import {
  LINES_PER_PAGEBLOCK,
  type WalkCaches,
  type WalkLevels,
  walkedPageblocks,
  walkLevels,
  walkLookInstructions,
} from "./zoneContiguous.ts";

/** One hotplug event, priced: the sum of its passes, which run one after the other. */
export interface EventPrice {
  readonly run: EventRun;
  readonly price: Price;
  readonly passes: readonly EventPassPrice[];
  /** The longest stretch of one block without a scheduling point. */
  readonly longestStretch: Estimate;
}

/** What of a plan decides what its events cost. */
type PricedPlan = Pick<HotplugPlan, "nrBlocks" | "blockPages" | "memmapBytes" | "zoneContiguous" | "zone">;

/** What of the machine decides, beside its draws. */
export interface EventHost extends WalkCaches {
  /** Pages are cleared when they are allocated. */
  readonly initOnAlloc: boolean;
}

const NO_TOUCHES = emptyTouchCounts();
const NO_STRETCH: Estimate = { value: 0, interval: [0, 0] };

/**
 * Passes over one block are as far apart as its struct pages are long, 2 MiB for 128 MiB and 32 MiB for 2 GiB: the next
 * begins when the one before has ended, so that neither its instructions nor its lines hide in those of another.
 *
 * @param selfHosted the counts are of a memmap on the memory, whose zone is walked twice
 */
export function priceEvent(
  run: EventRun,
  plan: PricedPlan,
  samples: MachineSamples,
  selfHosted: boolean,
  host: EventHost,
): EventPrice {
  const { nrBlocks, blockPages, memmapBytes, zoneContiguous } = plan;
  const { online, offline } = plan.zone;
  const key = [nrBlocks, blockPages, memmapBytes, zoneContiguous, online, offline, selfHosted, host];
  return eventOnce(samples, run, key, () => newEvent(run, plan, samples, selfHosted, host));
}

const eventOnce = pricedOnce<EventPrice>();

function newEvent(
  run: EventRun,
  plan: PricedPlan,
  samples: MachineSamples,
  selfHosted: boolean,
  host: EventHost,
): EventPrice {
  const { total, passes } = priceInTurn(eventPasses(run, plan, selfHosted, host), samples);
  const stretches = run.stretches.map((stretch) => totalInTurn(stretchPasses(stretch, run, plan), samples));
  const longest = stretches.reduce<(typeof stretches)[number] | undefined>(
    (most, one) => (one.ns > (most?.ns ?? 0) ? one : most),
    undefined,
  );
  return { run, price: total, passes, longestStretch: longest?.drawn() ?? NO_STRETCH };
}

function eventPasses(run: EventRun, plan: PricedPlan, selfHosted: boolean, host: EventHost): PassInput[] {
  const { event, recordedKernel: kernel, nrPages } = run;
  const { memmapBytes, nrBlocks, blockPages } = plan;
  const loops = loopPasses(run.passes, nrPages, kernel, memmapBytes);
  const zoneWalk = event === "offline" ? plan.zone.offline : plan.zone.online;
  const walked = walkedPageblocks(event, nrBlocks, blockPages, selfHosted, plan.zoneContiguous, zoneWalk);
  const walkInstructions = walked * walkLookInstructions(kernel);
  const walk: PassInput = {
    name: "zone-contiguous walk",
    counts: walkCounts(run.passes, walkLevels(nrBlocks, blockPages, host, zoneWalk)),
    options: {
      instructions: walkInstructions,
      memmapBytes,
      // Two lines of each pageblock, whose addresses follow from its number.
      pattern: { distance: walkLookInstructions(kernel) / LINES_PER_PAGEBLOCK, lockedShare: 0 },
    },
  };
  const work = blockWork(event, nrBlocks, (nrBlocks * blockPages) / SECTION_PAGES, kernel);
  // vmemmap_alloc_block() asks for no zeroes (mm/sparse-vmemmap.c); a memmap on the memory is not allocated.
  const isCleared = host.initOnAlloc && !selfHosted && event === "add";
  const clear: PassInput = { name: "clear of the memmap", counts: NO_TOUCHES, options: { clearedBytes: memmapBytes } };
  return [
    ...(isCleared ? [clear] : []),
    ...loops,
    ...(walked > 0 ? [walk] : []),
    ...work.map(({ name, instructions }) => ({ name, counts: NO_TOUCHES, options: { instructions } })),
  ];
}

/** A stretch runs its passes' share of the instructions; walks have scheduling points of their own. */
function stretchPasses({ passes, nrPages }: EventStretch, run: EventRun, plan: PricedPlan): PassInput[] {
  return loopPasses(passes, nrPages, run.recordedKernel, plan.memmapBytes);
}

function loopPasses(
  passes: readonly HotplugPass[],
  nrPages: number,
  kernel: EventRun["recordedKernel"],
  memmapBytes: number,
): PassInput[] {
  const names = [...new Set(passes.map(({ name }) => PRICED_AS[name]))];
  return names.flatMap((name: PricedPass) => {
    const counts = emptyTouchCounts();
    for (const pass of passes)
      if (PRICED_AS[pass.name] === name) addTouchCounts(counts, ownCounts(pass, HAS_WALK.has(pass.name)));
    const instructions = passInstructions(name, nrPages, kernel);
    const touched = counts.demand.some((count) => count > 0);
    return touched || instructions > 0 ? [{ name, counts, options: { instructions, memmapBytes } }] : [];
  });
}

/** Passes behind which set_zone_contiguous() looks at the zone: those of its touches that are no stream are the walk's. */
const HAS_WALK: ReadonlySet<string> = new Set(["self-hosted init", "init", "leave zone"]);

const isStream = (index: number): boolean => Math.floor(index / NR_LEVELS) >> ATTR_CLASS_SHIFT === CLASS_STREAM;

function ownCounts({ counts }: HotplugPass, withoutWalk: boolean): HotplugPass["counts"] {
  if (!withoutWalk) return counts;
  return { ...counts, demand: counts.demand.map((count, i) => (isStream(i) ? count : 0)) };
}

/** Looks as counted, served as `walkLevels` says: the sets of the counting caches know no hashed index. */
function walkCounts(passes: readonly HotplugPass[], levels: WalkLevels): HotplugPass["counts"] {
  let looks = 0;
  for (const { name, counts } of passes)
    if (HAS_WALK.has(name)) for (let i = 0; i < NR_DEMAND; i++) if (!isStream(i)) looks += counts.demand[i]!;
  const walk = emptyTouchCounts();
  const served = (level: number): number => demandIndex(CLASS_INDEPENDENT, OWNER_HOT_ADDED, RW_READ, level);
  walk.demand[served(LEVEL_L2)] = levels.l2 * looks;
  walk.demand[served(LEVEL_LLC)] = levels.llc * looks;
  walk.demand[served(LEVEL_MEMORY)] = levels.memory * looks;
  return walk;
}
