import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLASS_UNCLASSIFIED, LEVEL_L2, LEVEL_MEMORY, OWNER_HOT_ADDED, RW_WRITE } from "../../assembly/layout/touch.ts";
import {
  MISS_DEPENDENT,
  MISS_INDEPENDENT,
  MISS_PREFETCHED,
  PREFETCHED_IN_PAGE,
} from "../../assembly/layout/windows.ts";
import { folioRule, touchedStructPages } from "../../src/cost/folio.ts";
import { memmapInDram, sampleMachine } from "../../src/cost/machineDraw.ts";
import { operationRows, priceOperation } from "../../src/cost/operationPrice.ts";
import type { OperationOptions } from "../../src/cost/operationUnit.ts";
import { type WorkName, workOfOperation } from "../../src/cost/operationWork.ts";
import { bucketOf, demandIndex, emptyTouchCounts, windowIndex } from "../../src/counts.ts";
import { InputError } from "../../src/errors.ts";
import { deviceById } from "../../src/machine/devices.ts";
import { defaultHost, hosts } from "../../src/machine/hosts.ts";
import { BASE_FOLIO, parseFolio } from "../../src/scenario/folio.ts";

const cxl = deviceById("cxl-samsung-mxp-genoa");
const media = (host = defaultHost) => ({ boot: deviceById(host.localDram), hotAdded: cxl });

function served(level: number) {
  const counts = emptyTouchCounts();
  counts.demand[demandIndex(CLASS_UNCLASSIFIED, OWNER_HOT_ADDED, RW_WRITE, level)] = 1;
  return counts;
}

/** One miss of a kind, as windows tell it. */
function missOf(kind: number, bucket = bucketOf(100)) {
  const counts = served(LEVEL_MEMORY);
  counts.windows.memory[windowIndex(OWNER_HOT_ADDED, kind, bucket)] = 1;
  return counts;
}

function price(key: WorkName, options: Partial<OperationOptions> = {}, host = defaultHost, kind = MISS_INDEPENDENT) {
  const onMemory = sampleMachine(host, media(host), { samples: 60 });
  const coldInOrder = missOf(MISS_PREFETCHED, PREFETCHED_IN_PAGE);
  const counts = { key, hot: served(LEVEL_L2), cold: missOf(kind), coldInOrder };
  const all = { pfnOrder: 0, dataShare: 1, ...options };
  return priceOperation(
    operationRows(
      counts,
      workOfOperation(key, { kernel: "6.12", initOnAlloc: false }),
      onMemory,
      memmapInDram(onMemory),
      all,
    ),
  );
}

const KEYS: readonly WorkName[] = ["alloc_free", "fault", "exit", "fork", "gup", "tmpfs_read", "reclaim"];
const FOLIOS = ["4KiB", "16KiB", "64KiB", "1MiB", "2MiB"];

describe("an operation", () => {
  test("hot <= in order <= at random <= dependent, DRAM <= CXL, the whole holds the part, intervals hold their middle", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KEYS),
        fc.constantFrom(...FOLIOS),
        fc.constantFrom(...hosts),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (key, size, host, pfnOrder) => {
          const folio = parseFolio(size, "test", "6.12");
          const ns = price(key, { folio, pfnOrder }, host);
          const rising = (...values: number[]) =>
            values.reduce((low, high) => {
              expect(high, `${key} ${size} ${host.id}`).toBeGreaterThanOrEqual(low * (1 - 1e-9));
              return high;
            });
          rising(ns.inOrderDram.value, ns.mixedDram.value, ns.randomDram.value, ns.randomOnMemory.value);
          rising(ns.inOrderDram.value, ns.inOrderOnMemory.value, ns.mixedOnMemory.value, ns.randomOnMemory.value);
          rising(ns.mixedOnMemory.value, ns.wholeOnMemory.value);
          rising(1, ns.wholeRatio.value, ns.mixedOnMemory.value / ns.mixedDram.value);
          if (folio.order === 0)
            rising(ns.randomOnMemory.value, price(key, { folio, pfnOrder }, host, MISS_DEPENDENT).randomOnMemory.value);
          for (const { value, interval } of Object.values(ns)) rising(interval[0], value, interval[1]);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("pfn_order mixes the two ends and nothing else", () => {
    const [random, half, order] = [0, 0.5, 1].map((pfnOrder) => price("fault", { pfnOrder }).mixedOnMemory.value);
    expect(half).toBeCloseTo((random! + order!) / 2, 9);
    expect(random).toBe(price("fault").randomOnMemory.value);
    expect(order).toBeCloseTo(price("fault").inOrderOnMemory.value, 9);
  });

  test("a cold order-0 alloc and free on CXL lies within a factor of 1.6", () => {
    const [low, high] = price("alloc_free").randomOnMemory.interval;
    expect(high / low).toBeLessThan(1.6);
  });

  test("data work makes the ratio of a fault one of faults", () => {
    const { wholeRatio, randomOnMemory, randomDram } = price("fault");
    expect(wholeRatio.value).toBeLessThan(1.2);
    expect(randomOnMemory.value / randomDram.value).toBeGreaterThan(2);
  });
});

describe("folios", () => {
  test("a large folio is touched at its head and first tail, or at every tail", () => {
    const of = (key: WorkName, size: string) => touchedStructPages(folioRule(key)!, parseFolio(size, "test", "6.12"));
    expect([of("fault", "4KiB"), of("fault", "16KiB"), of("fault", "2MiB")]).toEqual([1, 4, 512]);
    expect([of("fork", "64KiB"), of("fork", "2MiB"), of("tmpfs_read", "64KiB")]).toEqual([16, 2, 2]);
    expect(folioRule("cow")).toBeUndefined();
  });

  test("the larger the folio, the less its struct pages cost for each page of it", () => {
    const perPage = ["4KiB", "16KiB", "64KiB", "512KiB"].map((size) => {
      const folio = parseFolio(size, "test", "6.12");
      return price("fault", { folio }).randomOnMemory.value / folio.nrPages;
    });
    for (let i = 1; i < perPage.length; i++) expect(perPage[i]!).toBeLessThan(perPage[i - 1]!);
  });

  test.each([
    ["8KiB", "6.12", /no folio of anonymous memory is 8KiB/],
    ["12KiB", "6.12", /no folio/],
    ["4MiB", "6.12", /no folio/],
    ["0", "6.12", /no folio/],
    ["64KiB", "6.1", /Linux 6\.1 has no folios of 64KiB/],
    ["64KiB", "six", /is no kernel version/],
  ])("%s in Linux %s is refused", (size, kernel, message) => {
    expect(() => parseFolio(size, "--folio", kernel)).toThrow(InputError);
    expect(() => parseFolio(size, "--folio", kernel)).toThrow(message);
  });

  test("those that exist are read", () => {
    expect(parseFolio("4KiB", "--folio", "6.1")).toEqual(BASE_FOLIO);
    expect(parseFolio("2MiB", "--folio", "6.1")).toEqual({ order: 9, nrPages: 512 });
    expect(parseFolio("1MiB", "--folio", "6.8")).toEqual({ order: 8, nrPages: 256 });
  });
});
