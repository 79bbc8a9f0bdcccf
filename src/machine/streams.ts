import { completeHost } from "./assumed.ts";
import type { DeviceProfile, HostProfile } from "./profiles.ts";
import { type Quantity, rangeOf } from "./provenance.ts";

/** What one core clears and copies, pages of 4 KiB on one memory; a page costs its start plus its bytes at the rate. */
export interface StreamedRates {
  readonly clearGBps: Quantity;
  readonly clearInCacheGBps: Quantity;
  readonly clearStartNs: Quantity;
  readonly copyGBps: Quantity;
  readonly copyInCacheGBps: Quantity;
  readonly copyStartNs: Quantity;
}

/**
 * Rates for data on `device`. What the device states is taken; else the host's rate on its local DRAM times the ratio
 * of idle latencies, because a core keeps as many lines in flight wherever they lie (assumed: no clear or copy on CXL or
 * Optane is published). A clear reads and evicts each line, so no rate exceeds half of the device's mixed traffic.
 */
export function streamedRates(host: HostProfile, dram: DeviceProfile, device: DeviceProfile): StreamedRates {
  const { clearGBps, clearInCacheGBps, clearStartNs, copyGBps, copyInCacheGBps, copyStartNs } = completeHost(
    host,
    dram,
  );
  const cached = { clearInCacheGBps, clearStartNs, copyInCacheGBps, copyStartNs };
  if (device === dram || device.id === dram.id) return { clearGBps, copyGBps, ...cached };
  const slower = dram.idleReadNs.value / device.idleReadNs.value;
  const most = linesGBps(device);
  return {
    clearGBps: device.clearGBps ?? onDevice(clearGBps, slower, most, device.id),
    copyGBps: onDevice(copyGBps, slower, most, device.id),
    ...cached,
  };
}

/** Bytes a second that can be fetched and written back, each once. */
function linesGBps({ mixedGBps, readGBps, writeGBps }: DeviceProfile): number {
  if (mixedGBps !== undefined) return mixedGBps.value / 2;
  return writeGBps === undefined ? readGBps.value / 2 : 1 / (1 / readGBps.value + 1 / writeGBps.value);
}

function onDevice(inDram: Quantity, slower: number, mostGBps: number, id: string): Quantity {
  const at = (GBps: number) => Math.min(mostGBps, GBps * slower);
  const [low, high] = rangeOf(inDram);
  return {
    value: at(inDram.value),
    range: [at(low), at(high)],
    level: "R",
    source: "assumed",
    note: `the host's in local DRAM, times ${Number(slower.toPrecision(2))} for the latency of ${id}`,
  };
}
