import { formatKernelVersion } from "../linux/version.ts";
import { type DeviceProfile, type HostProfile, quantitiesOf } from "../machine/profiles.ts";
import { decimals } from "../units.ts";
import { type Coverage, coverageOf } from "../validate/coverage.ts";
import { FITTED_PARAMETERS } from "../validate/fit.ts";
import { type CaseResult, isFar, isInside, isTime, medianErrorPercent, type Validation } from "../validate/validate.ts";

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
  "No row measures faults, reclaim, migration or fork with the memmap on the device: those here have it in DRAM.",
];

/** Rows of `cases` by what they are good for, each with its error, coverage and width. */
export interface Group {
  readonly name: string;
  readonly cases: readonly CaseResult[];
}

/** Cases by what they are for, and whether a parameter was fitted to them. */
export function groupsOf(cases: readonly CaseResult[]): Group[] {
  const of = (use: string, more: (row: CaseResult) => boolean = () => true) =>
    cases.filter((row) => row.use === use && more(row));
  const used = new Set(FITTED_PARAMETERS.flatMap(({ rows }) => rows));
  return [
    { name: "calibration", cases: of("calibration") },
    {
      name: "calibration_not_fitted",
      cases: of("calibration", ({ id, ofStructPages }) => ofStructPages && !used.has(id)),
    },
    { name: "check", cases: of("check") },
    { name: "check_struct_pages", cases: of("check", ({ ofStructPages }) => ofStructPages) },
  ];
}

/** `altmap validate --json`: altmap/validate-v1. */
export function validationDocument(validation: Validation, fitted: readonly FittedValue[]): object {
  const { cases, skipped } = validation;
  const groups = groupsOf(cases);
  const each = <T>(of: (group: Group) => T) => Object.fromEntries(groups.map((group) => [group.name, of(group)]));
  return {
    schema: "altmap/validate-v1",
    cases: cases.map(caseDocument),
    fitted_parameters: fitted.length,
    fitted: fitted.map(({ of: profile, key, value, note }) => ({ profile, key, value, rows: note })),
    median_error_percent: each((group) => percent(medianErrorPercent(group.cases))),
    coverage: each((group) => coverageDocument(coverageOf(group.cases))),
    operations_checked: [...new Set(cases.filter(({ use }) => use === "check").map(({ model }) => model.operation))],
    inside_interval: { rows: cases.filter(isInside).length, of: cases.length },
    bounds: {
      held: cases.filter((row) => !isTime(row) && isInside(row)).length,
      of: cases.filter((row) => !isTime(row)).length,
    },
    skipped,
    proves: PROVES,
    does_not_prove: DOES_NOT_PROVE,
  };
}

function caseDocument(row: CaseResult): object {
  return {
    id: row.id,
    use: row.use,
    operation: row.model.operation,
    quantity: row.model.quantity,
    bound: row.model.bound,
    predicted_ns: rounded(row.predictedNs),
    published_ns: rounded(row.publishedNs),
    ratio: Number(row.ratio.toPrecision(4)),
    interval: row.interval.map(rounded),
    inside: isInside(row),
    source: row.source,
    kernel: formatKernelVersion(row.kernel),
    machines: row.machines,
    ...(row.passes.length === 0 ? {} : { binding_terms: row.passes.map((pass) => pass.binding) }),
    ...(isFar(row) ? { reason: row.reason ?? "not known" } : {}),
  };
}

function coverageDocument(coverage: Coverage): object {
  return {
    groups: coverage.groups,
    inside: coverage.inside,
    inside_percent: percent(coverage.insidePercent),
    rows: coverage.rows,
    rows_inside: coverage.rowsInside,
    median_width_ratio: coverage.medianWidth === undefined ? null : Number(coverage.medianWidth.toPrecision(3)),
    verdict: coverage.verdict,
  };
}

function percent(value: number | undefined): number | null {
  return value === undefined ? null : Number(decimals(value, 1));
}

function rounded(ns: number): number {
  return Number(ns.toPrecision(8));
}
