// The per-pfn passes alone, over the struct pages in the window: no accounting, no lists. Benchmarks compare these;
// the hotplug kernels call the same functions.
import {
  CTX_CHECK_AT_PREP,
  CTX_INIT_FLAGS,
  CTX_INIT_TYPE,
  CTX_LRU_FLAG,
  CTX_OFFLINE_TYPE,
  CTX_PAGE_FLAGS,
  CTX_RESERVED_FLAG,
  CTX_SELF_HOSTED_FLAG,
  MAX_PAGE_ORDER,
  NR_MIGRATETYPES,
  PAGE_POISON_BYTE,
} from "../layout/hotplug";
import { STRUCT_PAGE_SHIFT } from "../layout/structPage";
import { checkFreedPages, releasePages } from "./freePass";
import { initPages, markSelfHosted } from "./memmap";
import { firstMovable } from "./offline";
import { assertRange, pagesOf, setPageblockMigratetypes } from "./pageblock";
import { firstWithFlags } from "./unmovable";

/** page_init_poison over a range, uncounted. */
export function poisonPass(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  memory.fill(pagesOf(ctx, startPfn, nrPages), <u8>PAGE_POISON_BYTE, (<usize>nrPages) << STRUCT_PAGE_SHIFT);
}

/** memmap_init_range over a range, uncounted. */
export function initPass(ctx: usize, startPfn: u32, nrPages: u32): void {
  assertRange(ctx, startPfn, nrPages, 1);
  const flags = load<u64>(ctx, CTX_PAGE_FLAGS) | load<u64>(ctx, CTX_INIT_FLAGS);
  const typeAndCount = <u64>load<u32>(ctx, CTX_INIT_TYPE) | ((<u64>1) << 32);
  initPages(pagesOf(ctx, startPfn, nrPages), startPfn, nrPages, flags, typeAndCount);
}

/** Chunk by chunk of the largest order, as online_pages_range() frees. @return pages in a wrong state */
export function freePass(ctx: usize, startPfn: u32, nrPages: u32): u32 {
  assertRange(ctx, startPfn, nrPages, 1);
  const reserved = load<u64>(ctx, CTX_RESERVED_FLAG);
  const checkAtPrep = load<u64>(ctx, CTX_CHECK_AT_PREP);
  const chunkPages: u32 = 1 << MAX_PAGE_ORDER;
  let bad: u32 = 0;
  for (let done: u32 = 0; done < nrPages; done += chunkPages) {
    const nr = min(chunkPages, nrPages - done);
    const pages = pagesOf(ctx, startPfn + done, nr);
    releasePages(pages, nr, reserved);
    bad += checkFreedPages(pages, nr, checkAtPrep);
  }
  return bad;
}

/** @return index of the first reserved page, or `nrPages` */
export function isolationPass(ctx: usize, startPfn: u32, nrPages: u32): u32 {
  assertRange(ctx, startPfn, nrPages, 1);
  return firstWithFlags(pagesOf(ctx, startPfn, nrPages), nrPages, load<u64>(ctx, CTX_RESERVED_FLAG));
}

/** @return index of the first movable page, or `nrPages` */
export function scanPass(ctx: usize, startPfn: u32, nrPages: u32): u32 {
  assertRange(ctx, startPfn, nrPages, 1);
  const pages = pagesOf(ctx, startPfn, nrPages);
  return firstMovable(pages, nrPages, load<u64>(ctx, CTX_LRU_FLAG), load<u32>(ctx, CTX_OFFLINE_TYPE));
}

/** @return pageblocks that had another migratetype */
export function pageblockPass(ctx: usize, startPfn: u32, nrPages: u32, migratetype: u32): u32 {
  assertRange(ctx, startPfn, nrPages, 1);
  assert(migratetype < <u32>NR_MIGRATETYPES, "no such migratetype");
  return setPageblockMigratetypes(ctx, startPfn, nrPages, migratetype);
}

/**
 * The whole life of a block's struct pages, a chunk of the largest order at a time while it is in the caches of the
 * machine that runs this: init, then free pass, isolation scan and scan_movable; the memmap's own descriptors are
 * initialised and marked. The passes of a block do not depend on each other across chunks.
 *
 * @return pages in a wrong state, plus pages at which a scan stopped: 0
 */
export function lifePass(ctx: usize, startPfn: u32, nrPages: u32, nrVmemmap: u32): u32 {
  assertRange(ctx, startPfn, nrPages, 1);
  const chunkPages: u32 = 1 << MAX_PAGE_ORDER;
  let wrong: u32 = 0;
  for (let done: u32 = 0; done < nrPages; ) {
    const isMemmap = done < nrVmemmap;
    const nr = min(chunkPages, (isMemmap ? nrVmemmap : nrPages) - done);
    const pfn = startPfn + done;
    initPass(ctx, pfn, nr);
    if (isMemmap) {
      markSelfHosted(pagesOf(ctx, pfn, nr), nr, load<u64>(ctx, CTX_SELF_HOSTED_FLAG));
    } else {
      wrong += freePass(ctx, pfn, nr) + u32(isolationPass(ctx, pfn, nr) < nr) + u32(scanPass(ctx, pfn, nr) < nr);
    }
    done += nr;
  }
  return wrong;
}
