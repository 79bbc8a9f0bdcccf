// A whole device through add, online, offline and remove, block by block; or the same counts from a smaller device,
// where they are provably periodic.
import type { HotplugPassName } from "../../counts.ts";
import { Hotplug } from "../../wasm/memmap.ts";
import type { HotplugOptions, ZoneKind } from "../../wasm/memmapRegions.ts";
import { addBlock, materialiseBlock, offlineBlock, onlineBlock, removeIdleBlock, vmemmapPages } from "./block.ts";
import { addWalkCounts, extrapolate, noWalkCounts, periodOf, type WalkCounts } from "./period.ts";

export type WalkEvent = "add" | "online" | "offline" | "remove";

export interface WalkOptions extends Omit<HotplugOptions, "streamRecords"> {
  readonly selfHosted: boolean;
  /** In this order, each over all blocks in ascending order. */
  readonly events: readonly WalkEvent[];
  /** Into which zone each of the events onlines, where it does. @default `zone` for all */
  readonly zones?: readonly (ZoneKind | undefined)[];
  /** "full": every block of the device; "periodic": as few as the period needs. @default "periodic" */
  readonly method?: "full" | "periodic";
}

/** What one event did to the struct pages of all blocks. */
export interface WalkPhase extends WalkCounts {
  readonly event: WalkEvent;
  /** Pages whose struct pages it works on. */
  readonly nrPages: number;
  readonly passes: readonly WalkPass[];
  /** Blocks whose passes were run: all, or those of the smaller device that the rest follows from. */
  readonly nrWalked: number;
  /** Of one block: the stretches without a reschedule point. The longest in time is one of them. */
  readonly stretches: readonly WalkStretch[];
}

/** One pass, of all blocks or of one. */
export interface WalkPass extends WalkCounts {
  readonly name: HotplugPassName;
}

export interface WalkStretch extends WalkCounts {
  readonly passes: readonly WalkPass[];
  /** Pages handled between two reschedule points. */
  readonly nrPages: number;
}

/**
 * Parts between which no reschedule point lies. Init and the contiguity walk have one per pageblock; the free pass
 * and the undoing of isolation have none, nor has isolation, nor the scan with what follows it (mm/memory_hotplug.c,
 * mm/page_isolation.c, 6.1 and 6.12; the notifiers between the groups may sleep).
 */
const STRETCHES: Readonly<Record<WalkEvent, readonly (readonly HotplugPassName[])[]>> = {
  add: [],
  online: [["free pass", "undo isolation"]],
  offline: [["isolate"], ["scan"]],
  remove: [],
};

/**
 * Counts the events of a device. Both methods give the same numbers: "periodic" walks a smaller device, long enough
 * for its caches to settle, and adds the blocks between as an arithmetic series, because only the contiguity walk
 * differs from block to block; if the series is not one, it walks all blocks.
 *
 * @error InputError for a geometry or a range that cannot be planned
 */
export function walkHotplug(options: WalkOptions): WalkPhase[] {
  const { nrBlocks, blockPages, caches, method = "periodic" } = options;
  const period = periodOf(caches, blockPages);
  const enough = 2 * period.settled + 4 * period.repeats;
  const beyond = Math.floor((nrBlocks - enough) / period.repeats) * period.repeats;
  if (method === "full" || beyond <= 0) return walkBlocks(options).map(sumPhase(options));
  const walked = walkBlocks({ ...options, nrBlocks: nrBlocks - beyond });
  const phases = walked.map((phase) => {
    const anchor = phase.event === "offline" ? "end" : "start";
    const sums = namesOf(phase).map((name, i) => {
      const total = extrapolate(
        phase.blocks.map((passes) => passes[i]!),
        period,
        beyond / period.repeats,
        anchor,
      );
      return total && { name, ...total };
    });
    return sums.every((sum) => sum !== undefined) ? phaseOf(options, phase, sums) : undefined;
  });
  if (phases.every((phase) => phase !== undefined)) return phases;
  return walkBlocks(options).map(sumPhase(options));
}

interface WalkedPhase {
  readonly event: WalkEvent;
  /** Block by block, the same passes in each. */
  readonly blocks: readonly (readonly WalkPass[])[];
  readonly stretches: readonly WalkStretch[];
}

const namesOf = ({ blocks }: WalkedPhase): readonly HotplugPassName[] => (blocks[0] ?? []).map(({ name }) => name);

function walkBlocks(options: WalkOptions): WalkedPhase[] {
  const hotplug = new Hotplug(options);
  return options.events.map((event, i) => {
    const zone = options.zones?.[i];
    if (zone !== undefined) hotplug.enterZone(zone);
    return walkEvent(hotplug, options, event);
  });
}

function walkEvent(hotplug: Hotplug, options: WalkOptions, event: WalkEvent): WalkedPhase {
  const blocks: (readonly WalkPass[])[] = [];
  for (let block = 0; block < hotplug.nrBlocks; block++) {
    if (event === "offline" && options.materialise !== false) materialiseBlock(hotplug, block, options.selfHosted);
    blocks.push(runPasses(hotplug, options, event, block));
  }
  return {
    event,
    blocks,
    stretches: stretchesOf(hotplug, options, event, blocks[Math.floor(blocks.length / 2)] ?? []),
  };
}

function runBlock(
  hotplug: Hotplug,
  options: WalkOptions,
  event: WalkEvent,
  block: number,
  after?: (part: HotplugPassName) => void,
): void {
  if (event === "add") addBlock(hotplug, block, options.selfHosted, after);
  else if (event === "online") onlineBlock(hotplug, block, options.selfHosted, after);
  else if (event === "offline") offlineBlock(hotplug, block, options.selfHosted, after);
  else removeIdleBlock(hotplug, block, options.selfHosted);
}

/** What follows the last pass (a touch that was open) is counted with it; so is one that is open between two. */
function runPasses(hotplug: Hotplug, options: WalkOptions, event: WalkEvent, block: number): WalkPass[] {
  const passes: WalkPass[] = [];
  runBlock(hotplug, options, event, block, (name) => passes.push({ name, ...hotplug.takePartTotals() }));
  const rest = hotplug.takeTotals();
  const last = passes.pop();
  if (last !== undefined) passes.push({ name: last.name, ...sumOf([last, rest]) });
  return passes;
}

function stretchesOf(
  hotplug: Hotplug,
  options: WalkOptions,
  event: WalkEvent,
  block: readonly WalkPass[],
): WalkStretch[] {
  const nrPages = hotplug.blockPages - vmemmapPages(hotplug.blockPages, options.selfHosted);
  return STRETCHES[event].map((names) => {
    const passes = block.filter((pass) => names.includes(pass.name));
    return { passes, nrPages, ...sumOf(passes) };
  });
}

function sumOf(counts: readonly WalkCounts[]): WalkCounts {
  const sum = noWalkCounts();
  for (const one of counts) addWalkCounts(sum, one);
  return sum;
}

function sumPhase(options: WalkOptions): (phase: WalkedPhase) => WalkPhase {
  return (phase) => {
    const sums = namesOf(phase).map((name, i) => ({ name, ...sumOf(phase.blocks.map((passes) => passes[i]!)) }));
    return phaseOf(options, phase, sums);
  };
}

function phaseOf(options: WalkOptions, phase: WalkedPhase, passes: readonly WalkPass[]): WalkPhase {
  const { event, stretches } = phase;
  const nrPages = options.nrBlocks * options.blockPages;
  return { event, nrPages, nrWalked: phase.blocks.length, passes, stretches, ...sumOf(passes) };
}
