import type { WorkloadWork } from "../counts/workload.ts";
import type { TouchCounts } from "../counts.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { baselineNs } from "./baseline.ts";
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

const COLUMNS = ["baseline", "dram", "memory", "wholeDram", "wholeMemory", "extra", "ratio"] as const;
type Row = Record<(typeof COLUMNS)[number], number>;

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
  const { dataShareOnHotAdded = 1, pfnOrder = 0 } = options;
  const sums = countSums(workload.counts);
  const inOrder = countSums(workload.countsInOrder ?? workload.counts);
  const terms = new Float64Array(NR_TERMS);
  const rowOf = (far: MachineDraw, near: MachineDraw): Row => {
    const baseline = workload.work === undefined ? 0 : baselineNs(workload.work, far, dataShareOnHotAdded);
    const priced = (machine: MachineDraw): number => {
      const random = pathsNs(sums, machine, options, terms);
      return pfnOrder === 0 ? random : random + pfnOrder * (pathsNs(inOrder, machine, options, terms) - random);
    };
    const [dram, memory] = [priced(near), priced(far)];
    const [wholeDram, wholeMemory] = [baseline + dram, baseline + memory];
    const ratio = wholeDram > 0 ? wholeMemory / wholeDram : 1;
    return { baseline, dram, memory, wholeDram, wholeMemory, extra: memory - dram, ratio };
  };
  const draws = Object.fromEntries(COLUMNS.map((key) => [key, new Float64Array(onMemory.draws.length)]));
  onMemory.draws.forEach((far, i) => {
    const row = rowOf(far, inDram.draws[i]!);
    for (const key of COLUMNS) draws[key]![i] = row[key];
  });
  const stated = rowOf(onMemory.stated, inDram.stated);
  const of = (key: (typeof COLUMNS)[number]): Estimate => estimate(stated[key], draws[key]!);
  const known = (key: (typeof COLUMNS)[number]) => (workload.work === undefined ? undefined : of(key));
  return {
    baselineNs: known("baseline"),
    metadataDramNs: of("dram"),
    metadataOnMemoryNs: of("memory"),
    wholeDramNs: known("wholeDram"),
    wholeOnMemoryNs: known("wholeMemory"),
    extraNs: of("extra"),
    slowdownRatio: known("ratio"),
  };
}
