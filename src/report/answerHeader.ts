import type { Scenario } from "../scenario/scenario.ts";
import type { Simulation } from "../simulate.ts";
import { formatBytes } from "../units.ts";

/** What was asked, in a few lines. */
export function answerHeader({ scenario, machine, devices, workloads }: Simulation): readonly string[] {
  const { machine: box, kernel } = scenario;
  const plan = devices[0]?.plan;
  const capacities = [...new Set(devices.map((device) => formatBytes(device.plan.device.capacityBytes)))].join(", ");
  const kernels = [...new Set(workloads.map((workload) => workload.kernel))].join(", ");
  return [
    "What does it cost to put the memmap of hot-added memory on that memory, and what does it save?",
    "",
    `Machine    ${box.platform} ${box.arch}, ${formatBytes(box.dramBytes)} of DRAM, host ${machine.host.id}, memory blocks of ${plan ? formatBytes(plan.blockBytes) : "?"}`,
    `Kernel     Linux ${kernel.version}, memory_hotplug.memmap_on_memory=${kernel.memmapOnMemory}; events: ${scenario.events.join(", ")}`,
    `Plugged    ${capacities} each; memmap ${plan ? formatBytes(plan.memmapBytes) : "?"} (${box.structPageBytes} bytes a page)`,
    ...takenFromProfiles(scenario),
    `Workloads  recorded on Linux ${kernels || "(none)"}; warm: as one run leaves the caches, cold: no struct page cached`,
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
