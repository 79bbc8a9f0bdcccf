/** Two recordings of the same steps: where they differ in what is exact. Validates the recorder itself. */
import type { State, Step, ZoneState } from "./fixture.ts";

export interface Difference {
  readonly step: number;
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

type Comparable = Readonly<Record<string, unknown>>;

/**
 * Boot memory is in use and drifts, so only its extent counts; free lists count where every page is free, because
 * stray allocations are nobody's rule. ZONE_DEVICE is no hot-added System RAM.
 */
function comparableZone(zone: ZoneState, isBootZone: boolean): Comparable {
  const { spanned, present, managed, start_pfn, free, buddy } = zone;
  if (isBootZone) return { spanned, present };
  const exact = { start_pfn, spanned, present, managed };
  return free === managed ? { ...exact, free, buddy } : exact;
}

function comparableState(state: State, initial: State): Comparable {
  const zones = Object.entries(state.zones)
    .filter(([name]) => !name.endsWith(":Device"))
    .map(([name, zone]) => [`zones/${name}`, comparableZone(zone, name in initial.zones)] as const);
  const blocks = Object.entries(state.blocks).map(([id, block]) => [`blocks/${id}`, block] as const);
  return {
    ...Object.fromEntries(zones),
    ...Object.fromEntries(blocks),
    mem_total_change_kb: state.mem_total_kb - initial.mem_total_kb,
    iomem_system_ram: state.iomem_system_ram,
    node_blocks: state.node_blocks,
    "dax0.0": state["dax0.0"],
  };
}

const KERNEL_ERRORS =
  /unaligned hotplug range|add_memory failed|acpi_memory_enable_device\(\) error|Offline failed|auto-online memory/;

/** Once each: a console that shows errors can put them into a recording a second time. */
function errorLines(step: Step): string[] {
  const lines = step.dmesg.filter((line) => KERNEL_ERRORS.test(line));
  return [...new Set(lines.map((line) => line.replace(/PNP0C80:\w+/, "PNP0C80:*")))];
}

export interface Recorded {
  readonly initial: State;
  readonly step: Step;
}

export function compareSteps(index: number, expected: Recorded, actual: Recorded): Difference[] {
  const view = ({ initial, step }: Recorded): Comparable => ({
    ...comparableState(step.after, initial),
    error: step.error,
    still_present: step.still_present,
    dmesg: errorLines(step),
  });
  const [a, b] = [view(expected), view(actual)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((path) => JSON.stringify(a[path]) !== JSON.stringify(b[path]))
    .map((path) => ({ step: index, path, expected: a[path], actual: b[path] }));
}
