import { InputError, nearestName } from "../errors.ts";
import { GIB, MIB } from "../units.ts";
import type { DatedFact, Fact } from "./evidence.ts";
import { kernelRules, parseKernelVersion } from "./kernels.ts";

export const ARCHITECTURES = ["x86_64", "arm64-4k", "arm64-16k", "arm64-64k", "ppc64-radix-64k", "s390"] as const;
export type ArchitectureName = (typeof ARCHITECTURES)[number];

/** Boot-time constants of one architecture and page size. */
export interface Architecture {
  readonly name: ArchitectureName;
  /** The entry of `KernelRules.architectures` it belongs to. */
  readonly family: string;
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
    name: "ppc64-radix-64k",
    family: "ppc64",
    pageBytes: 65536,
    sectionBytes: section(16 * MIB),
    pmdBytes: recalled(2 * MIB, "arch/powerpc/include/asm/book3s/64/radix-64k.h"),
    maxPageOrder: read(8, "arch/powerpc/Kconfig ARCH_FORCE_MAX_ORDER"),
    pageblockOrder: recalled(5, `${PAGEBLOCK} (HUGETLB_PAGE_SIZE_VARIABLE, set at boot)`),
    memmapRule: read("any", "arch/powerpc/include/asm/pgtable.h arch_supports_memmap_on_memory: radix 64K, always"),
    structPageBytes: read([56, 64, 80, 96], "include/linux/mm_types.h, no HAVE_ALIGNED_STRUCT_PAGE: 56 without MEMCG"),
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
];

/** @error InputError for an unknown name, with the nearest known one */
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
  const { major, minor } = parseKernelVersion(kernel);
  const sectionBytes = row.sectionBytes.findLast(({ since }) => {
    const at = parseKernelVersion(since);
    return at.major < major || (at.major === major && at.minor <= minor);
  });
  return { ...row, sectionBytes: sectionBytes ?? (row.sectionBytes[0] as Fact<number>) };
}

/** What decides the size of memory blocks at boot. */
export interface BlockSizeInput {
  readonly architecture: ArchitectureName;
  readonly kernel: string;
  /** End address of boot memory, holes included. x86 only. */
  readonly bootEndBytes?: number;
  /** The CPU reports the HYPERVISOR feature. x86 only. @default false */
  readonly hypervisor?: boolean;
  /** Alignment that CXL fixed memory windows advise. x86 from 6.15. */
  readonly advisedBytes?: number;
  /** ibm,lmb-size. ppc64 only. @default 256 MiB */
  readonly lmbBytes?: number;
  /** SCLP storage increment. s390 only. @default the section size */
  readonly incrementBytes?: number;
}

/**
 * The size of a memory block, one for the whole system, fixed at boot.
 *
 * @unit   bytes
 * @source arch/x86/mm/init_64.c probe_memory_block_size, arch/powerpc/mm/init_64.c, drivers/base/memory.c, 6.12
 */
export function memoryBlockBytes(input: BlockSizeInput): Fact<number> {
  const arch = architecture(input.architecture, input.kernel);
  const sectionBytes = arch.sectionBytes.value;
  if (arch.family === "ppc64") {
    return { value: input.lmbBytes ?? 256 * MIB, source: "ibm,lmb-size", evidence: "read-6.12" };
  }
  if (arch.family === "s390") {
    const value = Math.max(sectionBytes, input.incrementBytes ?? sectionBytes);
    return {
      value,
      source: "arch/s390/mm/init.c memory_block_size_bytes: max(section, increment)",
      evidence: "read-6.12",
    };
  }
  if (arch.family !== "x86_64") {
    return { value: sectionBytes, source: "drivers/base/memory.c: one section", evidence: arch.sectionBytes.evidence };
  }
  return x86BlockBytes(input, sectionBytes);
}

function x86BlockBytes(input: BlockSizeInput, minBytes: number): Fact<number> {
  const source = "arch/x86/mm/init_64.c probe_memory_block_size";
  const endBytes = input.bootEndBytes ?? 0;
  if (endBytes < 64 * GIB)
    return { value: minBytes, source: `${source}: boot memory ends below 64 GiB`, evidence: "read-6.12" };
  const rule = kernelRules(input.kernel).blockSizeAdvice;
  const advised = rule.value ? input.advisedBytes : undefined;
  if (advised === undefined && input.hypervisor !== true) {
    return { value: 2 * GIB, source: `${source}: bare metal`, evidence: "read-6.12" };
  }
  let value = Math.min(2 * GIB, Math.max(minBytes, advised ?? 2 * GIB));
  while (value > minBytes && endBytes % value !== 0) value /= 2;
  const why = advised === undefined ? "a VM, aligned to the end of boot memory" : "advised by the CXL windows";
  return { value, source: `${source}: ${why}`, evidence: advised === undefined ? "read-6.12" : rule.evidence };
}
