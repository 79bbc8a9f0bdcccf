import type { AnswerDocument } from "./answerDocument.ts";
import { csvTable, markdownTable, type Table } from "./table.ts";

/** One row per device, placement and workload: for spreadsheets. Units are in the column names, as in JSON. */
export function answerTable(document: AnswerDocument): Table {
  const resultKeys = [
    "device",
    "placement",
    "dram_used_bytes",
    "device_usable_bytes",
    "add_ns",
    "online_ns",
    "offline_ns",
    "max_nonpreemptible_ns",
  ] as const;
  const workloadKeys = [
    "name",
    "state",
    "instructions",
    "touches",
    "llc_misses",
    "footprint_bytes",
    "metadata_ns",
    "extra_ns",
    "baseline_ns",
    "slowdown_ratio",
  ] as const;
  const left = new Set<string>(["device", "placement", "name", "state"]);
  return {
    columns: [...resultKeys, ...workloadKeys].map((key) => ({
      title: key === "name" ? "workload" : key,
      align: left.has(key) ? "left" : "right",
    })),
    rows: document.results.flatMap((result) => {
      const head = resultKeys.map((key) => String(result[key]));
      if (result.workloads.length === 0) return [[...head, ...workloadKeys.map(() => "")]];
      // Empty: not known of this recording.
      return result.workloads.map((workload) => [...head, ...workloadKeys.map((key) => String(workload[key] ?? ""))]);
    }),
  };
}

export const answerCsv = (document: AnswerDocument): string => csvTable(answerTable(document));

export function answerMarkdown(document: AnswerDocument): string {
  const verdicts = document.verdicts.map((verdict) => `- **${verdict.device}**: ${verdict.sentence}`);
  return `${markdownTable(answerTable(document))}\n\n${verdicts.join("\n")}\n`;
}
