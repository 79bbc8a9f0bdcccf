import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advisedBlockBytes, memoryBlockBytes } from "../../src/hotplug/blockSize.ts";
import { binaryTwin, fineBytes } from "../../src/hotplug/capacity.ts";
import { decidePlacement } from "../../src/hotplug/placement.ts";
import { trimToBlocks } from "../../src/hotplug/range.ts";
import { GIB, MIB } from "../../src/units.ts";

describe("trimToBlocks", () => {
  it("keeps exactly the blocks that lie inside the range, and accounts for every byte", () => {
    const block = fc.integer({ min: 0, max: 4 }).map((power) => 2 ** power);
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 200 }), block, (start, size, unit) => {
        const range = trimToBlocks(start, size, unit);
        const inside = Array.from({ length: 500 }, (_, i) => i * unit).filter(
          (from) => from >= start && from + unit <= start + size,
        );
        expect(range.sizeBytes).toBe(inside.length * unit);
        expect(range.lostAtStartBytes + range.sizeBytes + range.lostAtEndBytes).toBe(size);
        if (inside.length > 0)
          expect([range.startBytes, range.lostAtStartBytes]).toEqual([inside[0], inside[0]! - start]);
      }),
      { seed: 10, numRuns: 2000 },
    );
  });
});

describe("CXL windows and the x86_64 memory block", () => {
  it("advise the alignment of the worst edge, and nothing when they break the granule", () => {
    expect(advisedBlockBytes([])).toBeUndefined();
    expect(advisedBlockBytes([{ baseBytes: 64 * GIB, sizeBytes: 64 * GIB }])).toBe(64 * GIB);
    expect(advisedBlockBytes([{ baseBytes: 0, sizeBytes: 4 * GIB }])).toBe(4 * GIB);
    expect(advisedBlockBytes([{ baseBytes: 64 * GIB, sizeBytes: 64 * GIB + 512 * MIB }])).toBe(512 * MIB);
    expect(advisedBlockBytes([{ baseBytes: 64 * GIB + 128 * MIB, sizeBytes: GIB }])).toBeUndefined();
  });

  // Linux 7.3 and 6.12 in QEMU with a window at a multiple of 256 MiB and more than 64 GiB of memory, on bare metal.
  it.each([
    ["7.3", 256 * MIB, 256 * MIB],
    ["7.3", undefined, 2 * GIB],
    ["6.12", 256 * MIB, 2 * GIB],
  ])("as recorded: Linux %s, advice %s: blocks of %i", (kernel, advisedBytes, bytes) => {
    const input = { architecture: "x86_64" as const, kernel, bootEndBytes: 68 * GIB, advisedBytes };
    expect(memoryBlockBytes(input).value).toBe(bytes);
  });
});

describe("sizes of capacities", () => {
  it.each([
    [128e9, "128GiB"],
    [1e12, "1TiB"],
    [1.6e12, "1.6TiB"],
    [4096e9, "4096GiB"],
    [512e6, "512MiB"],
  ])("%i bytes stand for %s", (bytes, binary) => {
    expect(binaryTwin(bytes)?.binary).toBe(binary);
  });

  it.each([128 * GIB, 1598128390144, 121.25 * GIB, 4096e6 * 2 ** 9])("%i bytes are no decimal size", (bytes) => {
    expect(binaryTwin(bytes)).toBeUndefined();
  });

  it("three decimals", () => {
    expect([118.125 * GIB, 1.875 * GIB, 1462.78125 * GIB, 4096 * GIB, 510 * MIB, 0].map(fineBytes)).toEqual([
      "118.125 GiB",
      "1.875 GiB",
      "1462.781 GiB",
      "4 TiB",
      "510 MiB",
      "0 B",
    ]);
  });
});

describe("parameters of the placement rule", () => {
  const input = { kernel: "5.15", architecture: "x86_64", blockBytes: 2 * GIB, mode: "Y", driver: "acpi" } as const;
  it.each([
    [{ hvo: true }, "dram"],
    // Struct pages that are no power of two keep the vmemmap of huge pages anyway.
    [{ hvo: true, structPageBytes: 80 }, "on-memory"],
    [{ hvo: true, kernel: "5.19" }, "dram"],
    [{ hvo: true, kernel: "6.0" }, "on-memory"],
    [{ configured: false }, "dram"],
    [{ hashMmu: true }, "on-memory"],
    [{ hashMmu: true, architecture: "ppc64-radix-64k", kernel: "6.12" }, "dram"],
    [{ pageblockOrder: 10, blockBytes: 128 * MIB }, "dram"],
    [{ pageblockOrder: 10, blockBytes: 128 * MIB, kernel: "6.12", mode: "force" }, "on-memory"],
    [{ startBytes: GIB }, "-EINVAL"],
  ] as const)("%j: %s", (given, outcome) => {
    expect(decidePlacement({ ...input, ...given }).outcome).toBe(outcome);
  });

  it("refuses a pageblock larger than the buddy's largest piece", () => {
    expect(() => decidePlacement({ ...input, pageblockOrder: 11 })).toThrow(/at most 10 \(MAX_PAGE_ORDER\)/);
  });
});
