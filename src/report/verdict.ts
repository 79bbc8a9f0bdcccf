import type { WorkloadPrices } from "../cost/devicePrices.ts";
import { type Estimate, noDifferenceWithinError } from "../cost/sample.ts";
import { type DramFit, doesNotFitWords, dramFit, withoutRoomWords } from "../hotplug/dramFit.ts";
import { dramUse, usableBytes } from "../hotplug/dramUse.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { DeviceOutcome, Simulation } from "../simulate.ts";
import { formatBytes, formatNs, percent, threeDigits } from "../units.ts";
import type { VerdictRow } from "./answerRows.ts";
import { choiceOfLoss, llcWords, lossWords } from "./machineVerdict.ts";
import { servedBy } from "./replayDocument.ts";

/** A memmap above this share of DRAM leaves too little of it for anything else. Chosen. */
const DRAM_SHARE_LIMIT = 0.5;

/** What to do with one device, in one plain sentence with its main reason. */
export function verdictOf(device: DeviceOutcome, simulation: Simulation): VerdictRow {
  const { plan } = device;
  const fit = dramFit(plan, simulation.scenario.machine.dramBytes);
  const share = `${threeDigits((100 * fit.neededBytes) / fit.dramBytes)} % of ${formatBytes(fit.dramBytes)}`;
  const verdict = (choice: VerdictRow["choice"], sentence: string): VerdictRow => ({
    device: device.profile.id,
    choice,
    default_placement: defaultPlacement(plan),
    sentence: plan.offByDefault === undefined ? sentence : `${sentence} ${defaultWords(plan.offByDefault)}`,
  });
  if (device.prices.onMemory === undefined) {
    const [choice, sentence] = refusal(plan, fit, share, simulation.scenario.kernel.version);
    return verdict(choice, sentence);
  }
  const leaves = `leaves ${formatBytes(usableBytes(plan, "on-memory"))} of ${formatBytes(plan.device.capacityBytes)}`;
  if (!fit.fits)
    return verdict("only-on-memory", `Only on the memory: in DRAM the memmap ${doesNotFitWords(fit)}. It ${leaves}.`);
  const saved = fit.neededBytes - dramUse(plan, "on-memory").totalBytes;
  const saves = `On the memory it saves ${formatBytes(saved)} of DRAM (${share}), ${leaves}`;
  if (fit.neededBytes > DRAM_SHARE_LIMIT * fit.dramBytes) {
    const inDram = `in DRAM the memmap would take ${formatBytes(fit.neededBytes)}, ${share}`;
    return verdict("only-on-memory", `Only on the memory: ${inDram}. ${saves}.`);
  }
  const { losses } = device.prices;
  if (losses === undefined) throw new RangeError("a placement without its price");
  const choice = choiceOfLoss(losses.judged);
  const example = exampleWords(device, simulation);
  const words = `${ADVICE[choice]} ${saves}, and ${lossWords(losses.judged)}.`;
  return verdict(choice, example === "" ? words : `${words} ${example}`);
}

function defaultPlacement({ placement }: HotplugPlan): VerdictRow["default_placement"] {
  const { outcome } = placement;
  return outcome === "on-memory" || outcome === "dram" ? outcome : "none";
}

/** Both placements are priced; one of them takes a write to sysfs. */
function defaultWords(offByDefault: string): string {
  return `By default it goes to DRAM: ${offByDefault}.`;
}

const ADVICE = {
  "on-memory": "Put it on the memory.",
  dram: "Keep it in DRAM unless DRAM is short.",
  "trade-off": "A trade.",
} as const;

/** The memmap may not lie on the memory. */
function refusal(plan: HotplugPlan, fit: DramFit, share: string, kernel: string): [VerdictRow["choice"], string] {
  const { outcome, reason } = plan.placement;
  const takes = `${formatBytes(fit.neededBytes)} of DRAM (${share})`;
  if (outcome === "-EINVAL") {
    const would = fit.fits ? `would take ${takes}` : doesNotFitWords(fit);
    const asked = `Asked without MHP_MEMMAP_ON_MEMORY, the memmap ${would}.`;
    return ["refused", `As asked, the add fails with -EINVAL, because ${reason}. ${asked}`];
  }
  const refused = `self-hosting is refused, because ${reason}`;
  if (fit.fits)
    return ["refused", `The memmap goes to DRAM and takes ${formatBytes(fit.neededBytes)} (${share}): ${refused}.`];
  const without = withoutRoomWords(plan, fit, kernel);
  return [
    "does-not-fit",
    `Impossible: the memmap has to go to DRAM and ${doesNotFitWords(fit)}; ${refused}; ${without}.`,
  ];
}

/** The recording that suffers most: an example, not what the verdict follows from. */
function exampleWords(device: DeviceOutcome, simulation: Simulation): string {
  const worst = worstWorkload(device);
  if (worst === undefined) return "";
  const { slowdownRatio: slowdown, extraNs } = worst[worst.run.judged];
  const [low, high] = extraNs.interval;
  const words =
    slowdown === undefined
      ? `${worst.run.name} waits ${formatNs(extraNs.value)} [${formatNs(low)}, ${formatNs(high)}] longer`
      : slowdownWords(worst.run.name, slowdown, simulation.scenario.use.llcShare);
  return `Worst of the recorded examples: ${words}; ${reasonOf(worst, device, simulation)}.`;
}

/** Larger first; of equal ones, that which may be larger. */
function worse(a: Estimate | undefined, b: Estimate | undefined): number {
  return (b?.value ?? 0) - (a?.value ?? 0) || (b?.interval[1] ?? 0) - (a?.interval[1] ?? 0);
}

function worstWorkload(device: DeviceOutcome): WorkloadPrices | undefined {
  const priceOf = (workload: WorkloadPrices) => workload[workload.run.judged];
  return [...device.prices.workloads].sort((one, other) => {
    const [a, b] = [priceOf(one), priceOf(other)];
    return worse(a.slowdownRatio, b.slowdownRatio) || worse(a.extraNs, b.extraNs);
  })[0];
}

function slowdownWords(name: string, slowdown: Estimate, llcShare: number): string {
  const [low, high] = slowdown.interval;
  if (noDifferenceWithinError(slowdown))
    return `${name}, no difference within error, at most ${percent(high)}, with ${llcWords(llcShare)}`;
  return `${name}, slower by ${percent(slowdown.value)} [${percent(low)}, ${percent(high)}]`;
}

function reasonOf(workload: WorkloadPrices, device: DeviceOutcome, simulation: Simulation): string {
  const { machine } = simulation;
  const { run } = workload;
  const { counts } = run[run.judged];
  const misses = servedBy(counts, 3, 1);
  const touches = servedBy(counts, 0, 1) + servedBy(counts, 1, 1) + servedBy(counts, 2, 1) + misses;
  const share = touches === 0 ? 0 : (100 * misses) / touches;
  const instead = `${formatNs(device.profile.idleReadNs.value)} instead of ${formatNs(machine.dram.idleReadNs.value)}`;
  return `${threeDigits(share)} % of its touches of hot-added struct pages (${formatBytes(run.footprintBytes)} in use, LLC ${llcOf(simulation)}) miss every cache and then cost up to ${instead}`;
}

/** The LLC, and what of it struct pages have. */
function llcOf({ machine, scenario }: Simulation): string {
  const share = scenario.use.llcShare;
  return `${formatBytes(machine.host.llcBytes.value)}${share === 1 ? "" : `, ${threeDigits(100 * share)} % of it theirs`}`;
}
