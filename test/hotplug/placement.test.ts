import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { memoryBlockBytes } from "../../src/hotplug/blockSize.ts";
import { isVerified } from "../../src/hotplug/evidence.ts";
import { KERNEL_ROWS, kernelRow, kernelRules } from "../../src/hotplug/kernels.ts";
import { decidePlacement } from "../../src/hotplug/placement.ts";
import type { PlacementInput } from "../../src/hotplug/placementInput.ts";
import type { ArchitectureName } from "../../src/scenario/words.ts";
import { GIB, MIB } from "../../src/units.ts";

const x86: PlacementInput = {
  kernel: "6.12",
  architecture: "x86_64",
  blockBytes: 128 * MIB,
  mode: "Y",
  driver: "acpi",
};

describe("results for common machines, kernel 6.12 [calc]", () => {
  // architecture, struct page, block, accepted in mode Y, in force, reserved and wasted pages in force
  const rows: readonly [ArchitectureName, number, number, boolean, boolean, number, number][] = [
    ["x86_64", 64, 128 * MIB, true, true, 512, 0],
    ["x86_64", 64, 256 * MIB, true, true, 1024, 0],
    ["x86_64", 64, 512 * MIB, true, true, 2048, 0],
    ["x86_64", 64, 1 * GIB, true, true, 4096, 0],
    ["x86_64", 64, 2 * GIB, true, true, 8192, 0],
    ["arm64-4k", 64, 128 * MIB, true, true, 512, 0],
    ["x86_64", 80, 128 * MIB, false, false, 1024, 384],
    ["x86_64", 80, 256 * MIB, false, false, 1536, 256],
    ["x86_64", 80, 512 * MIB, true, true, 2560, 0],
    ["x86_64", 80, 1 * GIB, true, true, 5120, 0],
    ["x86_64", 80, 2 * GIB, true, true, 10240, 0],
    ["x86_64", 96, 128 * MIB, false, false, 1024, 256],
    ["x86_64", 96, 256 * MIB, true, true, 1536, 0],
    ["arm64-16k", 64, 128 * MIB, false, false, 2048, 2016],
    ["arm64-64k", 64, 512 * MIB, false, false, 8192, 8184],
    ["ppc64-radix-64k", 64, 16 * MIB, false, false, 32, 31],
    ["ppc64-radix-64k", 64, 256 * MIB, false, true, 32, 28],
    ["ppc64-radix-64k", 56, 256 * MIB, false, false, 32, 28],
    ["ppc64-radix-64k", 64, 1 * GIB, false, true, 32, 16],
    ["ppc64-radix-64k", 64, 2 * GIB, true, true, 32, 0],
    ["s390", 64, 256 * MIB, true, true, 1024, 0],
  ];
  it.each(
    rows,
  )("%s, struct page %i, block %i: Y %s, force %s", (architecture, structPageBytes, blockBytes, y, force, r, w) => {
    const input = { ...x86, architecture, structPageBytes, blockBytes, driver: "direct" as const };
    expect(decidePlacement({ ...input, mode: "Y" }).selfHosted).toBe(y);
    const forced = decidePlacement({ ...input, mode: "force" });
    expect(forced.selfHosted).toBe(force);
    expect([forced.reservedPages, forced.wastePages]).toEqual([r, w]);
    expect(decidePlacement({ ...input, mode: "N" }).outcome).toBe("dram");
  });
});

