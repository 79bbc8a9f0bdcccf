import type { Calibration } from "../calibrate/calibrate.ts";
import type { CheckResult } from "../calibrate/check.ts";
import type { Spread } from "../calibrate/timing.ts";
import { calibratedProfiles } from "../calibrate/toProfile.ts";
import { decimals, formatBytes, threeDigits } from "../units.ts";
import { textTable } from "./table.ts";

const LINE_BYTES = 64;

/** What `altmap calibrate` found, for a reader. */
export function calibrationText(calibration: Calibration): string {
  const { levels, streamReadNsPerLine, streamStoreNsPerLine, randomStoreNsPerLine } = calibration;
  const names = levels.length === 4 ? ["L1", "L2", "LLC", "memory"] : levels.map((_, i) => `level ${i + 1}`);
  const gbps = (spread: Spread): string => `${threeDigits(LINE_BYTES / spread.value)} GB/s`;
  const rows = [
    ...levels.map((level, i) => [
      names[i] ?? "",
      `${threeDigits(level.ns)} ns`,
      level.bytes === undefined ? "" : `half of the loads miss beyond ${formatBytes(level.bytes)}`,
    ]),
    ["memory, no prefetch", ...withSpread(calibration.memoryNs, "ns"), "dependent loads, pages within the TLB's reach"],
    ["memory, page walks", ...withSpread(calibration.memoryRandomNs, "ns"), "dependent loads over 4 KiB pages"],
    ["lines in flight", threeDigits(calibration.linesInFlight), chasesLine(calibration)],
    ["stream read", gbps(streamReadNsPerLine), spreadNote(streamReadNsPerLine)],
    ["stream store", gbps(streamStoreNsPerLine), `of lines stored; ${spreadNote(streamStoreNsPerLine)}`],
    ["random store", gbps(randomStoreNsPerLine), `of lines stored to; ${spreadNote(randomStoreNsPerLine)}`],
    ...kernelRows(calibration),
    ["clock", `${threeDigits(calibration.clockGHz)} GHz`, spreadNote(calibration.cycleNs)],
  ].map((row) => [row[0] ?? "", row[1] ?? "", row.slice(2).join("; ")]);
  const columns = ["measured on one core", "value", ""].map((title, i) => ({
    title,
    align: i === 1 ? ("right" as const) : ("left" as const),
  }));
  const curve = calibration.curve.map((point) => `${formatBytes(point.bytes)} ${threeDigits(point.ns)}`).join(", ");
  const notes = calibration.notes.map((note) => `note: ${note}\n`).join("");
  return `${textTable({ columns, rows })}\n\nlatency by working set (ns): ${curve}\n${notes}`;
}

const KERNEL_PATHS: readonly (readonly [path: keyof Calibration["kernel"], name: string, what: string])[] = [
  ["syscallNs", "system call", "getuid()"],
  ["readPageNs", "page of tmpfs read", "in L2, with its copy"],
  ["zeroFaultNs", "page fault", "on the zero page"],
  ["clearPageNs", "page cleared", "in memory, pages in order"],
];

function kernelRows({ kernel }: Calibration): [string, string, string][] {
  return KERNEL_PATHS.flatMap(([path, name, what]): [string, string, string][] => {
    const spread = kernel[path];
    if (spread === undefined) return [];
    const [value, note] = withSpread(spread, "ns");
    return [[name, value, `${what}; ${note}`]];
  });
}

function withSpread(spread: Spread, unit: string): [string, string] {
  return [`${threeDigits(spread.value)} ${unit}`, spreadNote(spread)];
}

/** How disturbed the rounds were. */
function spreadNote(spread: Spread): string {
  const percent = (value: number): string => `${Math.round((value / spread.value - 1) * 100)} %`;
  return `other rounds up to ${percent(spread.slowest)} slower, median ${percent(spread.median)}`;
}

function chasesLine(calibration: Calibration): string {
  const each = calibration.chases.map(({ nr, nsPerLoad }) => `${nr}: ${threeDigits(nsPerLoad.value)}`);
  return `ns per load by chases side by side: ${each.join(", ")}`;
}

