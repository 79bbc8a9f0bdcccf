// The per-pfn passes on ranges of every length: what they write, that they write nothing else, and where scans stop.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  PAGE_FLAGS,
  PAGE_MAPPING,
  PAGE_REFCOUNT,
  PAGE_TYPE,
  STRUCT_PAGE_BYTES,
} from "../../assembly/layout/structPage.ts";
import { pageFlagsOf, STRUCT_PAGE_FORMATS } from "../../src/linux/hotplugKernel.ts";
import type { RecordedKernel } from "../../src/linux/recordedKernels.ts";
import { Hotplug } from "../../src/wasm/memmap.ts";
import { lruOf } from "../twin/memmapZone.ts";

const BLOCK = 32768;
const FILLER = 0xa5;

const ranges = fc
  .oneof(
    fc.tuple(fc.constant(0), fc.constantFrom(0, 1, 511, 512, 513, BLOCK - 1, BLOCK)),
    fc.tuple(fc.integer({ min: 0, max: BLOCK - 2048 }), fc.integer({ min: 0, max: 2048 })),
  )
  .map(([from, nrPages]) => ({ from, nrPages }));
const kernels = fc.constantFrom<RecordedKernel>("6.1", "6.12", "6.17", "7.3");

interface Opened {
  readonly hotplug: Hotplug;
  readonly window: Uint8Array;
  readonly view: DataView;
  readonly pfn: number;
}

function open(
  kernel: RecordedKernel,
  build: "release" | "debug",
  nid = 1,
  zone: "movable" | "kernel" = "movable",
): Opened {
  const hotplug = new Hotplug({ kernel, blockPages: BLOCK, nrBlocks: 1, nid, zone, build });
  hotplug.openWindow(0);
  const window = hotplug.window();
  window.fill(FILLER);
  return { hotplug, window, view: new DataView(window.buffer, window.byteOffset), pfn: hotplug.startPfn };
}

/** No byte outside [from, from + nrPages) was written. */
function expectUntouched({ window }: Opened, from: number, nrPages: number): void {
  const isFiller = (byte: number) => byte === FILLER;
  expect(window.subarray(0, from * STRUCT_PAGE_BYTES).every(isFiller)).toBe(true);
  expect(window.subarray((from + nrPages) * STRUCT_PAGE_BYTES).every(isFiller)).toBe(true);
}

