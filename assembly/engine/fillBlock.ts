// A block in use as it is before it is taken offline, where nothing is recorded.

import { ENGINE_MAX_ORDER, ENGINE_SILENT } from "../layout/engine";
import { MIGRATE_MOVABLE } from "../layout/hotplug";
import { assertCount } from "./arrival";
import { engineFreeChunk } from "./buddy";
import { engineHoldFolio } from "./lru";

/** 2^32 / the golden ratio: multiples of it are spread evenly. */
const GOLDEN: u32 = 0x9e37_79b1;

/**
 * Folios of one order in use, spread evenly over the block, those of each block alike; the rest is free. Nothing is counted.
 *
 * @param usedQ16 the share of the folios that are in use, in units of 2^-16
 * @param stride odd: the LRU list holds folio 0, then stride, 2 * stride... (mod their number, a power of two); 1: in pfn order
 */
export function engineFillBlock(e: usize, first: u32, nr: u32, order: u32, usedQ16: u32, stride: u32): void {
  assertCount(e, first + nr);
  assert(order <= <u32>ENGINE_MAX_ORDER && (stride & 1) == 1 && popcnt(nr >> order) == 1, "no such filling");
  store<u32>(e, 1, ENGINE_SILENT);
  const folios = nr >> order;
  for (let i: u32 = 0; i < folios; i++) {
    const folio = (i * stride) & (folios - 1);
    if (isUsed(folio, usedQ16)) engineHoldFolio(e, first + (folio << order), order);
  }
  for (let folio: u32 = 0; folio < folios; ) {
    const from = folio;
    while (folio < folios && !isUsed(folio, usedQ16)) folio++;
    if (folio > from) freePages(e, first + (from << order), first + (folio << order));
    else folio++;
  }
  store<u32>(e, 0, ENGINE_SILENT);
}

function isUsed(folio: u32, usedQ16: u32): bool {
  return (folio * GOLDEN) >>> 16 < usedQ16;
}

/** In the largest aligned chunks. */
function freePages(e: usize, from: u32, end: u32): void {
  for (let page = from; page < end; ) {
    let order = min<u32>(page == 0 ? ENGINE_MAX_ORDER : ctz(page), ENGINE_MAX_ORDER);
    while (page + (1 << order) > end) order--;
    engineFreeChunk(e, page, order, MIGRATE_MOVABLE);
    page += 1 << order;
  }
}
