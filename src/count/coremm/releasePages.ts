import type { PageEngine } from "../../wasm/wasmPageEngine.ts";
import { pagesAtOnce } from "./mmuGather.ts";

/**
 * release_pages / folios_put_refs: drops a reference of each page and frees those whose last it was, in batches of the
 * kernel's size. `commit` is told each freed page in the order of the pcp list additions, NONE for a huge page.
 */
export function releasePages(engine: PageEngine, pfns: readonly number[], commit: (pfn: number) => void): void {
  const size = pagesAtOnce(engine.recipes.sizes);
  for (let from = 0; from < pfns.length; from += size) {
    const nr = engine.release(pfns.slice(from, from + size));
    for (let i = 0; i < nr; i++) commit(engine.freeNext(i));
  }
}
