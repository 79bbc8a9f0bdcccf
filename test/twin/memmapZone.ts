// Slow, obvious struct pages and free lists: an object per page, an array per list, a log of every access.
// Written from mm/page_alloc.c, mm/page_isolation.c and include/linux/list.h of 6.1 and 6.12.
import * as layout from "../../assembly/layout/hotplug.ts";
import { pageFlagsOf, STRUCT_PAGE_FORMATS } from "../../src/linux/hotplugKernel.ts";
import type { RecordedKernel } from "../../src/linux/recordedKernels.ts";

const VMEMMAP = 0xffff_ea00_0000_0000n;
const FREE_AREA = 0xffff_8880_0000_0000n;
export const BUDDY_ORDER_LIMIT = 10;
export const PAGEBLOCK = 512;

export interface Page {
  flags: bigint;
  next: bigint;
  prev: bigint;
  private: bigint;
  type: number;
  refcount: number;
}

export const lruOf = (pfn: number) => VMEMMAP + BigInt(pfn) * 64n + 8n;

/** One visit: which page, by which function, how many loads and stores. */
export interface Visit {
  readonly pfn: number;
  readonly kernelFunction: string;
  readonly loads: number;
  readonly stores: number;
}

export interface ZoneSetup {
  readonly kernel: RecordedKernel;
  readonly nid: number;
  readonly zoneIndex: number;
}

/** A zone with its pages, pageblock migratetypes and free lists. */
export class ReferenceZone {
  readonly pages = new Map<number, Page>();
  readonly migratetypes = new Map<number, number>();
  readonly online = new Set<number>();
  readonly lists = new Map<string, number[]>();
  visits: Visit[] = [];
  startPfn = 0;
  endPfn = 0;
  contiguous = false;
  nrIsolate = 0;
  readonly format;
  readonly baseFlags: bigint;
  readonly isMovable: boolean;

  constructor(setup: ZoneSetup) {
    this.format = STRUCT_PAGE_FORMATS[setup.kernel];
    this.baseFlags = pageFlagsOf(setup.nid, setup.zoneIndex);
    this.isMovable = setup.zoneIndex === layout.ZONE_MOVABLE;
  }

  get splits(): boolean {
    return (this.format.features & layout.FEATURE_SPLIT_LARGE_BUDDY) !== 0;
  }

  get startsAtAlignment(): boolean {
    return (this.format.features & layout.FEATURE_BUDDY_BY_ALIGNMENT) !== 0;
  }

  page(pfn: number): Page {
    const page = this.pages.get(pfn);
    if (!page) throw new Error(`pfn ${pfn} has no initialised struct page`);
    return page;
  }

  visit(pfn: number, step: number): void {
    for (const [kernelFunction, loads, stores] of this.format.recipe.steps[step] ?? []) {
      this.visits.push({ pfn, kernelFunction, loads, stores });
    }
  }

  visitEach(from: number, to: number, step: number): void {
    for (let pfn = from; pfn < to; pfn++) this.visit(pfn, step);
  }

  isOnline(pfn: number): boolean {
    return this.online.has(Math.floor(pfn / layout.SECTION_PAGES));
  }

  isBuddy(pfn: number): boolean {
    return this.pages.get(pfn)?.type === this.format.buddyType;
  }

  buddyOrder(pfn: number): number {
    return Number(this.page(pfn).private);
  }

  list(order: number, migratetype: number): number[] {
    const key = `${order}/${migratetype}`;
    const list = this.lists.get(key) ?? [];
    this.lists.set(key, list);
    return list;
  }

  private headOf(order: number, migratetype: number): bigint {
    return FREE_AREA + BigInt(order * layout.NR_MIGRATETYPES + migratetype) * 16n;
  }

  /** The list a free chunk is on: its pageblock may already say otherwise. */
  private whichList(pfn: number): [number, number] {
    for (const [key, list] of this.lists) {
      if (list.includes(pfn)) return key.split("/").map(Number) as [number, number];
    }
    throw new Error(`pfn ${pfn} is on no list`);
  }

  listAdd(caller: number, pfn: number, order: number, migratetype: number, toTail: boolean): void {
    const list = this.list(order, migratetype);
    const head = this.headOf(order, migratetype);
    const prev = toTail ? list.at(-1) : undefined;
    const next = toTail ? undefined : list[0];
    if (next !== undefined) this.visit(next, layout.STEP_LIST_ADD_VALID);
    if (prev !== undefined) this.visit(prev, layout.STEP_LIST_ADD_VALID);
    if (next !== undefined) {
      this.page(next).prev = lruOf(pfn);
      this.visit(next, caller + layout.CALLER_LIST_NEIGHBOUR);
    }
    this.page(pfn).next = next === undefined ? head : lruOf(next);
    this.page(pfn).prev = prev === undefined ? head : lruOf(prev);
    this.visit(pfn, caller + layout.CALLER_LIST_NEW);
    if (prev !== undefined) {
      this.page(prev).next = lruOf(pfn);
      this.visit(prev, caller + layout.CALLER_LIST_NEIGHBOUR);
    }
    if (toTail) list.push(pfn);
    else list.unshift(pfn);
  }

