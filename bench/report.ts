import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { cpus } from "node:os";
import type { CaseReport, RowReport } from "./run.ts";

export interface BenchHeader {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly commit: string;
  readonly wasm_bytes: number;
}

export function benchHeader(): BenchHeader {
  return {
    node: process.versions.node,
    v8: process.versions.v8 ?? "",
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    commit: commit(),
    wasm_bytes: statSync(new URL("../../dist/altmap.wasm", import.meta.url)).size,
  };
}

function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { stdio: "pipe" }).toString().trim();
  } catch {
    return "unknown";
  }
}

/** One table per suite: rows of a case one below the other, ratios with their 95 % interval. */
export function renderCase(report: CaseReport): string {
  const clock = report.clock === "wall" ? ", wall time" : "";
  const lines = [`${report.suite} / ${report.case}: ${report.work.toLocaleString("en")} ${report.unit}${clock}`];
  const width = Math.max(...report.rows.map((row) => row.name.length));
  for (const row of report.rows) {
    const time = `${significant(row.median_ms)} ms`.padStart(10);
    const rate = `${significant(row.rate_per_s / 1e6)} M/s`.padStart(11);
    const busy = row.processor_ms === undefined ? "" : `  ${significant(row.processor_ms)} ms of processors`;
    lines.push(`  ${row.name.padEnd(width)} ${time} ${rate}  MAD ${percent(row)}${busy}  ${ratios(row)}`.trimEnd());
    if (row.note !== undefined) lines.push(`  ${"".padEnd(width)} ${row.note}`);
  }
  return lines.join("\n");
}

function ratios(row: RowReport): string {
  return Object.entries(row.ratios)
    .map(([name, { median, low, high }]) => `${median.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}] x ${name}`)
    .join("  ");
}

function percent(row: RowReport): string {
  return `${((100 * row.mad_ms) / row.median_ms).toFixed(0)} %`.padStart(5);
}

function significant(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
