import type { DeviceLosses } from "../cost/deviceLosses.ts";
import type { MachineLoss } from "../cost/machineLoss.ts";
import type { Estimate } from "../cost/sample.ts";
import { rangeOf, SOURCES } from "../machine/provenance.ts";
import { RATE_NAMES } from "../scenario/machineUse.ts";
import type { Interval } from "./answerRows.ts";
import { LARGE_LOSS, NEGLIGIBLE_LOSS } from "./machineVerdict.ts";
import { roundNs, roundSignificant } from "./numbers.ts";

/** What the machine of the scenario loses to a memmap on one device. */
export interface AnswerMachine {
  readonly cpus: number;
  readonly cpus_assumed: boolean;
  /** null: all rates are stated. */
  readonly class: string | null;
  readonly class_assumed: boolean;
  readonly cpus_lost: number;
  readonly cpus_lost_interval: Interval;
  readonly percent_of_machine: number;
  readonly percent_of_machine_interval: Interval;
  /** Percent up to which nothing is said to be lost, and above which too much is. */
  readonly thresholds_percent: { readonly negligible: number; readonly large: number };
  readonly footprint_bytes: number;
  readonly llc_miss_ratio: number;
  readonly hot_added_ratio: number;
  readonly pages_per_fork: number;
  readonly pages_per_fork_interval: Interval;
  readonly rates: readonly {
    readonly name: string;
    readonly per_second: number;
    readonly per_second_interval: Interval;
    readonly known: string;
    readonly source: string;
    readonly level: string;
  }[];
  readonly operations: readonly {
    readonly does: string;
    readonly per_second: number;
    readonly per_second_interval: Interval;
    readonly extra_ns: number;
    readonly extra_interval_ns: Interval;
    readonly cpus_lost: number;
    readonly cpus_lost_interval: Interval;
  }[];
  /** The same machine with the rates of each class; empty where the scenario states rates. */
  readonly by_class: readonly {
    readonly class: string;
    readonly cpus_lost: number;
    readonly cpus_lost_interval: Interval;
    readonly percent_of_machine: number;
    readonly percent_of_machine_interval: Interval;
  }[];
}

const rounded = ({ interval: [low, high] }: Estimate, factor = 1): Interval => [
  roundSignificant(factor * low),
  roundSignificant(factor * high),
];

const lossKeys = ({ cpusLost, share }: Pick<MachineLoss, "cpusLost" | "share">) => ({
  cpus_lost: roundSignificant(cpusLost.value),
  cpus_lost_interval: rounded(cpusLost),
  percent_of_machine: roundSignificant(100 * share.value),
  percent_of_machine_interval: rounded(share, 100),
});

const perSecondKeys = (estimate: Estimate) => ({
  per_second: roundSignificant(estimate.value),
  per_second_interval: rounded(estimate),
});

/** The machine block of one device. */
export function machineUseDocument({ judged, byClass }: DeviceLosses): AnswerMachine {
  const { rates, parts } = judged;
  return {
    cpus: rates.nrCpus,
    cpus_assumed: rates.cpusAssumed,
    class: rates.machineClass ?? null,
    class_assumed: rates.classAssumed,
    ...lossKeys(judged),
    thresholds_percent: { negligible: 100 * NEGLIGIBLE_LOSS, large: 100 * LARGE_LOSS },
    footprint_bytes: judged.inUseBytes,
    llc_miss_ratio: roundSignificant(judged.missShare),
    hot_added_ratio: judged.hotAddedShare,
    pages_per_fork: roundSignificant(rates.pagesAFork.value),
    pages_per_fork_interval: rangeOf(rates.pagesAFork),
    rates: RATE_NAMES.map((name) => {
      const { rate, known } = rates.perSecond[name];
      return {
        name,
        ...perSecondKeys({ value: rate.value, interval: rangeOf(rate) }),
        known,
        source: known === "none" ? "none" : (SOURCES[rate.source]?.title ?? rate.source),
        level: rate.level,
      };
    }),
    operations: parts.map(({ does, perSecond, extraNs, cpusLost }) => ({
      does,
      ...perSecondKeys(perSecond),
      extra_ns: roundNs(extraNs.value),
      extra_interval_ns: [roundNs(extraNs.interval[0]), roundNs(extraNs.interval[1])] as const,
      cpus_lost: roundSignificant(cpusLost.value),
      cpus_lost_interval: rounded(cpusLost),
    })),
    by_class: byClass.map(({ machineClass, loss }) => ({ class: machineClass, ...lossKeys(loss) })),
  };
}
