import { ASSUMED_HOST } from "../machine/assumed.ts";
import type { DeviceProfile, HostProfile, Medium } from "../machine/profiles.ts";
import type { Quantity } from "../machine/provenance.ts";
import type { StreamedRates } from "../machine/streams.ts";
import type { DeviceDraw, HostDraw, StreamedDraw } from "./draws.ts";
import { bucketShares, HIDDEN_SHARE } from "./exposure.ts";
import { type Drawn, draw, drawUniform, type Held, keyed, type Random } from "./sample.ts";

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

/** Keys of what is drawn of a device, and of a host. */
export const DEVICE_INPUTS = [
  "idleReadNs",
  "sequentialReadNs",
  "readGBps",
  "writeGBps",
  "mixedGBps",
  "nrWriteStreams",
  "writeAcceptedNs",
  "flushNs",
  "uncombinedWriteShare",
  "writeBufferBytes",
] as const;
export const HOST_INPUTS = [
  "clockGHz",
  "turboGHz",
  "cpi",
  "memmapCpi",
  "l1Cycles",
  "l2Cycles",
  "llcNs",
  "atomicCycles",
  "bulkStoreHold",
  "nrLinesInFlight",
  "nrStreamLinesInFlight",
  "pageWalkNs",
  "guestPageNs",
  "reorderBufferMicroOps",
  "reorderBufferSiblingShare",
  "microOpsPerInstruction",
  "unevenPace",
  "hiddenShare",
  "dependence",
  "adjacentLineShare",
  "streamTrainingLines",
  "streamPageBytes",
  "lockedSerialShare",
  "clearGBps",
  "clearInCacheGBps",
  "clearStartNs",
  "copyGBps",
  "copyInCacheGBps",
  "copyStartNs",
  "syscallEntryNs",
  "faultEntryNs",
] as const;

/**
 * @param random gives one number: every value of the device has a stream of its own
 * @param held `device.KEY` of values that are not drawn but taken as stated
 * @error RangeError for a pmem device without `writeGBps` (the schema refuses it earlier)
 */
export function drawDevice(device: DeviceProfile, random: Random, held?: Held, scope = "device"): DeviceDraw {
  const drawn = keyed(random, scope, held);
  const optional = (key: string, q: Quantity | undefined, absent: number): number =>
    q === undefined ? absent : draw(q, drawn(key));
  const readNsPerByte = 1 / draw(device.readGBps, drawn("readGBps"));
  const writeNsPerByte = drawWriteNsPerByte(device, readNsPerByte, drawn);
  const idleReadNs = draw(device.idleReadNs, drawn("idleReadNs"));
  return {
    id: device.id,
    idleReadNs,
    sequentialReadNs: optional("sequentialReadNs", device.sequentialReadNs, idleReadNs),
    mediaLines: Math.max(1, device.mediaLineBytes.value / 64),
    nrWriteStreams: optional("nrWriteStreams", device.nrWriteStreams, Infinity),
    writeAcceptedNs: optional("writeAcceptedNs", device.writeAcceptedNs, ACCEPTED_OVER_READ * idleReadNs),
    flushNs: optional("flushNs", device.flushNs, FLUSH_OVER_READ * idleReadNs),
    readNsPerByte,
    writeNsPerByte,
    streamWriteNsPerByte: 1 / optional("writeGBps", device.writeGBps, 1 / writeNsPerByte),
    uncombinedWriteShare: Math.min(1, optional("uncombinedWriteShare", device.uncombinedWriteShare, 1)),
    writeBufferBytes: optional("writeBufferBytes", device.writeBufferBytes, 0),
    curve: device.loadedCurve,
  };
}

/** A 1:1 mix of total M moves a read and a write in 2/M: the write costs what the read leaves. */
function drawWriteNsPerByte(device: DeviceProfile, readNsPerByte: number, drawn: Drawn): number {
  if (device.mixedGBps !== undefined) {
    return Math.max(0.1 * readNsPerByte, 2 / draw(device.mixedGBps, drawn("mixedGBps")) - readNsPerByte);
  }
  if (device.writeGBps !== undefined) return 1 / draw(device.writeGBps, drawn("writeGBps"));
  const ratio = MIXED_OVER_READ[device.medium];
  if (ratio === undefined) throw new RangeError(`device ${device.id} needs writeGBps or mixedGBps`);
  const mixed: Quantity = { value: ratio / readNsPerByte, level: "C", source: "assumed" };
  return Math.max(0.1 * readNsPerByte, 2 / draw(mixed, drawn("mixedGBps")) - readNsPerByte);
}

