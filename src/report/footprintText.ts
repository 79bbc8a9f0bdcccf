import { isOperationName, OPERATIONS } from "../scenario/operationNames.ts";
import { decimals, formatBytes, formatNs, grouped, percent } from "../units.ts";
import type { AnswerDocument, AnswerFootprint, AnswerResult, Interval } from "./answerDocument.ts";
import { slowdown } from "./slowdownText.ts";
import { textTable } from "./table.ts";

/** How footprint changes the result, on the device that shows it best. */
export function footprintText(document: AnswerDocument): string {
  const result = slowestOf(document);
  if (result === undefined) return "";
  return [recordedText(document, result), spreadText(document.footprints, result.device)]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** From the recorded workloads themselves. */
function recordedText(document: AnswerDocument, result: AnswerResult): string {
  if (result.workloads.length === 0) return "";
  const table = textTable({
    columns: [
      { title: `Footprint decides (${result.device})`, align: "left" },
      ...["struct pages in use", "LLC misses, warm", "slowdown", "LLC misses, cold", "slowdown"].map((title) => ({
        title,
        align: "right" as const,
      })),
    ],
    rows: [...result.workloads]
      .sort((a, b) => a.struct_pages_in_use_bytes - b.struct_pages_in_use_bytes)
      .map((workload) => {
        const [warm, cold] =
          workload.state === "warm" ? [workload, workload.other_state] : [workload.other_state, workload];
        return [
          `  ${workload.name}`,
          formatBytes(workload.struct_pages_in_use_bytes),
          grouped(warm.hot_added_llc_misses),
          percentOrNot(warm.slowdown_ratio),
          grouped(cold.hot_added_llc_misses),
          percentOrNot(cold.slowdown_ratio),
        ];
      }),
  });
  return [
    table,
    "LLC misses are of hot-added memory's struct pages. Those that fit in the LLC beside everything else are fetched once,",
    "after which the placement makes no difference; their cold misses are compulsory, the first touch after a long pause",
    "and no more. Those that do not fit pay the memory's latency again and again: what matters is not how much memory is",
    "plugged but how many of its struct pages are in use (16 MiB for each GiB).",
    ...(document.footprints.length === 0
      ? ["Run with --footprint 1GiB 16GiB 256GiB to spread each workload over more memory."]
      : []),
  ].join("\n");
}

const percentOrNot = (ratio: number | null): string => (ratio === null ? "not known" : percent(ratio));

/** Recordings and operations at each footprint asked for, on one device. */
function spreadText(footprints: readonly AnswerFootprint[], device: string): string {
  if (footprints.length === 0) return "";
  const titles = ["footprint", "struct pages in DRAM", "on the memory", "slowdown", "in all", "model"];
  const table = textTable({
    columns: [
      { title: `By footprint (${device})`, align: "left" },
      ...titles.map((title) => ({ title, align: title === "model" ? ("left" as const) : ("right" as const) })),
    ],
    rows: footprints.map((row, i) => spreadRow(row, device, row.name === footprints[i - 1]?.name)),
  });
  return [table, ...legendOf(footprints)].join("\n");
}

function spreadRow(row: AnswerFootprint, device: string, isSameName: boolean): string[] {
  const name = isSameName ? "" : `  ${isOperationName(row.name) ? `${row.name}, a ${row.unit}` : row.name}`;
  const price = row.devices.find((candidate) => candidate.device === device);
  if (price === undefined) return [name, formatBytes(row.footprint_bytes), "-", "-", "-", "-", row.model];
  return [
    name,
    formatBytes(row.footprint_bytes),
    withInterval(price.metadata_dram_ns, price.metadata_dram_interval_ns, formatNs),
    withInterval(price.metadata_on_memory_ns, price.metadata_on_memory_interval_ns, formatNs),
    slowdown(price, price.llc_share_ratio),
    withInterval(price.extra_ns, price.extra_interval_ns, formatNs, "+"),
    row.model,
  ];
}

const withInterval = (
  value: number | null,
  interval: Interval | null,
  format: (value: number) => string,
  sign = "",
): string =>
  value === null || interval === null
    ? "-"
    : `${sign}${format(value)} [${format(interval[0])}, ${format(interval[1])}]`;

/** What the rows are of, and what the models assume; only of what is shown. */
function legendOf(footprints: readonly AnswerFootprint[]): string[] {
  const models = new Set<string>(footprints.map(({ model }) => model));
  const names = [...new Set(footprints.map(({ name }) => name))].filter(isOperationName);
  const errors = [...new Set(footprints.map((row) => row.model_error_ratio ?? 0))].filter((error) => error > 0);
  const within = errors.map((error) => {
    const of = new Set(footprints.filter((row) => row.model_error_ratio === error).map(({ name }) => name));
    return `${decimals(100 * error, 0)} % (${[...of].join(", ")})`;
  });
  const traces = ["moved trace", "predicted trace"].filter((model) => models.has(model));
  return [
    ...(traces.length === 0
      ? []
      : [
          `${traces.join(", ")}: the recorded touches, their pages moved all over the footprint, which is taken to be visited alike; a hot`,
          "subset would miss less. Slowdown is that of the whole run.",
        ]),
    ...(names.length === 0
      ? []
      : [
          "Operations: the slowdown is that of the whole operation, instructions, clears and copies included; caches as the",
          "steps before left them, nothing but struct pages in them. One process or file of that size:",
          ...names.map((name) => `  ${name}: ${OPERATIONS[name].does}`),
        ]),
    ...(within.length === 0
      ? []
      : [
          "scaled: a part of the footprint in caches of the same part of the size, then as often as it fits. Where both were",
          `run, within so much of page by page: ${within.join("; ")}.`,
        ]),
  ];
}

/** The device on which placement matters most shows the effect best. */
function slowestOf({ results, footprints }: AnswerDocument): AnswerResult | undefined {
  const worst = ({ device, workloads }: AnswerResult): number =>
    Math.max(
      0,
      ...workloads.map((workload) => workload.slowdown_ratio ?? 0),
      ...footprints.flatMap((row) =>
        row.devices.filter((price) => price.device === device).map((price) => price.slowdown_ratio ?? 0),
      ),
    );
  const extra = ({ workloads }: AnswerResult): number => Math.max(0, ...workloads.map(({ extra_ns }) => extra_ns));
  return results
    .filter((result) => result.placement === "on-memory")
    .sort((a, b) => worst(b) - worst(a) || extra(b) - extra(a))[0];
}
