// Slow, obvious hotplug of memory blocks: memory_block_online() and memory_block_offline() of idle blocks, page by
// page. Written from mm/memory_hotplug.c, mm/mm_init.c, mm/page_alloc.c, mm/page_isolation.c, drivers/base/memory.c.
import * as layout from "../../assembly/layout/hotplug.ts";
import { countVisits, imageOf, type ReferenceCounts } from "./memmapCounts.ts";
import { BUDDY_ORDER_LIMIT, lruOf, PAGEBLOCK, ReferenceZone, type ZoneSetup } from "./memmapZone.ts";

const BUSY = new Error("EBUSY");

export class ReferenceHotplug {
  readonly zone: ReferenceZone;

  constructor(
    setup: ZoneSetup,
    readonly startPfn: number,
    readonly blockPages: number,
  ) {
    this.zone = new ReferenceZone(setup);
  }

  private range(block: number, selfHosted: boolean): { blockPfn: number; start: number; end: number } {
    const blockPfn = this.startPfn + block * this.blockPages;
    return { blockPfn, start: blockPfn + (selfHosted ? this.blockPages / 64 : 0), end: blockPfn + this.blockPages };
  }

  online(block: number, selfHosted: boolean): void {
    const { zone } = this;
    const { blockPfn, start, end } = this.range(block, selfHosted);
    if (start > blockPfn) {
      this.joinZone(blockPfn, start, layout.MIGRATE_UNMOVABLE);
      for (let pfn = blockPfn; pfn < start; pfn++) {
        zone.page(pfn).type = 0xffff_ffff;
        zone.page(pfn).flags |= 1n << BigInt(zone.format.selfHostedBit);
        zone.visit(pfn, layout.STEP_SELF_HOSTED);
      }
    }
    this.joinZone(start, end, layout.MIGRATE_ISOLATE);
    zone.nrIsolate += (end - start) / PAGEBLOCK;
    for (let pfn = start; pfn < end; ) {
      let order = 0;
      while (order < BUDDY_ORDER_LIMIT && pfn % 2 ** (order + 1) === 0) order++;
      this.freeCore(pfn, order);
      pfn += 2 ** order;
    }
    for (let pfn = start; pfn < end; pfn += PAGEBLOCK) zone.online.add(Math.floor(pfn / layout.SECTION_PAGES));
    zone.visit(start, layout.STEP_ADJUST_PRESENT);
    for (let pfn = start; pfn < end; pfn += PAGEBLOCK) this.unsetIsolate(pfn);
    if (start > blockPfn) zone.visit(blockPfn, layout.STEP_ADJUST_PRESENT);
  }

  private joinZone(start: number, end: number, migratetype: number): void {
    const { zone } = this;
    const isEmpty = zone.endPfn === zone.startPfn;
    zone.startPfn = isEmpty ? start : Math.min(zone.startPfn, start);
    zone.endPfn = isEmpty ? end : Math.max(zone.endPfn, end);
    for (let pfn = start; pfn < end; pfn++) {
      const reserved = zone.format.initReserved ? 1n << BigInt(zone.format.reservedBit) : 0n;
      const lru = lruOf(pfn);
      const flags = zone.baseFlags | reserved;
      zone.pages.set(pfn, { flags, next: lru, prev: lru, private: 0n, type: zone.format.initType, refcount: 1 });
      zone.visit(pfn, layout.STEP_INIT);
      zone.setMigratetype(pfn, migratetype);
    }
    this.setContiguous();
  }

  private setContiguous(): void {
    const { zone } = this;
    zone.contiguous = false;
    for (let pfn = zone.startPfn; pfn < zone.endPfn; pfn += PAGEBLOCK) {
      if (!zone.isOnline(pfn)) return;
      zone.visit(pfn, layout.STEP_RESCAN_FIRST);
      zone.visit(pfn + PAGEBLOCK - 1, layout.STEP_RESCAN_LAST);
    }
    zone.contiguous = true;
  }

