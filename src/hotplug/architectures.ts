import { InputError, nearestName } from "../errors.ts";
import { isKernelBefore } from "../linux/version.ts";
import { ARCHITECTURES, type ArchitectureName } from "../scenario/words.ts";
import { MIB } from "../units.ts";
import type { DatedFact, Fact } from "./evidence.ts";
import { hotplugVersion } from "./kernels.ts";

/** Boot-time constants of one architecture and page size. */
export interface Architecture {
  readonly name: ArchitectureName;
  /** The entry of `KernelRules.architectures` it belongs to. */
  readonly family: string;
  /** The first kernel that can hot-add memory on it. Absent: every kernel of the table. */
  readonly hotplugSince?: Fact<string>;
  readonly pageBytes: number;
  readonly sectionBytes: Fact<number>;
  readonly pmdBytes: Fact<number>;
  readonly maxPageOrder: Fact<number>;
  readonly pageblockOrder: Fact<number>;
  /** What arch_supports_memmap_on_memory asks of the memmap of one block. */
  readonly memmapRule: Fact<"whole-pmds" | "any">;
  /** struct page sizes that a configuration of this architecture can have. */
  readonly structPageBytes: Fact<readonly number[]>;
}

interface ArchitectureRow extends Omit<Architecture, "sectionBytes"> {
  readonly sectionBytes: readonly DatedFact<number>[];
}

const SPARSEMEM = "arch/*/include/asm/sparsemem.h SECTION_SIZE_BITS";
const PAGEBLOCK = "include/linux/pageblock-flags.h pageblock_order";
const PMD_HOOK = "include/linux/memory_hotplug.h arch_supports_memmap_on_memory: whole PMD_SIZE";
const aligned: Fact<readonly number[]> = {
  value: [64, 80, 96],
  source: "include/linux/mm_types.h, HAVE_ALIGNED_STRUCT_PAGE pads 56 to 64",
  evidence: "read-6.12",
};

const section = (value: number): readonly DatedFact<number>[] => [
  { since: "5.14", value, source: SPARSEMEM, evidence: "read-6.12" },
];
const read = <T>(value: T, source: string): Fact<T> => ({ value, source, evidence: "read-6.12" });
const recalled = <T>(value: T, source: string): Fact<T> => ({ value, source, evidence: "recalled" });

const ARM64_ORDER = "arch/arm64/Kconfig ARCH_FORCE_MAX_ORDER";
const arm64 = { family: "arm64", memmapRule: read("whole-pmds" as const, PMD_HOOK), structPageBytes: aligned };

const ppc64 = {
  family: "ppc64",
  sectionBytes: section(16 * MIB),
  structPageBytes: read([56, 64, 80, 96], "include/linux/mm_types.h, no HAVE_ALIGNED_STRUCT_PAGE: 56 without MEMCG"),
};

