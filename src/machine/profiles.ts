import type { EvidenceLevel, Quantity } from "./provenance.ts";

export type Medium = "local-dram" | "remote-numa" | "cxl" | "pmem" | "nvdimm-n" | "hbm";
export const MEDIA: readonly Medium[] = ["local-dram", "remote-numa", "cxl", "pmem", "nvdimm-n", "hbm"];

/** Latency against load: `points` in order of injected load, bandwidth and latency both rising. */
export interface LoadedCurve {
  readonly points: readonly { readonly GBps: number; readonly ns: number }[];
  /** What `GBps` sums over ("one socket", "two sockets"). */
  readonly scope: string;
  readonly level: EvidenceLevel;
  readonly source: string;
}

/**
 * A memory, as one core on its host sees it. ns and GB/s (1e9 bytes). Latencies include the host's own
 * path to the memory, so a profile belongs with the host it was measured on.
 */
export interface DeviceProfile {
  readonly id: string;
  readonly description: string;
  readonly medium: Medium;
  /** Bytes of it that its machine hot-adds: a scenario's default. */
  readonly capacityBytes?: Quantity;
  /** Memory block of the machine it was read on: a scenario's default. */
  readonly memoryBlockBytes?: Quantity;
  /** Idle latency of a random 64-byte read. */
  readonly idleReadNs: Quantity;
  /** The same in address order, where the device buffers more than a line. Absent: as random. */
  readonly sequentialReadNs?: Quantity;
  /** Peak bandwidth of reads alone, all threads of the node. */
  readonly readGBps: Quantity;
  /** Peak of whole-line writes that leave the cache in address order. Absent: derived, see `completeDevice`. */
  readonly writeGBps?: Quantity;
  /** Peak total of reads and writes 1:1, which is what write-allocated stores make. Absent: derived. */
  readonly mixedGBps?: Quantity;
  /** Time until the memory has accepted one line of a non-temporal or bulk store. Absent: 0.86 of a read. */
  readonly writeAcceptedNs?: Quantity;
  /** A store and the flush of its line (clwb), fenced. Absent: 0.56 of a read. */
  readonly flushNs?: Quantity;
  /** Unit in which the medium itself reads and writes; above 64, scattered write-backs are amplified. */
  readonly mediaLineBytes: Quantity;
  /** Bytes in which the device can combine writes to one media line. */
  readonly writeBufferBytes?: Quantity;
  /** Share of write-backs that the buffer fails to combine (1 = each 64-byte eviction costs a media line). */
  readonly uncombinedWriteShare?: Quantity;
  /** Write streams whose lines the buffer keeps apart; above it, streams break each other's lines up. */
  readonly nrWriteStreams?: Quantity;
  /** Rate at which one core clears pages on this device, caches cold. Absent: from the host's, see `streamedRates`. */
  readonly clearGBps?: Quantity;
  readonly loadedCurve?: LoadedCurve;
  /** Host on which the values were measured, when it matters. */
  readonly measuredFrom?: string;
}

export type InstructionSet = "x86_64" | "arm64" | "ppc64" | "s390x";
export const INSTRUCTION_SETS: readonly InstructionSet[] = ["x86_64", "arm64", "ppc64", "s390x"];

