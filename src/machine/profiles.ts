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
  readonly loadedCurve?: LoadedCurve;
  /** Host on which the values were measured, when it matters. */
  readonly measuredFrom?: string;
}

/** A server: one socket of it, as a thread that runs kernel code sees it. */
export interface HostProfile {
  readonly id: string;
  readonly description: string;
  /** Hosts of one family share their fitted values. */
  readonly family: string;
  /** First year in which such hosts are common: unnamed hosts are drawn from those of their time. */
  readonly year: number;
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
