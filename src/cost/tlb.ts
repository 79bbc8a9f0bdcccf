import type { HostDraw } from "./draws.ts";

/** How the vmemmap is mapped. x86 populates by 2 MiB; without a free 2 MiB of DRAM it falls back to pages. */
export type VmemmapMapping = "pmd" | "base";

const BYTES_PER_ENTRY: Readonly<Record<VmemmapMapping, number>> = { pmd: 2 * 1024 * 1024, base: 4096 };

/** Share of random touches of `memmapBytes` that miss the second-level TLB (uniform touches, LRU). */
export function stlbMissShare(memmapBytes: number, mapping: VmemmapMapping, host: HostDraw): number {
  const nrEntries = mapping === "pmd" ? host.nrStlbHugeEntries : host.nrStlbEntries;
  const reachBytes = nrEntries * BYTES_PER_ENTRY[mapping];
  return memmapBytes <= reachBytes ? 0 : 1 - reachBytes / memmapBytes;
}

/** Page walks of `nrTouches` random touches whose walks do not overlap. */
export function pageWalksNs(nrTouches: number, memmapBytes: number, mapping: VmemmapMapping, host: HostDraw): number {
  return nrTouches * stlbMissShare(memmapBytes, mapping, host) * host.pageWalkNs;
}
