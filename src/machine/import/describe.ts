import { formatBytes } from "../../units.ts";
import { belongs } from "./capacity.ts";
import type { DeviceFacts, Measurements } from "./measured.ts";
import type { Target } from "./targets.ts";

/** What else the files say of a memory: capacity, tier, distance, devices. */
export function descriptionOf(target: Target, files: readonly Measurements[], isOnly: boolean): string {
  const parts = [target.label];
  const { node } = target;
  for (const file of files) {
    for (const facts of file.nodes) {
      if (facts.node !== node) continue;
      if (facts.sizeBytes !== undefined) parts.push(formatBytes(facts.sizeBytes.value));
      if (facts.tier !== undefined) parts.push(`memory tier ${facts.tier.value}`);
      const distance = facts.distanceFrom?.[target.from ?? -1];
      if (distance !== undefined) parts.push(`SLIT distance ${distance.value}`);
      if (facts.memorySideCache !== undefined) {
        parts.push(`memory-side cache of ${formatBytes(facts.memorySideCache.sizeBytes.value)}`);
      }
    }
    for (const device of file.devices) if (belongs(device, target, isOnly)) parts.push(describeDevice(device));
  }
  return [...new Set(parts)].join(", ").slice(0, 400);
}

function describeDevice(device: DeviceFacts): string {
  const size = device.sizeBytes === undefined ? "" : ` ${formatBytes(device.sizeBytes.value)}`;
  return `${device.id}${size} (${device.detail})`;
}
