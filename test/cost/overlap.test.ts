import { describe, expect, test } from "vitest";
import {
  CLASS_DEPENDENT,
  CLASS_INDEPENDENT,
  CLASS_STREAM,
  LEVEL_L2,
  LEVEL_MEMORY,
  OWNER_BOOT,
  RW_READ,
} from "../../assembly/layout/touch.ts";
import { drawHost } from "../../src/cost/drawMachine.ts";
import { aloneNs } from "../../src/cost/exposure.ts";
import { type PriceOptions, priceCounts } from "../../src/cost/price.ts";
import { demandIndex, emptyTouchCounts } from "../../src/counts.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { defaultHost } from "../../src/machine/hosts.ts";
import type { HostProfile } from "../../src/machine/profiles.ts";
import { exact } from "../../src/machine/quantity.ts";

const dram = deviceById(defaultHost.localDram);
const GIB = 2 ** 30;

function priceOf(accessClass: number, level: number, options: PriceOptions = {}, host: HostProfile = defaultHost) {
  const counts = emptyTouchCounts();
  counts.demand[demandIndex(accessClass, OWNER_BOOT, RW_READ, level)] = 1000;
  return priceCounts(counts, host, { boot: dram, hotAdded: dram }, { samples: 1, ...options });
}
const term = (price: ReturnType<typeof priceOf>, name: string): number => price.terms.find((t) => t.name === name)!.ns;

describe("what overlaps", () => {
  test("streams run beside instructions: the slower sets the time", () => {
    const stream = priceOf(CLASS_STREAM, LEVEL_MEMORY).ns;
    expect(priceOf(CLASS_STREAM, LEVEL_MEMORY, { instructions: 1 }).ns).toBe(stream);
    const busy = priceOf(CLASS_STREAM, LEVEL_MEMORY, { instructions: 1e6 });
    expect(busy.binding).toBe("core");
    expect(busy.ns).toBeCloseTo(term(busy, "instructions"), 6);
  });

  test("page walks of independent misses overlap as the misses do, those of dependent ones do not", () => {
    const far: PriceOptions = { memmapBytes: 64 * GIB, mapping: "base" };
    const walks = (accessClass: number): number =>
      term(priceOf(accessClass, LEVEL_MEMORY, far), "page walks for the vmemmap");
    expect(walks(CLASS_STREAM)).toBe(0);
    expect(walks(CLASS_DEPENDENT)).toBeGreaterThan(0.9 * 1000 * defaultHost.pageWalkNs.value);
    expect(walks(CLASS_DEPENDENT) / walks(CLASS_INDEPENDENT)).toBeCloseTo(defaultHost.nrLinesInFlight.value, 6);
  });

  test("a hit in L2 costs what exceeds the L1 latency, less what the window hides", () => {
    const host = (cycles: number): HostProfile => ({ ...defaultHost, l1Cycles: exact(cycles, "test") });
    const beyond = (cycles: number) => (defaultHost.l2Cycles.value - cycles) / defaultHost.clockGHz.value;
    for (const cycles of [1, 5]) {
      const alone = aloneNs(beyond(cycles), drawHost(host(cycles), null));
      expect(priceOf(CLASS_DEPENDENT, LEVEL_L2, {}, host(cycles)).ns).toBeCloseTo(1000 * alone, 6);
    }
  });
});
