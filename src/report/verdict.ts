import type { WorkloadPrices } from "../cost/devicePrices.ts";
import { type Estimate, noDifferenceWithinError } from "../cost/sample.ts";
import { type DramFit, doesNotFitWords, dramFit, withoutRoomWords } from "../hotplug/dramFit.ts";
import { dramUse, usableBytes } from "../hotplug/dramUse.ts";
import type { HotplugPlan } from "../hotplug/plan.ts";
import type { DeviceOutcome, Simulation } from "../simulate.ts";
import { formatBytes, formatNs, percent, threeDigits } from "../units.ts";
import type { VerdictRow } from "./answerRows.ts";
import { servedBy } from "./replayDocument.ts";

/** Slowdowns below the first are called nothing, above the second too much; in between it is a trade. Chosen. */
const NEGLIGIBLE_SLOWDOWN = 0.01;
const LARGE_SLOWDOWN = 0.05;
/** A memmap above this share of DRAM leaves too little of it for anything else. Chosen. */
const DRAM_SHARE_LIMIT = 0.5;

/** What to do with one device, in one plain sentence with its main reason. */
export function verdictOf(device: DeviceOutcome, simulation: Simulation): VerdictRow {
  const { plan } = device;
  const fit = dramFit(plan, simulation.scenario.machine.dramBytes);
  const share = `${threeDigits((100 * fit.neededBytes) / fit.dramBytes)} % of ${formatBytes(fit.dramBytes)}`;
  const verdict = (choice: VerdictRow["choice"], sentence: string) => ({ device: device.profile.id, choice, sentence });
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
  const worst = worstWorkload(device);
  if (worst === undefined) return verdict(...withoutWorkload(device, saves));
  const { slowdownRatio: slowdown, extraNs } = worst[worst.run.judged];
  const why = reasonOf(worst, device, simulation);
  if (slowdown === undefined)
    return verdict("trade-off", `${ADVICE["trade-off"]} ${saves}, and ${unknownWords(worst.run.name, extraNs, why)}`);
  const choice = choiceOf(slowdown);
  return verdict(choice, `${ADVICE[choice]} ${saves}, and ${slowdownWords(worst.run.name, slowdown)}: ${why}.`);
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

/** Workloads do more than one operation, so what slows it slows them less: never a reason to keep the memmap in DRAM. */
function withoutWorkload(device: DeviceOutcome, saves: string): [VerdictRow["choice"], string] {
  const [worst] = device.prices.footprints
    .flatMap(({ run, price: { slowdownRatio } }) => (slowdownRatio === undefined ? [] : [{ run, slowdownRatio }]))
    .sort((a, b) => worse(a.slowdownRatio, b.slowdownRatio));
  if (worst === undefined) return ["trade-off", `${saves}; no workload was priced.`];
  const { run, slowdownRatio } = worst;
  const [low, high] = slowdownRatio.interval;
  const name = `${run.name} at ${formatBytes(run.footprintBytes)}`;
  if (choiceOf(slowdownRatio) === "on-memory") {
    const slows = percent(high) === "0 %" ? "no operation slows" : `no operation slows by more than ${percent(high)}`;
    return ["on-memory", `${ADVICE["on-memory"]} ${saves}, and ${slows} (worst: ${name}).`];
  }
  const slows = `slows the worst operation, ${name}, by ${percent(slowdownRatio.value)} [${percent(low)}, ${percent(high)}]`;
  return [
    "trade-off",
    `${ADVICE["trade-off"]} ${saves}, and ${slows}: a workload that does more than that operation is slowed less, and none was priced.`,
  ];
}

function choiceOf(slowdown: Estimate): "on-memory" | "dram" | "trade-off" {
  if (slowdown.interval[1] - 1 <= NEGLIGIBLE_SLOWDOWN) return "on-memory";
  return slowdown.value - 1 > LARGE_SLOWDOWN ? "dram" : "trade-off";
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

/** Of a recording that does not tell how long it takes in all. */
function unknownWords(name: string, { value, interval: [low, high] }: Estimate, why: string): string {
  const longer = `${formatNs(value)} [${formatNs(low)}, ${formatNs(high)}] longer`;
  return `the struct pages of the worst recorded workload, ${name}, take ${longer}; ${why}. How long it takes in all is not known, because its recording counts every byte of a clear as an instruction.`;
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
