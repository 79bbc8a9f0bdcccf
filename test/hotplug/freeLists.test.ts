import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreeLists } from "../../src/hotplug/state/freeLists.ts";

const MAX_ORDER = 10;
const PAGEBLOCK_ORDER = 9;
const BLOCK_PAGES = 32768;

/** Pages that are free, one by one: the obvious twin of the lists. */
class Twin {
  readonly free = new Set<number>();
  change(from: number, to: number, free: boolean): void {
    for (let pfn = from; pfn < to; pfn++) {
      if (free) this.free.add(pfn);
      else this.free.delete(pfn);
    }
  }
  /** Free chunks when every buddy that is free has merged. */
  counts(): number[] {
    const counts = Array(MAX_ORDER + 1).fill(0);
    let heads = new Set(this.free);
    for (let order = 0; order < MAX_ORDER; order++) {
      const next = new Set<number>();
      for (const pfn of heads) {
        const buddy = pfn % 2 ** (order + 1) === 0 ? pfn + 2 ** order : pfn - 2 ** order;
        if (!heads.has(buddy)) counts[order]++;
        else next.add(Math.min(pfn, buddy));
      }
      heads = next;
    }
    counts[MAX_ORDER] = heads.size;
    return counts;
  }
}

describe("free lists of a zone", () => {
  it("onlining cuts a range into chunks by alignment: gates at both ends", () => {
    const lists = new FreeLists(MAX_ORDER, PAGEBLOCK_ORDER);
    lists.onlineRange(1, 16);
    expect(lists.counts()).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
    lists.offlineRange(0, 16);
    lists.onlineRange(512, 2049);
    expect(lists.counts()).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(lists.freePages).toBe(1537);
  });

  it("takes the smallest unmovable chunk, and steals the head of the largest movable list", () => {
    const lists = new FreeLists(MAX_ORDER, PAGEBLOCK_ORDER);
    lists.onlineRange(512, 4096);
    expect(lists.allocUnmovable(9)).toBe(1024);
    expect(lists.allocUnmovable(9)).toBe(1536);
    expect(lists.allocUnmovable(9)).toBe(2048);
    lists.free(1024, 9);
    expect(lists.allocUnmovable(9)).toBe(1024);
    expect(lists.allocUnmovable(9)).toBe(2560);
    expect(lists.allocUnmovable(10)).toBe(3072);
    expect(lists.allocUnmovable(10)).toBeUndefined();
    expect(lists.allocUnmovable(9)).toBe(512);
    expect(lists.allocUnmovable(9)).toBeUndefined();
    expect(lists.freePages).toBe(0);
  });

  it("random operations: pages are conserved, and counts are those of merged buddies", () => {
    const operation = fc.record({
      kind: fc.constantFrom("online", "offline", "alloc", "free", "undo"),
      block: fc.integer({ min: 0, max: 3 }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const lists = new FreeLists(MAX_ORDER, PAGEBLOCK_ORDER);
        const twin = new Twin();
        const online = new Set<number>();
        const taken: number[] = [];
        for (const { kind, block, pick } of operations) {
          const [start, end] = [block * BLOCK_PAGES + 512, (block + 1) * BLOCK_PAGES];
          const pinned = taken.some((pfn) => pfn >= start && pfn < end);
          if (kind === "online" && !online.has(block)) {
            lists.onlineRange(start, end);
            twin.change(start, end, true);
            online.add(block);
          } else if (kind === "offline" && online.has(block) && !pinned) {
            expect(lists.offlineRange(start, end)).toBe(end - start);
            twin.change(start, end, false);
            online.delete(block);
          } else if (kind === "alloc") {
            const pfn = lists.allocUnmovable(9);
            if (pfn === undefined) continue;
            taken.push(pfn);
            twin.change(pfn, pfn + 512, false);
          } else if (kind === "free" && taken.length > 0) {
            const [pfn = 0] = taken.splice(pick % taken.length, 1);
            lists.free(pfn, 9);
            twin.change(pfn, pfn + 512, true);
          } else if (kind === "undo") lists.undoIsolation(start, end, pick % 2 === 0);
          expect(lists.freePages).toBe(twin.free.size);
        }
        expect(lists.counts()).toEqual(twin.counts());
      }),
      { numRuns: 40, seed: 20260721 },
    );
  });
});