/** With what the profile leaves out as assumed: made once, drawn hundreds of times. */
const completed = new WeakMap<HostProfile, typeof ASSUMED_HOST & HostProfile>();

/**
 * @param random gives one number: every value of the host has a stream of its own
 * @param held `host.KEY` of values that are not drawn but taken as stated
 */
export function drawHost(host: HostProfile, random: Random, held?: Held): HostDraw {
  const drawn = keyed(random, "host", held);
  const complete = completed.get(host) ?? { ...ASSUMED_HOST, ...host };
  completed.set(host, complete);
  const of = (key: keyof typeof complete & string): number => draw(complete[key] as Quantity, drawn(key));
  const clockGHz = of("clockGHz");
  const cpi = of("cpi");
  const window = drawWindow(complete, drawn);
  const unevenPace = drawUniform(0, 1, drawn("unevenPace"));
  const nrLinesInFlight = Math.max(1, of("nrLinesInFlight"));
  return {
    id: host.id,
    clockGHz,
    turboGHz: host.turboGHz === undefined ? clockGHz : Math.max(clockGHz, of("turboGHz")),
    nrCores: host.nrCores.value,
    cpi,
    syscallEntryNs: of("syscallEntryNs"),
    faultEntryNs: of("faultEntryNs"),
    memmapCpi: of("memmapCpi"),
    l1Ns: of("l1Cycles") / clockGHz,
    l2Ns: of("l2Cycles") / clockGHz,
    llcNs: of("llcNs"),
    atomicCycles: of("atomicCycles"),
    bulkStoreHold: host.bulkStoreHold === undefined ? BULK_STORE_HOLD : of("bulkStoreHold"),
    nrLinesInFlight,
    nrStreamLinesInFlight: Math.max(1, of("nrStreamLinesInFlight")),
    nrStlbEntries: host.nrStlbEntries.value,
    nrStlbHugeEntries: (host.nrStlbHugeEntries ?? host.nrStlbEntries).value,
    pageWalkNs: of("pageWalkNs"),
    guestPageNs: host.guestPageNs === undefined ? 0 : of("guestPageNs"),
    windowInstructions: window,
    windowNs: (window * cpi) / clockGHz,
    bucketShares: bucketShares({ nrLinesInFlight, windowInstructions: window, unevenPace }),
    unevenPace,
    hiddenShare: Math.min(1, draw(HIDDEN_SHARE, drawn("hiddenShare"))),
    dependence: drawUniform(0, 1, drawn("dependence")),
    adjacentLineShare: Math.min(1, of("adjacentLineShare")),
    streamTrainingLines: of("streamTrainingLines"),
    streamPageBytes: of("streamPageBytes"),
    lockedSerialShare: Math.min(1, of("lockedSerialShare")),
  };
}

/**
 * Instructions that the reorder buffer holds: what the thread has of it lies between its share beside a busy sibling and
 * all of it, in no known place. The stated value is that of `windowInstructions`.
 */
function drawWindow(host: typeof ASSUMED_HOST & HostProfile, drawn: Drawn): number {
  const buffer = draw(host.reorderBufferMicroOps, drawn("reorderBufferMicroOps"));
  const least = host.nrThreadsPerCore.value > 1 ? Math.min(1, host.reorderBufferSiblingShare.value) : 1;
  const share = least ** drawUniform(0, 1, drawn("reorderBufferSiblingShare"));
  return (buffer * share) / draw(host.microOpsPerInstruction, drawn("microOpsPerInstruction"));
}

/** @param random the host's own, so that a core that clears fast in DRAM does so on the device */
export function drawStreamed(rates: StreamedRates, random: Random, held?: Held): StreamedDraw {
  const drawn = keyed(random, "host", held);
  return {
    clearGBps: draw(rates.clearGBps, drawn("clearGBps")),
    clearInCacheGBps: draw(rates.clearInCacheGBps, drawn("clearInCacheGBps")),
    clearStartNs: draw(rates.clearStartNs, drawn("clearStartNs")),
    copyGBps: draw(rates.copyGBps, drawn("copyGBps")),
    copyInCacheGBps: draw(rates.copyInCacheGBps, drawn("copyInCacheGBps")),
    copyStartNs: draw(rates.copyStartNs, drawn("copyStartNs")),
  };
}
