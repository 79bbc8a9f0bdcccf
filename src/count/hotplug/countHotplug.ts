import { PAGE_SHIFT, STRUCT_PAGE_BYTES } from "../../../assembly/layout/layout.ts";
import type { EventRun, HotplugRuns } from "../../counts.ts";
import { InputError } from "../../errors.ts";
import { dramFit } from "../../hotplug/dramFit.ts";
import type { HotplugPlan } from "../../hotplug/plan.ts";
import { hotplugKernelOf } from "../../linux/hotplugKernel.ts";
import type { HotplugEvent, Scenario } from "../../scenario/scenario.ts";
import type { CacheGeometry } from "../../wasm/cache.ts";
import type { ZoneKind } from "../../wasm/memmapRegions.ts";
import { type WalkEvent, walkHotplug } from "./walk.ts";

/** Counts the events of a scenario over one device, in each placement that is possible. */
export function countHotplug(plan: HotplugPlan, scenario: Scenario, caches: CacheGeometry): HotplugRuns {
  checkWalkable(plan, scenario);
  const { fits } = dramFit(plan, scenario.machine.dramBytes);
  return {
    dram: fits ? countPlacement(plan, scenario, caches, false) : undefined,
    onMemory: plan.placement.selfHosted ? countPlacement(plan, scenario, caches, true) : undefined,
  };
}

/**
 * The passes here walk struct pages of 64 bytes, one for each 4 KiB page, as they were recorded.
 *
 * @error InputError for another layout: placement is known for it, times are not
 */
function checkWalkable(plan: HotplugPlan, scenario: Scenario): void {
  const { arch, structPageBytes } = scenario.machine;
  if (plan.pageBytes === PAGE_BYTES && structPageBytes === STRUCT_PAGE_BYTES) return;
  throw new InputError({
    what: `times are modelled for 4 KiB pages and struct pages of 64 bytes, not for ${arch} with ${plan.pageBytes / 1024} KiB and ${structPageBytes} bytes`,
    expected:
      "machine.arch with 4 KiB pages and machine.struct_page_bytes 64; altmap explain knows the placement of the others",
    example: "altmap explain scenario.yaml",
  });
}

const PAGE_BYTES = 1 << PAGE_SHIFT;

const WALK_EVENTS: Readonly<Record<HotplugEvent, WalkEvent>> = {
  add: "add",
  online_movable: "online",
  online_kernel: "online",
  offline: "offline",
  remove: "remove",
};

const ONLINE_ZONES: Partial<Record<HotplugEvent, ZoneKind>> = { online_movable: "movable", online_kernel: "kernel" };

function countPlacement(plan: HotplugPlan, scenario: Scenario, caches: CacheGeometry, selfHosted: boolean): EventRun[] {
  const recordedKernel = hotplugKernelOf(scenario.kernel.version);
  const phases = walkHotplug({
    kernel: recordedKernel,
    blockPages: plan.blockPages,
    nrBlocks: plan.nrBlocks,
    debugVm: scenario.kernel.debugVm,
    caches,
    selfHosted,
    events: scenario.events.map((event) => WALK_EVENTS[event]),
    zones: scenario.events.map((event) => ONLINE_ZONES[event]),
    materialise: false,
    sampleClasses: true,
  });
  return phases.map(({ event: _, ...phase }, i): EventRun => {
    const event = scenario.events[i];
    if (event === undefined) throw new RangeError("a phase without an event");
    return { event, recordedKernel, ...phase };
  });
}
