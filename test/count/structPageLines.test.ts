import { describe, expect, it } from "vitest";
import { linesOfStructPage } from "../../src/count/structPageLines.ts";
import { answer, parseScenario } from "../../src/node/library.ts";

/** Lines that struct pages of this size lie in, one by one. */
function linesOneByOne(bytes: number): number {
  let lines = 0;
  for (let page = 0; page < 64; page++)
    lines += Math.floor(((page + 1) * bytes - 1) / 64) - Math.floor((page * bytes) / 64) + 1;
  return lines / 64;
}

describe("struct pages of another size", () => {
  it("lie in as many lines as counted one by one", () => {
    for (let bytes = 8; bytes <= 128; bytes += 8)
      expect(linesOfStructPage(bytes), String(bytes)).toBe(linesOneByOne(bytes));
  });

  it("of 32 bytes halve the memmap and what is met in order, not what is met at random", async () => {
    const of = (bytes: number) =>
      answer(
        parseScenario(
          `machine: {struct_page_bytes: ${bytes}, memory_block: 2GiB}\ndevices: [{id: cxl-samsung-mxp-genoa, capacity: 64GiB}]\nworkloads: []`,
        ),
      );
    const [half, whole] = [await of(32), await of(64)];
    expect(whole.together!.memmap_bytes / half.together!.memmap_bytes).toBe(2);
    const fault = (document: typeof half) =>
      document.results[1]!.operations.find(({ name }) => name === "fault an anonymous page")!;
    expect(fault(half).cold_random_ns / fault(whole).cold_random_ns).toBeGreaterThan(0.95);
    expect(fault(half).cold_in_order_ns / fault(whole).cold_in_order_ns).toBeLessThan(0.6);
    expect(half.results[1]!.online_ns!).toBeLessThan(whole.results[1]!.online_ns!);
    expect(half.warnings.join()).toContain("what if struct pages had 32 bytes");
    expect(whole.warnings.join()).not.toContain("what if");
  });

  it("of no multiple of 8, or larger than 128, are refused", () => {
    for (const bytes of [7, 12, 136])
      expect(() => parseScenario(`machine: {struct_page_bytes: ${bytes}}`)).toThrow("struct_page_bytes");
  });
});
