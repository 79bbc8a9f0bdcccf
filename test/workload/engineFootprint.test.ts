import { describe, expect, it } from "vitest";
import { LEVEL_MEMORY, NR_CLASSES, NR_RW, OWNER_HOT_ADDED } from "../../assembly/layout.ts";
import { demandOf } from "../../src/counts.ts";
import { InputError } from "../../src/errors.ts";
import { GIB, KIB, MIB } from "../../src/units.ts";
import { atFootprint, type EngineFootprint } from "../../src/workload/engineFootprint.ts";

const CACHES = {
  l1: { bytes: 32 * KIB, ways: 8 },
  l2: { bytes: MIB, ways: 16 },
  llc: { bytes: 32 * MIB, ways: 16 },
};

/** Half as large as the struct pages of 1 GiB. */
const SMALL = { ...CACHES, llc: { bytes: 8 * MIB, ways: 16 } };

function missesPerOperation(run: EngineFootprint): number {
  let misses = 0;
  for (let accessClass = 0; accessClass < NR_CLASSES; accessClass++)
    for (let rw = 0; rw < NR_RW; rw++) misses += demandOf(run.counts, accessClass, OWNER_HOT_ADDED, rw, LEVEL_MEMORY);
  return misses / run.operations;
}

describe("footprint", () => {
  it("decides whether struct pages of random operations are in cache", () => {
    const [small, large] = [1, 64].map((gib) => missesPerOperation(atFootprint("churn", gib * GIB, "6.12", CACHES)));
    // 16 MiB of struct pages fit a 32 MiB LLC; of 1 GiB of them hardly any is there, three a page are touched.
    expect(small).toBeLessThan(0.2);
    expect(large).toBeGreaterThan(2);
  });

  it.each(["churn", "fork", "exit", "fault"] as const)("scaled model of %s is close to page by page", (workload) => {
    const exact = atFootprint(workload, GIB, "6.1", SMALL);
    const model = atFootprint(workload, GIB, "6.1", SMALL, GIB / 4);
    expect(exact.scale).toBe(1);
    expect(model.scale).toBe(4);
    expect(model.touches / exact.touches).toBeCloseTo(1, 1.5);
    expect(Math.abs(missesPerOperation(model) / missesPerOperation(exact) - 1)).toBeLessThan(0.03);
  });

  it("refuses what is no footprint", () => {
    for (const bytes of [0, -1, Number.NaN, GIB + 1, 2048 * GIB])
      expect(() => atFootprint("fork", bytes, "6.12", CACHES)).toThrow(InputError);
  });
});
