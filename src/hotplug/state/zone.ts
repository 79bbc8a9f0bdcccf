import type { FreeLists } from "./freeLists.ts";

/** Zones of one node from low to high; ZONE_DEVICE is no System RAM. */
export const ZONES = ["DMA", "DMA32", "Normal", "Movable"] as const;
export type ZoneName = (typeof ZONES)[number];

/** [startPfn, endPfn) of pages that are online in a zone. */
export interface PfnRange {
  readonly startPfn: number;
  readonly endPfn: number;
}

/** One zone of one node, with the kernel's counters. */
export class Zone {
  readonly nid: number;
  readonly name: ZoneName;
  startPfn = 0;
  spannedPages = 0;
  presentPages = 0;
  /** Present pages of memory that was there at boot: the base of the auto-movable ratio. */
  presentEarlyPages = 0;
  managedPages = 0;
  /** Boot memory kept for contiguous allocation: behaves like ZONE_MOVABLE. */
  cmaPages = 0;
  nrIsolatePageblock = 0;
  /** Undefined for a zone that held boot memory: who uses it is unknown. */
  freeLists: FreeLists | undefined;
  /** Others than the memmaps of this model allocate here: offlining a block may meet them. */
  inUse: boolean;
  /** Others allocated here since the zone was empty: the order of its lists is no longer known. */
  disturbed = false;
  /** Pages that memmaps of later blocks took here since the zone was empty: so many can wait on per-cpu lists. */
  pcpMemmapPages = 0;
  /** Memmaps of later blocks that lie in this zone, nobody knows where. */
  nrUnplacedMemmaps = 0;
  /** Online pages, by which spans shrink. */
  readonly online: PfnRange[] = [];

  constructor(nid: number, name: ZoneName, freeLists: FreeLists | undefined) {
    this.nid = nid;
    this.name = name;
    this.freeLists = freeLists;
    this.inUse = freeLists === undefined;
  }

  get key(): string {
    return `${this.nid}:${this.name}`;
  }

  get endPfn(): number {
    return this.startPfn + this.spannedPages;
  }

  get isPopulated(): boolean {
    return this.presentPages !== 0;
  }

  /** zone_intersects: by span, holes included. */
  intersects(startPfn: number, nrPages: number): boolean {
    return this.spannedPages !== 0 && startPfn < this.endPfn && startPfn + nrPages > this.startPfn;
  }

  /** resize_zone_range. */
  grow(startPfn: number, nrPages: number): void {
    const endPfn = Math.max(this.endPfn, startPfn + nrPages);
    if (this.spannedPages === 0 || startPfn < this.startPfn) this.startPfn = startPfn;
    this.spannedPages = endPfn - this.startPfn;
  }

  /**
   * shrink_zone_span: only a range at an edge moves that edge, to the next page that is still online.
   *
   * @source mm/memory_hotplug.c shrink_zone_span, find_smallest_section_pfn, find_biggest_section_pfn, 6.12
   */
  shrink(startPfn: number, nrPages: number): void {
    const endPfn = startPfn + nrPages;
    if (this.spannedPages === 0) return;
    let [next, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const range of this.online) {
      if (range.endPfn > endPfn) next = Math.min(next, Math.max(range.startPfn, endPfn));
      if (range.startPfn < startPfn) last = Math.max(last, Math.min(range.endPfn, startPfn));
    }
    if (this.startPfn === startPfn) this.#setSpan(next, this.endPfn);
    else if (this.endPfn === endPfn) this.#setSpan(this.startPfn, last);
  }

  /** A range that continues the last one becomes part of it: whole devices go online block by block. */
  addOnline(range: PfnRange): void {
    const last = this.online[this.online.length - 1];
    if (last?.endPfn === range.startPfn) this.online[this.online.length - 1] = { ...last, endPfn: range.endPfn };
    else this.online.push(range);
  }

  /** Takes [startPfn, endPfn) out of what is online, splitting where needed. */
  removeOnline({ startPfn, endPfn }: PfnRange): void {
    const kept = this.online.flatMap((range) => {
      const before = { startPfn: range.startPfn, endPfn: Math.min(range.endPfn, startPfn) };
      const after = { startPfn: Math.max(range.startPfn, endPfn), endPfn: range.endPfn };
      return [before, after].filter((part) => part.startPfn < part.endPfn);
    });
    this.online.splice(0, this.online.length, ...kept);
  }

  /** The zone is empty: what others did there is over. */
  forget(): void {
    this.disturbed = false;
    this.pcpMemmapPages = 0;
    this.inUse = this.freeLists === undefined;
  }

  #setSpan(startPfn: number, endPfn: number): void {
    const empty = !(Number.isFinite(startPfn) && Number.isFinite(endPfn) && endPfn > startPfn);
    this.startPfn = empty ? 0 : startPfn;
    this.spannedPages = empty ? 0 : endPfn - startPfn;
  }
}
