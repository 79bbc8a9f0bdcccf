import type { ZoneContiguous } from "../linux/hotplugKernel.ts";
import type { ScenarioFile } from "./schema.ts";
import type { WhatIf } from "./words.ts";

/** Which Linux, how it was built, and with which parameters it booted. */
export interface ScenarioKernel {
  readonly version: string;
  readonly memmapOnMemory: "N" | "Y" | "force";
  readonly debugVm: boolean;
  /** Allocated pages are cleared though nobody asks for it. */
  readonly initOnAlloc: boolean;
  /** undefined: as the version does. */
  readonly zoneContiguous: ZoneContiguous | undefined;
  readonly hugetlbFreeVmemmap: boolean;
  /** CONFIG_MHP_MEMMAP_ON_MEMORY. */
  readonly mhpMemmapOnMemory: boolean;
  /** CONFIG_SPARSEMEM_VMEMMAP. */
  readonly sparsememVmemmap: boolean;
  readonly whatIf: readonly WhatIf[];
  /** undefined: the architecture's. */
  readonly pageblockOrder: number | undefined;
  readonly disableRadix: boolean;
}

/** The kernel that a scenario file describes. */
export function readKernel(kernel: ScenarioFile["kernel"]): ScenarioKernel {
  return {
    version: kernel.version,
    memmapOnMemory: kernel.memmap_on_memory === "force" ? "force" : isOn(kernel.memmap_on_memory) ? "Y" : "N",
    debugVm: kernel.debug_vm,
    initOnAlloc: isOn(kernel.init_on_alloc),
    zoneContiguous: kernel.zone_contiguous,
    hugetlbFreeVmemmap: isOn(kernel.hugetlb_free_vmemmap),
    mhpMemmapOnMemory: isOn(kernel.mhp_memmap_on_memory),
    sparsememVmemmap: isOn(kernel.sparsemem_vmemmap),
    whatIf: kernel.what_if,
    pageblockOrder: kernel.pageblock_order,
    disableRadix: isOn(kernel.disable_radix),
  };
}

function isOn(value: boolean | "on" | "off" | "Y" | "N" | "y" | "n"): boolean {
  return value === true || ["on", "Y", "y"].includes(String(value));
}
