import { PageOp } from "../../assembly/layout/engine.ts";
import { Step } from "../../assembly/layout/steps.ts";
import { freeRange } from "../../src/count/coremm/hotLayout.ts";
import { releasePages } from "../../src/count/coremm/releasePages.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import type { KernelRecipes } from "../../src/linux/recipes/table.ts";
import { NONE, type PageEngine, WasmPageEngine } from "../../src/wasm/wasmPageEngine.ts";
import { ReferenceEngine } from "../../test/twin/engine.ts";
import type { Case, Suite } from "../suite.ts";

const RANGE = { basePfn: 0x100000, nrPages: 1 << 18 };

export const engineSuite: Suite = {
  name: "engine",
  question: "How many allocator events a second does the page engine simulate?",
  compares:
    "The engine in WebAssembly with a call a run, the same with a call a page as recordings are followed, and its twin " +
    "over maps and arrays. A process faults anonymous pages and unmaps them; events are those that the kmem " +
    "tracepoints would report (alloc, free, free_batched, zone_locked, pcpu_drain): 4 to 5 a page, of 26 (6.12) to 45 " +
    "(6.1) touches.",
  doesNotShow: "import of the events, or caches.",
  cases: ({ smoke }) => [RECIPES_6_1, RECIPES_6_12].map((recipes) => engineCase(recipes, smoke ? 600 : 16_384)),
};

function engineCase(recipes: KernelRecipes, nrPages: number): Case {
  const build = <Engine extends PageEngine>(engine: Engine): Engine => {
    engine.quietly(() => freeRange(engine, RANGE.basePfn, RANGE.nrPages));
    engine.setPcp(63, 512);
    return engine;
  };
  let runs: WasmPageEngine;
  let pages: WasmPageEngine;
  let twin: ReferenceEngine;
  const rows: Case["rows"] = [
    {
      name: "WASM, a call a run",
      prepare: () => {
        runs = build(new WasmPageEngine(recipes, RANGE, undefined));
      },
      run: () => runs.unmapRun(runs.faultRun(nrPages)),
      checksum: () => checksum(runs),
    },
    {
      name: "WASM, a call a page",
      prepare: () => {
        pages = build(new WasmPageEngine(recipes, RANGE, undefined));
      },
      run: () => pageByPage(pages, nrPages),
      checksum: () => checksum(pages),
    },
  ];
  const withTwin = [
    ...rows,
    {
      name: "twin",
      prepare: () => {
        twin = build(new ReferenceEngine(recipes, RANGE));
      },
      run: () => pageByPage(twin, nrPages),
      checksum: () => checksum(twin),
    },
  ];
  // The twin's lists are arrays: minutes for a real run.
  const isSmall = nrPages < 1000;
  return {
    name: `faults and unmaps, recipes of ${recipes.kernel}`,
    work: kmemEvents(recipes, nrPages),
    unit: "events",
    against: ["WASM, a call a page"],
    rows: isSmall ? withTwin : rows,
  };
}

/** What kmem tracepoints would report of one run: three a page, and a line for each refill and drain. */
function kmemEvents(recipes: KernelRecipes, nrPages: number): number {
  const engine = new WasmPageEngine(recipes, RANGE, undefined);
  engine.quietly(() => freeRange(engine, RANGE.basePfn, RANGE.nrPages));
  engine.setPcp(63, 512);
  engine.unmapRun(engine.faultRun(nrPages));
  const { stepRow } = engine.recipes;
  const runs = engine.rowRuns();
  // The last row of a refill's link is its page's own; a drain begins with its page.
  const refills = runs[(stepRow[Step.refillLink] as number) + 1] as number;
  const drains = runs[stepRow[Step.drainTake] as number] as number;
  return 3 * nrPages + refills + drains;
}

function checksum(engine: PageEngine): string {
  engine.flush();
  const { touches, loads, stores } = engine.totals();
  return `${touches} ${loads} ${stores}`;
}

function pageByPage(engine: PageEngine, nrPages: number): void {
  const { gatherBundle, gatherBatch, gatherBatches } = engine.recipes.sizes;
  const mapped: number[] = [];
  for (let i = 0; i < nrPages; i++) {
    const pfn = engine.take(NONE);
    engine.op(PageOp.anonFault, pfn);
    mapped.push(pfn);
  }
  engine.lruAddDrain();
  const most = gatherBundle + gatherBatch * gatherBatches;
  for (let from = 0; from < mapped.length; from += most) {
    const gathered = mapped.slice(from, from + most);
    for (const pfn of gathered) engine.op(PageOp.zap, pfn);
    for (let at = 0; at < gathered.length; ) {
      const batch = gathered.slice(at, at + (at === 0 ? gatherBundle : gatherBatch));
      for (const pfn of batch) engine.run(Step.swapFree, pfn);
      releasePages(engine, batch, (pfn) => engine.commit(pfn));
      at += batch.length;
    }
  }
}
