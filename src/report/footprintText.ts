import { formatBytes } from "../units.ts";
import type { AnswerDocument, AnswerResult } from "./answerDocument.ts";
import { grouped } from "./numbers.ts";
import { textTable } from "./table.ts";
import { percent } from "./verdict.ts";

/** How footprint changes the result, from the recorded workloads themselves, on one device. */
export function footprintText(document: AnswerDocument): string {
  const result = slowestOf(document.results);
  if (result === undefined || result.workloads.length === 0) return "";
  const table = textTable({
    columns: [
      { title: `Footprint decides (${result.device})`, align: "left" },
      ...["struct pages in use", "LLC misses, warm", "slowdown", "LLC misses, cold", "slowdown"].map((title) => ({
        title,
        align: "right" as const,
      })),
    ],
    rows: [...result.workloads]
      .sort((a, b) => a.footprint_bytes - b.footprint_bytes)
      .map((workload) => {
        const [warm, cold] =
          workload.state === "warm" ? [workload, workload.other_state] : [workload.other_state, workload];
        return [
          `  ${workload.name}`,
          formatBytes(workload.footprint_bytes),
          grouped(warm.hot_added_llc_misses),
          percent(warm.slowdown_ratio),
          grouped(cold.hot_added_llc_misses),
          percent(cold.slowdown_ratio),
        ];
      }),
  });
  const spread = spreadText(document, result.device);
  return [
    table,
    "LLC misses are of hot-added memory's struct pages. Those that fit in the LLC beside everything else are fetched once,",
    "after which the placement makes no difference; their cold misses are compulsory, the first touch after a long pause",
    "and no more. Those that do not fit pay the memory's latency again and again: what matters is not how much memory is",
    "plugged but how many of its struct pages are in use (16 MiB for each GiB).",
    ...(spread === ""
      ? ["Run with --footprint 1GiB 16GiB 256GiB to spread each workload over more memory."]
      : ["", spread]),
  ].join("\n");
}

/** Slowdown on one device of each workload spread over the footprints asked for. */
function spreadText({ footprints }: AnswerDocument, device: string): string {
  if (footprints.length === 0) return "";
  const sizes = [...new Set(footprints.map((row) => row.footprint_bytes))];
  const cell = (name: string, bytes: number): string => {
    const row = footprints.find((candidate) => candidate.name === name && candidate.footprint_bytes === bytes);
    const found = row?.devices.find((candidate) => candidate.device === device);
    if (found === undefined) return "-";
    const [low, high] = found.slowdown_interval_ratio;
    return `+${percent(found.slowdown_ratio)} [${percent(low)}, ${percent(high)}]`;
  };
  return textTable({
    columns: [
      { title: `Spread all over (${device})`, align: "left" },
      ...sizes.map((bytes) => ({ title: formatBytes(bytes), align: "right" as const })),
    ],
    rows: [...new Set(footprints.map((row) => row.name))].map((name) => [
      `  ${name}`,
      ...sizes.map((bytes) => cell(name, bytes)),
    ]),
  });
}

/** The device on which placement matters most shows the effect best. */
function slowestOf(results: readonly AnswerResult[]): AnswerResult | undefined {
  const worst = (result: AnswerResult) => Math.max(0, ...result.workloads.map((workload) => workload.slowdown_ratio));
  return results.filter((result) => result.placement === "on-memory").sort((a, b) => worst(b) - worst(a))[0];
}
