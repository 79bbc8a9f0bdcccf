import { PAGE_BYTES } from "../../../assembly/layout/structPage.ts";
import type { CacheGeometry, EventRun, HotplugRuns } from "../../counts.ts";
import { InputError } from "../../errors.ts";
import { dramFit } from "../../hotplug/dramFit.ts";
import type { HotplugPlan } from "../../hotplug/plan.ts";
import type { HotplugKernel } from "../../linux/hotplugKernel.ts";
import type { HotplugEvent } from "../../scenario/scenario.ts";
import type { ZoneKind } from "../../wasm/memmapRegions.ts";
import { countedOnceNow, type PartNow } from "../countedOnce.ts";
import { inZone } from "./inZone.ts";
import { type WalkEvent, type WalkOptions, type WalkPhase, walkHotplug } from "./walk.ts";

/** What happens to a device, and whose code runs. */
export interface HotplugLife {
  readonly kernel: HotplugKernel;
  /** CONFIG_DEBUG_VM. */
  readonly debugVm: boolean;
  /** Of the machine: a memmap that does not fit there is not counted there. */
  readonly dramBytes: number;
  /** Events of the whole device, in order. */
  readonly phases: readonly HotplugEvent[];
}

/**
 * Counts each phase of one device's life, in each placement that is possible.
 *
 * @error InputError for pages or struct pages of another size than those that were recorded
 */
export function countHotplug(plan: HotplugPlan, life: HotplugLife, caches: CacheGeometry): HotplugRuns {
  checkWalkable(plan);
  const { fits } = dramFit(plan, life.dramBytes);
  return {
    dram: fits ? inItsZone(plan, life, caches, false) : undefined,
    onMemory: plan.canSelfHost ? inItsZone(plan, life, caches, true) : undefined,
  };
}

/** Whether times are modelled for pages of this size. */
export function isWalkable({ pageBytes }: HotplugPlan): boolean {
  return pageBytes === PAGE_BYTES;
}

/**
 * The passes here walk one struct page for each 4 KiB page, as they were recorded.
 *
 * @error InputError for another page size: placement is known for it, times are not
 */
function checkWalkable(plan: HotplugPlan): void {
  if (isWalkable(plan)) return;
  const { architecture, pageBytes } = plan;
  throw new InputError({
    what: `times are modelled for 4 KiB pages, not for ${architecture} with ${pageBytes / 1024} KiB`,
    expected: "machine.arch with 4 KiB pages; altmap explain knows the placement of the others",
    example: "altmap explain scenario.yaml",
  });
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
  checkWalkable(plan);
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
  const eventRun = ({ event: _, ...phase }: WalkPhase, i: number): EventRun => {
    const event = life.phases[i];
    if (event === undefined) throw new RangeError("a phase without an event");
    return { event, recordedKernel: life.kernel, ...phase };
  };
  return { key: ["hotplug", walk, life.phases], count: () => walkHotplug(walk).map(eventRun) };
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
    blockPages: plan.blockPages,
    nrBlocks: plan.nrBlocks,
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
