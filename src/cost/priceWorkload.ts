import type { WorkloadWork } from "../counts/workload.ts";
import type { TouchCounts } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { baselineNs } from "./baseline.ts";
import { countSums } from "./countSums.ts";
import {
  inOneShape,
  type MachineDraw,
  type MachineSamples,
  memmapInDram,
  NR_TERMS,
  type PriceOptions,
  pathsNs,
  sampleMachine,
} from "./price.ts";
import { pricedOnce } from "./pricedOnce.ts";
import { type Estimate, estimate } from "./sample.ts";

export type { WorkloadWork } from "../counts/workload.ts";

/** A workload as counts: what its struct page touches met, and what else it did. */
export interface WorkloadCounts {
  readonly counts: TouchCounts;
  /** The same with pages in the order of their pfns; needed for `pfnOrder` above 0. */
  readonly countsInOrder?: TouchCounts | undefined;
  /** Absent: not known, as of recordings that count each byte of a clear as an instruction. Its time is unknown then. */
  readonly work: WorkloadWork | undefined;
}

export interface WorkloadMedia {
  /** DRAM beside the cores: boot memory, and the memmap when it is placed there. */
  readonly dram: DeviceProfile;
  /** The hot-added memory: user data, and the memmap when it is self-hosted. */
  readonly device: DeviceProfile;
}

export interface WorkloadOptions extends PriceOptions {
  /** Share of the workload's data that lies on the hot-added memory. @default 1 */
  readonly dataShareOnHotAdded?: number;
  /** Share of pages that are met in the order of their pfns. @default 0 */
  readonly pfnOrder?: number;
}

export interface WorkloadPrice {
  /** Everything but struct pages; the same in both placements. Undefined: the recording does not tell. */
  readonly baselineNs: Estimate | undefined;
  /** Struct page touches with the memmap in DRAM, and on the hot-added memory. */
  readonly metadataDramNs: Estimate;
  readonly metadataOnMemoryNs: Estimate;
  /** Both together; undefined with the baseline. */
  readonly wholeDramNs: Estimate | undefined;
  readonly wholeOnMemoryNs: Estimate | undefined;
  /** What the memmap on the memory takes longer. */
  readonly extraNs: Estimate;
  /** Time with the memmap on the memory over time with it in DRAM; undefined with the baseline. */
  readonly slowdownRatio: Estimate | undefined;
}

/** `priceWorkload` on a machine that is priced once. */
export function priceWorkload(
  workload: WorkloadCounts,
  host: HostProfile,
  media: WorkloadMedia,
  options: WorkloadOptions = {},
): WorkloadPrice {
  const onMemory = sampleMachine(host, { boot: media.dram, hotAdded: media.device }, options);
  return priceWorkloadOn(workload, onMemory, memmapInDram(onMemory), options);
}

/** ns as stated, and draw by draw. */
interface Column {
  readonly stated: number;
  readonly draws: Float64Array;
}

function columnOf(samples: MachineSamples, price: (draw: MachineDraw) => number): Column {
  const draws = new Float64Array(samples.draws.length);
  for (let i = 0; i < draws.length; i++) draws[i] = price(samples.draws[i]!);
  return { stated: price(samples.stated), draws };
}

/** `of` each value of two columns. */
function combine(a: Column, b: Column, of: (a: number, b: number) => number): Column {
  const draws = new Float64Array(a.draws.length);
  for (let i = 0; i < draws.length; i++) draws[i] = of(a.draws[i]!, b.draws[i]!);
  return { stated: of(a.stated, b.stated), draws };
}

const touchesOnce = pricedOnce<Column>();
const baselineOnce = pricedOnce<Column>();

function touchesNs(counts: TouchCounts, samples: MachineSamples, options: WorkloadOptions): Column {
  return touchesOnce(samples, counts, options, () => {
    const [sums, shaped] = [countSums(counts), inOneShape(options)];
    const terms = new Float64Array(NR_TERMS);
    return columnOf(samples, (draw) => pathsNs(sums, draw, shaped, terms));
  });
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
  const { dataShareOnHotAdded: share = 1, pfnOrder = 0 } = options;
  const { counts, countsInOrder = counts, work } = workload;
  const priced = (machine: MachineSamples): Column => {
    const random = touchesNs(counts, machine, options);
    if (pfnOrder === 0) return random;
    const mixed = (random: number, inOrder: number): number => random + pfnOrder * (inOrder - random);
    return combine(random, touchesNs(countsInOrder, machine, options), mixed);
  };
  const [dram, memory] = [priced(inDram), priced(onMemory)];
  const of = ({ stated, draws }: Column): Estimate => estimate(stated, draws);
  const struct = {
    metadataDramNs: of(dram),
    metadataOnMemoryNs: of(memory),
    extraNs: of(combine(memory, dram, (memory, dram) => memory - dram)),
  };
  if (work === undefined)
    return {
      ...struct,
      baselineNs: undefined,
      wholeDramNs: undefined,
      wholeOnMemoryNs: undefined,
      slowdownRatio: undefined,
    };
  const baseline = baselineOnce(onMemory, work, share, () => columnOf(onMemory, (far) => baselineNs(work, far, share)));
  const sum = (a: number, b: number): number => a + b;
  const [wholeDram, wholeMemory] = [combine(baseline, dram, sum), combine(baseline, memory, sum)];
  return {
    ...struct,
    baselineNs: of(baseline),
    wholeDramNs: of(wholeDram),
    wholeOnMemoryNs: of(wholeMemory),
    slowdownRatio: of(combine(wholeMemory, wholeDram, (memory, dram) => (dram > 0 ? memory / dram : 1))),
  };
}
