// Where the memmap of a block lies: in its own first pages, or in DRAM.
import { describe, expect, it } from "vitest";
import { addBlock, removeIdleBlock } from "../../src/count/hotplug/block.ts";
import { Hotplug } from "../../src/wasm/memmap.ts";

const SECTION = 32768;

describe.each(["release", "debug"] as const)("%s vmemmap_populate", (build) => {
  const open = (sections: number, nrBlocks = 2) =>
    new Hotplug({ kernel: "6.12", blockPages: sections * SECTION, nrBlocks, materialise: false, build });

  it.each([
    1, 2, 16,
  ])("a self-hosted block of %i sections holds its own descriptors, section after section", (sections) => {
    const hotplug = open(sections);
    addBlock(hotplug, 1, true);
    const start = hotplug.blockPfn(1);
    for (let section = 0; section < sections; section++) {
      const pfn = start + section * SECTION;
      expect(hotplug.memmapPfn(pfn)).toBe(start + section * 512);
      expect(hotplug.memmapPfn(pfn + SECTION - 1)).toBe(start + section * 512 + 511);
    }
    expect(hotplug.altmapAlloc(1)).toBe(sections * 512);
    // Self-describing: the descriptors of the memmap's own pages lie in its first 1/64.
    const own = sections * 512;
    expect(hotplug.memmapPfn(start + own - 1)).toBe(start + own / 64 - 1);
    expect(hotplug.memmapPfn(hotplug.blockPfn(0))).toBeUndefined();
  });

  it("a block without an altmap has its memmap in DRAM", () => {
    const hotplug = open(1);
    addBlock(hotplug, 0, false);
    expect(hotplug.memmapPfn(hotplug.startPfn)).toBe("dram");
    removeIdleBlock(hotplug, 0, false);
    expect(hotplug.memmapPfn(hotplug.startPfn)).toBeUndefined();
  });

  it("add and remove give every page back, and add again finds them", () => {
    const hotplug = open(2);
    for (let i = 0; i < 3; i++) {
      addBlock(hotplug, 0, true);
      removeIdleBlock(hotplug, 0, true);
      expect(hotplug.altmapAlloc(0)).toBe(0);
    }
  });

  it.each([
    [1024, undefined],
    [1023, -12],
    [0, -12],
  ])("an altmap of %i pages for two sections: %s", (free, errno) => {
    const hotplug = open(2);
    const pfn = hotplug.blockPfn(0);
    const populate = () => hotplug.run("vmemmapPopulate", pfn, 2 * SECTION, hotplug.newAltmap(0, free));
    if (errno === undefined) expect(populate()).toBe(0);
    else {
      expect(populate).toThrow(`errno ${-errno}`);
      expect(hotplug.memmapPfn(pfn)).toBeUndefined();
      expect(hotplug.altmapAlloc(0)).toBe(0);
    }
  });
});
