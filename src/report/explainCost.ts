import type { EventPrice } from "../cost/hotplugPrice.ts";
import { type CpuSlowdown, slowdownByCpus } from "../cost/manyCpus.ts";
import { type Path, type Price, priceCounts } from "../cost/price.ts";
import { noDifferenceWithinError } from "../cost/sample.ts";
import { softLockup } from "../cost/softLockup.ts";
import { walkedPageblocks } from "../cost/zoneContiguous.ts";
import type { WorkloadRun } from "../counts/workload.ts";
import { doesNotFitWords, dramFit } from "../hotplug/dramFit.ts";
import { formatKernelVersion, kernelVersion } from "../linux/version.ts";
import type { DeviceOutcome, Simulation } from "../simulate.ts";
import { decimals, formatBytes, formatNs, grouped, percent } from "../units.ts";
import { operationPerPage } from "../validate/initPerPage.ts";
import { textTable } from "./table.ts";

const PATHS: Readonly<Record<Path, string>> = {
  core: "executing, and waiting for lines that are needed next",
  "line buffers": "lines fetched ahead of the core",
  "boot medium": "DRAM moving lines",
  "hot-added medium": "the hot-added memory moving lines",
};

/**
 * The terms of every price of a scenario: for each device and placement the paths that run side by side, which of
 * them binds, and what each is made of; then workloads, alone and on many CPUs.
 */
export function explainCost(simulation: Simulation): string {
  const { machine } = simulation;
  const lines = [
    `Terms of cost on ${machine.host.id} (${machine.host.description}), DRAM ${machine.dram.id}.`,
    "Paths run side by side: the time of a pass is that of the slowest. Terms of one path add up; of an event they are sums",
    "over its passes, which run one after the other, and > marks the path of the longest. [90 % interval]",
    ...Object.entries(PATHS).map(([path, words]) => `  ${path.padEnd(17)} ${words}`),
  ];
  for (const device of simulation.devices) lines.push("", ...deviceLines(device, simulation));
  return `${lines.join("\n")}\n`;
}

function deviceLines(device: DeviceOutcome, simulation: Simulation): string[] {
  const lines = [`== ${device.profile.id}: ${device.profile.description}`];
  const { dram, onMemory } = device.prices;
  if (dram === undefined) {
    const fit = dramFit(device.plan, simulation.scenario.machine.dramBytes);
    lines.push("", `  memmap in DRAM: ${doesNotFitWords(fit)}`);
  }
  simulation.scenario.events.forEach((_, i) => {
    if (dram?.[i] !== undefined) lines.push("", ...eventLines(dram[i], "memmap in DRAM", device, false));
    if (onMemory?.[i] !== undefined) lines.push("", ...eventLines(onMemory[i], "memmap on the memory", device, true));
  });
  lines.push(
    "",
    "  struct pages of the whole device on itself, initialised in one call:",
    ...lockupLines(device, simulation),
  );
  if (onMemory === undefined) return lines;
  for (const { run } of device.prices.workloads) lines.push("", ...workloadLines(run, device, simulation));
  return lines;
}

function eventLines(
  { run, price, passes }: EventPrice,
  placement: string,
  { plan }: DeviceOutcome,
  selfHosted: boolean,
): string[] {
  const { nrBlocks, blockPages, zoneContiguous } = plan;
  const zoneWalk = run.event === "offline" ? plan.zone.offline : plan.zone.online;
  const walked = walkedPageblocks(run.event, nrBlocks, blockPages, selfHosted, zoneContiguous, zoneWalk);
  const walk =
    walked === 0
      ? []
      : [`    the walk looks at ${grouped(walked)} pageblocks of the zone so far (quadratic in the device)`];
  const [first] = passes;
  const table = first === undefined || passes.length < 2 ? [] : passTable(passes);
  return [`  ${run.event}, ${placement}: ${withInterval(price)}`, ...table, ...termTable(price), ...walk];
}

