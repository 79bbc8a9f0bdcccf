// The hotplug recipes of every recorded kernel.
import type { HotplugRecipe } from "./hotplugRecipe.ts";
import { HOTPLUG_6_1 } from "./recipes/6.1/hotplug.ts";
import { HOTPLUG_6_12 } from "./recipes/6.12/hotplug.ts";
import { HOTPLUG_6_16 } from "./recipes/6.16/hotplug.ts";
import { HOTPLUG_6_17 } from "./recipes/6.17/hotplug.ts";
import { HOTPLUG_6_18 } from "./recipes/6.18/hotplug.ts";
import { HOTPLUG_7_2 } from "./recipes/7.2/hotplug.ts";
import { HOTPLUG_7_3 } from "./recipes/7.3/hotplug.ts";
import type { RecordedKernel } from "./recordedKernels.ts";

export const HOTPLUG_RECIPES: Readonly<Record<RecordedKernel, HotplugRecipe>> = {
  "6.1": HOTPLUG_6_1,
  "6.12": HOTPLUG_6_12,
  "6.16": HOTPLUG_6_16,
  "6.17": HOTPLUG_6_17,
  "6.18": HOTPLUG_6_18,
  "7.2": HOTPLUG_7_2,
  "7.3": HOTPLUG_7_3,
};