  private freeCore(pfn: number, order: number): void {
    const { zone } = this;
    const end = pfn + 2 ** order;
    for (let at = pfn; at < end; at++) {
      const page = zone.page(at);
      page.flags &= ~(1n << BigInt(zone.format.reservedBit));
      page.type = 0xffff_ffff;
      page.refcount = 0;
      zone.visit(at, layout.STEP_CORE_PAGE);
    }
    zone.visit(pfn, layout.STEP_CORE_HEAD);
    zone.visit(pfn, layout.STEP_OK_HEAD_BEFORE);
    zone.visitEach(pfn + 1, end, layout.STEP_OK_TAIL);
    zone.visit(pfn, layout.STEP_OK_HEAD_AFTER);
    zone.freePieces(pfn, order, true);
  }

  private unsetIsolate(pfn: number): void {
    const { zone } = this;
    if (zone.migratetype(pfn) !== layout.MIGRATE_ISOLATE) return;
    zone.visit(pfn, layout.STEP_UNSET_PAGE);
    zone.nrIsolate--;
    if (zone.isBuddy(pfn)) {
      zone.visit(pfn, layout.STEP_UNSET_ORDER);
      const order = zone.buddyOrder(pfn);
      const buddy = (pfn ^ (2 ** order)) >>> 0;
      if (
        order === 9 &&
        zone.pageIsBuddy(layout.CALLER_UNSET, pfn, buddy, order) &&
        zone.migratetype(buddy) !== layout.MIGRATE_ISOLATE
      ) {
        zone.visit(pfn, layout.STEP_ISOLATE_FREE);
        zone.delFromFreeList(layout.CALLER_ISOLATE_FREE, pfn);
        zone.setMigratetype(pfn, layout.MIGRATE_MOVABLE);
        zone.visit(pfn, layout.STEP_PUTBACK);
        zone.freeOnePage(pfn, order, layout.MIGRATE_MOVABLE, true);
        return;
      }
    }
    this.moveBlock(pfn, layout.MIGRATE_MOVABLE);
  }

  private moveBlock(start: number, migratetype: number): void {
    const { zone } = this;
    if (zone.splits) {
      const large = this.largeBuddy(start);
      if (zone.isBuddy(large) && zone.buddyOrder(large) > 9) {
        const order = zone.buddyOrder(large);
        zone.delFromFreeList(layout.CALLER_BLOCK_ISOLATE, large);
        zone.setMigratetype(start, migratetype);
        zone.freePieces(large, order, false);
        return;
      }
    }
    for (let pfn = start; pfn < start + PAGEBLOCK; ) {
      if (!zone.isBuddy(pfn)) {
        zone.visit(pfn++, layout.STEP_MOVE_USED);
        continue;
      }
      const order = zone.buddyOrder(pfn);
      zone.visit(pfn, layout.STEP_MOVE_BUDDY);
      zone.listDel(layout.CALLER_MOVE, pfn);
      zone.listAdd(layout.CALLER_MOVE, pfn, order, migratetype, true);
      pfn += 2 ** order;
    }
    zone.setMigratetype(start, migratetype);
  }

  /** find_large_buddy() */
  private largeBuddy(start: number): number {
    const { zone } = this;
    if (zone.isBuddy(start)) {
      zone.visit(start, layout.STEP_BLOCK_ISOLATE_HEAD);
      return start;
    }
    const alignment = start === 0 ? BUDDY_ORDER_LIMIT : Math.min(Math.log2(start & -start), BUDDY_ORDER_LIMIT);
    for (let order = zone.startsAtAlignment ? alignment : 0; order <= BUDDY_ORDER_LIMIT; order++) {
      const pfn = start - (start % 2 ** order);
      if (zone.isBuddy(pfn)) {
        zone.visit(pfn, layout.STEP_BLOCK_ISOLATE_STRADDLING);
        return pfn + 2 ** zone.buddyOrder(pfn) > start ? pfn : start;
      }
      zone.visit(pfn, layout.STEP_BLOCK_ISOLATE_TAIL);
    }
    return start;
  }