/** One after the other: their times add up. */
function passTable(passes: EventPrice["passes"]): string[] {
  const rows = passes.map(({ name, instructions, ns, interval, binding }) => [
    `  ${name}`,
    grouped(instructions),
    formatNs(ns),
    `[${formatNs(interval[0])}, ${formatNs(interval[1])}]`,
    binding,
  ]);
  const column = (title: string, align: "left" | "right") => ({ title, align });
  const columns = [
    column("  in turn", "left"),
    column("instructions", "right"),
    column("time", "right"),
    column("90 %", "left"),
    column("slowest path", "left"),
  ];
  return textTable({ columns, rows }, "    ").split("\n");
}

function workloadLines(run: WorkloadRun, device: DeviceOutcome, simulation: Simulation): string[] {
  const { host, dram } = simulation.machine;
  const { counts } = run[run.judged];
  const options = { memmapBytes: run.footprintBytes };
  const inDram = priceCounts(counts, host, { boot: dram, hotAdded: dram }, options);
  const onMemory = priceCounts(counts, host, { boot: dram, hotAdded: device.profile }, options);
  const near = device.prices.dram === undefined ? "do not fit" : withInterval(inDram);
  const prices = device.prices.workloads.find((priced) => priced.run === run)?.[run.judged];
  const lines = [
    `  ${run.name} (${run.judged}): struct pages ${near} in DRAM, ${withInterval(onMemory)} on the memory`,
    ...termTable(onMemory),
  ];
  if (prices !== undefined && prices.baselineNs === undefined)
    lines.push("    what else it did is not known: its recording counts every byte of a clear as an instruction");
  if (prices?.baselineNs !== undefined)
    lines.push(`    beside a baseline of ${formatNs(prices.baselineNs.value)} that placement does not change`);
  const many = slowdownByCpus(
    { counts, work: run.work },
    run.byFunction,
    host,
    { dram, device: device.profile },
    { ...options, dataShareOnHotAdded: simulation.scenario.policy.userDataOnHotAdded, samples: 40 },
  );
  lines.push(...many.map(cpuLine));
  return lines;
}

function cpuLine({ nrCpus, slowdownRatio, busiest, busyShare }: CpuSlowdown): string {
  const [low, high] = slowdownRatio.interval;
  const words = noDifferenceWithinError(slowdownRatio)
    ? "no difference within error"
    : `slower by ${percent(slowdownRatio.value)}`;
  const cpus = `${String(nrCpus).padStart(3)} ${nrCpus === 1 ? "CPU: " : "CPUs:"}`;
  return `    ${cpus} ${words} [${percent(low)}, ${percent(high)}]; busiest: ${busiest}, ${decimals(100 * busyShare, 0)} % of the time`;
}

function termTable(price: Price): string[] {
  const rows = price.terms
    .filter(({ ns }) => ns > 0)
    .map(({ path, name, ns, interval }) => [
      path === price.binding ? `> ${path}` : `  ${path}`,
      name,
      formatNs(ns),
      `[${formatNs(interval[0])}, ${formatNs(interval[1])}]`,
    ]);
  const column = (title: string, align: "left" | "right") => ({ title, align });
  const columns = [column("  path", "left"), column("term", "left"), column("time", "right"), column("90 %", "left")];
  return textTable({ columns, rows }, "    ").split("\n");
}

/** Initialising a whole device in one call, as devm_memremap_pages() does, before and after the scheduling point. */
function lockupLines(device: DeviceOutcome, simulation: Simulation): string[] {
  const { host, dram } = simulation.machine;
  const nrPages = device.plan.nrBlocks * device.plan.blockPages;
  return [kernelVersion(4, 13), kernelVersion(4, 14)].map((kernel) => {
    const perPage = operationPerPage("zone-device-init", kernel, host, { dram, memmap: device.profile });
    const lockup = softLockup(kernel, nrPages, perPage);
    const stretch = `${formatNs(lockup.stretchNs)} [${formatNs(lockup.interval[0])}, ${formatNs(lockup.interval[1])}]`;
    const limit = Number.isFinite(lockup.limitBytes) ? `, from about ${formatBytes(lockup.limitBytes)} on` : "";
    return `    Linux ${formatKernelVersion(kernel)}: ${stretch} without scheduling; soft lockup (20 s): ${lockup.verdict}${limit}`;
  });
}

function withInterval({ ns, interval }: Pick<Price, "ns" | "interval">): string {
  return `${formatNs(ns)} [${formatNs(interval[0])}, ${formatNs(interval[1])}]`;
}
