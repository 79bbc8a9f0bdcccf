import { formatBytes, formatNs, percent, threeSignificant } from "../units.ts";
import type { AnswerDocument, AnswerResult, AnswerWorkload, Interval, OperationRow } from "./answerDocument.ts";
import { whyText } from "./answerWhy.ts";
import { HOW_IT_IS_KNOWN } from "./evidenceText.ts";
import { togetherText } from "./fit/machineTotalsDocument.ts";
import { footprintText } from "./footprintText.ts";
import { machineClassesText, machineUseText } from "./machineUseText.ts";
import { lossInterval } from "./machineVerdict.ts";
import { slowdown, worseFirst } from "./slowdownText.ts";
import { textTable } from "./table.ts";

/** `altmap answer` for people: fit to paste into a mail. */
export function answerText(document: AnswerDocument, header: readonly string[]): string {
  const all = [...new Set(document.results.map((result) => result.device))];
  // Of several of one kind the first is shown in full.
  const devices = all.filter((name) => !/#\d+$/.test(name));
  const parts = [
    header.join("\n"),
    summaryText(document),
    togetherText(document.together),
    ...devices.map((device) => deviceText(device, document)),
    machineClassesText(document),
    footprintText(document),
    whyText(document),
    HOW_IT_IS_KNOWN.join("\n"),
    document.warnings.map((warning) => `Note: ${warning}.`).join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** One line a device: what it saves, what it costs, what to do. */
function summaryText(document: AnswerDocument): string {
  const rows = document.verdicts.map((verdict) => {
    const [dram, onMemory] = resultsOf(document, verdict.device);
    if (dram === undefined || onMemory === undefined) return [verdict.device, "-", "-", "-", verdict.choice];
    return [
      verdict.device,
      dram.fits ? formatBytes(dram.dram_used_bytes - onMemory.dram_used_bytes) : "does not fit in DRAM",
      onMemory.online_ns ? `${timeOf(dram.online_ns)} -> ${timeOf(onMemory.online_ns)}` : "-",
      lossText(onMemory),
      verdict.choice,
    ];
  });
  return textTable({
    columns: [
      { title: "memmap on the memory", align: "left" },
      { title: "DRAM saved", align: "right" },
      { title: "online", align: "right" },
      { title: lossTitle(document), align: "left" },
      { title: "verdict", align: "left" },
    ],
    rows,
  });
}

function resultsOf(document: AnswerDocument, device: string): (AnswerResult | undefined)[] {
  const results = document.results.filter((result) => result.device === device);
  return ["dram", "on-memory"].map((placement) => results.find((result) => result.placement === placement));
}

function worstOf(result: AnswerResult): AnswerWorkload | undefined {
  return [...result.workloads].sort(worseFirst)[0];
}

function lossTitle({ results }: AnswerDocument): string {
  const machine = results.find((result) => result.machine !== null)?.machine;
  if (machine == null) return "machine lost";
  const use = machine.class === null ? "rates stated" : `${machine.class}${machine.class_assumed ? ", assumed" : ""}`;
  return `of the machine (${use})`;
}

function lossText({ machine }: AnswerResult): string {
  if (machine === null) return "-";
  const { percent_of_machine: value, percent_of_machine_interval: interval } = machine;
  return interval[1] === 0 ? "nothing" : `${lossInterval({ value, interval }, 1)} %`;
}

function deviceText(device: string, document: AnswerDocument): string {
  const results = resultsOf(document, device).filter((result) => result !== undefined);
  const onMemory = results.find((result) => result.placement === "on-memory");
  const verdict = document.verdicts.find((candidate) => candidate.device === device);
  return [
    hotplugText(device, results),
    onMemory === undefined ? "" : operationsText(results[0] ?? onMemory, onMemory),
    onMemory === undefined ? "" : workloadsText(results[0] ?? onMemory, onMemory),
    onMemory === undefined ? "" : termsText(onMemory),
    onMemory?.machine == null ? "" : machineUseText(onMemory.machine),
    verdict === undefined ? "" : `=> ${verdict.sentence}`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function hotplugText(device: string, results: readonly AnswerResult[]): string {
  const row = (name: string, cell: (result: AnswerResult) => string) => [`  ${name}`, ...results.map(cell)];
  return textTable({
    columns: [
      { title: device, align: "left" },
      ...results.map((result) => ({
        title: result.placement === "dram" ? "memmap in DRAM" : "memmap on the memory",
        align: "right" as const,
      })),
    ],
    rows: [
      row("DRAM used", (r) => `${r.fits ? "" : "does not fit: needs "}${formatBytes(r.dram_used_bytes)}`),
      row("hot-added memory left", (r) => (r.device_usable_bytes === null ? "-" : formatBytes(r.device_usable_bytes))),
      row("add", (r) => timed(r.add_ns, r.add_interval_ns)),
      row("online", (r) => timed(r.online_ns, r.online_interval_ns)),
      row("offline (idle)", (r) => timed(r.offline_ns, r.offline_interval_ns)),
      row(`offline (${threeSignificant(100 * (results[0]?.blocks_in_use_ratio ?? 1))} % in use)`, (r) =>
        timed(r.offline_in_use_ns, r.offline_in_use_interval_ns),
      ),
      row("remove", (r) => timed(r.remove_ns, r.remove_interval_ns)),
      row("longest without reschedule", (r) => timed(r.max_nonpreemptible_ns, r.max_nonpreemptible_interval_ns)),
    ],
  });
}

/** What operations of core-mm spend on struct pages, and in all. */
function operationsText(dram: AnswerResult, onMemory: AnswerResult): string {
  const unit = onMemory.operations[0]?.folio_bytes ?? 4096;
  const titles = [
    "in cache",
    "at random, DRAM",
    "at random, on the memory",
    "in pfn order, DRAM",
    "in pfn order, on the memory",
    "whole operation, DRAM",
    "whole, on the memory",
  ];
  return textTable({
    columns: [
      { title: `  struct pages, per ${unit === 4096 ? "page" : `folio of ${formatBytes(unit)}`}`, align: "left" },
      ...titles.map((title) => ({ title, align: "right" as const })),
    ],
    rows: onMemory.operations.map((operation, i) => {
      const near = dram.operations[i];
      return [
        `  ${operation.name}`,
        timed(operation.hot_ns, operation.hot_interval_ns),
        near === undefined ? "-" : timed(near.cold_random_ns, near.cold_random_interval_ns),
        timed(operation.cold_random_ns, operation.cold_random_interval_ns),
        near === undefined ? "-" : timed(near.cold_in_order_ns, near.cold_in_order_interval_ns),
        timed(operation.cold_in_order_ns, operation.cold_in_order_interval_ns),
        timed(operation.whole_dram_ns, operation.whole_dram_interval_ns),
        wholeText(operation),
      ];
    }),
  });
}

function wholeText(operation: OperationRow): string {
  const { whole_slowdown_ratio: ratio, whole_slowdown_interval_ratio: interval } = operation;
  if (operation.whole_on_memory_ns === null || ratio === null || interval === null) return "-";
  return `${formatNs(operation.whole_on_memory_ns)}, +${percent(ratio)} [${percent(interval[0])}, ${percent(interval[1])}]`;
}

/** Slowdown of each workload, alone and on many CPUs. */
function workloadsText(dram: AnswerResult, onMemory: AnswerResult): string {
  if (onMemory.workloads.length === 0) return "";
  const cpus = [...new Set(onMemory.workloads.flatMap(({ many_cpus }) => many_cpus.map(({ nr_cpus }) => nr_cpus)))];
  return textTable({
    columns: [
      { title: "  slowdown on the memory", align: "left" },
      ...["memmap in DRAM", "struct pages cost more", "1 CPU", ...cpus.map((nr) => `${nr} CPUs`)].map((title) => ({
        title,
        align: "right" as const,
      })),
    ],
    rows: onMemory.workloads.map((workload, i) => {
      const near = dram.workloads[i];
      return [
        `  ${workload.name} (${workload.state})`,
        near === undefined ? "-" : wholeInDram(near),
        timed(workload.extra_ns, workload.extra_interval_ns),
        slowdown(workload, workload.llc_share_ratio),
        ...cpus.map((nr) => onCpus(workload, nr)),
      ];
    }),
  });
}

function wholeInDram({ baseline_ns, metadata_ns }: AnswerWorkload): string {
  return baseline_ns === null ? "not known" : formatNs(baseline_ns + metadata_ns);
}

function onCpus({ many_cpus, llc_share_ratio }: AnswerWorkload, nr: number): string {
  const many = many_cpus.find(({ nr_cpus }) => nr_cpus === nr);
  return many === undefined ? "not known" : slowdown(many, llc_share_ratio);
}

/** The terms that make the difference, of the workload that suffers most. */
function termsText(onMemory: AnswerResult): string {
  const worst = worstOf(onMemory);
  if (worst === undefined || worst.extra_terms.length === 0) return "";
  const terms = worst.extra_terms.slice(0, 2).map(({ name, ns }) => `${name} +${formatNs(ns)}`);
  return `  what dominates (${worst.name}): ${terms.join("; ")}`;
}

const timeOf = (ns: number | null): string => (ns === null ? "-" : formatNs(ns));

/** An event that the scenario has not, and a placement that does not fit, have no time. */
function timed(ns: number | null, interval: Interval | null): string {
  if (ns === null || interval === null || (ns === 0 && interval[1] === 0)) return "-";
  return `${formatNs(ns)} [${formatNs(interval[0])}, ${formatNs(interval[1])}]`;
}
