/** What `npm run kernel:add` found, in Markdown: what a maintainer reads before writing recipes. */
import type { SequenceResult } from "../sequence.ts";
import type { FunctionRow, Rename, WorkloadRow } from "./functions.ts";

export interface ImageResult {
  readonly name: string;
  readonly differences: readonly string[];
}

export interface Findings {
  readonly line: string;
  readonly release: string;
  /** The recorded kernel whose recipes and formats stand for the new one. */
  readonly nearest: string;
  readonly nearestFormat: string;
  readonly sequences: readonly SequenceResult[];
  readonly images: readonly ImageResult[];
  /** Empty where the kernel is packaged without modules: there is no disk to record to. */
  readonly workloads: readonly WorkloadRow[];
  readonly renames: readonly Rename[];
  readonly config: ReadonlyMap<string, string>;
  /** What could not be done, in words. */
  readonly failures: readonly string[];
}

const SHOWN_FUNCTIONS = 12;

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const number = (value: number): string => value.toLocaleString("en-US");
const both = ([loads, stores]: FunctionRow["recorded"]): string => `${number(loads)} / ${number(stores)}`;

function sequenceRows({ sequences }: Findings): string {
  const outcome = ({ failure, endless, differences }: SequenceResult): string =>
    failure ?? endless ?? (differences.length === 0 ? "as predicted" : `${differences.length} differences`);
  const rows = sequences.map((row) => [row.name, String(row.steps), String(row.conditioned), outcome(row)]);
  return table(["sequence", "steps", "conditioned", "outcome"], rows);
}

function imageRows({ images, nearestFormat }: Findings): string {
  const rows = images.map(({ name, differences }) => [
    name,
    differences.length === 0 ? "byte-identical" : differences.join("<br>"),
  ]);
  return table(["image", `against the struct pages of ${nearestFormat}`], rows);
}

function workloadRows({ workloads }: Findings): string {
  const rows = workloads.map((row) => [
    row.name,
    ...[row.touches, row.loads, row.stores].map((value) => value.toFixed(3)),
  ]);
  return table(["recording", "touches", "loads", "stores"], rows);
}

function functionRows(workload: WorkloadRow): string {
  const rows = workload.functions
    .slice(0, SHOWN_FUNCTIONS)
    .map(({ name, recorded, predicted }) => [`\`${name}\``, both(recorded), both(predicted)]);
  return `${workload.name}\n\n${table(["function", "recorded loads / stores", "predicted"], rows)}`;
}

/** The whole report. */
export function reportText(findings: Findings): string {
  const { line, release, nearest, workloads, renames, config, failures } = findings;
  const differing = workloads.filter(({ functions }) => functions.length > 0);
  const parts = [
    `# Linux ${line} (${release}), beside what is known of ${nearest}`,
    ...(failures.length > 0 ? [`## Not done\n\n${failures.map((text) => `- ${text}`).join("\n")}`] : []),
    `## States\n\n${sequenceRows(findings)}`,
    `## memmap images\n\n${imageRows(findings)}`,
    ...(workloads.length > 0
      ? [`## Traffic, predicted by ${nearest}'s recipes / recorded\n\n${workloadRows(findings)}`]
      : []),
    ...(renames.length > 0
      ? [`## Renamed, by their counts\n\n${renames.map(({ from, to }) => `- \`${from}\`: \`${to}\``).join("\n")}`]
      : []),
    ...(differing.length > 0
      ? [`## Functions that differ, accesses to hot-added struct pages\n\n${differing.map(functionRows).join("\n\n")}`]
      : []),
    `## Debian's configuration\n\n${[...config].map(([option, value]) => `${option}=${value}`).join(", ")}`,
  ];
  return `${parts.join("\n\n")}\n`;
}
