import { STRUCT_PAGE_BYTES as LINE_BYTES } from "../../assembly/layout/structPage.ts";
import type { OtherMisses, StreamFills, WorkloadWork } from "../counts/workload.ts";
import type { DeviceDraw, HostDraw, StreamedDraw } from "./draws.ts";
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
 * Time of everything but struct pages: instructions, entries into the kernel beyond theirs, clears and copies at the rate of the memory where the data lies,
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
  const entries = work.syscalls * host.syscallEntryNs + work.faults * host.faultEntryNs;
  const executing = (work.instructions * host.cpi) / host.turboGHz;
  return executing + entries + missesNs(work.servedByLlc, draw, llcNs) + onDevice + onBoot;
}

function dataNs(work: WorkloadWork, draw: MachineDraw, device: DeviceDraw, rates: StreamedDraw, busy: number): number {
  const clears =
    work.nrSets * rates.clearStartNs +
    streamedNs(work.bytesSet, LINES_SET, work.setFills, rates.clearGBps, rates.clearInCacheGBps, draw.host);
  const copies =
    work.nrCopies * rates.copyStartNs +
    streamedNs(work.bytesCopied, LINES_COPIED, work.copyFills, rates.copyGBps, rates.copyInCacheGBps, draw.host);
  return clears + copies + missesNs(work.servedByMemory, draw, Math.max(0, loadedNs(device, busy) - draw.host.l1Ns));
}

/** Lines that a clear of one line's bytes touches, and a copy of them. */
const LINES_SET = 1;
const LINES_COPIED = 2;

/** Bytes whose lines come from memory go at its rate, the others at that of the caches; the LLC's at its own latency. */
function streamedNs(
  bytes: number,
  linesEach: number,
  { memory, llc }: StreamFills,
  GBps: number,
  inCacheGBps: number,
  { llcNs, nrStreamLinesInFlight }: HostDraw,
): number {
  if (bytes === 0) return 0;
  const share = Math.min(1, (memory * LINE_BYTES) / (linesEach * bytes));
  const slower = Math.max(0, 1 / GBps - 1 / inCacheGBps);
  return bytes / inCacheGBps + share * bytes * slower + (llc * llcNs) / nrStreamLinesInFlight;
}

function missesNs({ apart, streamed }: OtherMisses, { host }: MachineDraw, latencyNs: number): number {
  return unknownAlone(apart, host) * aloneNs(latencyNs, host) + (streamed * latencyNs) / host.nrStreamLinesInFlight;
}

/** Lines that the memory of the data moves: those of the misses, and of clears and copies; and how many are written. */
export function dataLines(work: WorkloadWork, dirtyShare: number): { readonly read: number; readonly written: number } {
  const { apart, streamed } = work.servedByMemory;
  const missed = apart.counts.reduce((sum, count) => sum + count, 0) + streamed;
  const [set, copied] = [work.setFills.memory, work.copyFills.memory];
  return { read: missed + set + copied, written: missed * dirtyShare + set + copied / 2 };
}
