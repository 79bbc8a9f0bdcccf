import type { Machine } from "../machine/machine.ts";
import type { DeviceProfile } from "../machine/profiles.ts";
import { type DeviceCounts, type DevicePrices, type PricePolicy, priceDevice } from "./devicePrices.ts";
import { DEVICE_INPUTS, HOST_INPUTS } from "./drawMachine.ts";
import type { EventPrice } from "./hotplugPrice.ts";
import type { Estimate } from "./sample.ts";

/** One input's part in an interval. */
export interface WhyInput {
  /** `scope.key`: of the host, the DRAM, the device or an operation. */
  readonly input: string;
  /**
   * What of the squared width goes when this one is taken as stated and all others are drawn: parts of independent inputs
   * add up to about 1. On a log scale where the interval is above 0.
   */
  readonly share: number;
}

export interface Why {
  readonly placement: "dram" | "on-memory";
  readonly quantity: string;
  readonly estimate: Estimate;
  /** Widest first; those below `LEAST_SHARE` left out. */
  readonly inputs: readonly WhyInput[];
}

/** Every input that is drawn: `scope.key`. */
export const INPUTS: readonly string[] = [
  ...HOST_INPUTS.map((key) => `host.${key}`),
  ...DEVICE_INPUTS.flatMap((key) => [`dram.${key}`, `device.${key}`]),
  "operation.instructions",
  "operation.perTail",
];

const LEAST_SHARE = 0.01;
/** Draws behind each width: both share theirs, so that their difference is that of the input. */
const SAMPLES = 200;

/** Which inputs make the intervals of one device: each is taken as stated by itself, and everything priced again. */
export function whyOf(device: DeviceProfile, counts: DeviceCounts, machine: Machine, policy: PricePolicy): Why[] {
  const without = { ...counts, footprints: [] };
  const price = (held: readonly string[]): Quantity[] =>
    quantitiesOf(
      priceDevice(device, without, machine, policy, { samples: SAMPLES, isAlone: true, held: new Set(held) }),
    );
  const all = price([]);
  const alone = INPUTS.map((input) => ({ input, quantities: price([input]) }));
  return all.map(({ placement, quantity, estimate }, i) => {
    const width = widthOf(estimate);
    const inputs = alone.map(({ input, quantities }) => {
      const left = width > 0 ? widthOf(quantities[i]!.estimate) / width : 1;
      return { input, share: 1 - left ** 2 };
    });
    return {
      placement,
      quantity,
      estimate,
      inputs: inputs.filter(({ share }) => share >= LEAST_SHARE).sort((a, b) => b.share - a.share),
    };
  });
}

type Quantity = Omit<Why, "inputs">;

function quantitiesOf({ dram, onMemory, operations, workloads }: DevicePrices): Quantity[] {
  const events = (prices: readonly EventPrice[], placement: Quantity["placement"]) =>
    prices.map(({ run, price }) => ({
      placement,
      quantity: run.event,
      estimate: { value: price.ns, interval: price.interval },
    }));
  const far = "on-memory" as const;
  return [
    ...events(dram ?? [], "dram"),
    ...events(onMemory ?? [], far),
    ...operations.flatMap(({ count: { name }, ns }): Quantity[] => [
      { placement: "dram", quantity: `${name}, at random`, estimate: ns.randomDram },
      { placement: far, quantity: `${name}, at random`, estimate: ns.randomOnMemory },
      { placement: far, quantity: `${name}, in pfn order`, estimate: ns.inOrderOnMemory },
      { placement: far, quantity: `${name}, whole`, estimate: ns.wholeOnMemory },
    ]),
    ...workloads.flatMap((workload): Quantity[] => {
      const { name, judged } = workload.run;
      const { extraNs, slowdownRatio } = workload[judged];
      const extra: Quantity = { placement: far, quantity: `${name}, struct pages cost more`, estimate: extraNs };
      if (slowdownRatio === undefined) return [extra];
      return [extra, { placement: far, quantity: `${name}, slowdown`, estimate: slowdownRatio }];
    }),
  ];
}

function widthOf({ interval: [low, high] }: Estimate): number {
  return low > 0 ? Math.log(high / low) : high - low;
}
