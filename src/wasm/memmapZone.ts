import * as layout from "../../assembly/layout/hotplug.ts";

/** The zone that the blocks are in, as the kernel keeps it. */
export interface ZoneCounts {
  readonly startPfn: number;
  readonly spanned: number;
  readonly managed: number;
  readonly present: number;
  readonly nrIsolate: number;
  readonly contiguous: boolean;
}

/** Reads the zone at `offset` of linear memory. */
export function readZone(memory: DataView, offset: number): ZoneCounts {
  const u32 = (field: number): number => memory.getUint32(offset + field, true);
  return {
    startPfn: u32(layout.ZONE_START_PFN),
    spanned: u32(layout.ZONE_SPANNED),
    managed: u32(layout.ZONE_MANAGED),
    present: u32(layout.ZONE_PRESENT),
    nrIsolate: u32(layout.ZONE_NR_ISOLATE),
    contiguous: u32(layout.ZONE_CONTIGUOUS) !== 0,
  };
}
