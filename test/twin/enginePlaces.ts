// Where the pages of an engine are, found out by looking at every one of them.
import * as E from "../../assembly/layout/engine.ts";
import type { PageEngine } from "../../src/wasm/wasmPageEngine.ts";

/** 4 KiB pages in free chunks and on pcp lists. */
export interface Places {
  readonly free: number;
  readonly pcp: number;
}

export function placesOf(engine: PageEngine): Places {
  let free = 0;
  let pcp = 0;
  for (let pfn = engine.basePfn; pfn < engine.basePfn + engine.nrPages; pfn++) {
    const list = engine.listOf(pfn) & E.ZONE_LISTS_MASK;
    if (list < E.NR_PCP_LISTS) pcp += list >= E.LIST_PCP_HUGE ? 512 : 2 ** Math.floor(list / E.PCP_TYPES);
    if (engine.orderOf(pfn) >= 0) free += 2 ** engine.orderOf(pfn);
  }
  return { free, pcp };
}

/** Pageblocks of which a free chunk is on the list of another type than theirs; chunks by their list's type. */
export function strayBlocks(engine: PageEngine): { pfn: number; blockType: number; listType: number }[] {
  const stray = [];
  for (let pfn = engine.basePfn; pfn < engine.basePfn + engine.nrPages; pfn++) {
    const order = engine.orderOf(pfn);
    if (order < 0) continue;
    const set = Math.floor(((engine.listOf(pfn) & E.ZONE_LISTS_MASK) - E.LIST_FREE) / E.NR_ORDERS);
    const listType = set === E.FREE_ISOLATED ? 5 : set;
    for (let block = pfn; block < pfn + 2 ** order; block += 512)
      if (engine.migratetypeOf(block) !== listType)
        stray.push({ pfn: block, blockType: engine.migratetypeOf(block), listType });
  }
  return stray;
}
