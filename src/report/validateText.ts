import { decimals, formatNs, threeDigits } from "../units.ts";
import { coverageOf } from "../validate/coverage.ts";
import { type CaseResult, isFar, isInside, isTime, medianErrorPercent, type Validation } from "../validate/validate.ts";
import { DOES_NOT_PROVE, type FittedValue, groupsOf, PROVES } from "./validate.ts";

/** `altmap validate` for a terminal: the table of rows, then what they sum up to. */
export function validationText(validation: Validation, fitted: readonly FittedValue[]): string {
  const lines = [
    "Published timings and what the model says of them (90 % interval; ! = published lies outside; <= = an upper bound)",
    "",
  ];
  lines.push(...caseTable(validation.cases), "", ...summary(validation, fitted), "", ...theAb(validation.cases));
  const far = validation.cases.filter((row) => isFar(row));
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
    row.model.operation,
    formatNs(row.predictedNs),
    `${isTime(row) ? "" : "<= "}${formatNs(row.publishedNs)}`,
    decimals(row.ratio, 2),
    `${formatNs(row.interval[0])} .. ${formatNs(row.interval[1])}${isInside(row) ? "" : " !"}`,
    machineOf(row),
  ]);
  const header = ["case", "use", "operation", "predicted", "published", "ratio", "interval", "machine"];
  const widths = header.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const right = new Set([3, 4, 5]);
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

const GROUP_WORDS: Readonly<Record<string, string>> = {
  calibration: "calibration",
  calibration_not_fitted: "  not fitted, of struct pages",
  check: "check",
  check_struct_pages: "  of struct pages",
};

function summary(validation: Validation, fitted: readonly FittedValue[]): string[] {
  const { cases } = validation;
  const lines = groupsOf(cases)
    .filter((group) => group.cases.length > 0)
    .map((group) => `${(GROUP_WORDS[group.name] ?? group.name).padEnd(29)} ${errorOf(group.cases)}`);
  const bounds = cases.filter((row) => !isTime(row));
  if (bounds.length > 0) lines.push(`upper bounds held: ${bounds.filter(isInside).length} of ${bounds.length}`);
  const checked = new Set(cases.filter(({ use }) => use === "check").map(({ model }) => model.operation));
  lines.push(`operations among the check rows: ${checked.size} (${[...checked].join(", ")})`);
  lines.push(
    `fitted: ${fitted.length} parameters for ${cases.length} rows, at most two a host family and two a device`,
  );
  for (const { of, key, value, note } of fitted) lines.push(`  ${of} ${key} = ${threeDigits(value)} (${note})`);
  return lines;
}

function errorOf(cases: readonly CaseResult[]): string {
  const error = medianErrorPercent(cases);
  if (error === undefined) return "bounds only";
  const timed = cases.filter(isTime);
  const worst = Math.max(...timed.map(({ ratio }) => Math.max(ratio, 1 / ratio)));
  const { groups, inside, insidePercent, medianWidth, verdict } = coverageOf(cases);
  if (insidePercent === undefined || medianWidth === undefined) return "bounds only";
  const coverage = `${Number(decimals(inside, 1))} of ${groups} (${decimals(insidePercent, 0)} %) inside, once for each source, machine and operation: ${verdict}`;
  return `median error ${decimals(error, 1)} % over ${timed.length} rows, worst factor ${decimals(worst, 2)}; ${coverage}; median width ${decimals(medianWidth, 2)}`;
}

/** The one published comparison of the same sweep with the memmap in DRAM and on a device. */
function theAb(cases: readonly CaseResult[]): string[] {
  const dram = cases.find((row) => row.id === "gup-base-16G-dram-get");
  const device = cases.find((row) => row.id === "gup-base-16G-device-get");
  const pages = dram?.nrPages ?? Number.NaN;
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
