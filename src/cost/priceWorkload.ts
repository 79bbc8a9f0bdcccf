import type { TouchCounts } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { countSums } from "./countSums.ts";
import {
  type MachineDraw,
  type MachineSamples,
  memmapInDram,
  NR_TERMS,
  type PriceOptions,
  pathsNs,
  sampleMachine,
} from "./price.ts";
import { type Estimate, estimate, seededRandom } from "./sample.ts";

/** A workload as counts: what it executed, what its struct page touches met, what else it missed. */
export interface WorkloadCounts {
  readonly counts: TouchCounts;
  readonly instructions: number;
  /** Last-level misses of everything but struct pages (`other_llc_fills` of a recording). */
  readonly otherLlcFills: number;
}

export interface WorkloadMedia {
  /** DRAM beside the cores: boot memory, and the memmap when it is placed there. */
  readonly dram: DeviceProfile;
  /** The hot-added memory: user data, and the memmap when it is self-hosted. */
  readonly device: DeviceProfile;
}

export interface WorkloadOptions extends PriceOptions {
  /** Share of the workload's own misses that lie on the hot-added memory. @default 1 */
  readonly dataShareOnHotAdded?: number;
}

export interface WorkloadPrice {
  /** Instructions x CPI / clock plus the workload's own misses; the same in both placements. */
  readonly baselineNs: Estimate;
  /** Struct page touches with the memmap in DRAM, and on the hot-added memory. */
  readonly metadataDramNs: Estimate;
  readonly metadataOnMemoryNs: Estimate;
  /** What the memmap on the memory takes longer. */
  readonly extraNs: Estimate;
  /** Time with the memmap on the memory over time with it in DRAM. */
  readonly slowdownRatio: Estimate;
}

/** `priceWorkloadOn` a machine that is priced once. */
export function priceWorkload(
  workload: WorkloadCounts,
  host: HostProfile,
  media: WorkloadMedia,
  options: WorkloadOptions = {},
): WorkloadPrice {
  const onMemory = sampleMachine(host, { boot: media.dram, hotAdded: media.device }, options);
  return priceWorkloadOn(workload, onMemory, memmapInDram(onMemory), options);
}

/**
 * Both placements of one workload on one device, priced from the same draws so that what they share
 * (clock, CPI, data misses) cancels in the ratio.
 *
 * @param inDram the same draws with the memmap in DRAM: `memmapInDram(onMemory)`
 */
export function priceWorkloadOn(
  workload: WorkloadCounts,
  onMemory: MachineSamples,
  inDram: MachineSamples,
  options: WorkloadOptions = {},
): WorkloadPrice {
  const { seed = 1, dataShareOnHotAdded = 1 } = options;
  const sums = countSums(workload.counts);
  const terms = new Float64Array(NR_TERMS);
  const random = seededRandom(seed + EXPOSURE_STREAM);
  const nrDraws = onMemory.draws.length;
  const [baseline, dram, memory, extra, ratio] = [0, 1, 2, 3, 4].map(() => new Float64Array(nrDraws)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < nrDraws; i++) {
    const exposure = 0.5 + 0.5 * random();
    baseline[i] = baselineNs(workload, onMemory.draws[i]!, dataShareOnHotAdded, exposure);
    dram[i] = pathsNs(sums, inDram.draws[i]!, options, terms);
    memory[i] = pathsNs(sums, onMemory.draws[i]!, options, terms);
    extra[i] = memory[i]! - dram[i]!;
    ratio[i] = ratioOf(baseline[i]!, dram[i]!, memory[i]!);
  }
  const statedBaseline = baselineNs(workload, onMemory.stated, dataShareOnHotAdded, 1);
  const statedDram = pathsNs(sums, inDram.stated, options, terms);
  const statedMemory = pathsNs(sums, onMemory.stated, options, terms);
  return {
    baselineNs: estimate(statedBaseline, baseline),
    metadataDramNs: estimate(statedDram, dram),
    metadataOnMemoryNs: estimate(statedMemory, memory),
    extraNs: estimate(statedMemory - statedDram, extra),
    slowdownRatio: estimate(ratioOf(statedBaseline, statedDram, statedMemory), ratio),
  };
}

/** A random stream of its own for how far a workload's own misses overlap. */
const EXPOSURE_STREAM = 0x5bd1;

function ratioOf(baselineNs: number, dramNs: number, onMemoryNs: number): number {
  const dram = baselineNs + dramNs;
  return dram > 0 ? (baselineNs + onMemoryNs) / dram : 1;
}

/** Own misses at the latency of where the data lies; draws let up to half of it overlap, the stated value none. */
function baselineNs(workload: WorkloadCounts, draw: MachineDraw, dataShare: number, exposure: number): number {
  const instructionNs = (workload.instructions * draw.host.cpi) / draw.host.clockGHz;
  const latencyNs = dataShare * draw.hotAdded.idleReadNs + (1 - dataShare) * draw.boot.idleReadNs;
  return instructionNs + workload.otherLlcFills * latencyNs * exposure;
}
