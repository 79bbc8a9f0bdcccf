import { pricedAs } from "../linux/recordedKernels.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Simulation } from "../simulate.ts";
import { formatBytes } from "../units.ts";

/** What was asked, in a few lines. */
export function answerHeader(simulation: Simulation): readonly string[] {
  const { scenario, machine, devices } = simulation;
  const { machine: box, kernel } = scenario;
  const plan = devices[0]?.plan;
  const capacities = [...new Set(devices.map((device) => formatBytes(device.plan.device.capacityBytes)))].join(", ");
  return [
    "What does it cost to put the memmap of hot-added memory on that memory, and what does it save?",
    "",
    `Machine    ${box.platform} ${box.arch}, ${formatBytes(box.dramBytes)} of DRAM, host ${machine.host.id}, memory blocks of ${plan ? formatBytes(plan.blockBytes) : "?"}`,
    `Kernel     Linux ${[kernel.version, pricedAs(kernel.version)].filter(Boolean).join(", ")}, memory_hotplug.memmap_on_memory=${kernel.memmapOnMemory}; events: ${scenario.events.join(", ")}`,
    `Plugged    ${capacities} each; memmap ${plan ? formatBytes(plan.memmapBytes) : "?"} (${box.structPageBytes} bytes a page)`,
    ...takenFromProfiles(scenario),
    `Workloads  ${workloadsLine(simulation)}`,
  ];
}

/** What neither the scenario nor the command line said. */
function takenFromProfiles({ machine, devices }: Scenario): string[] {
  const capacities = (devices ?? []).flatMap(({ id, capacityFrom, capacityBytes }) =>
    capacityFrom === undefined ? [] : `${formatBytes(capacityBytes)} of ${id}: ${capacityFrom}`,
  );
  const block = machine.memoryBlockFrom === undefined ? [] : [`memory block: ${machine.memoryBlockFrom}`];
  return [...capacities, ...block].map((text, i) => `${i === 0 ? "Taken from" : ""}`.padEnd(11) + text);
}

function workloadsLine({ workloads, devices }: Simulation): string {
  const kernels = [...new Set(workloads.map((workload) => workload.kernel))].join(", ");
  if (workloads.length > 0)
    return `recorded on Linux ${kernels}; warm: as one run leaves the caches, cold: no struct page cached`;
  const operations = [...new Set(devices.flatMap(({ prices }) => prices.footprints.map(({ run }) => run.name)))];
  if (operations.length === 0) return "none";
  return `operations (${operations.join(", ")}), with their instructions, clears and copies; no recording`;
}
