import type { EventRun, HotplugRuns } from "../counts.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { HotplugEvent, Scenario } from "../scenario/scenario.ts";
import type { CacheGeometry } from "./cache.ts";
import { hotplugKernelOf } from "./hotplugKernel.ts";
import { type WalkEvent, walkHotplug } from "./hotplugWalk.ts";

/** Counts the events of a scenario over one device, in both placements where both are allowed. */
export function countHotplug(plan: HotplugPlan, scenario: Scenario, caches: CacheGeometry): HotplugRuns {
  return {
    dram: countPlacement(plan, scenario, caches, false),
    onMemory: plan.placement.selfHosted ? countPlacement(plan, scenario, caches, true) : undefined,
  };
}

const WALK_EVENTS: Readonly<Record<HotplugEvent, WalkEvent>> = {
  add: "add",
  online_movable: "online",
  online_kernel: "online",
  offline: "offline",
  remove: "remove",
};

function countPlacement(plan: HotplugPlan, scenario: Scenario, caches: CacheGeometry, selfHosted: boolean): EventRun[] {
  const recordedKernel = hotplugKernelOf(scenario.kernel.version);
  const phases = walkHotplug({
    kernel: recordedKernel,
    blockPages: plan.blockPages,
    nrBlocks: plan.nrBlocks,
    zone: scenario.events.includes("online_kernel") ? "kernel" : "movable",
    debugVm: scenario.kernel.debugVm,
    caches,
    selfHosted,
    events: scenario.events.map((event) => WALK_EVENTS[event]),
    materialise: false,
    sampleClasses: true,
  });
  return phases.map(({ event: _, ...phase }, i): EventRun => {
    const event = scenario.events[i];
    if (event === undefined) throw new RangeError("a phase without an event");
    return { event, recordedKernel, ...phase };
  });
}
