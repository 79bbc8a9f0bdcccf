// A whole device with every struct page in memory: the fast way, for sizes up to 16 TiB in one window.
import { Hotplug } from "../../wasm/memmap.ts";
import { vmemmapPages } from "./block.ts";
import { type WalkOptions, type WalkPhase, walkHotplug } from "./walk.ts";

/** Blocks per session: pfns of a session are 32-bit numbers, and longer devices repeat them. */
const SESSION_BLOCKS = 512;

/**
 * Counts every touch of a device's life as `walkHotplug` does, and writes, frees and scans each of its struct pages
 * in linear memory, block by block through one window and chunk by chunk within it: the passes of a block do not
 * depend on each other across chunks, so each line goes through the host's memory once.
 *
 * @error Error when a pass met a page in a state that no idle block has
 */
export function liveWholeDevice(options: Omit<WalkOptions, "materialise" | "sampleClasses" | "method">): WalkPhase[] {
  const { blockPages, nrBlocks, selfHosted } = options;
  const hotplug = new Hotplug({ ...options, nrBlocks: Math.min(nrBlocks, SESSION_BLOCKS), materialise: true });
  const nrVmemmap = vmemmapPages(blockPages, selfHosted);
  let wrong = 0;
  for (let block = 0; block < nrBlocks; block++) {
    const window = block % SESSION_BLOCKS;
    hotplug.openWindow(window);
    wrong += hotplug.run("lifePass", hotplug.blockPfn(window), blockPages, nrVmemmap);
  }
  if (wrong > 0) throw new Error(`${wrong} struct pages in a wrong state`);
  return walkHotplug({ ...options, materialise: false, sampleClasses: true });
}
