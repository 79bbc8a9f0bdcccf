import {
  AT_TAIL,
  ENGINE_HUGE_PAGES,
  LIST_DEFERRED,
  LIST_NONE,
  LIST_PRIVATE,
  PageOp,
} from "../../../assembly/layout/engine.ts";
import { Step } from "../../../assembly/layout/steps.ts";
import type { PageEngine } from "../../wasm/wasmPageEngine.ts";

/** A huge page of a process. */
export interface HugePage {
  readonly pfn: number;
  /** Its first pages are mapped, the rest is not any more. */
  mapped: number;
  /** Mapped by a PMD, as all of it; else by page table entries. */
  hasPmd: boolean;
}

/** A huge page right after its fault: every page mapped, by one PMD. */
export const wholeHugePage = (pfn: number): HugePage => ({ pfn, mapped: ENGINE_HUGE_PAGES, hasPmd: true });

/** __split_huge_pmd: the same pages, mapped one by one. */
export function splitPmd(engine: PageEngine, huge: HugePage): void {
  const { pfn } = huge;
  engine.run(Step.splitPmd, pfn);
  engine.runTails(Step.splitPmdTail, pfn, 1, ENGINE_HUGE_PAGES);
  engine.run(Step.splitPmdMiddle, pfn);
  engine.runTails(Step.splitPmdMap, pfn, 0, ENGINE_HUGE_PAGES);
  engine.run(Step.splitPmdDone, pfn);
  huge.hasPmd = false;
}

/** Unmaps the last `pages` of what is mapped; the huge page stays, and is queued to be split. */
export function zapPart(engine: PageEngine, huge: HugePage, pages: number): void {
  const { pfn } = huge;
  if (huge.hasPmd) splitPmd(engine, huge);
  const to = huge.mapped;
  const from = Math.max(0, to - pages);
  engine.run(Step.partZapStart, pfn, undefined, pfn + from);
  engine.runTails(Step.partZap, pfn, from, from + 1);
  defer(engine, pfn);
  engine.runTails(Step.partZap, pfn, from + 1, to);
  engine.run(Step.partZapDone, pfn);
  putPart(engine, pfn, from, to);
  huge.mapped = from;
}

/** struct mmu_gather holds pages one by one (6.1), or a page and how many follow it. */
function putPart(engine: PageEngine, pfn: number, from: number, to: number): void {
  const { zapsRanges, gatherBundle, gatherBatch } = engine.recipes.sizes;
  if (zapsRanges) {
    engine.runTails(Step.partSwap, pfn, from, from + 1);
    engine.runTails(Step.partPut, pfn, from, from + 1);
    return;
  }
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + (at === from ? gatherBundle : gatherBatch));
    engine.runTails(Step.partSwap, pfn, at, end);
    engine.runTails(Step.partPut, pfn, at, end);
    at = end;
  }
}

/** To the end of the queue, where it is not yet: its list head is in the second tail page. */
export function defer(engine: PageEngine, pfn: number): void {
  if (engine.listOf(pfn + 2) === LIST_NONE) engine.add(Step.deferAdd, LIST_DEFERRED, pfn + 2, AT_TAIL);
}

/** Who asks for a split: /sys/kernel/debug/split_huge_pages, or the shrinker of the queue. */
export type SplitCaller = "debugfs" | "shrinker";

/**
 * split_huge_page: every mapped page becomes a page of its own, on the LRU list before the head.
 *
 * @param zeroPages of the mapped pages the last so many hold nothing but zeroes
 * @param commit told each page that is freed: those not mapped, and from 6.12 on those that hold zeroes
 * @return the pages that stay mapped
 */