describe("each kernel row on x86_64, 128 MiB blocks", () => {
  // version, one block by ACPI, two blocks by ACPI, two blocks by a caller that asks, mode force
  const rows: readonly [string, string, string, string, string][] = [
    ["5.14", "on-memory", "dram", "-EINVAL", "dram"],
    ["6.1.192", "on-memory", "dram", "-EINVAL", "dram"],
    ["6.5", "on-memory", "dram", "-EINVAL", "dram"],
    ["6.6", "on-memory", "dram", "dram", "on-memory"],
    ["6.7", "on-memory", "dram", "dram", "on-memory"],
    ["6.8", "on-memory", "on-memory", "on-memory", "on-memory"],
    ["6.11", "on-memory", "on-memory", "on-memory", "on-memory"],
    ["6.17", "on-memory", "on-memory", "on-memory", "on-memory"],
    ["6.19", "on-memory", "on-memory", "on-memory", "on-memory"],
    ["7.1", "on-memory", "on-memory", "on-memory", "on-memory"],
  ];
  it.each(rows)("%s", (kernel, one, two, asked, force) => {
    const rangeBytes = 256 * MIB;
    expect(decidePlacement({ ...x86, kernel }).outcome).toBe(one);
    expect(decidePlacement({ ...x86, kernel, rangeBytes }).outcome).toBe(two);
    expect(decidePlacement({ ...x86, kernel, rangeBytes, driver: "direct" }).outcome).toBe(asked);
    expect(decidePlacement({ ...x86, kernel, mode: "force" }).outcome).toBe(force);
  });

  it.each(KERNEL_ROWS)("every rule of %s names its source and evidence", (row) => {
    for (const [rule, fact] of Object.entries(kernelRules(row))) {
      expect(fact.source, rule).not.toBe("");
      expect(fact.evidence, rule).toMatch(
        /^(read-6\.1|read-6\.12|read-7\.x|recorded|list|recalled|computed|inferred)$/,
      );
    }
  });

  it("marks rows that nobody read: 5.14 and 6.6 are, 6.1 and 6.12 are not", () => {
    const unread = (kernel: string) =>
      decidePlacement({ ...x86, kernel }).conditions.some((c) => !isVerified(c.evidence));
    expect(["5.14", "6.1", "6.6", "6.8", "6.12"].map(unread)).toEqual([true, true, true, true, false]);
  });

  it("5.14 also excludes hugetlb vmemmap freeing, 6.0 does not", () => {
    expect(decidePlacement({ ...x86, kernel: "5.14", hvo: true }).outcome).toBe("dram");
    expect(decidePlacement({ ...x86, kernel: "6.0", hvo: true }).outcome).toBe("on-memory");
  });
});

describe("gates are tight on both sides", () => {
  it("a range of n blocks is accepted, one byte less is -EINVAL", () => {
    expect(decidePlacement({ ...x86, rangeBytes: 256 * MIB }).nrBlocks).toBe(2);
    expect(decidePlacement({ ...x86, rangeBytes: 256 * MIB - 1 }).outcome).toBe("-EINVAL");
    expect(decidePlacement({ ...x86, rangeBytes: 0 }).outcome).toBe("-EINVAL");
  });

  it("the architecture came at its version", () => {
    const ppc = {
      ...x86,
      architecture: "ppc64-radix-64k" as const,
      blockBytes: 2 * GIB,
      driver: "ppc64-dlpar" as const,
    };
    expect(decidePlacement({ ...ppc, kernel: "6.5" }).outcome).toBe("-EINVAL");
    expect(decidePlacement({ ...ppc, kernel: "6.6" }).outcome).toBe("on-memory");
    const s390 = { ...x86, architecture: "s390" as const, blockBytes: 256 * MIB, driver: "s390-sclp" as const };
    expect(decidePlacement({ ...s390, kernel: "6.7" }).outcome).toBe("dram");
    expect(decidePlacement({ ...s390, kernel: "6.8" }).outcome).toBe("on-memory");
    expect(decidePlacement({ ...s390, kernel: "6.19" }).outcome).toBe("dram");
    expect(decidePlacement({ ...s390, kernel: "6.19", attribute: true }).outcome).toBe("on-memory");
  });

  it("dax/kmem: the attribute is a request, its default depends on the kind, and it came in 6.8", () => {
    const dax = { ...x86, driver: "dax-kmem" as const };
    expect(decidePlacement({ ...dax, daxKind: "cxl" }).outcome).toBe("on-memory");
    expect(decidePlacement({ ...dax, daxKind: "pmem" }).outcome).toBe("dram");
    expect(decidePlacement({ ...dax, daxKind: "pmem", attribute: true }).outcome).toBe("on-memory");
    expect(decidePlacement({ ...dax, attribute: true, mode: "N" }).outcome).toBe("dram");
    expect(decidePlacement({ ...dax, attribute: true, kernel: "6.7" }).outcome).toBe("dram");
  });

  it("struct page sizes: words of 8 bytes up to 128, those that no configuration has as a what-if", () => {
    for (const structPageBytes of [57, 136]) {
      expect(() => decidePlacement({ ...x86, structPageBytes })).toThrow(InputError);
    }
    expect(decidePlacement({ ...x86, structPageBytes: 56 }).memmapPages).toBe(448);
    expect(decidePlacement({ ...x86, structPageBytes: 96, kernel: "6.1" }).outcome).toBe("dram");
  });

  it.each([64 * MIB, 192 * MIB, 0, -1, Number.NaN])("a block of %d bytes is refused", (blockBytes) => {
    expect(() => decidePlacement({ ...x86, blockBytes })).toThrow(InputError);
  });
});

