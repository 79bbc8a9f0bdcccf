/** What the model leaves in the struct pages that a recorded image shows, and where the two differ. */
import { FREE_AREA_HIGH } from "../../assembly/layout/hotplug.ts";
import { PAGE_LRU_NEXT, PAGE_LRU_PREV, STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { addBlock, onlineBlock } from "../../src/count/hotplug/block.ts";
import type { RecordedKernel } from "../../src/linux/recordedKernels.ts";
import { Hotplug } from "../../src/wasm/memmap.ts";

const BLOCK_PAGES = 32768;
const MAX_TOLD = 10;

export interface ImageDifferences {
  /** The first of them, in words. */
  readonly differences: readonly string[];
  /** Words that point to list heads in the zone, outside the memmap, in both. */
  readonly masked: number;
}

/**
 * The memmap of every block of a DIMM after its first block was added, or added and onlined.
 *
 * @param name of the image: self-hosted or dram-hosted, added or online_movable
 */
function modelImage(kernel: RecordedKernel, name: string, build: "release" | "debug", nrBlocks: number): Uint8Array {
  const hotplug = new Hotplug({ kernel, blockPages: BLOCK_PAGES, nrBlocks, build });
  const image = new Uint8Array(nrBlocks * BLOCK_PAGES * STRUCT_PAGE_BYTES);
  const isSelfHosted = name.startsWith("self-hosted");
  for (let block = 0; block < nrBlocks; block++) {
    hotplug.window().fill(0); // the guest's memory was fresh
    addBlock(hotplug, block, isSelfHosted);
    if (block === 0 && name.includes("online_movable")) onlineBlock(hotplug, block, isSelfHosted);
    image.set(hotplug.window(), block * BLOCK_PAGES * STRUCT_PAGE_BYTES);
  }
  if (hotplug.badPages() !== 0) throw new Error(`${name}: the model has ${hotplug.badPages()} bad pages`);
  return image;
}

/** Byte for byte, but for words that point to list heads in the zone: there the model has to point to one as well. */
export function compareImage(
  recorded: Uint8Array,
  kernel: RecordedKernel,
  name: string,
  build: "release" | "debug" = "release",
): ImageDifferences {
  const model = modelImage(kernel, name, build, recorded.length / STRUCT_PAGE_BYTES / BLOCK_PAGES);
  const a = new DataView(recorded.buffer, recorded.byteOffset, recorded.length);
  const b = new DataView(model.buffer, model.byteOffset, model.length);
  const differences: string[] = [];
  let masked = 0;
  for (let at = 0; at < recorded.length; at += 8) {
    const want = a.getBigUint64(at, true);
    const got = b.getBigUint64(at, true);
    if (want === got) continue;
    const word = at % STRUCT_PAGE_BYTES;
    const isHead = (value: bigint) => value >> 32n === BigInt(FREE_AREA_HIGH);
    if ((word === PAGE_LRU_NEXT || word === PAGE_LRU_PREV) && isHead(want) && isHead(got)) masked++;
    else if (differences.length < MAX_TOLD) {
      const page = Math.floor(at / STRUCT_PAGE_BYTES);
      differences.push(`page ${page} byte ${word}: recorded ${want.toString(16)}, model ${got.toString(16)}`);
    }
  }
  return { differences, masked };
}
