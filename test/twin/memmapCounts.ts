// What the slow hotplug did: its visits summed, its pages as bytes.
import type { ReferenceZone, Visit } from "./memmapZone.ts";

export interface ReferenceCounts {
  readonly loads: number;
  readonly stores: number;
  readonly touches: number;
  readonly byFunction: Readonly<Record<string, readonly [loads: number, stores: number]>>;
  /** One [pfn, wrote] per touch, in order. */
  readonly trace: readonly (readonly [pfn: number, wrote: boolean])[];
}

/** Visits to one page in a row are one touch. */
export function countVisits(visits: readonly Visit[]): ReferenceCounts {
  const byFunction: Record<string, [number, number]> = {};
  const trace: [number, boolean][] = [];
  const sums = { loads: 0, stores: 0 };
  for (const { pfn, kernelFunction, loads, stores } of visits) {
    const own = byFunction[kernelFunction] ?? [0, 0];
    byFunction[kernelFunction] = [own[0] + loads, own[1] + stores];
    sums.loads += loads;
    sums.stores += stores;
    const last = trace.at(-1);
    if (last?.[0] === pfn) last[1] ||= stores > 0;
    else trace.push([pfn, stores > 0]);
  }
  return { ...sums, touches: trace.length, byFunction, trace };
}

/** The struct pages of [startPfn, startPfn + nrPages), 64 bytes each; pages never initialised are zero. */
export function imageOf(zone: ReferenceZone, startPfn: number, nrPages: number): Uint8Array {
  const bytes = new Uint8Array(nrPages * 64);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < nrPages; i++) {
    const page = zone.pages.get(startPfn + i);
    if (!page) continue;
    view.setBigUint64(i * 64, page.flags, true);
    view.setBigUint64(i * 64 + 8, page.next, true);
    view.setBigUint64(i * 64 + 16, page.prev, true);
    view.setBigUint64(i * 64 + 40, page.private, true);
    view.setUint32(i * 64 + 48, page.type, true);
    view.setUint32(i * 64 + 52, page.refcount, true);
  }
  return bytes;
}
