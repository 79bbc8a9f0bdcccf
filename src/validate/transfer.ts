import type { DeviceDraw, HostDraw } from "../cost/draws.ts";

/** What a bandwidth or latency figure of a device was measured with. */
export type TransferKind = "read" | "non-temporal store" | "store and flush";

const LINE_BYTES = 64;
/** The bandwidth tables of the Optane study flush and fence every 256 bytes. */
const LINES_PER_FENCE = 4;

/** ns that `nrThreads` together take to move one byte, prefetchers off, each thread in address order. */
export function transferNsPerByte(kind: TransferKind, nrThreads: number, host: HostDraw, device: DeviceDraw): number {
  const perLine = lineNs(kind, host, device);
  const threadNsPerByte = perLine / LINE_BYTES / nrThreads;
  const busy =
    kind === "read" ? device.readNsPerByte : device.streamWriteNsPerByte * streamAmplification(nrThreads, device);
  return Math.max(threadNsPerByte, busy);
}

function lineNs(kind: TransferKind, host: HostDraw, device: DeviceDraw): number {
  switch (kind) {
    case "read":
      return device.idleReadNs / host.nrLinesInFlight;
    case "non-temporal store":
      return (host.bulkStoreHold * device.writeAcceptedNs) / host.nrLinesInFlight;
    case "store and flush":
      // The fetch of a fenced block and the flush of its last line are in the open, the rest overlaps.
      return (device.sequentialReadNs + device.flushNs) / LINES_PER_FENCE;
  }
}

/** Writers beyond what the buffer keeps apart break up each other's media lines. */
export function streamAmplification(nrThreads: number, device: DeviceDraw): number {
  const broken = Math.max(0, 1 - device.nrWriteStreams / nrThreads);
  return 1 + (device.mediaLines - 1) * broken;
}
