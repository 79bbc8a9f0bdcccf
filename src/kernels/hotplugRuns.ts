import { addTouchCounts, type EventRun, emptyTouchCounts, type HotplugRuns } from "../counts.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { HotplugEvent, Scenario } from "../scenario/scenario.ts";
import type { CacheGeometry } from "./cache.ts";
import { Hotplug } from "./hotplug.ts";
import { addBlock, offlineBlock, onlineBlock } from "./hotplugBlock.ts";

/** Counts the events of a scenario over one device, in both placements where both are allowed. */
export function countHotplug(plan: HotplugPlan, scenario: Scenario, caches: CacheGeometry): HotplugRuns {
  return {
    dram: countPlacement(plan, scenario, caches, false),
    onMemory: plan.placement.selfHosted ? countPlacement(plan, scenario, caches, true) : undefined,
  };
}

function countPlacement(plan: HotplugPlan, scenario: Scenario, caches: CacheGeometry, selfHosted: boolean) {
  const { blockPages, nrBlocks } = plan;
  const recordedKernel = recordedKernelOf(scenario.kernel.version);
  const zone = scenario.events.includes("online_kernel") ? "kernel" : "movable";
  const walked = Math.min(nrBlocks, 3);
  const hotplug = new Hotplug({
    kernel: recordedKernel,
    blockPages,
    nrBlocks: walked,
    zone,
    debugVm: scenario.kernel.debugVm,
    caches,
  });
  return scenario.events.map((event): EventRun => {
    const perBlock = [];
    for (let block = 0; block < walked; block++) {
      runEvent(hotplug, event, block, selfHosted);
      perBlock.push(hotplug.takeCounts());
    }
    const counts = emptyTouchCounts();
    const sums = { loads: 0, stores: 0, touches: 0 };
    perBlock.forEach((block, i) => {
      const times = i === walked - 1 ? nrBlocks - walked + 1 : 1;
      addTouchCounts(counts, block.counts, times);
      sums.loads += times * block.loads;
      sums.stores += times * block.stores;
      sums.touches += times * block.touches;
    });
    return { event, recordedKernel, nrPages: nrBlocks * blockPages, ...sums, counts, longestStretchPages: blockPages };
  });
}

function runEvent(hotplug: Hotplug, event: HotplugEvent, block: number, selfHosted: boolean): void {
  if (event === "add") addBlock(hotplug, block);
  else if (event === "offline") offlineBlock(hotplug, block, selfHosted);
  else if (event !== "remove") onlineBlock(hotplug, block, selfHosted);
}

/** 6.11 moved page types and dropped PG_reserved of hot-added pages: from then on 6.12 is the nearer recording. */
function recordedKernelOf(version: string): "6.1" | "6.12" {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 11) ? "6.12" : "6.1";
}
