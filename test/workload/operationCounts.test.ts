import { describe, expect, it } from "vitest";
import { OWNER_HOT_ADDED } from "../../assembly/layout/touch.ts";
import {
  MISS_ADJACENT,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
  NR_MISS_KINDS,
  NR_WINDOW_BUCKETS,
} from "../../assembly/layout/windows.ts";
import { countSums } from "../../src/cost/countSums.ts";
import { countOperations } from "../../src/count/operations/operationCounts.ts";
import { bucketOf, type TouchCounts, windowIndex } from "../../src/counts.ts";
import { geometryOf } from "../../src/machine/geometry.ts";
import { defaultHost } from "../../src/machine/hosts.ts";

/** Misses of hot-added struct pages, of some kinds. */
function missesOf({ windows }: TouchCounts, kinds = [...Array(NR_MISS_KINDS).keys()]): number {
  return kinds.reduce((total, kind) => {
    const from = windowIndex(OWNER_HOT_ADDED, kind, 0);
    return total + windows.memory.subarray(from, from + NR_WINDOW_BUCKETS).reduce((a, b) => a + b);
  }, 0);
}

describe.each(["6.1", "6.12"] as const)("operations of %s", (kernel) => {
  it("touch their own struct page, miss it once when cold and never when hot", () => {
    const operations = countOperations(kernel, geometryOf(defaultHost));
    expect(operations.map(({ name }) => name).join()).toMatch(
      /alloc and free.*fault.*unmap.*fork.*get_user_pages.*reclaim.*migrate/,
    );
    for (const { name, linesPerPage, touchesPerPage, hot, cold } of operations) {
      expect(linesPerPage, name).toBeGreaterThanOrEqual(1);
      expect(touchesPerPage, name).toBeGreaterThanOrEqual(linesPerPage * 0.99);
      expect([...countSums(hot).fetched], name).toEqual([0, 0]);
      const missed = countSums(cold).fetched[1] ?? 0;
      if (!name.startsWith("migrate")) expect(missed, name).toBeCloseTo(linesPerPage, 6);
    }
  });

  it("differ by the order of pfns in what prefetchers bring, and in nothing else", () => {
    for (const { name, cold, coldInOrder } of countOperations(kernel, geometryOf(defaultHost))) {
      expect(coldInOrder.demand, name).toEqual(cold.demand);
      expect(coldInOrder.writeBacks, name).toEqual(cold.writeBacks);
      expect(missesOf(coldInOrder), name).toBeCloseTo(countSums(cold).fetched[1] ?? 0, 6);
      expect(missesOf(cold), name).toBeCloseTo(countSums(cold).fetched[1] ?? 0, 6);
      expect(missesOf(cold, [MISS_ADJACENT, MISS_PREFETCHED]), name).toBeCloseTo(0, 2);
      if (name.startsWith("migrate")) continue;
      // A page that a split of a larger chunk touched first comes out of order.
      const isAllocation = /alloc|fault|write/.test(name);
      const brought = missesOf(coldInOrder, [MISS_ADJACENT, MISS_PREFETCHED]) / missesOf(coldInOrder);
      expect(brought, name).toBeGreaterThan(isAllocation ? 0.4 : 0.95);
    }
  });

  it("stand as far apart as the instructions between their touches say", () => {
    const geometry = geometryOf(defaultHost);
    const fork = (perTouch: number) => {
      const operation = countOperations(kernel, geometry, () => perTouch).find(({ name }) => name.startsWith("fork"));
      const from = windowIndex(OWNER_HOT_ADDED, MISS_INDEPENDENT, bucketOf(perTouch));
      return operation?.cold.windows.memory[from] ?? 0;
    };
    for (const perTouch of [20, 150, 4000]) expect(fork(perTouch)).toBeGreaterThan(0.99);
  });

  it("a copy on write works on two struct pages, a fork on one", () => {
    const operations = countOperations(kernel, geometryOf(defaultHost));
    const lines = (start: string) => operations.find(({ name }) => name.startsWith(start))?.linesPerPage;
    expect(lines("copy on write")).toBeGreaterThan(1.9);
    expect(lines("fork")).toBeCloseTo(1, 6);
  });
});
