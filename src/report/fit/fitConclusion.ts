import type { Fit } from "../../advice/fit.ts";
import { costShare } from "../../advice/lights.ts";
import { formatBytes, threeDigits } from "../../units.ts";

/** Up to this share of the machine the cost is nothing; chosen, as in the verdict of altmap answer. */
const NOTHING_SHARE = 0.01;

/** One or two sentences: what to do, and where it turns. */
export function fitConclusion(fit: Fit): string {
  const { lights, totals, room, scenario, breakEven: even } = fit;
  const [inDram, onMemory] = [lights.dram.light !== "does-not-fit", lights.onMemory.light !== "does-not-fit"];
  if (!inDram && !onMemory) return `It cannot be added: ${lights.dram.because[0]}; ${lights.onMemory.because[0]}.`;
  if (!onMemory) return `In DRAM, ${formatBytes(room.neededBytes)} of it: ${lights.onMemory.because[0]}.`;
  const freed = totals.dram.dramUsedBytes - (totals.onMemory?.dramUsedBytes ?? 0);
  if (!inDram) return `On the memory: in DRAM it ${lights.dram.because[0]}.`;
  const frees = `frees ${formatBytes(freed)} of DRAM (${threeDigits((100 * freed) / scenario.machine.dramBytes)} %)`;
  const share = costShare(fit.simulation);
  if (share === undefined) return `On the memory it ${frees}; times are not modelled for ${scenario.machine.arch}.`;
  if (share.interval[1] === 0) return `On the memory: it ${frees} and costs nothing within error.`;
  const where = share.value <= NOTHING_SHARE ? "On the memory" : "In DRAM unless DRAM is short: on the memory";
  return `${where}${share.value <= NOTHING_SHARE ? ": it" : " it"} ${frees}. ${evenWords(even)}`;
}

function evenWords(even: Fit["breakEven"]): string {
  if (even?.missesPerSecond == null) return "Break-even: none, neither matters within error.";
  const { missesPerSecond: at, missesPerSecondInterval: ends } = even;
  const money = even.moneySaved === null ? "" : ` It saves ${threeDigits(even.moneySaved)} of your currency.`;
  return `Break-even: ${rate(at)} [${rate(ends![0])}, ${rate(ends![1])}] misses/s to data that the freed DRAM holds.${money}`;
}

const rate = (perSecond: number): string => {
  const units = [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const;
  const unit = units.find(([, size]) => perSecond >= size);
  return unit === undefined ? threeDigits(perSecond) : `${threeDigits(perSecond / unit[1])} ${unit[0]}`;
};
