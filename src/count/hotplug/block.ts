// What the memory block device does (drivers/base/memory.c), as calls of one kernel per phase.
import { MIGRATE_ISOLATE } from "../../../assembly/layout/hotplug.ts";
import { PAGE_BYTES, STRUCT_PAGE_BYTES } from "../../../assembly/layout/structPage.ts";
import type { HotplugPassName } from "../../counts.ts";
import { HotplugError } from "../../errors.ts";
import type { Hotplug } from "../../wasm/memmap.ts";

/** Descriptors that describe the memmap's own pages, when a block hosts its memmap: one page in 64. */
export function vmemmapPages(blockPages: number, selfHosted: boolean): number {
  return selfHosted ? (blockPages * STRUCT_PAGE_BYTES) / PAGE_BYTES : 0;
}

/** A named stretch of an operation, told when it ends, so that a caller can take the counts of each. */
export type AfterPart = (part: HotplugPassName) => void;

/**
 * __add_pages() of one block: its memmap is placed, section by section; no struct page is written unless
 * CONFIG_DEBUG_VM poisons them, which memory out of reach cannot be (sparse_add_section(), 6.8 to 6.18). An altmap may give the whole block up to 6.7, the memmap's own pages from 6.8 on:
 * what it gives is the same.
 */
export function addBlock(hotplug: Hotplug, block: number, selfHosted: boolean, after: AfterPart = () => {}): void {
  hotplug.openWindow(block);
  const pfn = hotplug.blockPfn(block);
  const altmap = selfHosted ? hotplug.newAltmap(block, vmemmapPages(hotplug.blockPages, true)) : 0;
  hotplug.run("vmemmapPopulate", pfn, hotplug.blockPages, altmap);
  const inaccessible = selfHosted && hotplug.offlineInaccessible;
  if (inaccessible) hotplug.run("setInaccessible", pfn, hotplug.blockPages, 1);
  else hotplug.run("pageInitPoison", pfn, hotplug.blockPages);
  after("poison");
}

/** arch_remove_memory() of an offline block: reads and writes none of its struct pages. */
export function removeIdleBlock(hotplug: Hotplug, block: number, selfHosted: boolean): void {
  const altmap = selfHosted ? hotplug.altmapOf(block) : 0;
  hotplug.run("vmemmapFree", hotplug.blockPfn(block), hotplug.blockPages, altmap);
  if (selfHosted && hotplug.altmapAlloc(block) !== 0) throw new HotplugError("remove", 22, "altmap not fully unmapped");
}

/** memory_block_online(): the memmap's own descriptors first, then online_pages() of the rest. */
export function onlineBlock(hotplug: Hotplug, block: number, selfHosted: boolean, after: AfterPart = () => {}): void {
  hotplug.openWindow(block);
  const blockPfn = hotplug.blockPfn(block);
  const nrVmemmap = vmemmapPages(hotplug.blockPages, selfHosted);
  const startPfn = blockPfn + nrVmemmap;
  const nrPages = hotplug.blockPages - nrVmemmap;
  if (selfHosted && hotplug.offlineInaccessible) {
    // MEM_PREPARE_ONLINE; then mhp_init_memmap_on_memory() poisons what it is about to initialise, and no more.
    hotplug.run("setInaccessible", blockPfn, hotplug.blockPages, 0);
    hotplug.run("pageInitPoison", blockPfn, nrVmemmap);
  }
  if (nrVmemmap > 0) hotplug.run("mhpInitMemmapOnMemory", blockPfn, nrVmemmap);
  after("self-hosted init");
  hotplug.run("movePfnRangeToZone", startPfn, nrPages, MIGRATE_ISOLATE);
  hotplug.run("startOnlineIsolated", nrPages);
  after("init");
  hotplug.run("onlinePagesRange", startPfn, nrPages);
  hotplug.run("adjustPresentPageCount", startPfn, nrPages);
  after("free pass");
  hotplug.run("undoIsolatePageRange", startPfn, nrPages);
  after("undo isolation");
  if (nrVmemmap > 0) hotplug.run("adjustPresentPageCount", blockPfn, nrVmemmap);
  after("account");
}

/** memory_block_offline() of a block whose pages are all free, or nearly: what is in use is the page engine's. */
export function offlineBlock(hotplug: Hotplug, block: number, selfHosted: boolean, after: AfterPart = () => {}): void {
  hotplug.openWindow(block);
  const blockPfn = hotplug.blockPfn(block);
  const nrVmemmap = vmemmapPages(hotplug.blockPages, selfHosted);
  const startPfn = blockPfn + nrVmemmap;
  const nrPages = hotplug.blockPages - nrVmemmap;
  if (nrVmemmap > 0) hotplug.run("adjustPresentPageCount", blockPfn, -nrVmemmap);
  hotplug.run("checkOfflineRange", startPfn, nrPages);
  hotplug.run("startIsolatePageRange", startPfn, nrPages);
  after("isolate");
  const found = hotplug.run("scanMovablePages", startPfn, nrPages);
  if (found !== nrPages) throw new HotplugError("offline", 16, `pfn ${startPfn + found} is in use`);
  hotplug.run("dissolveFreeHugetlbFolios", startPfn, nrPages);
  hotplug.run("testPagesIsolated", startPfn, nrPages);
  hotplug.run("offlineIsolatedPages", startPfn, nrPages);
  hotplug.run("adjustManagedPageCount", startPfn, -nrPages);
  hotplug.run("adjustPresentPageCount", startPfn, -nrPages);
  after("scan");
  hotplug.run("removePfnRangeFromZone", startPfn, nrPages);
  if (nrVmemmap > 0) hotplug.run("mhpDeinitMemmapOnMemory", blockPfn, nrVmemmap);
  // MEM_FINISH_OFFLINE.
  if (selfHosted && hotplug.offlineInaccessible) hotplug.run("setInaccessible", blockPfn, hotplug.blockPages, 1);
  after("leave zone");
}

/** Brings the struct pages of an online idle block back into the window, uncounted. */
export function materialiseBlock(hotplug: Hotplug, block: number, selfHosted: boolean): void {
  hotplug.openWindow(block);
  const nrVmemmap = vmemmapPages(hotplug.blockPages, selfHosted);
  hotplug.run("materialiseBlock", hotplug.blockPfn(block), hotplug.blockPages, nrVmemmap);
}
