// The struct page array that a real kernel left, byte for byte: only words that point to list heads in the
// zone (outside the memmap) are masked, and there the model must point to a list head as well.
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FREE_AREA_HIGH } from "../../assembly/layout/hotplug.ts";
import { PAGE_LRU_NEXT, PAGE_LRU_PREV, STRUCT_PAGE_BYTES } from "../../assembly/layout/structPage.ts";
import { addBlock, onlineBlock } from "../../src/count/hotplug/block.ts";
import type { HotplugKernel } from "../../src/linux/hotplugKernel.ts";
import { Hotplug } from "../../src/wasm/memmap.ts";

const DATA = new URL("data/images/", import.meta.url);
const BLOCK_PAGES = 32768;

const images = (["6.1", "6.12"] as const).flatMap((kernel) =>
  readdirSync(new URL(`${kernel}/`, DATA)).map((file) => ({ kernel, file })),
);

/** The memmap of every block of the DIMM after its first block was added, or added and onlined. */
function modelImage(kernel: HotplugKernel, file: string, build: "release" | "debug", nrBlocks: number): Uint8Array {
  const hotplug = new Hotplug({ kernel, blockPages: BLOCK_PAGES, nrBlocks, build });
  const image = new Uint8Array(nrBlocks * BLOCK_PAGES * STRUCT_PAGE_BYTES);
  for (let block = 0; block < nrBlocks; block++) {
    hotplug.window().fill(0); // the guest's memory was fresh
    addBlock(hotplug, block, file.startsWith("self-hosted"));
    if (block === 0 && file.includes("online_movable")) onlineBlock(hotplug, block, file.startsWith("self-hosted"));
    image.set(hotplug.window(), block * BLOCK_PAGES * STRUCT_PAGE_BYTES);
  }
  expect(hotplug.badPages()).toBe(0);
  return image;
}

function differences(recorded: Uint8Array, model: Uint8Array): { differences: string[]; masked: number } {
  const a = new DataView(recorded.buffer, recorded.byteOffset);
  const b = new DataView(model.buffer, model.byteOffset);
  const found: string[] = [];
  let masked = 0;
  for (let at = 0; at < recorded.length; at += 8) {
    const want = a.getBigUint64(at, true);
    const got = b.getBigUint64(at, true);
    if (want === got) continue;
    const word = at % STRUCT_PAGE_BYTES;
    const isHead = (value: bigint) => value >> 32n === BigInt(FREE_AREA_HIGH);
    if ((word === PAGE_LRU_NEXT || word === PAGE_LRU_PREV) && isHead(want) && isHead(got)) masked++;
    else if (found.length < 10) {
      found.push(`page ${Math.floor(at / 64)} byte ${word}: recorded ${want.toString(16)}, model ${got.toString(16)}`);
    }
  }
  return { differences: found, masked };
}

describe("recorded memmap images", () => {
  it("are all here", () => expect(images).toHaveLength(10));

  describe.each(["release", "debug"] as const)("%s kernels", (build) => {
    it.each(images)("$kernel $file", ({ kernel, file }) => {
      const recorded = gunzipSync(readFileSync(new URL(`${kernel}/${file}`, DATA)));
      const nrBlocks = recorded.length / STRUCT_PAGE_BYTES / BLOCK_PAGES;
      const model = modelImage(kernel, file, build, nrBlocks);
      expect(model.length).toBe(recorded.length);
      const result = differences(recorded, model);
      expect(result.differences).toEqual([]);
      // A self-hosted block has one chunk of order 9 and 31 of order 10, a DRAM-hosted one 32 of order 10.
      const listEnds = file.startsWith("self-hosted") ? 4 : 2;
      expect(result.masked).toBe(file.includes("online_movable") ? listEnds : 0);
    });
  });
});
