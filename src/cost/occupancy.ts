import type { DeviceDraw } from "./draws.ts";

const LINE_BYTES = 64;

/**
 * Time a device is busy with `readLines` fetched and `evictedLines` written back, 64 bytes each. A dirty
 * line leaves the last-level cache in no useful order, so a medium with longer lines writes more than that.
 */
export function occupiedNs(device: DeviceDraw, readLines: number, evictedLines: number): number {
  return (
    LINE_BYTES *
    (readLines * device.readNsPerByte + evictedLines * device.writeNsPerByte * device.evictionAmplification)
  );
}

/** The same for whole lines written past the caches in address order (non-temporal stores). */
export function streamedWriteNs(device: DeviceDraw, lines: number): number {
  return LINE_BYTES * lines * device.streamWriteNsPerByte;
}
