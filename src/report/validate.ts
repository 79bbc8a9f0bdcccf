import { formatKernelVersion } from "../linux/pageTypesVersion.ts";
import type { DeviceProfile, HostProfile } from "../machine/profiles.ts";
import { quantitiesOf } from "../machine/profiles.ts";
import { formatNs, threeDigits } from "../units.ts";
import { FITTED_PARAMETERS } from "../validate/fit.ts";
import { type CaseResult, medianErrorPercent, type Validation } from "../validate/validate.ts";

/** A value that was fitted to calibration rows, of a host family or a device. */
export interface FittedValue {
  readonly of: string;
  readonly key: string;
  readonly value: number;
  readonly note: string;
}

/** Values marked as fitted; hosts of one family share theirs. */
export function fittedValues(hosts: readonly HostProfile[], devices: readonly DeviceProfile[]): FittedValue[] {
  const found = new Map<string, FittedValue>();
  for (const profile of [...hosts, ...devices]) {
    const of = "family" in profile ? profile.family : profile.id;
    for (const [key, quantity] of quantitiesOf(profile)) {
      if (quantity.fitted !== true || found.has(`${of} ${key}`)) continue;
      found.set(`${of} ${key}`, { of, key, value: quantity.value, note: quantity.note ?? "" });
    }
  }
  return [...found.values()];
}

/** What comparisons with these rows can and cannot show. */
export const PROVES: readonly string[] = [
  "One thread initialising struct pages in DRAM takes its instructions; how these rows scale with threads shows when memory takes over.",
  "Sweeps over struct pages on DRAM and on persistent memory differ as the media do: the gup_test rows are the one published A/B.",
  "Bandwidth and latency rows of devices mostly repeat what the profiles were built from; only their scaling with threads is a test.",
];
export const DOES_NOT_PROVE: readonly string[] = [
  "No row measures struct pages on CXL: its figures rest on measured latency and bandwidth of expanders and on the mechanism checked here.",
  "No row measures faults, reclaim, migration or fork with the memmap on the device.",
];

export function validationDocument(validation: Validation, fitted: readonly FittedValue[]): object {
  const of = (use: string) => medianErrorPercent(validation.cases.filter((row) => row.use === use));
  return {
    schema: "altmap/validate-v1",
    cases: validation.cases.map((row) => ({
      id: row.id,
      use: row.use,
      predicted_ns: rounded(row.predictedNs),
      published_ns: rounded(row.publishedNs),
      ratio: Number(row.ratio.toPrecision(4)),
      interval: row.interval.map(rounded),
      source: row.source,
      kernel: formatKernelVersion(row.kernel),
      machines: row.machines,
      ...(row.passes.length === 0 ? {} : { binding_terms: row.passes.map((pass) => pass.binding) }),
      ...(isFar(row) ? { reason: row.reason ?? "not known" } : {}),
    })),
    fitted_parameters: fitted.length,
    fitted: fitted.map(({ of: profile, key, value, note }) => ({ profile, key, value, rows: note })),
    median_error_percent: {
      calibration: percent(of("calibration")),
      calibration_not_fitted: percent(medianErrorPercent(notFitted(validation.cases))),
      check: percent(of("check")),
    },
    inside_interval: { rows: validation.cases.filter(isInside).length, of: validation.cases.length },
    skipped: validation.skipped,
    proves: PROVES,
    does_not_prove: DOES_NOT_PROVE,
  };
}

/** Calibration rows of struct page operations that no parameter was fitted to. */
function notFitted(cases: readonly CaseResult[]): CaseResult[] {
  const used = new Set(FITTED_PARAMETERS.flatMap(({ rows }) => rows));
  return cases.filter(({ id, use, work }) => use === "calibration" && work.kind === "operation" && !used.has(id));
}

function percent(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toFixed(1));
}

function rounded(ns: number): number {
  return Number(ns.toPrecision(8));
}

function isInside(row: CaseResult): boolean {
  return row.interval[0] <= row.publishedNs && row.publishedNs <= row.interval[1];
}

/** Off by more than a factor of two. */
export function isFar(row: CaseResult): boolean {
  return row.ratio > 2 || row.ratio < 0.5;
}

export function validationText(validation: Validation, fitted: readonly FittedValue[]): string {
  const lines = [
    "Published timings and what the model says of them (total time; 90 % interval; ! = published lies outside)",
    "",
  ];
  lines.push(...caseTable(validation.cases), "", ...summary(validation, fitted), "", ...theAb(validation.cases));
  const far = validation.cases.filter(isFar);
  if (far.length > 0) {
    lines.push("", "Off by more than a factor of 2:");
    for (const row of far) lines.push(`  ${row.id}: ${row.reason ?? "no reason known"}`);
  }
  lines.push("", "What these rows show:", ...PROVES.map((line) => `  ${line}`));
  lines.push("What they do not show:", ...DOES_NOT_PROVE.map((line) => `  ${line}`), "", ...skippedLines(validation));
  return `${lines.join("\n")}\n`;
}

