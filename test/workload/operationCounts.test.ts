import { describe, expect, it } from "vitest";
import { countSums } from "../../src/cost/countSums.ts";
import { countOperations } from "../../src/count/operations/operationCounts.ts";
import { geometryOf } from "../../src/machine/geometry.ts";
import { defaultHost } from "../../src/machine/hosts.ts";

describe.each(["6.1", "6.12"] as const)("operations of %s", (kernel) => {
  it("touch their own struct page, miss it once when cold and never when hot", async () => {
    const operations = await countOperations(kernel, geometryOf(defaultHost));
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

  it("a copy on write works on two struct pages, a fork on one", async () => {
    const operations = await countOperations(kernel, geometryOf(defaultHost));
    const lines = (start: string) => operations.find(({ name }) => name.startsWith(start))?.linesPerPage;
    expect(lines("copy on write")).toBeGreaterThan(1.9);
    expect(lines("fork")).toBeCloseTo(1, 6);
  });
});
