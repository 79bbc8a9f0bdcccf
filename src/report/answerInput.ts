import { recordedKernelOf } from "../linux/recordedKernels.ts";
import { rangeOf } from "../machine/provenance.ts";
import { MEASURED_FAMILY } from "../scenario/foreignHost.ts";
import type { Simulation } from "../simulate.ts";

/** The resolved input, so that a result says what it is a result of. */
export function inputOf({ scenario, machine, devices }: Simulation): object {
  const plan = devices[0]?.plan;
  return {
    machine: {
      arch: scenario.machine.arch,
      platform: scenario.machine.platform,
      dram_bytes: scenario.machine.dramBytes,
      memory_block_bytes: plan?.blockBytes,
      memory_block_rule: plan?.blockRule.source,
      end_of_ram_bytes: scenario.machine.endOfRamBytes ?? null,
      struct_page_bytes: scenario.machine.structPageBytes,
      host: machine.host.id,
      recordings_arch: MEASURED_FAMILY,
      dram: machine.dram.id,
      cpus: machine.rates.nrCpus,
    },
    kernel: {
      version: scenario.kernel.version,
      priced_as: recordedKernelOf(scenario.kernel.version),
      memmap_on_memory: scenario.kernel.memmapOnMemory,
      hugetlb_free_vmemmap: scenario.kernel.hugetlbFreeVmemmap,
      debug_vm: scenario.kernel.debugVm,
      init_on_alloc: scenario.kernel.initOnAlloc,
      zone_contiguous: plan?.zoneContiguous,
    },
    devices: devices.map(({ plan: { device, placement, range, nrBlocks, memmapBytes } }) => ({
      id: device.id,
      capacity_bytes: device.capacityBytes,
      start_bytes: range.startBytes ?? null,
      added_bytes: range.sizeBytes,
      lost_start_bytes: range.lostAtStartBytes,
      lost_end_bytes: range.lostAtEndBytes,
      capacity_from: device.capacityFrom ?? (device.capacityIsAssumed ? "assumed" : "given"),
      driver: device.driver,
      memmap_on_memory: device.memmapOnMemory ?? "default",
      memory_blocks: nrBlocks,
      memmap_bytes: memmapBytes,
      placement: placement.outcome,
      reason: placement.reason,
    })),
    policy: {
      user_data_on_hot_added_ratio: scenario.policy.userDataOnHotAdded,
      pfn_order_ratio: scenario.policy.pfnOrder,
      folio_bytes: scenario.policy.folio.nrPages * 4096,
      cpi: rangeOf(machine.host.cpi),
      memmap_cpu_node_ratio: scenario.use.memmapCpuNode,
      llc_share_ratio: scenario.use.llcShare,
      class: scenario.use.machineClass ?? null,
    },
    events: scenario.events,
  };
}
