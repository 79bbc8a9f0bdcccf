import { formatBytes, formatNs } from "../units.ts";
import type { AnswerDocument, AnswerResult, AnswerWorkload, Interval } from "./answerDocument.ts";
import { HOW_IT_IS_KNOWN } from "./evidenceText.ts";
import { footprintText } from "./footprintText.ts";
import { textTable } from "./table.ts";
import { percent } from "./verdict.ts";

/** `altmap answer` for people: fit to paste into a mail. */
export function answerText(document: AnswerDocument, header: readonly string[]): string {
  const devices = [...new Set(document.results.map((result) => result.device))];
  const parts = [
    header.join("\n"),
    summaryText(document),
    ...devices.map((device) => deviceText(device, document)),
    footprintText(document),
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
    const worst = worstOf(onMemory);
    return [
      verdict.device,
      formatBytes(dram.dram_used_bytes - onMemory.dram_used_bytes),
      dram.online_ns > 0 ? `${formatNs(dram.online_ns)} -> ${formatNs(onMemory.online_ns)}` : "-",
      worst === undefined ? "-" : `${slowdown(worst)} ${worst.name}`,
      verdict.choice,
    ];
  });
  return textTable({
    columns: [
      { title: "memmap on the memory", align: "left" },
      { title: "DRAM saved", align: "right" },
      { title: "online", align: "right" },
      { title: "worst recorded workload", align: "left" },
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
  return [...result.workloads].sort((a, b) => b.slowdown_ratio - a.slowdown_ratio)[0];
}

function deviceText(device: string, document: AnswerDocument): string {
  const results = resultsOf(document, device).filter((result) => result !== undefined);
  const row = (name: string, cell: (result: AnswerResult) => string) => [`  ${name}`, ...results.map(cell)];
  const table = textTable({
    columns: [
      { title: device, align: "left" },
      ...results.map((result) => ({
        title: result.placement === "dram" ? "memmap in DRAM" : "memmap on the memory",
        align: "right" as const,
      })),
    ],
    rows: [
      row("DRAM used", (r) => formatBytes(r.dram_used_bytes)),
      row("hot-added memory left", (r) => formatBytes(r.device_usable_bytes)),
      row("add", (r) => timed(r.add_ns, r.add_interval_ns)),
      row("online", (r) => timed(r.online_ns, r.online_interval_ns)),
      row("offline", (r) => timed(r.offline_ns, r.offline_interval_ns)),
      row("longest without reschedule", (r) => (r.max_nonpreemptible_ns > 0 ? formatNs(r.max_nonpreemptible_ns) : "-")),
      ...(results[0]?.workloads ?? []).map((workload, i) =>
        row(`${workload.name} (${workload.state})`, (r) => workloadCell(r, r.workloads[i])),
      ),
    ],
  });
  const verdict = document.verdicts.find((candidate) => candidate.device === device);
  return verdict === undefined ? table : `${table}\n=> ${verdict.sentence}`;
}

function timed(ns: number, interval: Interval): string {
  return ns === 0 && interval[1] === 0 ? "-" : `${formatNs(ns)} [${formatNs(interval[0])}, ${formatNs(interval[1])}]`;
}

function workloadCell(result: AnswerResult, workload: AnswerWorkload | undefined): string {
  if (workload === undefined) return "-";
  return result.placement === "dram" ? formatNs(workload.baseline_ns + workload.metadata_ns) : slowdown(workload);
}

function slowdown(workload: AnswerWorkload): string {
  const [low, high] = workload.slowdown_interval_ratio;
  return `${workload.slowdown_ratio >= 1 ? "+" : ""}${percent(workload.slowdown_ratio)} [${percent(low)}, ${percent(high)}]`;
}
