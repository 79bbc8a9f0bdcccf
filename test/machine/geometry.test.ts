import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { geometryOf } from "../../src/machine/geometry.ts";
import { hosts } from "../../src/machine/hosts.ts";
import { levelSets } from "../../src/wasm/cache.ts";

describe("the LLC that is left to struct pages", () => {
  it("is the share that was asked for, in whole ways, on every host", () => {
    fc.assert(
      fc.property(fc.constantFrom(...hosts), fc.double({ min: 1e-6, max: 1, noNaN: true }), (host, share) => {
        const { llc } = geometryOf(host, share);
        expect(levelSets("llc", llc)).toBeGreaterThanOrEqual(8);
        const asked = share * host.llcBytes.value;
        const way = llc.bytes / llc.ways;
        expect(Math.abs(llc.bytes - asked)).toBeLessThanOrEqual(Math.max(way, 8 * 64));
      }),
    );
  });

  it("is all of it unless something is said", () => {
    for (const host of hosts) expect(geometryOf(host).llc.bytes).toBe(host.llcBytes.value);
  });
});
