import type { MachineLoss } from "../cost/machineLoss.ts";
import type { Estimate } from "../cost/sample.ts";
import { MACHINE_CLASSES } from "../machine/rates/machineClasses.ts";
import { formatBytes, threeSignificant } from "../units.ts";

/** Shares of a machine: up to the first nothing is lost, above the second too much; in between it is a trade. Chosen. */
export const NEGLIGIBLE_LOSS = 0.01;
export const LARGE_LOSS = 0.05;

const THRESHOLDS = `up to ${100 * NEGLIGIBLE_LOSS} % is called nothing, above ${100 * LARGE_LOSS} % too much`;

/** What the loss of a machine says of the placement. */
export function choiceOfLoss({ share }: Pick<MachineLoss, "share">): "on-memory" | "dram" | "trade-off" {
  if (share.interval[1] <= NEGLIGIBLE_LOSS) return "on-memory";
  return share.value > LARGE_LOSS ? "dram" : "trade-off";
}

/** Whose rates these are. */
function ratesWords({ rates }: Pick<MachineLoss, "rates">): string {
  const { machineClass, classAssumed, perSecond } = rates;
  const some = Object.values(perSecond).some(({ known }) => known === "stated");
  if (machineClass === undefined) return "the rates stated";
  const does = `class ${machineClass}${classAssumed ? " (assumed)" : ""}`;
  return some ? `${does} and the rates stated` : does;
}

/** What the machine loses, as the end of a sentence, with the thresholds that judge it. */
export function lossWords(loss: MachineLoss): string {
  const { cpusLost, share, rates } = loss;
  if (cpusLost.interval[1] === 0) return `nothing is lost: ${whyNothing(loss)}`;
  const cpus = lossInterval(cpusLost, 1);
  return `with ${ratesWords(loss)} the machine loses ${cpus} of its ${rates.nrCpus} CPUs, ${lossInterval(share, 100, " %")} (${THRESHOLDS})`;
}

function whyNothing({ rates, missShare, hotAddedShare, inUseBytes }: MachineLoss): string {
  if (Object.values(rates.perSecond).every(({ rate }) => rate.value === 0)) return "all rates stated are 0";
  if (hotAddedShare === 0) return "no operation works on hot-added memory (policy.user_data_on_hot_added is 0)";
  if (missShare === 0)
    return `the struct pages of ${formatBytes(inUseBytes)} in use fit into the LLC that is left to them`;
  return "no operation waits longer for struct pages there than in DRAM";
}

/** `0.0123 [0.00456, 0.0345]`, each times `factor`. */
export function lossInterval({ value, interval: [low, high] }: Estimate, factor: number, unit = ""): string {
  const text = (number: number) => `${threeSignificant(factor * number)}${unit}`;
  return `${text(value)} [${text(low)}, ${text(high)}]`;
}

/** What is assumed of the machine's use, one clause each. */
export function lossNotes(loss: MachineLoss): string[] {
  const { rates, hotAddedShare, missShare, inUseBytes } = loss;
  if (loss.cpusLost.interval[1] === 0) return [];
  const notes = [
    `CPUs lost are of operations cold and met at random over ${formatBytes(inUseBytes)} in use, of which ${threeSignificant(100 * missShare)} % miss the LLC share: a machine that uses few of its pages again and again loses less`,
  ];
  if (hotAddedShare === 1) notes.push("all operations of the machine are taken to work on hot-added memory");
  if (rates.cpusAssumed)
    notes.push(
      `the machine is taken to have the ${rates.nrCpus} CPUs of one socket of its host profile (machine.cpus)`,
    );
  if (rates.machineClass !== undefined) {
    const { does, nrCpus, per } = MACHINE_CLASSES[rates.machineClass];
    const scaled =
      per === "cpu" ? "rates a CPU" : nrCpus === undefined ? "rates as observed" : `rates of ${nrCpus} CPUs, scaled`;
    const assumed = rates.classAssumed ? "what the machine does is not stated; taken as " : "";
    notes.push(`${assumed}class ${rates.machineClass}: ${does} (${scaled}; policy.class, policy.rates)`);
  }
  if (Object.values(rates.perSecond).some(({ known }) => known === "from faults"))
    notes.push("allocations are taken as 0.9 [0.6, 2.8] for each fault, because only faults are stated");
  return notes;
}

/** `all of the LLC`: that no difference is seen holds for the share it was computed with. */
export function llcWords(share: number): string {
  return share === 1 ? "all of the LLC" : `${threeSignificant(100 * share)} % of the LLC`;
}
