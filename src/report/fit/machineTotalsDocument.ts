import { machineTotals, type PlacementTotals } from "../../hotplug/machineTotals.ts";
import type { HotplugEvent } from "../../scenario/schema.ts";
import type { DeviceOutcome, Simulation } from "../../simulate.ts";
import { formatBytes, formatNs, threeDigits } from "../../units.ts";
import type { Interval, PlacementName } from "../answerRows.ts";
import { roundNs } from "../numbers.ts";
import { textTable } from "../table.ts";

/** All devices of a scenario plugged together, with their memmaps in one place. */
export interface TogetherPlacement {
  readonly placement: PlacementName;
  readonly fits: boolean;
  readonly dram_used_bytes: number;
  readonly usable_bytes: number;
  /** One device after the other; null where the memmaps do not fit. */
  readonly online_ns: number | null;
  /** The ends of the devices' intervals added: what is uncertain of a machine is the same for all of them. */
  readonly online_interval_ns: Interval | null;
}

/** The machine with everything that a scenario lists. */
export interface AnswerTogether {
  readonly devices: number;
  readonly nodes: number;
  readonly capacity_bytes: number;
  readonly added_bytes: number;
  readonly memmap_bytes: number;
  readonly dram_bytes: number;
  readonly placements: readonly TogetherPlacement[];
  /** Of DRAM, memmaps in DRAM against memmaps on the memory; null where none may lie there. */
  readonly dram_saved_bytes: number | null;
}

const ONLINE: readonly HotplugEvent[] = ["online_movable", "online_kernel"];

/** @returns null for alternatives: they are not plugged together */
export function togetherDocument({ scenario, devices }: Simulation): AnswerTogether | null {
  if (!scenario.pluggedTogether) return null;
  const plans = devices.map(({ plan }) => plan);
  const { dramBytes } = scenario.machine;
  const totals = machineTotals(plans, dramBytes);
  const row = (placement: PlacementName, sums: PlacementTotals): TogetherPlacement => ({
    placement,
    fits: sums.fits,
    dram_used_bytes: sums.dramUsedBytes,
    usable_bytes: sums.usableBytes,
    ...onlineOf(devices, placement, sums.fits),
  });
  return {
    devices: devices.length,
    nodes: new Set(plans.map(({ zone }) => zone.node)).size,
    capacity_bytes: totals.capacityBytes,
    added_bytes: totals.addedBytes,
    memmap_bytes: totals.memmapBytes,
    dram_bytes: dramBytes,
    placements: [row("dram", totals.dram), ...(totals.onMemory ? [row("on-memory", totals.onMemory)] : [])],
    dram_saved_bytes: totals.onMemory ? totals.dram.dramUsedBytes - totals.onMemory.dramUsedBytes : null,
  };
}

function onlineOf(devices: readonly DeviceOutcome[], placement: PlacementName, fits: boolean) {
  const [events, total] = [devices.map((device) => eventsOf(device, placement)), { ns: 0, low: 0, high: 0 }];
  if (!fits || events.some((all) => all === undefined)) return { online_ns: null, online_interval_ns: null };
  for (const { run, price } of events.flatMap((all) => all ?? [])) {
    if (!ONLINE.includes(run.event)) continue;
    total.ns += price.ns;
    total.low += price.interval[0];
    total.high += price.interval[1];
  }
  return { online_ns: roundNs(total.ns), online_interval_ns: [roundNs(total.low), roundNs(total.high)] as const };
}

/** A device that may not host its memmap has it in DRAM. */
function eventsOf({ prices }: DeviceOutcome, placement: PlacementName) {
  return placement === "dram" ? prices.dram : (prices.onMemory ?? prices.dram);
}

/** For people; nothing for one device. */
export function togetherText(together: AnswerTogether | null): string {
  if (together === null || together.devices < 2) return "";
  const { devices, nodes, placements, dram_bytes: dram, dram_saved_bytes: saved } = together;
  const cells = (title: string, cell: (row: TogetherPlacement) => string) => [title, ...placements.map(cell)];
  const table = textTable({
    columns: [
      { title: `All ${devices} together`, align: "left" },
      ...placements.map(({ placement }) => ({
        title: placement === "dram" ? "memmaps in DRAM" : "memmaps on the memory",
        align: "right" as const,
      })),
    ],
    rows: [
      cells("  DRAM used", (row) => `${row.fits ? "" : "does not fit: needs "}${formatBytes(row.dram_used_bytes)}`),
      cells("  hot-added memory left", (row) => (row.fits ? formatBytes(row.usable_bytes) : "-")),
      cells("  online, one after the other", (row) => {
        if (!row.online_ns || row.online_interval_ns === null) return "-";
        const [low, high] = row.online_interval_ns;
        return `${formatNs(row.online_ns)} [${formatNs(low)}, ${formatNs(high)}]`;
      }),
    ],
  });
  const zones = nodes === 1 ? "one node: they share its zone" : `${nodes} nodes`;
  const saves =
    saved === null
      ? ""
      : `\n  saves ${formatBytes(saved)} of ${formatBytes(dram)} of DRAM, ${threeDigits((100 * saved) / dram)} %`;
  return `${table}${saves}\n  on ${zones}`;
}
