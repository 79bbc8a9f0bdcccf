import { PAGE_CACHE, PageOp } from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

/** filemap_read: finds a folio batch, marks and copies its pages, and drops them. */
export function readFile(engine: PageEngine, pfns: readonly number[]): void {
  const size = engine.recipes.sizes.folioBatch;
  for (let from = 0; from < pfns.length; from += size) {
    const batch = pfns.slice(from, from + size);
    for (const step of [Step.fileFind, Step.fileMark, Step.fileReadDone])
      for (const pfn of batch) engine.run(step, pfn);
  }
}

/** A page that readahead has allocated: into the page cache and the LRU batch. */
export function addToPageCache(engine: PageEngine, pfn: number): void {
  engine.run(Step.fileAdd, pfn);
  engine.op(PageOp.addLru, pfn);
  engine.mark(pfn, PAGE_CACHE);
}

/** The rest of a readahead: mapped to blocks, read in, and then read by whoever asked. */
export function finishReadahead(engine: PageEngine, pfns: readonly number[]): void {
  for (const step of [Step.fileMap, Step.fileEndIo]) for (const pfn of pfns) engine.run(step, pfn);
  readFile(engine, pfns);
}