const ROWS: readonly ArchitectureRow[] = [
  {
    name: "x86_64",
    family: "x86_64",
    pageBytes: 4096,
    sectionBytes: section(128 * MIB),
    pmdBytes: read(2 * MIB, "arch/x86/include/asm/pgtable_64_types.h PMD_SHIFT"),
    maxPageOrder: read(10, "include/linux/mmzone.h MAX_PAGE_ORDER"),
    pageblockOrder: read(9, PAGEBLOCK),
    memmapRule: read("whole-pmds", PMD_HOOK),
    structPageBytes: aligned,
  },
  {
    ...arm64,
    name: "arm64-4k",
    pageBytes: 4096,
    sectionBytes: section(128 * MIB),
    pmdBytes: read(2 * MIB, "arch/arm64/include/asm/pgtable-hwdef.h PMD_SHIFT"),
    maxPageOrder: read(10, ARM64_ORDER),
    pageblockOrder: read(9, PAGEBLOCK),
  },
  {
    ...arm64,
    name: "arm64-16k",
    pageBytes: 16384,
    sectionBytes: section(128 * MIB),
    pmdBytes: recalled(32 * MIB, "arch/arm64/include/asm/pgtable-hwdef.h PMD_SHIFT"),
    maxPageOrder: read(11, ARM64_ORDER),
    pageblockOrder: recalled(11, PAGEBLOCK),
  },
  {
    ...arm64,
    name: "arm64-64k",
    pageBytes: 65536,
    sectionBytes: section(512 * MIB),
    pmdBytes: recalled(512 * MIB, "arch/arm64/include/asm/pgtable-hwdef.h PMD_SHIFT"),
    maxPageOrder: read(13, ARM64_ORDER),
    pageblockOrder: recalled(13, PAGEBLOCK),
  },
  {
    ...ppc64,
    name: "ppc64-radix-4k",
    pageBytes: 4096,
    pmdBytes: read(2 * MIB, "arch/powerpc/include/asm/book3s/64/radix-4k.h"),
    maxPageOrder: read(12, "arch/powerpc/Kconfig ARCH_FORCE_MAX_ORDER"),
    pageblockOrder: read(9, `${PAGEBLOCK} (HUGETLB_PAGE_SIZE_VARIABLE, set at boot)`),
    memmapRule: read("whole-pmds", "arch/powerpc/include/asm/pgtable.h arch_supports_memmap_on_memory: radix 4K"),
  },
  {
    ...ppc64,
    name: "ppc64-radix-64k",
    pageBytes: 65536,
    pmdBytes: recalled(2 * MIB, "arch/powerpc/include/asm/book3s/64/radix-64k.h"),
    maxPageOrder: read(8, "arch/powerpc/Kconfig ARCH_FORCE_MAX_ORDER"),
    pageblockOrder: { value: 5, source: "live ppc64 6.12: force keeps 32 of 4096 pages", evidence: "recorded" },
    memmapRule: read("any", "arch/powerpc/include/asm/pgtable.h arch_supports_memmap_on_memory: radix 64K, always"),
  },
  {
    name: "s390",
    family: "s390",
    pageBytes: 4096,
    sectionBytes: [
      { since: "5.14", value: 256 * MIB, source: SPARSEMEM, evidence: "read-6.12" },
      { since: "6.14", value: 128 * MIB, source: SPARSEMEM, evidence: "recalled" },
    ],
    pmdBytes: read(1 * MIB, "arch/s390/include/asm/pgtable.h PMD_SHIFT"),
    maxPageOrder: recalled(10, "include/linux/mmzone.h MAX_PAGE_ORDER"),
    pageblockOrder: read(8, `${PAGEBLOCK}, HPAGE_SHIFT 20`),
    memmapRule: read("whole-pmds", PMD_HOOK),
    structPageBytes: aligned,
  },
  {
    name: "riscv64",
    family: "riscv64",
    hotplugSince: { value: "6.11", source: "arch/riscv/Kconfig ARCH_ENABLE_MEMORY_HOTPLUG", evidence: "list" },
    pageBytes: 4096,
    sectionBytes: section(128 * MIB),
    pmdBytes: read(2 * MIB, "arch/riscv/include/asm/pgtable-64.h PMD_SHIFT"),
    maxPageOrder: recalled(10, "include/linux/mmzone.h MAX_PAGE_ORDER"),
    pageblockOrder: recalled(9, PAGEBLOCK),
    memmapRule: read("whole-pmds", PMD_HOOK),
    structPageBytes: recalled([56, 64, 80, 96], "include/linux/mm_types.h, no HAVE_ALIGNED_STRUCT_PAGE"),
  },
  {
    name: "loongarch64-16k",
    family: "loongarch64",
    pageBytes: 16384,
    sectionBytes: section(512 * MIB),
    pmdBytes: recalled(32 * MIB, "arch/loongarch/include/asm/pgtable.h PMD_SHIFT"),
    maxPageOrder: recalled(11, "arch/loongarch/Kconfig ARCH_FORCE_MAX_ORDER"),
    pageblockOrder: recalled(11, PAGEBLOCK),
    memmapRule: read("whole-pmds", PMD_HOOK),
    structPageBytes: recalled([56, 64, 80, 96], "include/linux/mm_types.h, no HAVE_ALIGNED_STRUCT_PAGE"),
  },
];

/**
 * @error InputError for an unknown name, with the nearest known one; for a kernel that cannot hot-add memory on it
 */
export function architecture(name: string, kernel: string): Architecture {
  const row = ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) {
    const near = nearestName(name, ARCHITECTURES);
    throw new InputError({
      what: `unknown architecture "${name.slice(0, 40)}"${near === undefined ? "" : `, did you mean ${near}?`}`,
      expected: ARCHITECTURES.join(", "),
      example: "x86_64",
    });
  }
  const since = row.hotplugSince;
  if (since !== undefined && isKernelBefore(hotplugVersion(kernel), since.value)) {
    throw new InputError({
      what: `Linux ${kernel.slice(0, 40)} cannot hot-add memory on ${name}: ${since.source} is there from ${since.value} on [${since.evidence}]`,
      expected: `kernel ${since.value} or later`,
      example: since.value,
    });
  }
  return ofKernel(row, kernel);
}

/** Every architecture on which that kernel can hot-add memory. */
export function architecturesOf(kernel: string): Architecture[] {
  const version = hotplugVersion(kernel);
  return ROWS.filter(({ hotplugSince }) => !(hotplugSince && isKernelBefore(version, hotplugSince.value))).map((row) =>
    ofKernel(row, kernel),
  );
}

function ofKernel(row: ArchitectureRow, kernel: string): Architecture {
  const version = hotplugVersion(kernel);
  const sectionBytes = row.sectionBytes.findLast(({ since }) => !isKernelBefore(version, since));
  return { ...row, sectionBytes: sectionBytes ?? (row.sectionBytes[0] as Fact<number>) };
}
