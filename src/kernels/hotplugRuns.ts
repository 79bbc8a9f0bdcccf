import type { HotplugRuns } from "../counts.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { CacheGeometry } from "./cache.ts";

export function countHotplug(_plan: HotplugPlan, _scenario: Scenario, _geometry: CacheGeometry): HotplugRuns {
  throw new Error("not yet");
}
