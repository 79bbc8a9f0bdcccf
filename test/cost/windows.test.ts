import { expect, test } from "vitest";
import { CLASS_STREAM, LEVEL_LLC, LEVEL_MEMORY, OWNER_HOT_ADDED, RW_READ } from "../../assembly/layout/touch.ts";
import { MISS_PREFETCHED, PREFETCHED_IN_PAGE } from "../../assembly/layout/windows.ts";
import { priceCounts } from "../../src/cost/price.ts";
import { demandIndex, emptyTouchCounts, llcWindowIndex, windowIndex } from "../../src/counts.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { defaultHost } from "../../src/machine/hosts.ts";

const dram = deviceById(defaultHost.localDram);
const NR = 1000;

/** Neighbours in a trace are of CLASS_STREAM, and in the windows too. */
function priceOfNeighbours(level: number, isInWindows: boolean): number {
  const counts = emptyTouchCounts();
  counts.demand[demandIndex(CLASS_STREAM, OWNER_HOT_ADDED, RW_READ, level)] = NR;
  if (isInWindows && level === LEVEL_MEMORY)
    counts.windows.memory[windowIndex(OWNER_HOT_ADDED, MISS_PREFETCHED, PREFETCHED_IN_PAGE)] = NR;
  if (isInWindows && level === LEVEL_LLC) counts.windows.llc[llcWindowIndex(OWNER_HOT_ADDED, 0)] = NR;
  return priceCounts(counts, defaultHost, { boot: dram, hotAdded: dram }, { samples: 1 }).ns;
}

test("a stream in a trace costs what a pass in address order does: once", () => {
  expect(priceOfNeighbours(LEVEL_MEMORY, true)).toBeCloseTo(priceOfNeighbours(LEVEL_MEMORY, false), 6);
});

test("neighbours that the LLC serves are waited for once, as far apart as they are", () => {
  const hits = priceOfNeighbours(LEVEL_LLC, true);
  expect(hits).toBeGreaterThan(0);
  expect(hits).toBeLessThan((NR * defaultHost.llcNs.value) / 2);
});
