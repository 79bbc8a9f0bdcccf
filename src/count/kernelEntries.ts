import { isKernelBefore, readKernelVersion } from "../linux/version.ts";
import type { CountedRecording } from "../recording/countedRecording.ts";
import type { Operation } from "../recording/operationsSchema.ts";

/** Times that the kernel was entered from user mode. */
export interface KernelEntries {
  readonly syscalls: number;
  /** By exceptions, of which all but a few are page faults. */
  readonly faults: number;
}

/** What of a recording tells how often the kernel was entered. */
export interface CountedEntries {
  readonly workload: { readonly copySizes: readonly number[] };
  readonly kernelInstructionsByFunction: CountedRecording["kernelInstructionsByFunction"];
}

/**
 * Instructions of one pass through entry_SYSCALL_64 (arch/x86/entry/entry_64.S) and sync_regs (arch/x86/kernel/traps.c),
 * which are straight: the common divisor of what recordings of Debian's kernels count in them.
 */
const PER_ENTRY = [
  { since: "6.12", syscall: 42, syncRegs: 10 },
  { since: "6.1", syscall: 41, syncRegs: 9 },
] as const;

/** sync_regs() copies the 168 bytes of pt_regs with one `rep movsq`: [7] are copies of 128 to 255 bytes. */
const PT_REGS_SIZE = 7;

/**
 * How often the kernel was entered, from what the recording counts by function. Of faults two bounds are known, each a
 * little above: passes of all tasks through sync_regs, and copies as long as pt_regs by the workload's own.
 *
 * @param kernel `uname -r` of the recording; x86_64, none where the functions are named otherwise
 */
export function kernelEntries(counted: CountedEntries, kernel: string): KernelEntries {
  const release = readKernelVersion(kernel) ?? 0;
  const per = PER_ENTRY.find(({ since }) => !isKernelBefore(release, since)) ?? PER_ENTRY[PER_ENTRY.length - 1]!;
  const within = (name: string): number =>
    counted.kernelInstructionsByFunction.find((row) => row.name === name)?.instructions ?? 0;
  return {
    syscalls: Math.round(within("entry_SYSCALL_64") / per.syscall),
    faults: Math.min(counted.workload.copySizes[PT_REGS_SIZE] ?? 0, Math.round(within("sync_regs") / per.syncRegs)),
  };
}

/**
 * Pages that the allocator cleared although nobody asked for zeroes, which CONFIG_INIT_ON_ALLOC_DEFAULT_ON makes it do
 * (mm/page_alloc.c post_alloc_hook, want_init_on_alloc): the targets of copies. Recorded kernels are Debian's, which
 * have it.
 */
export function pagesClearedOnAlloc(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => {
    if (operation.op === "repeat") return sum + operation.times * pagesClearedOnAlloc(operation.of);
    const isCopied = operation.op === "cow_fault_in_child" || operation.op === "shmem_write";
    return sum + (isCopied ? operation.pages : 0);
  }, 0);
}
