import type { WorkloadPrices } from "../cost/devicePrices.ts";
import { type Estimate, noDifferenceWithinError } from "../cost/sample.ts";
import { dramUse, usableBytes } from "../hotplug/dramUse.ts";
import type { DeviceOutcome, Simulation } from "../simulate.ts";
import { formatBytes, formatNs, threeDigits } from "../units.ts";
import { servedBy } from "./replayDocument.ts";

/** What to do with one device, in one plain sentence with its main reason. */
export interface Verdict {
  readonly device: string;
  readonly choice: "on-memory" | "dram" | "trade-off" | "only-on-memory" | "refused";
  readonly sentence: string;
}

/** Slowdowns below the first are called nothing, above the second too much; in between it is a trade. Chosen. */
export const NEGLIGIBLE_SLOWDOWN = 0.01;
export const LARGE_SLOWDOWN = 0.05;
/** A memmap above this share of DRAM leaves too little of it for anything else. Chosen. */
export const DRAM_SHARE_LIMIT = 0.5;

export function verdictOf(device: DeviceOutcome, simulation: Simulation): Verdict {
  const { profile, plan } = device;
  const { dramBytes } = simulation.scenario.machine;
  const inDram = dramUse(plan, "dram").totalBytes;
  const share = `${threeDigits((100 * inDram) / dramBytes)} % of ${formatBytes(dramBytes)}`;
  if (device.prices.onMemory === undefined) {
    const fails = `As asked, the add fails with -EINVAL, because ${plan.placement.reason}. Asked without MHP_MEMMAP_ON_MEMORY, the memmap would take ${formatBytes(inDram)} of DRAM (${share}).`;
    if (plan.placement.outcome === "-EINVAL") return { device: profile.id, choice: "refused", sentence: fails };
    const sentence = `The memmap goes to DRAM and takes ${formatBytes(inDram)} (${share}): self-hosting is refused, because ${plan.placement.reason}.`;
    return { device: profile.id, choice: "refused", sentence };
  }
  const saved = inDram - dramUse(plan, "on-memory").totalBytes;
  const saves = `On the memory it saves ${formatBytes(saved)} of DRAM (${share}), leaves ${formatBytes(usableBytes(plan, "on-memory"))} of ${formatBytes(plan.device.capacityBytes)}`;
  if (inDram > DRAM_SHARE_LIMIT * dramBytes) {
    const sentence = `Only on the memory: in DRAM the memmap would take ${formatBytes(inDram)}, ${share}. ${saves}.`;
    return { device: profile.id, choice: "only-on-memory", sentence };
  }
  const worst = worstWorkload(device);
  if (worst === undefined)
    return { device: profile.id, choice: "trade-off", sentence: `${saves}; no workload was priced.` };
  const { slowdownRatio: slowdown, extraNs } = worst[worst.run.judged];
  if (slowdown === undefined) {
    const [low, high] = extraNs.interval;
    const costs = `${formatNs(extraNs.value)} [${formatNs(low)}, ${formatNs(high)}]`;
    const sentence = `A trade. ${saves}, and the struct pages of the worst recorded workload, ${worst.run.name}, take ${costs} longer; ${reasonOf(worst, device, simulation)}. How long it takes in all is not known, because its recording counts every byte of a clear as an instruction.`;
    return { device: profile.id, choice: "trade-off", sentence };
  }
  const choice = choiceOf(slowdown);
  const advice = {
    "on-memory": "Put it on the memory.",
    dram: "Keep it in DRAM unless DRAM is short.",
    "trade-off": "A trade.",
  }[choice];
  return {
    device: profile.id,
    choice,
    sentence: `${advice} ${saves}, and ${slowdownWords(worst.run.name, slowdown)}: ${reasonOf(worst, device, simulation)}.`,
  };
}

function choiceOf(slowdown: Estimate): "on-memory" | "dram" | "trade-off" {
  if (slowdown.interval[1] - 1 <= NEGLIGIBLE_SLOWDOWN) return "on-memory";
  return slowdown.value - 1 > LARGE_SLOWDOWN ? "dram" : "trade-off";
}

function worstWorkload(device: DeviceOutcome): WorkloadPrices | undefined {
  const priceOf = (workload: WorkloadPrices) => workload[workload.run.judged];
  // Of equal slowdowns, that which may be larger.
  const worse = (a: Estimate | undefined, b: Estimate | undefined): number =>
    (b?.value ?? 0) - (a?.value ?? 0) || (b?.interval[1] ?? 0) - (a?.interval[1] ?? 0);
  return [...device.prices.workloads].sort((one, other) => {
    const [a, b] = [priceOf(one), priceOf(other)];
    return worse(a.slowdownRatio, b.slowdownRatio) || worse(a.extraNs, b.extraNs);
  })[0];
}

function slowdownWords(name: string, slowdown: Estimate): string {
  const [low, high] = slowdown.interval;
  if (noDifferenceWithinError(slowdown))
    return `makes no difference within error to any recorded workload (worst: ${name}, at most ${percent(high)})`;
  return `slows the worst recorded workload, ${name}, by ${percent(slowdown.value)} [${percent(low)}, ${percent(high)}]`;
}

function reasonOf(workload: WorkloadPrices, device: DeviceOutcome, { machine }: Simulation): string {
  const { run } = workload;
  const { counts } = run[run.judged];
  const misses = servedBy(counts, 3, 1);
  const touches = servedBy(counts, 0, 1) + servedBy(counts, 1, 1) + servedBy(counts, 2, 1) + misses;
  const share = touches === 0 ? 0 : (100 * misses) / touches;
  const instead = `${formatNs(device.profile.idleReadNs.value)} instead of ${formatNs(machine.dram.idleReadNs.value)}`;
  return `${threeDigits(share)} % of its touches of hot-added struct pages (${formatBytes(run.footprintBytes)} in use, LLC ${formatBytes(machine.host.llcBytes.value)}) miss every cache and then cost up to ${instead}`;
}

/** `1.02` -> `2 %` */
export function percent(ratio: number): string {
  const value = 100 * (ratio - 1);
  return Math.abs(value) < 0.005 ? "0 %" : `${Math.abs(value) < 0.1 ? value.toFixed(2) : threeDigits(value)} %`;
}
