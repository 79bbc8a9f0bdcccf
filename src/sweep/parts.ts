import type { CountPart } from "../count/countedOnce.ts";
import { jobsOf } from "../count/countJobs.ts";
import { hotplugParts } from "../count/hotplug/countHotplug.ts";
import { prepare } from "../simulate.ts";
import type { SweepPoint } from "./plan.ts";

/** All that is counted for a point, in an order that depends on the point alone: each by itself, under its key. */
export function partsOf({ scenario, own }: SweepPoint): readonly CountPart<unknown>[] {
  const { plans, counting, life } = prepare(scenario, own);
  return [
    ...jobsOf(counting).flatMap(({ parts }) => parts),
    ...plans.flatMap((plan) => hotplugParts(plan, life, counting.geometry)),
  ];
}

/**
 * Fields of a device that price and never count: points that differ in these alone share all counts. Of the others it
 * is looked up what they share.
 */
const COUNTED_DEVICE_FIELDS: ReadonlySet<string> = new Set(["device.capacity", "device.memoryBlock"]);

/** Points of the same text share all counts; those of different texts may. */
export function sharedText(inputs: ReadonlyMap<string, unknown>): string {
  const counted = [...inputs].filter(([key]) => !key.startsWith("device.") || COUNTED_DEVICE_FIELDS.has(key));
  return JSON.stringify(counted);
}
