import type { KernelRules } from "./kernels.ts";

/** What the rules are about, for people. */
export const RULE_TITLES: { readonly [Rule in keyof KernelRules]: string } = {
  modes: "values of memory_hotplug.memmap_on_memory",
  requestSpan: "a self-hosted request spans",
  unsupported: "asked for but unsupported",
  memmapUnit: "memmap sizes that are accepted",
  excludesHvo: "excludes hugetlb vmemmap freeing",
  architectures: "architectures",
  acpiAsks: "the ACPI DIMM driver asks",
  daxAttribute: "dax devices have memmap_on_memory",
  removal: "a removed range must be",
  hotPageMark: "hot-added pages are marked",
  prepareOnline: "MEM_PREPARE_ONLINE and MEM_FINISH_OFFLINE",
  s390: "s390 standby memory",
  blockSizeAdvice: "CXL windows advise the x86 block size",
  isolateBit: "isolation keeps the migratetype",
  nodeNotifier: "node events have their own chain",
  acpiScansSiblings: "plugging a DIMM tries refused ones again",
  zoneContiguous: "a zone knows it is contiguous by",
  parameterAfterBoot: "memory_hotplug.memmap_on_memory after boot",
  daxAttributeLock: "a write to a dax device's memmap_on_memory takes",
  removalAltmap: "the altmap of a removed block is",
  frozenSlab: "single slab pages pass isolation, an offline may never end",
  maxStructPageBytes: "largest struct page in bytes",
};
