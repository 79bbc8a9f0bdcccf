import type { Host } from "./host.ts";
import type { Prediction } from "./predict.ts";
import { daxStateOf, errnoFromText, type Outcome, type RecordedState } from "./recording.ts";
import type { ZoneState } from "./state.ts";

/** One value that differs. `undefined` stands for a thing that is not there. */
export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface Comparison {
  readonly checks: number;
  readonly differences: readonly Difference[];
}

/** Kernel and daxctl error lines that a prediction must name. */
const ERROR_LINES: readonly RegExp[] = [
  /Block size \[0x[0-9a-f]+\] unaligned hotplug range: .*/,
  /acpi PNP0C80:[0-9a-f]+: (?:add_memory failed|acpi_memory_enable_device\(\) error)/,
  /memory memory\d+: Offline failed\./,
  /kernel policy will auto-online memory, aborting/,
];

/**
 * Compares a prediction with what came of the step: every hot-added zone's start, spanned, present and managed, and its
 * free pages and buddy counts where all of it is free; spanned and present of boot zones; block states, valid_zones;
 * the change of MemTotal; System RAM resources; node links; the errno, the error lines, and dax devices.
 *
 * @param before the recorded state before the step
 */
export function compareState(host: Host, expected: Prediction, before: RecordedState, outcome: Outcome): Comparison {
  const differences: Difference[] = [];
  let checks = 0;
  const check = (path: string, want: unknown, actual: unknown): void => {
    checks++;
    if (JSON.stringify(want) !== JSON.stringify(actual)) differences.push({ path, expected: want, actual });
  };
  const { after } = outcome;
  compareZones(host, expected, after, check);
  compareBlocks(expected, after, check);
  check("mem_total_kb change", expected.memTotalChangeKb, after.mem_total_kb - before.mem_total_kb);
  check("iomem_system_ram", expected.state.iomem_system_ram, after.iomem_system_ram);
  check("node_blocks", [...expected.state.node_blocks].sort(), [...after.node_blocks].sort());
  check("error", expected.errno, errnoFromText(outcome.error));
  check("dmesg", errorLines(expected.errorLines), errorLines([...outcome.dmesg, ...(outcome.error ?? "").split("\n")]));
  if (expected.stillPresent !== undefined && outcome.still_present !== undefined) {
    check("still_present", expected.stillPresent, outcome.still_present);
  }
  if (expected.endless !== undefined || outcome.endless !== undefined) {
    check("endless", expected.endless !== undefined, outcome.endless === true);
  }
  compareDax(expected, after, check);
  return { checks, differences };
}

type Check = (path: string, want: unknown, actual: unknown) => void;

function compareZones(host: Host, expected: Prediction, after: RecordedState, check: Check): void {
  const recorded = Object.keys(after.zones).filter((key) => !key.endsWith(":Device"));
  for (const key of [...new Set([...Object.keys(expected.state.zones), ...recorded])].sort()) {
    const want = expected.state.zones[key];
    const actual = after.zones[key];
    if (want === undefined || actual === undefined) {
      check(`zones.${key}`, want && "present", actual && "present");
      continue;
    }
    const boot = host.bootZones.has(key);
    const fields = boot ? (["spanned", "present"] as const) : (["start_pfn", "spanned", "present", "managed"] as const);
    for (const field of fields) check(`zones.${key}.${field}`, want[field], actual[field]);
    if (!boot && actual.free === actual.managed) compareFree(key, want, actual, check);
  }
}

function compareFree(
  key: string,
  want: ZoneState,
  actual: { readonly free?: number | undefined; readonly buddy?: readonly number[] | undefined },
  check: Check,
): void {
  check(`zones.${key}.free`, want.free, actual.free);
  if (actual.buddy !== undefined) check(`zones.${key}.buddy`, want.buddy, actual.buddy);
}

function compareBlocks(expected: Prediction, after: RecordedState, check: Check): void {
  const ids = new Set([...Object.keys(expected.state.blocks), ...Object.keys(after.blocks)]);
  for (const id of [...ids].sort((a, b) => Number(a) - Number(b))) {
    const want = expected.state.blocks[id];
    const actual = after.blocks[id];
    check(`blocks.${id}.state`, want?.state, actual?.state);
    check(`blocks.${id}.valid_zones`, want?.valid_zones, actual?.valid_zones);
  }
}

function compareDax(expected: Prediction, after: RecordedState, check: Check): void {
  for (const [name, want] of Object.entries(expected.state.dax)) {
    const actual = daxStateOf(after, name);
    if (actual === undefined) continue;
    check(`${name}.memmap_on_memory`, want.memmap_on_memory, actual.memmap_on_memory);
    // A device without a driver has no link, or an empty name.
    check(`${name}.driver`, want.driver ?? null, actual.driver || null);
    if (actual.iomem !== undefined) check(`${name}.iomem`, want.iomem, actual.iomem);
  }
}

/**
 * The error lines, each once and sorted: a console can show one a second time, and the order in which ACPI scans several
 * devices is that of their slots, which a recording does not name.
 */
function errorLines(lines: readonly string[]): string[] {
  const found = lines.flatMap((line) => {
    const masked = line.replace(/PNP0C80:(?:##|[0-9a-f]+)/i, "PNP0C80:0");
    const text = ERROR_LINES.map((pattern) => pattern.exec(masked)?.[0]).find((match) => match !== undefined);
    return text === undefined ? [] : [text.trim()];
  });
  return [...new Set(found)].sort();
}