describe.each(["release", "debug"] as const)("%s passes", (build) => {
  const parameters = { numRuns: build === "release" ? 40 : 10, seed: 20261121 };

  it("memmap init writes all 64 bytes of each page, with its zone and node, and nothing else", () => {
    const nodes = fc.tuple(fc.constantFrom(0, 1, 511, 1023), fc.constantFrom("movable" as const, "kernel" as const));
    const property = fc.property(kernels, ranges, nodes, (kernel, { from, nrPages }, [nid, zone]) => {
      const opened = open(kernel, build, nid, zone);
      opened.hotplug.run("initPass", opened.pfn + from, nrPages);
      expectUntouched(opened, from, nrPages);
      const format = STRUCT_PAGE_FORMATS[kernel];
      const reserved = format.initReserved ? 1n << BigInt(format.reservedBit) : 0n;
      const flags = pageFlagsOf(nid, zone === "movable" ? 3 : 2) | reserved;
      const type = BigInt(format.initType) | (1n << 32n);
      for (let i = from; i < from + nrPages; i++) {
        const lru = lruOf(opened.pfn + i);
        [flags, lru, lru, 0n, 0n, 0n, type, 0n].forEach((want, word) => {
          const got = opened.view.getBigUint64(i * STRUCT_PAGE_BYTES + word * 8, true);
          if (got !== want) expect({ i, word, got }).toEqual({ i, word, got: want });
        });
      }
    });
    fc.assert(property, parameters);
  });

  it("poison sets every byte of the range", () => {
    const property = fc.property(ranges, ({ from, nrPages }) => {
      const opened = open("6.12", build);
      opened.hotplug.run("poisonPass", opened.pfn + from, nrPages);
      expectUntouched(opened, from, nrPages);
      const bytes = opened.window.subarray(from * STRUCT_PAGE_BYTES, (from + nrPages) * STRUCT_PAGE_BYTES);
      expect(bytes.every((byte) => byte === 0xff)).toBe(true);
    });
    fc.assert(property, parameters);
  });

  it("the free pass frees every page, and counts those that may not be freed", () => {
    const property = fc.property(kernels, ranges, fc.nat(), (kernel, { from, nrPages }, spoiled) => {
      const opened = open(kernel, build);
      opened.hotplug.run("initPass", opened.pfn + from, nrPages);
      const victim = nrPages > 0 ? from + (spoiled % nrPages) : undefined;
      if (victim !== undefined) opened.view.setBigUint64(victim * STRUCT_PAGE_BYTES + PAGE_MAPPING, 8n, true);
      expect(opened.hotplug.run("freePass", opened.pfn + from, nrPages)).toBe(nrPages > 0 ? 1 : 0);
      expectUntouched(opened, from, nrPages);
      for (let i = from; i < from + nrPages; i++) {
        const at = i * STRUCT_PAGE_BYTES;
        const state = [PAGE_TYPE, PAGE_REFCOUNT].map((field) => opened.view.getUint32(at + field, true));
        if (state[0] !== 0xffff_ffff || state[1] !== 0) expect({ i, state }).toEqual({ i, state: [0xffff_ffff, 0] });
        const flags = opened.view.getBigUint64(at + PAGE_FLAGS, true);
        if (flags !== pageFlagsOf(1, 3)) expect({ i, flags }).toEqual({ i, flags: pageFlagsOf(1, 3) });
      }
    });
    fc.assert(property, parameters);
  });

  it("scans stop at the first page that they look for, wherever it is", () => {
    const kinds = fc.constantFrom("none", "lru", "movable", "offline", "anon", "in use");
    const property = fc.property(kernels, ranges, kinds, fc.nat(), (kernel, { from, nrPages }, kind, place) => {
      const format = STRUCT_PAGE_FORMATS[kernel];
      const opened = open(kernel, build);
      opened.hotplug.run("initPass", opened.pfn, BLOCK);
      opened.hotplug.run("freePass", opened.pfn, BLOCK);
      const index = nrPages > 0 ? place % nrPages : 0;
      const at = (from + index) * STRUCT_PAGE_BYTES;
      const { view } = opened;
      if (kind !== "none" && nrPages > 0) view.setUint32(at + PAGE_REFCOUNT, 1, true);
      if (kind === "lru") view.setBigUint64(at, view.getBigUint64(at, true) | (1n << BigInt(format.lruBit)), true);
      if (kind === "movable") view.setBigUint64(at + PAGE_MAPPING, 0x1002n, true);
      if (kind === "anon") view.setBigUint64(at + PAGE_MAPPING, 0x1003n, true);
      if (kind === "offline") view.setUint32(at + PAGE_TYPE, format.offlineType, true);
      const stops = ["lru", "movable", "offline"].includes(kind);
      expect(opened.hotplug.run("scanPass", opened.pfn + from, nrPages)).toBe(
        stops ? Math.min(index, nrPages) : nrPages,
      );
      expect(opened.hotplug.run("isolationPass", opened.pfn + from, nrPages)).toBe(nrPages);
      if (nrPages === 0) return;
      view.setBigUint64(at, view.getBigUint64(at, true) | (1n << BigInt(format.reservedBit)), true);
      expect(opened.hotplug.run("isolationPass", opened.pfn + from, nrPages)).toBe(index);
    });
    fc.assert(property, parameters);
  });

  it("a whole life leaves free pages, and the descriptors of the memmap's own pages", () => {
    for (const kernel of ["6.1", "6.12"] as const) {
      const { hotplug, view, pfn } = open(kernel, build);
      expect(hotplug.run("lifePass", pfn, BLOCK, 512)).toBe(0);
      const { reservedBit, selfHostedBit, initReserved } = STRUCT_PAGE_FORMATS[kernel];
      const own = (initReserved ? 1n << BigInt(reservedBit) : 0n) | (1n << BigInt(selfHostedBit));
      for (let i = 0; i < BLOCK; i++) {
        const want = [pageFlagsOf(1, 3) | (i < 512 ? own : 0n), 0xffff_ffffn | (i < 512 ? 1n << 32n : 0n)];
        const got = [0, PAGE_TYPE].map((field) => view.getBigUint64(i * STRUCT_PAGE_BYTES + field, true));
        if (got[0] !== want[0] || got[1] !== want[1]) expect({ i, got }).toEqual({ i, got: want });
      }
    }
  });

  it("pageblock flags change only in the range", () => {
    const { hotplug, pfn } = open("6.12", build);
    expect(hotplug.run("pageblockPass", pfn, BLOCK, 1)).toBe(64);
    expect(hotplug.run("pageblockPass", pfn + 512, 512 * 7, 5)).toBe(7);
    expect(hotplug.run("pageblockPass", pfn, BLOCK, 1)).toBe(7);
    expect(hotplug.run("pageblockPass", pfn, 0, 5)).toBe(0);
    expect(hotplug.run("pageblockPass", pfn, 1, 5)).toBe(1);
  });
});

describe("Hotplug", () => {
  it("refuses what no machine has, saying what it expected", () => {
    const base = { kernel: "6.12" as const, blockPages: BLOCK, nrBlocks: 1 };
    expect(() => new Hotplug({ ...base, blockPages: 1000 })).toThrow("a memory block of 1000 pages");
    expect(() => new Hotplug({ ...base, blockPages: 0 })).toThrow("a multiple of the section, 32768 pages");
    expect(() => new Hotplug({ ...base, nrBlocks: 0 })).toThrow("0 memory blocks");
    expect(() => new Hotplug({ ...base, startPfn: 7 })).toThrow("a device at pfn 7");
    expect(() => new Hotplug({ ...base, nrBlocks: 200_000 })).toThrow("an end below 16 TiB");
    expect(() => new Hotplug({ ...base, blockPages: 2 ** 26 })).toThrow("bytes of linear memory");
    expect(() => new Hotplug(base).blockPfn(1)).toThrow("block 1 of a device of 1");
  });
});
