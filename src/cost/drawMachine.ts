import type { DeviceProfile, HostProfile, LoadedCurve, Medium } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import { draw, drawUniform, type Random } from "./sample.ts";

/** One draw of a device: plain numbers, ready to price with. */
export interface DeviceDraw {
  readonly id: string;
  readonly idleReadNs: number;
  readonly sequentialReadNs: number;
  /** Time that one byte read occupies the device, all its ways busy. */
  readonly readNsPerByte: number;
  /** Time that one byte written in address order occupies it. */
  readonly writeNsPerByte: number;
  /** The same past the caches: non-temporal and bulk stores. */
  readonly streamWriteNsPerByte: number;
  /** Share of scattered write-backs that the device's buffer fails to combine, and how much it holds. */
  readonly uncombinedWriteShare: number;
  readonly writeBufferBytes: number;
  /** Media lines per 64-byte line, and how many writers the device keeps apart. */
  readonly mediaLines: number;
  readonly nrWriteStreams: number;
  readonly writeAcceptedNs: number;
  readonly flushNs: number;
  readonly curve: LoadedCurve | undefined;
}

/** One draw of a host. Cycles are already nanoseconds. */
export interface HostDraw {
  readonly id: string;
  /** Nominal clock, at which workloads are priced. */
  readonly clockGHz: number;
  /** With one core busy, as when one thread initialises struct pages. */
  readonly turboGHz: number;
  readonly nrCores: number;
  readonly cpi: number;
  readonly memmapCpi: number;
  readonly l1Ns: number;
  readonly l2Ns: number;
  readonly llcNs: number;
  readonly atomicCycles: number;
  readonly bulkStoreHold: number;
  readonly nrLinesInFlight: number;
  readonly nrStreamLinesInFlight: number;
  readonly nrStlbEntries: number;
  readonly pageWalkNs: number;
  readonly guestPageNs: number;
  /** Where an unclassified touch lies between independent (0) and dependent (1). */
  readonly unclassifiedExposure: number;
}

/**
 * Total of a 1:1 mix over the read-only peak, for devices that state neither writes nor a mix. DRAM: the
 * middle of Haswell 0.76, Skylake 0.70, Cascade Lake 0.84, Ice Lake 0.83, Sapphire Rapids 0.82 (MLC). CXL:
 * MXP 1.19, E3.S 1.53 (full-duplex links). NUMA hop: full duplex, no published mix, so assumed.
 */
const MIXED_OVER_READ: Readonly<Partial<Record<Medium, number>>> = {
  "local-dram": 0.82,
  "nvdimm-n": 0.82,
  hbm: 0.82,
  cxl: 1.3,
  "remote-numa": 1.2,
};

/** 86.9 and 57.3 ns over a 101.5 ns random read on the DRAM of the Optane study (FAST'20). */
const ACCEPTED_OVER_READ = 0.86;
const FLUSH_OVER_READ = 0.56;
/** Cascade Lake, where 12 line buffers move 4.31 GB/s of non-temporal stores accepted in 86.9 ns. */
const BULK_STORE_HOLD = 2.05;

/** @error RangeError for a pmem device without `writeGBps` (the schema refuses it earlier) */
export function drawDevice(device: DeviceProfile, random: Random): DeviceDraw {
  const readNsPerByte = 1 / draw(device.readGBps, random);
  const mediaLines = Math.max(1, device.mediaLineBytes.value / 64);
  const uncombined =
    device.uncombinedWriteShare === undefined ? 1 : Math.min(1, draw(device.uncombinedWriteShare, random));
  const writeNsPerByte = drawWriteNsPerByte(device, readNsPerByte, random);
  const idleReadNs = draw(device.idleReadNs, random);
  return {
    id: device.id,
    idleReadNs,
    sequentialReadNs: device.sequentialReadNs === undefined ? idleReadNs : draw(device.sequentialReadNs, random),
    mediaLines,
    nrWriteStreams: device.nrWriteStreams === undefined ? Infinity : draw(device.nrWriteStreams, random),
    writeAcceptedNs:
      device.writeAcceptedNs === undefined ? ACCEPTED_OVER_READ * idleReadNs : draw(device.writeAcceptedNs, random),
    flushNs: device.flushNs === undefined ? FLUSH_OVER_READ * idleReadNs : draw(device.flushNs, random),
    readNsPerByte,
    writeNsPerByte,
    streamWriteNsPerByte: device.writeGBps === undefined ? writeNsPerByte : 1 / draw(device.writeGBps, random),
    uncombinedWriteShare: uncombined,
    writeBufferBytes: device.writeBufferBytes === undefined ? 0 : draw(device.writeBufferBytes, random),
    curve: device.loadedCurve,
  };
}

/** A 1:1 mix of total M moves a read and a write in 2/M: the write costs what the read leaves. */
function drawWriteNsPerByte(device: DeviceProfile, readNsPerByte: number, random: Random): number {
  if (device.mixedGBps !== undefined) {
    return Math.max(0.1 * readNsPerByte, 2 / draw(device.mixedGBps, random) - readNsPerByte);
  }
  if (device.writeGBps !== undefined) return 1 / draw(device.writeGBps, random);
  const ratio = MIXED_OVER_READ[device.medium];
  if (ratio === undefined) throw new RangeError(`device ${device.id} needs writeGBps or mixedGBps`);
  const mixed: Quantity = { value: ratio / readNsPerByte, level: "C", source: "assumed" };
  return Math.max(0.1 * readNsPerByte, 2 / draw(mixed, random) - readNsPerByte);
}

export function drawHost(host: HostProfile, random: Random): HostDraw {
  const clockGHz = draw(host.clockGHz, random);
  return {
    id: host.id,
    clockGHz,
    turboGHz: host.turboGHz === undefined ? clockGHz : Math.max(clockGHz, draw(host.turboGHz, random)),
    nrCores: host.nrCores.value,
    cpi: draw(host.cpi, random),
    memmapCpi: draw(host.memmapCpi, random),
    l1Ns: host.l1Cycles === undefined ? 0 : draw(host.l1Cycles, random) / clockGHz,
    l2Ns: draw(host.l2Cycles, random) / clockGHz,
    llcNs: draw(host.llcNs, random),
    atomicCycles: draw(host.atomicCycles, random),
    bulkStoreHold: host.bulkStoreHold === undefined ? BULK_STORE_HOLD : draw(host.bulkStoreHold, random),
    nrLinesInFlight: Math.max(1, draw(host.nrLinesInFlight, random)),
    nrStreamLinesInFlight: Math.max(1, draw(host.nrStreamLinesInFlight, random)),
    nrStlbEntries: host.nrStlbEntries.value,
    pageWalkNs: draw(host.pageWalkNs, random),
    guestPageNs: host.guestPageNs === undefined ? 0 : draw(host.guestPageNs, random),
    unclassifiedExposure: drawUniform(0, 1, random),
  };
}