describe("memory block size", () => {
  const rows: readonly [string, Parameters<typeof memoryBlockBytes>[0], number][] = [
    ["x86 just below 64 GiB", { architecture: "x86_64", kernel: "6.12", bootEndBytes: 64 * GIB - 1 }, 128 * MIB],
    ["x86 bare metal from 64 GiB", { architecture: "x86_64", kernel: "6.12", bootEndBytes: 64 * GIB }, 2 * GIB],
    ["x86 VM aligned", { architecture: "x86_64", kernel: "6.1", bootEndBytes: 68 * GIB, hypervisor: true }, 2 * GIB],
    [
      "x86 VM, 512 MiB aligned",
      { architecture: "x86_64", kernel: "6.1", bootEndBytes: 65.5 * GIB, hypervisor: true },
      512 * MIB,
    ],
    [
      "x86 VM, odd end",
      { architecture: "x86_64", kernel: "6.1", bootEndBytes: 65 * GIB + MIB, hypervisor: true },
      128 * MIB,
    ],
    [
      "CXL advice is ignored at 6.14",
      { architecture: "x86_64", kernel: "6.14", bootEndBytes: 64 * GIB, advisedBytes: 256 * MIB },
      2 * GIB,
    ],
    [
      "CXL advice from 6.15",
      { architecture: "x86_64", kernel: "6.15", bootEndBytes: 64 * GIB, advisedBytes: 256 * MIB },
      256 * MIB,
    ],
    ["arm64 4K", { architecture: "arm64-4k", kernel: "6.12" }, 128 * MIB],
    ["arm64 64K", { architecture: "arm64-64k", kernel: "6.12" }, 512 * MIB],
    ["s390 6.12", { architecture: "s390", kernel: "6.12" }, 256 * MIB],
    ["s390 6.14", { architecture: "s390", kernel: "6.14" }, 128 * MIB],
    ["s390, large increments", { architecture: "s390", kernel: "6.12", incrementBytes: 512 * MIB }, 512 * MIB],
    ["ppc64", { architecture: "ppc64-radix-64k", kernel: "6.12", lmbBytes: 256 * MIB }, 256 * MIB],
  ];
  it.each(rows)("%s", (_name, input, bytes) => {
    expect(memoryBlockBytes(input).value).toBe(bytes);
  });
});

describe("kernel versions", () => {
  it.each([
    ["5.14", "5.14"],
    ["v5.19.3", "5.14"],
    ["6.1.192-2", "6.1"],
    ["6.5.0", "6.1"],
    ["6.12.117-1~deb12u1", "6.11"],
    ["Linux 6.12.117+deb12-amd64", "6.11"],
    ["6.18", "6.17"],
    ["7.1-rc1", "6.19"],
  ])("%s is served by row %s", (version, row) => {
    expect(kernelRow(version)).toBe(row);
  });
  it.each(["5.13", "4.19", "", "six", "6", "6.x", "-6.1"])("%j is refused", (version) => {
    expect(() => kernelRow(version)).toThrow(InputError);
  });
});
