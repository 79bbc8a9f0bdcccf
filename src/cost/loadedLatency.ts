import type { DeviceDraw } from "./draws.ts";

/** No queue is modelled beyond this share of the peak: the published curves end there. */
const MAX_UTILISATION = 0.97;

/**
 * Rise of latency with load where no curve was published: 1 + a u / (1 - u), a = 0.1 through 1.1 to 1.3
 * times idle at half of peak and 1.5 to 1.7 at 85 % (DDR4 and DDR5 curves of FD.io, gjbex and Mess).
 */
const QUEUEING = 0.1;

/** Latency of a random read while the device is busy for `utilisation` (0..1) of the time. */
export function loadedNs(device: DeviceDraw, utilisation: number): number {
  const u = Math.min(Math.max(utilisation, 0), MAX_UTILISATION);
  const factor = device.curve === undefined ? 1 + (QUEUEING * u) / (1 - u) : curveFactor(device, u);
  return device.idleReadNs * factor;
}

/** The curve read at a share of its own peak, relative to its own idle latency. */
function curveFactor(device: DeviceDraw, utilisation: number): number {
  const points = device.curve?.points ?? [];
  const idle = points[0]?.ns ?? 1;
  const peak = points.at(-1)?.GBps ?? 1;
  const at = utilisation * peak;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1]!;
    const b = points[i]!;
    if (at > b.GBps) continue;
    const share = Math.max(0, (at - a.GBps) / (b.GBps - a.GBps));
    return (a.ns + share * (b.ns - a.ns)) / idle;
  }
  return (points.at(-1)?.ns ?? idle) / idle;
}
