// Ranges that go offline block by block, of which two are in memory, against all of it laid out and run page by page.
import { describe, expect, it } from "vitest";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { type OfflineBusyInput, offlineBusy } from "../../src/count/operations/offlineBusy.ts";
import { recipesOf } from "../../src/linux/recipes/ofKernel.ts";
import { WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { offlinePageByPage } from "../twin/offlineBusy.ts";

const BLOCK = 32_768;
const BLOCK_BYTES = 2 ** 27;
const CACHES = {
  l1: { bytes: 32 * 1024, ways: 8 },
  l2: { bytes: 512 * 1024, ways: 8 },
  llc: { bytes: 14 * 64 * 1000, ways: 14 },
};

function pageByPage(
  { kernel, usedShare = 1, folioOrder = 0, lru = "in order" }: OfflineBusyInput,
  { nrBlocks, nrOffline }: { nrBlocks: number; nrOffline: number },
) {
  const zone = { basePfn: 0, nrPages: nrBlocks * BLOCK };
  const engine = new WasmPageEngine(recipesOf(kernel), zone, undefined, { caches: CACHES });
  const folios = BLOCK >> folioOrder;
  const isUsed = (folio: number): boolean => Math.imul(folio, 0x9e3779b1) >>> 16 < Math.round(usedShare * 65_536);
  engine.quietly(() => {
    for (let first = 0; first < nrOffline * BLOCK; first += BLOCK) {
      for (let i = 0; i < folios; i++) {
        const folio = (lru === "scattered" ? Math.imul(i, 0x9e3779b1) : i) & (folios - 1);
        if (isUsed(folio)) engine.holdFolio(first + (folio << folioOrder), folioOrder);
      }
      for (let folio = 0, from = 0; folio <= folios; folio++) {
        if (folio < folios && !isUsed(folio)) continue;
        if (folio > from) freeRange(engine, first + (from << folioOrder), (folio - from) << folioOrder);
        from = folio + 1;
      }
    }
  });
  engine.setInstructionsPerTouch(20);
  let moved = 0;
  for (let startPfn = 0; startPfn < nrOffline * BLOCK; startPfn += BLOCK) {
    const rest = { startPfn, nrPages: nrBlocks * BLOCK - startPfn };
    moved += offlinePageByPage(engine, { startPfn, nrPages: BLOCK }, rest).size;
  }
  engine.flush();
  const { touches, loads, stores } = engine.totals();
  return { folios: moved, touches, loads, stores, counts: engine.counts() };
}

const CASES: readonly Pick<OfflineBusyInput, "kernel" | "usedShare" | "folioOrder" | "lru">[] = [
  { kernel: "6.12" },
  { kernel: "6.1", usedShare: 0.4, lru: "scattered" },
  { kernel: "6.12", usedShare: 0.7, folioOrder: 4 },
];

describe.each(CASES)("%j", (filling) => {
  it("counts what everything laid out and run page by page counts", () => {
    const input = { ...filling, blockPages: BLOCK, caches: CACHES, instructionsPerTouch: 20 };
    const told: number[] = [];
    const progress = (block: number): void => void told.push(block);
    const ours = offlineBusy({ ...input, rangeBytes: 5 * BLOCK_BYTES, offlineBytes: 4 * BLOCK_BYTES, progress });
    expect(ours).toEqual(pageByPage({ ...input, rangeBytes: 0 }, { nrBlocks: 5, nrOffline: 4 }));
    expect(told).toEqual([0, 1, 2, 3]);
  });
});

it("walks 8 TiB behind one block in use", () => {
  const input = { kernel: "6.12", blockPages: BLOCK, usedShare: 0.001 };
  const [large, small] = [2 ** 43, 2 ** 30].map((rangeBytes) =>
    offlineBusy({ ...input, rangeBytes, offlineBytes: BLOCK_BYTES }),
  );
  expect((large?.touches ?? 0) - (small?.touches ?? 0)).toBeCloseTo((2 * (2 ** 43 - 2 ** 30)) / 2 ** 21, -1);
});

it.each([
  [{ rangeBytes: 2 ** 44 }, "less than 16 TiB"],
  [{ rangeBytes: 3 * 2 ** 26 }, "whole blocks of 128 MiB"],
  [{ rangeBytes: Number.NaN }, "whole blocks of 128 MiB"],
  [{ rangeBytes: 2 ** 30, offlineBytes: 2 ** 31 }, "at most the range"],
  [{ rangeBytes: 2 ** 30, usedShare: 1.5 }, "0 to 1"],
  [{ rangeBytes: 2 ** 30, folioOrder: 10 }, "0 to 9"],
  [{ rangeBytes: 2 ** 30, blockPages: 1000 }, "a power of two"],
])("refuses %j", (given, expected) => {
  expect(() => offlineBusy({ kernel: "6.12", blockPages: BLOCK, ...given })).toThrow(expected);
});
