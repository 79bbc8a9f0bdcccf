import type { TouchCounts } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { drawMachine, type MachineDraw, type PriceOptions, priceTerms, slowestPath } from "./price.ts";
import { drawUniform, type Estimate, estimate, type Random, seededRandom } from "./sample.ts";

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
  /** Time with the memmap on the memory over time with it in DRAM. */
  readonly slowdownRatio: Estimate;
  /** True when the interval of the ratio holds 1. */
  readonly noDifferenceWithinError: boolean;
}

interface Drawn {
  readonly baselineNs: number;
  readonly dramNs: number;
  readonly onMemoryNs: number;
}

/**
 * Both placements of one workload on one device, priced from the same draws so that what they share
 * (clock, CPI, data misses) cancels in the ratio.
 */
export function priceWorkload(
  workload: WorkloadCounts,
  host: HostProfile,
  media: WorkloadMedia,
  options: WorkloadOptions = {},
): WorkloadPrice {
  const { samples = 400, seed = 1 } = options;
  const random = seededRandom(seed);
  const stated = drawWorkload(workload, host, media, options, null);
  const columns = [0, 1, 2, 3].map(() => new Float64Array(samples));
  for (let i = 0; i < samples; i++) {
    const drawn = drawWorkload(workload, host, media, options, random);
    columns[0]![i] = drawn.baselineNs;
    columns[1]![i] = drawn.dramNs;
    columns[2]![i] = drawn.onMemoryNs;
    columns[3]![i] = ratioOf(drawn);
  }
  const slowdownRatio = estimate(ratioOf(stated), columns[3]!);
  return {
    baselineNs: estimate(stated.baselineNs, columns[0]!),
    metadataDramNs: estimate(stated.dramNs, columns[1]!),
    metadataOnMemoryNs: estimate(stated.onMemoryNs, columns[2]!),
    slowdownRatio,
    noDifferenceWithinError: slowdownRatio.interval[0] <= 1 && slowdownRatio.interval[1] >= 1,
  };
}

function ratioOf(drawn: Drawn): number {
  const dram = drawn.baselineNs + drawn.dramNs;
  return dram > 0 ? (drawn.baselineNs + drawn.onMemoryNs) / dram : 1;
}

function drawWorkload(
  workload: WorkloadCounts,
  host: HostProfile,
  media: WorkloadMedia,
  options: WorkloadOptions,
  random: Random,
): Drawn {
  const draw = drawMachine(host, { boot: media.dram, hotAdded: media.device }, random);
  const inDram: MachineDraw = { ...draw, hotAdded: draw.boot };
  return {
    baselineNs: baselineNs(workload, draw, options.dataShareOnHotAdded ?? 1, random),
    dramNs: slowestPath(priceTerms(workload.counts, inDram, options)).ns,
    onMemoryNs: slowestPath(priceTerms(workload.counts, draw, options)).ns,
  };
}

/** Own misses at the whole latency of where the data lies; draws let up to half of it overlap. */
function baselineNs(workload: WorkloadCounts, draw: MachineDraw, dataShare: number, random: Random): number {
  const instructionNs = (workload.instructions * draw.host.cpi) / draw.host.clockGHz;
  const latencyNs = dataShare * draw.hotAdded.idleReadNs + (1 - dataShare) * draw.boot.idleReadNs;
  const exposure = random === null ? 1 : drawUniform(0.5, 1, random);
  return instructionNs + workload.otherLlcFills * latencyNs * exposure;
}
