import { describe, expect, it } from "vitest";
import { gatheredBefore, gatherPages, partFrom } from "../../src/count/coremm/mmuGather.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";

const SIZES = { "6.1": RECIPES_6_1.sizes, "6.12": RECIPES_6_12.sizes };

/** Lengths of the parts in which so many pages are freed when others were gathered before. */
function parts(nrPages: number, before: number, sizes: (typeof SIZES)["6.1"]): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < nrPages; at += lengths.at(-1) as number)
    lengths.push(Math.min(partFrom(before + at, sizes), nrPages - at));
  return lengths;
}

describe("parts in which struct mmu_gather frees", () => {
  it("are its batches on 6.1, and folio batches of each on 6.12", () => {
    expect(parts(1100, 0, SIZES["6.1"])).toEqual([8, 510, 510, 72]);
    expect(parts(540, 0, SIZES["6.12"])).toEqual([7, ...Array(16).fill(31), 13, 24]);
  });

  it("begin anew after a flush", () => {
    expect(gatherPages(SIZES["6.1"])).toBe(9698);
    expect(parts(9710, 0, SIZES["6.1"]).slice(-3)).toEqual([510, 8, 4]);
  });

  it("tell how many pages came before them", () => {
    for (const sizes of Object.values(SIZES)) {
      for (const before of [0, 1, 162, 3000]) {
        const areFreed = Array.from({ length: 12_000 }, () => true);
        expect(gatheredBefore(areFreed, parts(12_000, before, sizes), sizes)).toBe(before);
      }
    }
  });

  it("are counted without the pages that are mapped elsewhere", () => {
    const areFreed = Array.from({ length: 1100 }, (_, i) => i >= 4 && i < 1000);
    expect(gatheredBefore(areFreed, [4, 510, 482], SIZES["6.1"])).toBe(0);
    expect(gatheredBefore(areFreed, [414, 510, 72], SIZES["6.1"])).toBe(100);
  });

  it("tell nothing when they fit no number", () => {
    expect(gatheredBefore([true, true, true], [1, 1, 1], SIZES["6.1"])).toBe(0);
  });
});
