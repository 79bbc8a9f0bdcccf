import type { DeviceDraw } from "./draws.ts";

const LINE_BYTES = 64;

/**
 * Time a device is busy with `readLines` fetched and `evictedLines` written back, 64 bytes each.
 *
 * @param regionBytes memory over which the evicted lines spread
 */
export function occupiedNs(
  device: DeviceDraw,
  readLines: number,
  evictedLines: number,
  regionBytes = Number.POSITIVE_INFINITY,
): number {
  const written = evictedLines * evictionAmplification(device, regionBytes);
  return LINE_BYTES * (readLines * device.readNsPerByte + written * device.writeNsPerByte);
}

/**
 * Bytes the medium writes for each byte evicted. Dirty lines leave the last-level cache in no useful order, so a medium
 * with longer lines writes a whole one for each, unless its buffer still holds that line: of a region larger than the
 * buffer it holds buffer / region. Published for one Optane module, of at most 2: 1.04 at 16 KiB, 1.61 at 24 KiB, 1.82
 * at 32 KiB, 2.03 at 60 KiB (FAST'20).
 */
export function evictionAmplification(device: DeviceDraw, regionBytes = Number.POSITIVE_INFINITY): number {
  const held = regionBytes > 0 ? Math.min(1, device.writeBufferBytes / regionBytes) : 1;
  return 1 + (device.mediaLines - 1) * device.uncombinedWriteShare * (1 - held);
}

/** The same for whole lines written past the caches in address order (non-temporal stores). */
export function streamedWriteNs(device: DeviceDraw, lines: number): number {
  return LINE_BYTES * lines * device.streamWriteNsPerByte;
}