/** Measured and predicted side by side, and what that shows. */
export function checkText(check: CheckResult): string {
  const columns = [
    "kernel",
    "tier",
    "struct pages",
    "measured ns",
    "median",
    "instructions ns",
    "predicted ns",
    "error",
  ].map((title, i) => ({
    title,
    align: i < 2 ? ("left" as const) : ("right" as const),
  }));
  const rows = check.rows.map((row) => [
    row.kernel,
    row.tier,
    formatBytes(row.footprintBytes),
    threeDigits(row.measured.value),
    threeDigits(row.measured.median),
    threeDigits(row.instructionNs),
    threeDigits(row.predictedNs),
    signedPercent(row.error),
  ]);
  const ratios = check.tierRatios.map(
    ({ kernel, measured, predicted }) => `${kernel} ${threeDigits(measured)} (predicted ${threeDigits(predicted)})`,
  );
  const tiers = Object.entries(check.medianErrorByTier).map(([tier, error]) => `${percent(error)} in ${tier}`);
  const worst = [...check.rows].sort((a, b) => Math.abs(b.error) - Math.abs(a.error))[0];
  return [
    textTable({ columns, rows }),
    "",
    `median error ${percent(check.medianError)} over ${check.rows.length} rows (${tiers.join(", ")});`,
    `largest: ${worst?.kernel} in ${worst?.tier}, ${signedPercent(worst?.error ?? 0)}`,
    `memory over LLC: ${ratios.join(", ")}`,
    `noise: the median round was ${percent(check.noise)} slower than the fastest one (median over rows)`,
    "ns per struct page. Measured: the fastest round on this machine, CPU time. Predicted: cache counts priced with the",
    "profile calibrated in the same rounds; of each kernel only its instructions are timed, within L1. Not modelled:",
    "how few random updates fit in a core's reorder window, and transfers between the caches.",
    "",
  ].join("\n");
}

function percent(ratio: number): string {
  return `${decimals(100 * ratio, 1)} %`;
}

function signedPercent(ratio: number): string {
  return `${ratio < 0 ? "-" : "+"}${decimals(Math.abs(100 * ratio), 0)} %`;
}

/** `{"schema":"altmap/calibration-v1",...}`: measurements with their spread, and the profile made of them. */
export function calibrationJson(calibration: Calibration): object {
  return {
    schema: "altmap/calibration-v1",
    measured: {
      clock_ghz: calibration.clockGHz,
      cycle_ns: plain(calibration.cycleNs),
      latency_curve: calibration.curve.map(({ bytes, spread }) => ({ bytes, ns: plain(spread) })),
      levels: calibration.levels.map(({ ns, bytes }) => ({ ns, bytes: bytes ?? null })),
      memory_ns: plain(calibration.memoryNs),
      memory_random_ns: plain(calibration.memoryRandomNs),
      chases: calibration.chases.map(({ nr, nsPerLoad }) => ({ chases: nr, ns_per_load: plain(nsPerLoad) })),
      lines_in_flight: calibration.linesInFlight,
      stream_read_ns_per_line: plain(calibration.streamReadNsPerLine),
      stream_store_ns_per_line: plain(calibration.streamStoreNsPerLine),
      random_store_ns_per_line: plain(calibration.randomStoreNsPerLine),
      syscall_ns: plainOrNull(calibration.kernel.syscallNs),
      read_page_ns: plainOrNull(calibration.kernel.readPageNs),
      zero_fault_ns: plainOrNull(calibration.kernel.zeroFaultNs),
      clear_page_ns: plainOrNull(calibration.kernel.clearPageNs),
      footprint_bytes: calibration.memoryBytes,
    },
    kernel_names: calibration.sysfsCaches.map(({ level, bytes, ways, file }) => ({
      level,
      bytes,
      ways: ways ?? null,
      file,
    })),
    profile: calibratedProfiles(calibration),
    notes: calibration.notes,
  };
}

/** `{"schema":"altmap/calibrate-check-v1",...}` */
export function checkJson(check: CheckResult): object {
  return {
    schema: "altmap/calibrate-check-v1",
    rows: check.rows.map((row) => ({
      kernel: row.kernel,
      tier: row.tier,
      footprint_bytes: row.footprintBytes,
      measured_ns: plain(row.measured),
      instruction_ns: row.instructionNs,
      predicted_ns: row.predictedNs,
      interval: row.interval,
      error_ratio: row.error,
    })),
    median_error_ratio: check.medianError,
    median_error_ratio_by_tier: check.medianErrorByTier,
    noise_ratio: check.noise,
    memory_over_llc: check.tierRatios,
    calibration: calibrationJson(check.calibration),
  };
}

const plainOrNull = (spread: Spread | undefined) => (spread === undefined ? null : plain(spread));

function plain({ value, median, slowest }: Spread): { fastest: number; median: number; slowest: number } {
  return { fastest: value, median, slowest };
}