function caseTable(cases: readonly CaseResult[]): string[] {
  const rows = cases.map((row) => [
    row.id,
    row.use,
    formatNs(row.predictedNs),
    formatNs(row.publishedNs),
    row.ratio.toFixed(2),
    `${formatNs(row.interval[0])} .. ${formatNs(row.interval[1])}${isInside(row) ? "" : " !"}`,
    machineOf(row),
  ]);
  const header = ["case", "use", "predicted", "published", "ratio", "interval", "machine"];
  const widths = header.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const right = new Set([2, 3, 4]);
  return [header, ...rows].map((row) =>
    row
      .map((cell, i) => (right.has(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

function machineOf(row: CaseResult): string {
  return row.machines.length === 1 ? row.machines[0]! : `${row.machines.length} plausible machines`;
}

function summary(validation: Validation, fitted: readonly FittedValue[]): string[] {
  const { cases } = validation;
  const operations = cases.filter((row) => row.work.kind === "operation");
  const lines: string[] = [];
  for (const use of ["calibration", "check"] as const) {
    const all = cases.filter((row) => row.use === use);
    const own = operations.filter((row) => row.use === use);
    lines.push(`${use.padEnd(12)}${errorOf(all)}; of struct page operations ${errorOf(own)}`);
  }
  const own = notFitted(cases);
  if (own.length > 0) lines.push(`not fitted  struct page operations among calibration rows: ${errorOf(own)}`);
  lines.push(`inside their interval: ${cases.filter(isInside).length} of ${cases.length} rows`);
  lines.push(
    `fitted: ${fitted.length} parameters for ${cases.length} rows, at most two a host family and two a device`,
  );
  for (const { of, key, value, note } of fitted) lines.push(`  ${of} ${key} = ${threeDigits(value)} (${note})`);
  return lines;
}

function errorOf(cases: readonly CaseResult[]): string {
  const error = medianErrorPercent(cases);
  if (error === undefined) return "no rows";
  const worst = Math.max(...cases.map(({ ratio }) => Math.max(ratio, 1 / ratio)));
  return `median error ${error.toFixed(1)} % over ${cases.length} rows (worst factor ${worst.toFixed(2)})`;
}

/** The one published comparison of the same sweep with the memmap in DRAM and on a device. */
function theAb(cases: readonly CaseResult[]): string[] {
  const dram = cases.find((row) => row.id === "gup-base-16G-dram-get");
  const device = cases.find((row) => row.id === "gup-base-16G-device-get");
  const pages = dram?.work.kind === "operation" ? dram.work.nrPages : 0;
  const [near, far] = [dram?.passes[0], device?.passes[0]];
  if (dram === undefined || device === undefined || near === undefined || far === undefined) return [];
  const perPage = (row: CaseResult, which: "predictedNs" | "publishedNs") => formatNs(row[which] / pages);
  const term = (pass: typeof far, i: number) => `${pass.terms[i]!.name} ${formatNs(pass.terms[i]!.ns)}`;
  return [
    "gup_test, one reference on each 4 KiB struct page of 16 GiB:",
    `  memmap in DRAM      predicted ${perPage(dram, "predictedNs")} a page, published ${perPage(dram, "publishedNs")}; bound by ${near.binding}`,
    `  memmap on Optane    predicted ${perPage(device, "predictedNs")} a page, published ${perPage(device, "publishedNs")}; bound by ${far.binding}`,
    `  on the device (${device.machines[0]}): ${[0, 1, 2].map((i) => term(far, i)).join("; ")}.`,
    "  Every reference dirties a line. Evicted 64 bytes at a time, each costs the module a write of 256 bytes:",
    "  its write bandwidth, not the latency of a read, makes the difference, and getting and pinning cost the same.",
  ];
}

function skippedLines(validation: Validation): string[] {
  if (validation.skipped.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const { id, reason } of validation.skipped) byReason.set(reason, [...(byReason.get(reason) ?? []), id]);
  const lines = [`Not predicted: ${validation.skipped.length} rows`];
  for (const [reason, ids] of byReason) {
    lines.push(`  ${reason}: ${ids.slice(0, 3).join(", ")}${ids.length > 3 ? ` and ${ids.length - 3} more` : ""}`);
  }
  return lines;
}
