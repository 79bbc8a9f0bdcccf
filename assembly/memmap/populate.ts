// Where the memmap of a range goes: vmemmap_populate_hugepages() and the altmap (mm/sparse-vmemmap.c, mm/memremap.c).

import {
  ALTMAP_ALIGN,
  ALTMAP_ALLOC,
  ALTMAP_BASE_PFN,
  ALTMAP_FREE,
  ALTMAP_RESERVE,
  CTX_DEVICE_START,
  CTX_SECTIONS,
  ENOMEM,
  SECTION_PAGES,
  SECTION_SHIFT,
  SLICE_IN_DRAM,
  SLICE_NONE,
  SLICE_PAGES,
} from "../layout/hotplug";
import { assertRange } from "./pageblock";

/**
 * Maps the slice of each section of [startPfn, startPfn + nrPages), from the block's own pages when it has an altmap.
 *
 * @param altmap byte offset of a vmem_altmap, or 0: then the page allocator gives the pages, in DRAM
 * @error -ENOMEM when the altmap is used up (there is no fallback); then none of the sections stays mapped
 */
export function vmemmapPopulate(ctx: usize, startPfn: u32, nrPages: u32, altmap: usize): i32 {
  assertRange(ctx, startPfn, nrPages, SECTION_PAGES);
  for (let done: u32 = 0; done < nrPages; done += SECTION_PAGES) {
    const slice = altmap == 0 ? <u32>SLICE_IN_DRAM : altmapAllocBlockBuf(altmap, SLICE_PAGES);
    if (slice == <u32>SLICE_NONE) {
      vmemmapFree(ctx, startPfn, done, altmap);
      return -ENOMEM;
    }
    store<u32>(sectionAt(ctx, startPfn + done), slice);
  }
  return 0;
}

/** vmemmap_free(): pages of an altmap are only counted back; pages of DRAM go to the page allocator. */
export function vmemmapFree(ctx: usize, startPfn: u32, nrPages: u32, altmap: usize): void {
  assertRange(ctx, startPfn, nrPages, SECTION_PAGES);
  for (let done: u32 = 0; done < nrPages; done += SECTION_PAGES) {
    const section = sectionAt(ctx, startPfn + done);
    if (altmap != 0 && load<u32>(section) < <u32>SLICE_IN_DRAM) {
      store<u32>(altmap, load<u32>(altmap, ALTMAP_ALLOC) - SLICE_PAGES, ALTMAP_ALLOC);
    }
    store<u32>(section, SLICE_NONE);
  }
}

/** Where the section table holds the memmap of a pfn. */
export function sectionAt(ctx: usize, pfn: u32): usize {
  const index = (pfn - load<u32>(ctx, CTX_DEVICE_START)) >> SECTION_SHIFT;
  return <usize>load<u32>(ctx, CTX_SECTIONS) + ((<usize>index) << 2);
}

/** altmap_alloc_block_buf(): the next pages, aligned to the lowest set bit of their number; or SLICE_NONE. */
function altmapAllocBlockBuf(altmap: usize, nrPfns: u32): u32 {
  const alloc = load<u32>(altmap, ALTMAP_ALLOC);
  const align = load<u32>(altmap, ALTMAP_ALIGN);
  const pfn = load<u32>(altmap, ALTMAP_BASE_PFN) + load<u32>(altmap, ALTMAP_RESERVE) + alloc + align;
  const unit: u32 = 1 << ctz(nrPfns);
  const padding = ((pfn + unit - 1) & ~(unit - 1)) - pfn;
  const free = load<u32>(altmap, ALTMAP_FREE);
  const nrFree: u32 = free > alloc + align ? free - alloc - align : 0;
  if (nrPfns + padding > nrFree) return SLICE_NONE;
  store<u32>(altmap, alloc + nrPfns, ALTMAP_ALLOC);
  store<u32>(altmap, align + padding, ALTMAP_ALIGN);
  return pfn + padding;
}
