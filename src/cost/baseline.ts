import type { OtherMisses, WorkloadWork } from "../counts/workload.ts";
import type { DeviceDraw, StreamedDraw } from "./draws.ts";
import { aloneNs, unknownAlone } from "./exposure.ts";
import { loadedNs } from "./loadedLatency.ts";
import type { MachineDraw } from "./machineDraw.ts";

/** How busy each memory is with other traffic, 0 to 1. */
export interface Load {
  readonly boot: number;
  readonly device: number;
}
const IDLE: Load = { boot: 0, device: 0 };

/**
 * Time of everything but struct pages: instructions, clears and copies at the rate of the memory where the data lies,
 * and the other misses through the same windows as those of struct pages.
 *
 * @param draw with the device itself as its hot-added memory, wherever the memmap lies: user data does not follow it
 * @param dataShare share of the data that lies on the hot-added memory
 */
export function baselineNs(work: WorkloadWork, draw: MachineDraw, dataShare: number, load: Load = IDLE): number {
  const { host, boot, hotAdded, streamed } = draw;
  const onDevice = dataShare === 0 ? 0 : dataShare * dataNs(work, draw, hotAdded, streamed.hotAdded, load.device);
  const onBoot = dataShare === 1 ? 0 : (1 - dataShare) * dataNs(work, draw, boot, streamed.boot, load.boot);
  const llcNs = Math.max(0, host.llcNs - host.l1Ns);
  return (work.instructions * host.cpi) / host.clockGHz + missesNs(work.servedByLlc, draw, llcNs) + onDevice + onBoot;
}

function dataNs(work: WorkloadWork, draw: MachineDraw, device: DeviceDraw, rates: StreamedDraw, busy: number): number {
  const clears = work.nrSets * rates.clearStartNs + work.bytesSet / rates.clearGBps;
  const copies = work.nrCopies * rates.copyStartNs + work.bytesCopied / rates.copyGBps;
  return clears + copies + missesNs(work.servedByMemory, draw, Math.max(0, loadedNs(device, busy) - draw.host.l1Ns));
}

function missesNs({ apart, streamed }: OtherMisses, { host }: MachineDraw, latencyNs: number): number {
  return unknownAlone(apart, host) * aloneNs(latencyNs, host) + (streamed * latencyNs) / host.nrStreamLinesInFlight;
}

/** Lines that the memory of the data moves: those of the misses, and of clears and copies; and how many are written. */
export function dataLines(work: WorkloadWork, dirtyShare: number): { readonly read: number; readonly written: number } {
  const { apart, streamed } = work.servedByMemory;
  const missed = apart.counts.reduce((sum, count) => sum + count, 0) + streamed;
  const [set, copied] = [work.bytesSet / 64, work.bytesCopied / 64];
  return { read: missed + set + 2 * copied, written: missed * dirtyShare + set + copied };
}
