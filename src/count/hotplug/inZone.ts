// What a device's hotplug counts when other devices share its zone.
import { addTouchCounts, type EventRun, emptyTouchCounts, type HotplugPass, type TouchCounts } from "../../counts.ts";
import type { HotplugPlan } from "../../hotplug/plan.ts";

/**
 * The last n blocks of a zone of b + n are counted as what b + n blocks count beyond b: the passes of a block depend on
 * those before it, not on those behind it. Where a hole ends the walk before the device, each of its n blocks counts
 * what block b + 1 does.
 *
 * @param walk counts all events over a zone of so many blocks; nothing for 0
 */
export function inZone(
  { nrBlocks, zone }: Pick<HotplugPlan, "nrBlocks" | "zone">,
  walk: (nrBlocks: number) => readonly EventRun[],
): readonly EventRun[] {
  return walk(nrBlocks).map((run, i) => {
    const { before, grows } = run.event === "offline" ? zone.offline : zone.online;
    if ((before === 0 && grows) || run.event === "add" || run.event === "remove") return run;
    const [upTo, times] = grows ? [before + nrBlocks, 1] : [before + 1, nrBlocks];
    return beyond(run, walk(upTo)[i]!, walk(before)[i], times);
  });
}

/** `times` x (longer - shorter), as counts of `run`. */
function beyond(run: EventRun, longer: EventRun, shorter: EventRun | undefined, times: number): EventRun {
  const number = (key: "loads" | "stores" | "touches"): number => times * (longer[key] - (shorter?.[key] ?? 0));
  const counts = (one: TouchCounts, other: TouchCounts | undefined): TouchCounts => {
    const sum = emptyTouchCounts();
    addTouchCounts(sum, one, times);
    if (other !== undefined) addTouchCounts(sum, other, -times);
    return sum;
  };
  const passes = longer.passes.map((pass, p): HotplugPass => {
    const before = shorter?.passes[p];
    const touches = times * (pass.touches - (before?.touches ?? 0));
    return { ...pass, touches, counts: counts(pass.counts, before?.counts) };
  });
  return {
    ...run,
    passes,
    loads: number("loads"),
    stores: number("stores"),
    touches: number("touches"),
    counts: counts(longer.counts, shorter?.counts),
  };
}
