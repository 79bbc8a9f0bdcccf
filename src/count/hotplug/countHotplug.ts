import type { CacheGeometry, EventRun, HotplugRuns } from "../../counts.ts";
import { dramFit } from "../../hotplug/dramFit.ts";
import type { HotplugPlan } from "../../hotplug/plan.ts";
import type { RecordedKernel } from "../../linux/recordedKernels.ts";
import type { HotplugEvent } from "../../scenario/scenario.ts";
import type { ZoneKind } from "../../wasm/memmapRegions.ts";
import { countedOnceNow, type PartNow } from "../countedOnce.ts";
import { inZone } from "./inZone.ts";
import { asPlanned, scaleOf, walkedBlocks } from "./otherLayouts.ts";
import { type WalkEvent, type WalkOptions, type WalkPhase, walkHotplug } from "./walk.ts";

/** What happens to a device, and whose code runs. */
export interface HotplugLife {
  readonly kernel: RecordedKernel;
  /** CONFIG_DEBUG_VM. */
  readonly debugVm: boolean;
  /** Of the machine: a memmap that does not fit there is not counted there. */
  readonly dramBytes: number;
  /** Events of the whole device, in order. */
  readonly phases: readonly HotplugEvent[];
}

/**
 * Counts each phase of one device's life, in each placement that is possible. Pages and struct pages of other sizes than
 * those that were recorded are counted as so many of these (`asPlanned`).
 */
export function countHotplug(plan: HotplugPlan, life: HotplugLife, caches: CacheGeometry): HotplugRuns {
  const { fits } = dramFit(plan, life.dramBytes);
  return {
    dram: fits ? inItsZone(plan, life, caches, false) : undefined,
    onMemory: plan.canSelfHost ? inItsZone(plan, life, caches, true) : undefined,
  };
}

const WALK_EVENTS: Readonly<Record<HotplugEvent, WalkEvent>> = {
  add: "add",
  online_movable: "online",
  online_kernel: "online",
  offline: "offline",
  remove: "remove",
};

const ONLINE_ZONES: Partial<Record<HotplugEvent, ZoneKind>> = { online_movable: "movable", online_kernel: "kernel" };

/** What `countHotplug` counts of one device, each placement by itself. */
export function hotplugParts(
  plan: HotplugPlan,
  life: HotplugLife,
  caches: CacheGeometry,
): readonly PartNow<readonly EventRun[]>[] {
  return [
    ...(dramFit(plan, life.dramBytes).fits ? [hotplugPart(plan, life, caches, false)] : []),
    ...(plan.canSelfHost ? [hotplugPart(plan, life, caches, true)] : []),
  ];
}

/** The counts of one placement, in the zone that the device shares. */
function inItsZone(
  plan: HotplugPlan,
  life: HotplugLife,
  caches: CacheGeometry,
  selfHosted: boolean,
): readonly EventRun[] {
  const walk = (nrBlocks: number): readonly EventRun[] =>
    nrBlocks === 0 ? [] : countedOnceNow(hotplugPart({ ...plan, nrBlocks }, life, caches, selfHosted));
  return inZone(plan, walk);
}

function hotplugPart(
  plan: HotplugPlan,
  life: HotplugLife,
  caches: CacheGeometry,
  selfHosted: boolean,
): PartNow<readonly EventRun[]> {
  const walk = walkOptions(plan, life, caches, selfHosted);
  const scale = scaleOf(plan, walkedBlocks(plan));
  const eventRun = (counts: WalkPhase, i: number): EventRun => {
    const { event: _, ...phase } = asPlanned(counts, scale);
    const event = life.phases[i];
    if (event === undefined) throw new RangeError("a phase without an event");
    return { event, recordedKernel: life.kernel, ...phase };
  };
  return { key: ["hotplug", walk, life.phases, scale], count: () => walkHotplug(walk).map(eventRun) };
}

/** How the life of a device is walked where counts are all that is wanted. */
export function walkOptions(
  plan: HotplugPlan,
  life: HotplugLife,
  caches: CacheGeometry,
  selfHosted: boolean,
): WalkOptions {
  return {
    kernel: life.kernel,
    ...walkedBlocks(plan),
    debugVm: life.debugVm,
    offlineInaccessible: plan.offlineInaccessible,
    zoneContiguous: plan.zoneContiguous,
    caches,
    selfHosted,
    events: life.phases.map((event) => WALK_EVENTS[event]),
    zones: life.phases.map((event) => ONLINE_ZONES[event]),
    materialise: false,
    sampleClasses: true,
  };
}
