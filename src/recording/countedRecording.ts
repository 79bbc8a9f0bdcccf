import { InputError } from "../errors.ts";
import { MIB } from "../units.ts";
import type { CountedJson, GroupJson } from "./countedSchema.ts";

/** Misses of accesses other than to struct pages, in the recorded 1 MiB 16-way L2. */
export interface FillCounts {
  readonly l2: number;
  /** How many of those also miss a last-level cache of a size; ascending by size: 8, 32, 128 MiB. */
  readonly llc: readonly { readonly llcBytes: number; readonly fills: number }[];
}

/** Misses counted by distance: [0] those without an instruction since the miss before, [i] with 2^(i-1) to 2^i - 1. */
export interface MissGaps {
  /** A neighbouring line was among the 16 misses before: a prefetcher for streams or adjacent lines may have brought it. */
  readonly inStream: readonly number[];
  readonly others: readonly number[];
}

/** What one group of tasks did. An instruction with a `rep` prefix counts once, however many bytes it sets or copies. */
export interface TaskCounts {
  readonly kernelInstructions: number;
  readonly userInstructions: number;
  /** String instructions with a `rep` prefix among them. */
  readonly repInstructions: number;
  /** `rep stos` and `rep movs` that moved anything: the clear of a 4 KiB page is one set of 4,096 bytes. */
  readonly nrSets: number;
  readonly nrCopies: number;
  /** Without what was set or copied in struct pages. */
  readonly bytesSet: number;
  readonly bytesCopied: number;
  /** [i]: how many were of 2^i to 2^(i+1) - 1 bytes; [12] holds those of a page. */
  readonly setSizes: readonly number[];
  readonly copySizes: readonly number[];
  /** Loads and stores that are neither to struct pages nor of sets and copies. */
  readonly otherLoads: number;
  readonly otherStores: number;
  readonly setFills: FillCounts;
  /** Lines read and lines written. */
  readonly copyFills: FillCounts;
  /** Of `otherLoads` and `otherStores`, made by the kernel and by programs. */
  readonly otherKernelFills: FillCounts;
  readonly otherUserFills: FillCounts;
  /** The same by distance, in instructions of this group: of misses in L2, and in each LLC. */
  readonly otherL2Gaps: MissGaps;
  readonly otherLlcGaps: readonly ({ readonly llcBytes: number } & MissGaps)[];
  /** Visits to struct pages, and accesses to them. */
  readonly touches: number;
  readonly loads: number;
  readonly stores: number;
  /** Of these, to struct pages of hot-added memory. */
  readonly hotTouches: number;
  readonly hotLoads: number;
  readonly hotStores: number;
}

/** Who did what while a recording was made. All groups together are the whole that the rest of the summary tells. */
export interface CountedRecording {
  /**
   * The started process (held programs: that), its children and threads, and what the kernel does while they are
   * `current`. Where the shell itself carried out the command, the shell. Of redis, server and client.
   */
  readonly workload: TaskCounts;
  /** Tasks that were never seen in user mode, the idle task among them. */
  readonly kernelThreads: TaskCounts;
  readonly otherPrograms: TaskCounts;
  /** The timer's interrupts up to their softirqs: they follow the host's clock, so how many depends on the emulator. */
  readonly timerInterrupts: TaskCounts;
  /** The kernel's event tracing (kernel/trace), which ran because a recording was made. */
  readonly tracing: TaskCounts;
  /** Kernel instructions of the whole by function, most first; by translated blocks, so within 0.2 % of the counts above. */
  readonly kernelInstructionsByFunction: readonly { readonly name: string; readonly instructions: number }[];
}

/** The groups of a recording, in the order of `TOUCH_BY`. */
export const COUNTED_GROUPS = ["workload", "kernelThreads", "otherPrograms", "timerInterrupts", "tracing"] as const;