/** A server: one socket of it, as a thread that runs kernel code sees it. */
export interface HostProfile {
  readonly id: string;
  readonly description: string;
  /** Hosts of one family share their fitted values. */
  readonly family: string;
  /** First year in which such hosts are common: unnamed hosts are drawn from those of their time. */
  readonly year: number;
  /** @default "x86_64" */
  readonly architecture?: InstructionSet;
  readonly nrCores: Quantity;
  readonly nrThreadsPerCore: Quantity;
  readonly clockGHz: Quantity;
  /** Clock with one core busy. Absent: the nominal clock. */
  readonly turboGHz?: Quantity;
  readonly l1Bytes: Quantity;
  readonly l1Ways: Quantity;
  /** Load to use in L1. Measured hosts state it: their misses then cost what exceeds it. @default 0 */
  readonly l1Cycles?: Quantity;
  readonly l2Bytes: Quantity;
  readonly l2Ways: Quantity;
  readonly l2Cycles: Quantity;
  readonly llcBytes: Quantity;
  readonly llcWays: Quantity;
  readonly llcNs: Quantity;
  /** L1 misses outstanding per core: bounds independent loads. */
  readonly nrLinesInFlight: Quantity;
  /** Lines outstanding per core when the prefetchers run ahead: bounds streams. */
  readonly nrStreamLinesInFlight: Quantity;
  /** Times `writeAcceptedNs` that a bulk store holds a line buffer. Absent: as on Cascade Lake. */
  readonly bulkStoreHold?: Quantity;
  /** Cycles of a locked read-modify-write that hits L1; locked operations do not overlap. */
  readonly atomicCycles: Quantity;
  /** Instructions of user and kernel code that is not a struct page loop. */
  readonly cpi: Quantity;
  /** Instructions of the struct page loops of hotplug and boot, caches aside. */
  readonly memmapCpi: Quantity;
  readonly nrStlbEntries: Quantity;
  readonly pageWalkNs: Quantity;
  /** Micro-ops that the reorder buffer holds: two misses overlap when fewer lie between them. */
  readonly reorderBufferMicroOps?: Quantity;
  /** Share of it that one thread keeps while its sibling runs: 0.5 halved, 1 whole (no sibling). */
  readonly reorderBufferSiblingShare?: Quantity;
  /** Reorder buffer entries that an instruction takes. */
  readonly microOpsPerInstruction?: Quantity;
  /** L1D miss buffers as documented; `nrLinesInFlight` is what random loads are seen to fill. */
  readonly nrL1MissBuffers?: Quantity;
  /** Requests of L2 to the rest of the system. */
  readonly nrL2MissBuffers?: Quantity;
  /** Of touches of the other line of a 128-byte pair that has just been fetched, the share that finds its line there. */
  readonly adjacentLineShare?: Quantity;
  /** Misses in address order that are waited for before a stream prefetcher runs ahead. */
  readonly streamTrainingLines?: Quantity;
  /** Bytes of address after which a stream starts anew. */
  readonly streamPageBytes?: Quantity;
  /** Share of a miss behind a locked operation that cannot overlap what is before it: 1 = locked operations serialise. */
  readonly lockedSerialShare?: Quantity;
  /** Clearing 4 KiB pages (`rep stos`) on local DRAM, lines in no cache, one core; `clearStartNs` apart. */
  readonly clearGBps?: Quantity;
  /** The same with the lines in L1 or L2. */
  readonly clearInCacheGBps?: Quantity;
  /** Start-up of the clear of one page. */
  readonly clearStartNs?: Quantity;
  /** What a system call takes beyond its instructions: SYSCALL, SYSRET, mitigations at the border. */
  readonly syscallEntryNs?: Quantity;
  /** What a page fault takes beyond its instructions: the exception, IRET, mitigations, the page walk done again. */
  readonly faultEntryNs?: Quantity;
  /** Bytes written a second when pages are copied, both in no cache, local DRAM, one core; `copyStartNs` apart. */
  readonly copyGBps?: Quantity;
  readonly copyInCacheGBps?: Quantity;
  readonly copyStartNs?: Quantity;
  /** What a hit in the second-level TLB adds. */
  readonly stlbHitCycles?: Quantity;
  /** Second-level TLB entries that can hold 2 MiB pages. Absent: all of them. */
  readonly nrStlbHugeEntries?: Quantity;
  readonly nrPageWalkers?: Quantity;
  /** Idle latency of the DRAM of the other socket. */
  readonly remoteDramNs?: Quantity;
  /** Cache line of the machine. altmap counts lines of 64 bytes; others only state theirs. */
  readonly lineBytes?: Quantity;
  /**
   * What a guest pays for each 4 KiB of memmap it sweeps, beyond bare metal: nested page walks, and at the first touch
   * the host backing it (virtual machines only).
   */
  readonly guestPageNs?: Quantity;
  /** Id of the DRAM beside the cores. */
  readonly localDram: string;
}

/** Keys of `profile` that hold quantities, in declaration order. */
export function quantitiesOf(profile: DeviceProfile | HostProfile): [key: string, quantity: Quantity][] {
  return Object.entries(profile).filter(
    (entry): entry is [string, Quantity] =>
      typeof entry[1] === "object" && entry[1] !== null && "value" in entry[1] && "level" in entry[1],
  );
}

/** A device whose idle latency is only recalled may be asked for by name and is never a default. */
export function mayBeDefault(device: DeviceProfile): boolean {
  return device.idleReadNs.level !== "R" && device.idleReadNs.level !== "S";
}
