import { recipesOf } from "../../src/linux/recipes/ofKernel.ts";
import { WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../../test/twin/engine.ts";
import { offlinePageByPage } from "../../test/twin/offlineBusy.ts";
import type { Case, Suite } from "../suite.ts";

const BASE_PFN = 0x100000;
/** Of Sapphire Rapids. */
const CACHES = {
  l1: { bytes: 48 * 2 ** 10, ways: 12 },
  l2: { bytes: 2 * 2 ** 20, ways: 16 },
  llc: { bytes: 105 * 2 ** 20, ways: 15 },
};

export const migrationSuite: Suite = {
  name: "migration",
  question: "How many pages a second does an offline of a block in use migrate?",
  compares:
    "A block of 512 MiB of which every page is in use goes offline: one call into WebAssembly, a call " +
    "for each step of each page as before, and the twin in plain TypeScript over maps and arrays (small blocks only). " +
    "Every touch of a struct page, 32 to 45 a page, goes through L1, L2 and LLC but in the twin.",
  doesNotShow: "struct pages of the new pages, which lie elsewhere; copying.",
  cases: ({ smoke }) => ["6.1", "6.12"].map((kernel) => migrationCase(kernel, smoke ? 1024 : 2 ** 17)),
};

function migrationCase(kernel: string, nrPages: number): Case {
  const range = { startPfn: BASE_PFN, nrPages };
  const recipes = recipesOf(kernel);
  const inUse = (): WasmPageEngine => {
    const engine = new WasmPageEngine(recipes, { basePfn: BASE_PFN, nrPages }, undefined, { caches: CACHES });
    engine.quietly(() => {
      for (let pfn = BASE_PFN; pfn < BASE_PFN + nrPages; pfn++) engine.holdAnon(pfn);
    });
    return engine;
  };
  const row = (name: string, offline: (engine: WasmPageEngine) => void): Case["rows"][number] => {
    let engine: WasmPageEngine;
    return {
      name,
      prepare: () => {
        engine = inUse();
      },
      run: () => offline(engine),
      checksum: () => {
        engine.flush();
        const { touches, loads, stores } = engine.totals();
        return `${touches} ${loads} ${stores}`;
      },
    };
  };
  let twin: ReferenceEngine;
  const twinRow: Case["rows"][number] = {
    name: "twin",
    prepare: () => {
      twin = new ReferenceEngine(recipes, { basePfn: BASE_PFN, nrPages });
      twin.quietly(() => {
        for (let pfn = BASE_PFN; pfn < BASE_PFN + nrPages; pfn++) twin.holdAnon(pfn);
      });
    },
    run: () => twin.offlineBusy(range, range),
    checksum: () => {
      const { touches, loads, stores } = twin.totals();
      return `${touches} ${loads} ${stores}`;
    },
  };
  const rows = [
    row("WASM, one call", (engine) => engine.offlineBusy(range, range)),
    row("WASM, a call a step", (engine) => offlinePageByPage(engine, range, range)),
  ];
  return {
    name: `busy offline, recipes of ${kernel}`,
    work: nrPages,
    unit: "pages",
    against: ["WASM, a call a step"],
    rows: nrPages > 4096 ? rows : [...rows, twinRow],
    rounds: 5,
  };
}
