import { describe, expect, it } from "vitest";
import { freeKind } from "../../src/count/coremm/freeKinds.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";

const times = (nr: number, sizes: readonly number[]): number[] => Array.from({ length: nr }, () => sizes).flat();

describe("who freed, from the sizes of free batches", () => {
  it("6.1", () => {
    const kind = (sizes: readonly number[]) => freeKind(sizes, RECIPES_6_1.sizes);
    expect(kind([8, ...times(19, [510])])).toBe("unmap");
    expect(kind([8, 94])).toBe("unmap");
    expect(kind([4, 12])).toBe("unmap");
    expect(kind([6, ...times(40, [15]), 13])).toBe("truncate");
    expect(kind([1, 3, 6, 12, 25, ...times(5, [32]), 14])).toBe("reclaim");
  });

  it("6.12", () => {
    const kind = (sizes: readonly number[]) => freeKind(sizes, RECIPES_6_12.sizes);
    expect(kind([7, ...times(3, [...times(16, [31]), 13])])).toBe("unmap");
    expect(kind([26, 31, 31, 6])).toBe("unmap");
    expect(kind([29, ...times(40, [31]), 11])).toBe("truncate");
    expect(kind(times(10, [31, 31, 2]))).toBe("reclaim");
  });
});