  offline(block: number, selfHosted: boolean): void {
    const { zone } = this;
    const { blockPfn, start, end } = this.range(block, selfHosted);
    if (start > blockPfn) zone.visit(blockPfn, layout.STEP_ADJUST_PRESENT);
    zone.visit(start, layout.STEP_OFFLINE_RANGE);
    zone.visit(end - 1, layout.STEP_OFFLINE_RANGE);
    this.isolateEdge(start, start);
    this.isolateEdge(end, end - PAGEBLOCK);
    for (let pfn = start + PAGEBLOCK; pfn < end - PAGEBLOCK; pfn += PAGEBLOCK) this.setIsolate(pfn);
    zone.visitEach(start, end, layout.STEP_SCAN_MOVABLE);
    for (let pfn = start; pfn < end; pfn += PAGEBLOCK) zone.visit(pfn, layout.STEP_DISSOLVE);
    zone.visit(start, layout.STEP_TEST_ZONE);
    for (let pfn = start; pfn < end; pfn += 2 ** zone.buddyOrder(pfn)) zone.visit(pfn, layout.STEP_TEST_CHUNK);
    for (let pfn = start; pfn < end; pfn += PAGEBLOCK) zone.online.delete(Math.floor(pfn / layout.SECTION_PAGES));
    zone.visit(start, layout.STEP_OFFLINE_ZONE);
    for (let pfn = start; pfn < end; ) {
      const order = zone.buddyOrder(pfn);
      zone.visit(pfn, layout.STEP_OFFLINE_CHUNK);
      zone.delFromFreeList(layout.CALLER_OFFLINE, pfn);
      pfn += 2 ** order;
    }
    zone.nrIsolate -= (end - start) / PAGEBLOCK;
    zone.visit(start, layout.STEP_ADJUST_MANAGED);
    zone.visit(start, layout.STEP_ADJUST_PRESENT);
    this.leaveZone(start, end);
    if (start > blockPfn) {
      zone.visit(blockPfn, layout.STEP_DEINIT);
      this.leaveZone(blockPfn, start);
    }
  }

  private isolateEdge(boundary: number, isolate: number): void {
    const { zone } = this;
    zone.visit(isolate, layout.STEP_SINGLE_ZONE);
    const from = Math.max(isolate - (isolate % 1024), zone.startPfn);
    this.setIsolate(isolate);
    if (!zone.isOnline(isolate === boundary ? boundary - 1 : boundary)) return;
    for (let pfn = from; pfn < boundary; ) {
      const free = zone.isBuddy(pfn);
      zone.visit(pfn, free ? layout.STEP_SINGLE_BUDDY : layout.STEP_SINGLE_USED);
      pfn += free ? 2 ** zone.buddyOrder(pfn) : 1;
    }
  }

  private setIsolate(pfn: number): void {
    const { zone } = this;
    zone.visit(pfn, layout.STEP_SET_ISOLATE);
    if (zone.migratetype(pfn) === layout.MIGRATE_ISOLATE) throw BUSY;
    if (zone.hasUnmovable(pfn)) throw BUSY;
    zone.nrIsolate++;
    this.moveBlock(pfn, layout.MIGRATE_ISOLATE);
  }

  private leaveZone(start: number, end: number): void {
    const { zone } = this;
    if (zone.startPfn === start) {
      let pfn = end;
      while (pfn < zone.endPfn && !zone.isOnline(pfn)) pfn += PAGEBLOCK;
      if (pfn < zone.endPfn) zone.visit(pfn, layout.STEP_SPAN);
      zone.startPfn = pfn < zone.endPfn ? pfn : 0;
      if (zone.startPfn === 0) zone.endPfn = 0;
    } else if (zone.endPfn === end) {
      let pfn = start - 1;
      while (pfn >= zone.startPfn && !zone.isOnline(pfn)) pfn -= PAGEBLOCK;
      if (pfn >= zone.startPfn) zone.visit(pfn, layout.STEP_SPAN);
      zone.endPfn = pfn >= zone.startPfn ? pfn + 1 : 0;
      if (zone.endPfn === 0) zone.startPfn = 0;
    }
    this.setContiguous();
  }

  takeCounts(): ReferenceCounts {
    const counts = countVisits(this.zone.visits);
    this.zone.visits = [];
    return counts;
  }

  /** The struct pages of one block as bytes. */
  image(block: number): Uint8Array {
    return imageOf(this.zone, this.startPfn + block * this.blockPages, this.blockPages);
  }
}