  listDel(caller: number, pfn: number): void {
    const [order, migratetype] = this.whichList(pfn);
    const list = this.list(order, migratetype);
    const at = list.indexOf(pfn);
    const prev = list[at - 1];
    const next = list[at + 1];
    this.visit(pfn, layout.STEP_LIST_DEL_VALID_ENTRY);
    if (prev !== undefined) this.visit(prev, layout.STEP_LIST_DEL_VALID_NEIGHBOUR);
    if (next !== undefined) this.visit(next, layout.STEP_LIST_DEL_VALID_NEIGHBOUR);
    this.visit(pfn, caller + layout.CALLER_LIST_DEL);
    if (next !== undefined) {
      this.page(next).prev = this.page(pfn).prev;
      this.visit(next, caller + layout.CALLER_LIST_NEIGHBOUR);
    }
    if (prev !== undefined) {
      this.page(prev).next = this.page(pfn).next;
      this.visit(prev, caller + layout.CALLER_LIST_NEIGHBOUR);
    }
    list.splice(at, 1);
  }

  delFromFreeList(caller: number, pfn: number): void {
    this.listDel(caller, pfn);
    const page = this.page(pfn);
    page.next = 0xdead_0000_0000_0100n;
    page.prev = 0xdead_0000_0000_0122n;
    page.type = 0xffff_ffff;
    page.private = 0n;
    this.visit(pfn, caller + layout.CALLER_DEL_CLEAR);
  }

  pageIsBuddy(caller: number, pfn: number, buddy: number, order: number): boolean {
    this.visit(buddy, caller + layout.CALLER_BUDDY_TYPE);
    if (!this.isBuddy(buddy)) return false;
    this.visit(buddy, caller + layout.CALLER_BUDDY_ORDER);
    if (this.buddyOrder(buddy) !== order) return false;
    this.visit(pfn, caller + layout.CALLER_BUDDY_ZONE);
    this.visit(buddy, caller + layout.CALLER_BUDDY_ZONE);
    return true;
  }

  freeOnePage(pfn: number, order: number, migratetype: number, toTail: boolean): void {
    const mergeable = (type: number) => type < 3;
    while (order < BUDDY_ORDER_LIMIT) {
      const buddy = (pfn ^ (2 ** order)) >>> 0;
      if (!this.pageIsBuddy(layout.CALLER_FREE_ONE_PAGE, pfn, buddy, order)) break;
      const other = this.migratetype(buddy);
      if (other !== migratetype && !(mergeable(other) && mergeable(migratetype))) break;
      this.delFromFreeList(layout.CALLER_FREE_ONE_PAGE, buddy);
      pfn = Math.min(pfn, buddy);
      order++;
    }
    this.page(pfn).private = BigInt(order);
    this.page(pfn).type = this.format.buddyType;
    this.visit(pfn, layout.CALLER_FREE_ONE_PAGE + layout.CALLER_SET_BUDDY);
    this.listAdd(layout.CALLER_FREE_ONE_PAGE, pfn, order, migratetype, toTail);
  }

  /** Up to 6.9 a chunk is freed whole; later in pieces of a pageblock, each to the list of its own type. */
  freePieces(pfn: number, order: number, toTail: boolean): void {
    const piece = this.splits ? Math.min(order, 9) : order;
    for (let at = pfn; at < pfn + 2 ** order; at += 2 ** piece) {
      this.freeOnePage(at, piece, this.migratetype(at), toTail);
    }
  }

  migratetype(pfn: number): number {
    return this.migratetypes.get(Math.floor(pfn / PAGEBLOCK)) ?? layout.MIGRATE_MOVABLE;
  }

  setMigratetype(pfn: number, migratetype: number): void {
    this.migratetypes.set(Math.floor(pfn / PAGEBLOCK), migratetype);
  }

  /** has_unmovable_pages() of one pageblock. */
  hasUnmovable(pfn: number): boolean {
    if (this.isMovable) {
      for (let at = pfn; at < pfn + PAGEBLOCK; at++) {
        this.visit(at, layout.STEP_HAS_UNMOVABLE);
        if ((this.page(at).flags >> BigInt(this.format.reservedBit)) & 1n) return true;
      }
    } else if (this.isBuddy(pfn)) this.visit(pfn, layout.STEP_HAS_UNMOVABLE_BUDDY);
    else this.visitEach(pfn, pfn + PAGEBLOCK, layout.STEP_HAS_UNMOVABLE_FREE);
    return false;
  }
}