export function splitHugePage(
  engine: PageEngine,
  huge: HugePage,
  zeroPages: number,
  caller: SplitCaller,
  commit: (pfn: number) => void,
): number[] {
  const { pfn, mapped } = huge;
  const kept = engine.recipes.sizes.dropsZeroPages ? Math.max(1, mapped - zeroPages) : mapped;
  if (caller === "debugfs") askForSplit(engine, pfn);
  engine.run(Step.splitBegin, pfn);
  engine.runTails(Step.splitCount, pfn, 0, ENGINE_HUGE_PAGES);
  unmapForSplit(engine, huge);
  takeApart(engine, pfn);
  engine.run(Step.splitRemap, pfn);
  engine.runTails(Step.splitRemapSub, pfn, 1, kept);
  engine.runTails(Step.splitRemapZero, pfn, kept, mapped);
  engine.runTails(Step.splitRemapNone, pfn, mapped, ENGINE_HUGE_PAGES);
  engine.run(Step.splitEnd, pfn);
  engine.runTails(Step.splitKeepSub, pfn, 1, kept);
  for (let sub = pfn + kept; sub < pfn + ENGINE_HUGE_PAGES; sub++) {
    engine.remove(Step.splitFreeSub, sub);
    commit(sub);
  }
  if (caller === "debugfs") {
    engine.run(Step.splitCallerEnd, pfn);
    engine.runTails(Step.splitCallerSub, pfn, 1, ENGINE_HUGE_PAGES);
  } else engine.run(Step.deferEnd, pfn);
  return Array.from({ length: kept }, (_, i) => pfn + i);
}

function askForSplit(engine: PageEngine, pfn: number): void {
  engine.run(Step.splitCaller, pfn);
  engine.runTails(Step.splitCount, pfn, 0, ENGINE_HUGE_PAGES);
  engine.run(Step.splitCallerReady, pfn);
}

/** unmap_folio: migration entries take the place of what was mapped. */
function unmapForSplit(engine: PageEngine, { pfn, mapped, hasPmd }: HugePage): void {
  engine.run(Step.splitUnmap, pfn);
  if (hasPmd) {
    engine.run(Step.splitUnmapPmd, pfn);
    engine.runTails(Step.splitUnmapPmdTail, pfn, 1, ENGINE_HUGE_PAGES);
    engine.run(Step.splitUnmapPmdDone, pfn);
    defer(engine, pfn);
    engine.runTails(Step.splitUnmapSub, pfn, 1, ENGINE_HUGE_PAGES);
  } else {
    engine.run(Step.splitUnmapPte, pfn);
    engine.runTails(Step.splitUnmapPteSub, pfn, 1, mapped);
  }
  engine.run(Step.splitUnmapped, pfn);
  engine.runTails(Step.splitUnmappedSub, pfn, 0, ENGINE_HUGE_PAGES);
}

/** __split_huge_page: off the queue, then every tail from the last to the first. */
function takeApart(engine: PageEngine, pfn: number): void {
  engine.run(Step.splitFreeze, pfn);
  if (engine.listOf(pfn + 2) !== LIST_NONE) engine.remove(Step.splitDequeue, pfn + 2);
  engine.run(Step.splitMemcg, pfn);
  engine.runTails(Step.splitMemcgSub, pfn, 1, ENGINE_HUGE_PAGES);
  engine.run(Step.splitLock, pfn);
  for (let sub = pfn + ENGINE_HUGE_PAGES - 1; sub > pfn; sub--) engine.addBefore(Step.splitTail, pfn, sub);
  for (let sub = pfn; sub < pfn + ENGINE_HUGE_PAGES; sub++) engine.op(PageOp.splitPage, sub);
}

/** deferred_split_scan: what is queued moves to a list of its own, then each is split. */
export function splitDeferred(
  engine: PageEngine,
  huges: readonly HugePage[],
  zeroPages: number,
  commit: (pfn: number) => void,
): number[] {
  for (const { pfn } of huges) {
    engine.run(Step.deferGet, pfn);
    engine.remove(Step.deferTake, pfn + 2);
    engine.add(Step.deferMove, LIST_PRIVATE, pfn + 2, AT_TAIL);
  }
  return huges.flatMap((huge) => {
    engine.run(Step.deferTry, huge.pfn);
    return splitHugePage(engine, huge, zeroPages, "shrinker", commit);
  });
}
