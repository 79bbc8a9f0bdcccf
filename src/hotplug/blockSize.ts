import type { CxlWindow } from "../scenario/addresses.ts";
import type { ArchitectureName } from "../scenario/words.ts";
import { GIB, MIB } from "../units.ts";
import { architecture } from "./architectures.ts";
import type { Fact } from "./evidence.ts";
import { kernelRules } from "./kernels.ts";

/** What decides the size of memory blocks at boot. */
export interface BlockSizeInput {
  readonly architecture: ArchitectureName;
  readonly kernel: string;
  /** End address of boot memory, holes included. x86 only. */
  readonly bootEndBytes?: number;
  /** The CPU reports the HYPERVISOR feature. x86 only. @default false */
  readonly hypervisor?: boolean;
  /** Alignment that CXL fixed memory windows advise. x86 from 6.15. */
  readonly advisedBytes?: number | undefined;
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

/** CXL 3.1, 9.18.1.3: bases and sizes of windows are multiples of 256 MiB. */
export const CXL_GRANULE_BYTES = 256 * MIB;

/**
 * The memory block size that the windows advise: the largest to which the base and end of each are aligned.
 *
 * @returns undefined without windows, and for windows that break the granule, as the kernel ignores those
 * @source  drivers/acpi/numa/srat.c acpi_parse_cfmws; drivers/base/memory.c memory_block_advise_max_size: only shrinks
 */
export function advisedBlockBytes(windows: readonly CxlWindow[]): number | undefined {
  const alignments = windows
    .map(({ baseBytes, sizeBytes }) => Math.min(alignmentOf(baseBytes), alignmentOf(baseBytes + sizeBytes)))
    .filter((bytes) => bytes >= CXL_GRANULE_BYTES);
  return alignments.length === 0 ? undefined : Math.min(...alignments);
}

/** The largest power of two that divides an address; 0 is aligned to everything. */
function alignmentOf(bytes: number): number {
  return bytes === 0 ? 2 ** 52 : Number(BigInt(bytes) & -BigInt(bytes));
}
