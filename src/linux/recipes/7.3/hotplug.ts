import type { HotplugRecipe } from "../../hotplugRecipe.ts";
import { HOTPLUG_7_2 } from "../7.2/hotplug.ts";

/** Recorded to be the same. */
export const HOTPLUG_7_3: HotplugRecipe = { ...HOTPLUG_7_2, kernel: "7.3.4" };
