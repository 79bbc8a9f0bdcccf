// Which blocks were online before a recorded hotplug operation, in which zone, hosting their memmap or not.

import { recordedKernelOf } from "../../linux/recordedKernels.ts";
import type { RecordedZone, RecordingSummary } from "../../recording/recordingSummary.ts";
import type { ZoneKind } from "../../wasm/memmapRegions.ts";
import type { IdleHotplug, IdleOperation, OnlineBlock } from "../hotplug/idleTraffic.ts";

const BLOCK_PAGES = 32768;
/** Pages of a 128 MiB block that hold its own memmap. */
const VMEMMAP_PAGES = 512;

export interface RecordedIdleOperation {
  readonly op: IdleOperation;
  /** As sysfs numbers blocks. */
  readonly block: number;
  readonly selfHosted: boolean;
}

/**
 * The state that a recording's summary tells, for `idleHotplugTraffic`. A summary says how many pages of a zone are
 * memmap (present, not managed) but not of which blocks: the first ones are taken, and the order of addresses as the
 * order of onlining. Neither changes more than a few touches of list neighbours.
 */
export function idleHotplugOf(operation: RecordedIdleOperation, summary: RecordingSummary): IdleHotplug {
  const startPfn = summary.hotAdded.pfnFrom;
  const first = startPfn / BLOCK_PAGES;
  const online = summary.hotBlocksBefore.filter(({ state, block }) => state === "online" && block >= first);
  const zoneOf = (validZones: string): ZoneKind => (validZones.startsWith("Movable") ? "movable" : "kernel");
  const onlineBefore = (["movable", "kernel"] as const).flatMap((zone): OnlineBlock[] => {
    const blocks = online.filter(({ validZones }) => zoneOf(validZones) === zone).sort((a, b) => a.block - b.block);
    const zones = summary.zonesBefore.filter(
      (row) => isHotZone(row, startPfn) && (row.zone === "Movable") === (zone === "movable"),
    );
    const memmapPages = zones.reduce((sum, { present, managed }) => sum + present - managed, 0);
    return blocks.map(({ block }, i) => ({
      block: block - first,
      selfHosted: block === operation.block ? operation.selfHosted : i < Math.round(memmapPages / VMEMMAP_PAGES),
      zone,
    }));
  });
  return {
    kernel: recordedKernelOf(summary.kernel),
    operation: operation.op,
    block: operation.block - first,
    selfHosted: operation.selfHosted,
    startPfn,
    onlineBefore,
  };
}

function isHotZone({ startPfn }: RecordedZone, from: number): boolean {
  return startPfn !== undefined && startPfn >= from;
}
