import { formatBytes, formatNs } from "../units.ts";
import type { AnswerDocument, AnswerResult, AnswerWorkload, Interval } from "./answerDocument.ts";
import { HOW_IT_IS_KNOWN } from "./evidenceText.ts";
import { textTable } from "./table.ts";
import { percent } from "./verdict.ts";

/** `altmap answer` for people: fit to paste into a mail. */
export function answerText(document: AnswerDocument, header: readonly string[]): string {
  const devices = [...new Set(document.results.map((result) => result.device))];
  const parts = [header.join("\n"), ...devices.map((device) => deviceText(device, document)), footprintText(document)];
  parts.push(HOW_IT_IS_KNOWN.join("\n"));
  if (document.warnings.length > 0) parts.push(document.warnings.map((warning) => `Note: ${warning}.`).join("\n"));
  return `${parts.join("\n\n")}\n`;
}

function deviceText(device: string, document: AnswerDocument): string {
  const results = document.results.filter((result) => result.device === device);
  const rows = [
    row("DRAM used", results, (r) => formatBytes(r.dram_used_bytes)),
    row("hot-added memory left", results, (r) => formatBytes(r.device_usable_bytes)),
    row("add", results, (r) => timed(r.add_ns, r.add_interval_ns)),
    row("online", results, (r) => timed(r.online_ns, r.online_interval_ns)),
    row("offline", results, (r) => timed(r.offline_ns, r.offline_interval_ns)),
    row("longest without reschedule", results, (r) =>
      r.max_nonpreemptible_ns > 0 ? formatNs(r.max_nonpreemptible_ns) : "-",
    ),
    ...(results[0]?.workloads ?? []).map((workload, i) =>
      row(`${workload.name} (${workload.state})`, results, (r) => slowdown(r, r.workloads[i])),
    ),
  ];
  const titles = results.map((result) => (result.placement === "dram" ? "memmap in DRAM" : "memmap on the memory"));
  const table = textTable(
    {
      columns: [{ title: device, align: "left" }, ...titles.map((title) => ({ title, align: "right" as const }))],
      rows,
    },
    "",
  );
  const verdict = document.verdicts.find((candidate) => candidate.device === device);
  return verdict === undefined ? table : `${table}\n=> ${verdict.sentence}`;
}

const row = (name: string, results: readonly AnswerResult[], cell: (result: AnswerResult) => string) => [
  `  ${name}`,
  ...results.map(cell),
];

function timed(ns: number, interval: Interval): string {
  return ns === 0 && interval[1] === 0 ? "-" : `${formatNs(ns)} [${formatNs(interval[0])}, ${formatNs(interval[1])}]`;
}

function slowdown(result: AnswerResult, workload: AnswerWorkload | undefined): string {
  if (workload === undefined) return "-";
  if (result.placement === "dram") return `${formatNs(workload.baseline_ns + workload.metadata_ns)}, the baseline`;
  const [low, high] = workload.slowdown_interval_ratio;
  const sign = workload.slowdown_ratio >= 1 ? "+" : "";
  return `${sign}${percent(workload.slowdown_ratio)} [${percent(low)}, ${percent(high)}]`;
}

/** How footprint changes the result, from the workloads themselves. */
function footprintText(document: AnswerDocument): string {
  const onMemory = document.results.find((result) => result.placement === "on-memory");
  if (onMemory === undefined || onMemory.workloads.length === 0) return "";
  const table = textTable({
    columns: [
      { title: `footprint decides (${onMemory.device})`, align: "left" },
      { title: "struct pages in use", align: "right" },
      { title: "touches", align: "right" },
      { title: "of hot-added, missing the LLC: warm", align: "right" },
      { title: "cold", align: "right" },
      { title: "slowdown warm", align: "right" },
      { title: "cold", align: "right" },
    ],
    rows: onMemory.workloads.map((workload) => {
      const warm = workload.state === "warm" ? workload : undefined;
      return [
        `  ${workload.name}`,
        formatBytes(workload.footprint_bytes),
        String(workload.touches),
        String(warm ? workload.hot_added_llc_misses : workload.other_state.llc_misses),
        String(warm ? workload.other_state.llc_misses : workload.hot_added_llc_misses),
        percent(warm ? workload.slowdown_ratio : workload.other_state.slowdown_ratio),
        percent(warm ? workload.other_state.slowdown_ratio : workload.slowdown_ratio),
      ];
    }),
  });
  return `${table}\nStruct pages that fit in the LLC beside the rest are fetched once and cost the same in both placements;\ncold misses of such small footprints are compulsory: the first touch after a long pause, no more. What does not\nfit pays the memory's latency again and again.`;
}
