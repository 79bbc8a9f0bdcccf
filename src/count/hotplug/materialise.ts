import type { CacheGeometry, EventRun, HotplugRuns } from "../../counts.ts";
import type { HotplugPlan } from "../../hotplug/plan.ts";
import { type HotplugLife, walkOptions } from "./countHotplug.ts";
import { walkHotplug } from "./walk.ts";
import { liveWholeDevice } from "./wholeDevice.ts";

/**
 * Writes every struct page of a device as the kernel does (init, free, isolation, offline), in each placement that was
 * counted, and walks real struct pages touch by touch: both must count what `countHotplug` counted without them.
 *
 * @return struct pages written
 * @error Error when a struct page is in a wrong state or a count differs: a fault of altmap
 */
export function materialise(plan: HotplugPlan, life: HotplugLife, caches: CacheGeometry, counted: HotplugRuns): number {
  let written = 0;
  for (const [selfHosted, runs] of [
    [false, counted.dram],
    [true, counted.onMemory],
  ] as const) {
    if (runs === undefined) continue;
    const options = walkOptions(plan, life, caches, selfHosted);
    const expected = comparable(runs);
    const whole = comparable(liveWholeDevice(options));
    const touched = comparable(walkHotplug({ ...options, materialise: true, sampleClasses: false }));
    if (whole !== expected || touched !== expected)
      throw new Error(`struct pages of ${plan.nrBlocks} blocks were written, and the counts are others`);
    written += plan.nrBlocks * plan.blockPages;
  }
  return written;
}

/** Counts of all events and passes, whatever else the phases say. */
function comparable(phases: readonly Pick<EventRun, "passes" | "stretches">[]): string {
  return JSON.stringify(
    phases.map(({ passes, stretches }) => ({ passes, stretches })),
    (_, value) =>
      ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number | bigint>, String) : value,
  );
}
