import { OfflinePart } from "../../assembly/layout/engine.ts";
import { PAGEBLOCK_PAGES } from "../../assembly/layout/hotplug.ts";
import type { EngineMemory } from "./engineMemory.ts";
import { NONE } from "./pageEngine.ts";

/**
 * A call on so many pages makes fewer touches than the stream has room for: at most a dozen a page. Parts end where no
 * folio or chunk goes on.
 */
const PART_PAGES = 4096;

interface Pages {
  readonly first: number;
  readonly end: number;
}

/** The whole offline in one call. @return folios moved */
export function offlineAtOnce(memory: EngineMemory, { first, end }: Pages, zone: Pages): number {
  return memory.call("engineOfflineBusy", first, end - first, zone.first, zone.end);
}

/** The same in parts, so that the stream of touches can be taken out in between. @return folios moved */
export function offlineInParts(memory: EngineMemory, { first, end }: Pages, zone: Pages): number {
  const part = (name: OfflinePart, from: number, to: number): number =>
    memory.call("engineOfflinePart", name, from, to) | 0;
  const inParts = (name: OfflinePart, from: number, to: number): number => {
    let sum = 0;
    for (let at = from; at < to; at = partEnd(at)) sum += part(name, at, Math.min(to, partEnd(at)));
    return sum;
  };
  const last = end - PAGEBLOCK_PAGES;
  part(OfflinePart.isolate, first, end);
  if (first >= zone.first + PAGEBLOCK_PAGES) part(OfflinePart.edge, first - PAGEBLOCK_PAGES, first);
  part(OfflinePart.isolate, last, end);
  for (let block = first + PAGEBLOCK_PAGES; block < last; block += PAGEBLOCK_PAGES)
    part(OfflinePart.isolate, block, end);
  const movable = scanInParts(part, first, end);
  let nrFolios = 0;
  if (movable < end) {
    nrFolios = inParts(OfflinePart.collect, movable, end);
    for (let at = NONE, left = nrFolios; left > 0; left -= PART_PAGES)
      at = part(OfflinePart.look, at, Math.min(left, PART_PAGES));
    while (part(OfflinePart.batch, 0, 0) > 0);
    scanInParts(part, movable, end);
  }
  for (const name of [OfflinePart.dissolve, OfflinePart.test, OfflinePart.take]) inParts(name, first, end);
  inParts(OfflinePart.walk, end, zone.end);
  return nrFolios;
}

const partEnd = (page: number): number => page - (page % PART_PAGES) + PART_PAGES;

function scanInParts(part: (name: OfflinePart, from: number, to: number) => number, from: number, end: number): number {
  for (let at = from; at < end; at = partEnd(at)) {
    const to = Math.min(end, partEnd(at));
    const found = part(OfflinePart.scan, at, to);
    if (found < to) return found;
  }
  return end;
}