/** What to say of a recording that was made before recorders counted like this (`summary.counted` is undefined). */
export const baselineUnknown = (name: string): string =>
  `${name}: baseline not known: its recorder counted every byte of a page clear as an instruction, and other programs with the workload`;

const CACHE_SIZES_MIB = [8, 32, 128] as const;

function fillCounts(fills: GroupJson["set_fills"]): FillCounts {
  return {
    l2: fills.l2,
    llc: CACHE_SIZES_MIB.map((mib) => ({ llcBytes: mib * MIB, fills: fills[`llc_${mib}MiB`] })),
  };
}

/** @param raw one group of the JSON */
export function taskCounts(raw: GroupJson): TaskCounts {
  const gapsOf = (cache: keyof GroupJson["other_gaps"]): MissGaps => ({
    inStream: raw.stream_gaps[cache],
    others: raw.other_gaps[cache],
  });
  return {
    kernelInstructions: raw.kernel_instructions,
    userInstructions: raw.user_instructions,
    repInstructions: raw.rep_instructions,
    nrSets: raw.nr_sets,
    nrCopies: raw.nr_copies,
    bytesSet: raw.bytes_set,
    bytesCopied: raw.bytes_copied,
    setSizes: raw.set_sizes,
    copySizes: raw.copy_sizes,
    otherLoads: raw.other_loads,
    otherStores: raw.other_stores,
    setFills: fillCounts(raw.set_fills),
    copyFills: fillCounts(raw.copy_fills),
    otherKernelFills: fillCounts(raw.other_kernel_fills),
    otherUserFills: fillCounts(raw.other_user_fills),
    otherL2Gaps: gapsOf("l2"),
    otherLlcGaps: CACHE_SIZES_MIB.map((mib) => ({ llcBytes: mib * MIB, ...gapsOf(`llc_${mib}MiB`) })),
    touches: raw.touches,
    loads: raw.loads,
    stores: raw.stores,
    hotTouches: raw.hot_touches,
    hotLoads: raw.hot_loads,
    hotStores: raw.hot_stores,
  };
}

/** What the rest of a summary says of the whole. */
export interface WholeCounts {
  readonly instructions: number;
  readonly loads: number;
  readonly stores: number;
  readonly page_switches: number;
  readonly other_l2_fills: number;
}

/** @error InputError when the groups together are not the whole */
export function countedRecording(raw: CountedJson, whole: WholeCounts, where: string): CountedRecording {
  const counted = {
    workload: taskCounts(raw.workload),
    kernelThreads: taskCounts(raw.kernel_threads),
    otherPrograms: taskCounts(raw.other_programs),
    timerInterrupts: taskCounts(raw.timer_interrupts),
    tracing: taskCounts(raw.tracing),
  };
  const sum = (of: (group: TaskCounts) => number): number =>
    COUNTED_GROUPS.reduce((total, group) => total + of(counted[group]), 0);
  const sums: WholeCounts = {
    instructions: sum((group) => group.kernelInstructions + group.userInstructions),
    loads: sum((group) => group.loads),
    stores: sum((group) => group.stores),
    page_switches: sum((group) => group.touches),
    other_l2_fills: sum((group) => group.setFills.l2 + group.copyFills.l2 + otherL2Fills(group)),
  };
  for (const [key, total] of Object.entries(sums)) {
    if (total === whole[key as keyof WholeCounts]) continue;
    throw new InputError({
      where: `${where}: counted`,
      what: `its groups have ${total} ${key} together, and the whole has ${whole[key as keyof WholeCounts]}`,
      expected: `groups that make up "${key}"`,
    });
  }
  return {
    ...counted,
    kernelInstructionsByFunction: raw.kernel_instructions_by_function.map(([name, instructions]) => ({
      name,
      instructions,
    })),
  };
}

/** L2 misses of a group that are neither struct pages' nor of sets and copies. */
const otherL2Fills = (group: TaskCounts): number => group.otherKernelFills.l2 + group.otherUserFills.l2;
