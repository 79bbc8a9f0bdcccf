import type { AdviceRule } from "../rule.ts";

/** What self-hosting does to large pages. */
export const HUGE_PAGE_RULES: readonly AdviceRule[] = [
  {
    id: "hvo-refused",
    fires: ({ scenario, plans }) =>
      scenario.kernel.hugetlbFreeVmemmap && plans.some(({ placement }) => placement.selfHosted),
    text: () => "hugetlb vmemmap optimisation frees nothing of self-hosted memmaps; in DRAM it frees 7/8 of them",
    source: "mm/hugetlb_vmemmap.c vmemmap_should_optimize_folio, PG_vmemmap_self_hosted",
    evidence: "read-6.12",
    weight: 72,
  },
  {
    id: "hvo-better",
    fires: ({ scenario, plans }) =>
      scenario.kernel.hugetlbFreeVmemmap && plans.some(({ placement }) => !placement.selfHosted),
    text: () => "with all of it in hugetlb pages of 2 MiB, HVO gives back 7/8 of the memmap in DRAM",
    source: "mm/hugetlb_vmemmap.c, Documentation/mm/vmemmap_dedup.rst",
    evidence: "read-6.12",
    weight: 48,
  },
  {
    id: "gigantic-pages",
    fires: ({ hugePages, plans }) =>
      plans.some(({ placement }) => placement.selfHosted) && hugePages.onMemory.gibPages < hugePages.dram.gibPages,
    text: ({ hugePages }) =>
      hugePages.onMemory.gibPages === 0
        ? "no 1 GiB page can form on self-hosted blocks of this size"
        : `1 GiB pages: ${hugePages.onMemory.gibPages} of ${hugePages.dram.gibPages} remain with self-hosted blocks`,
    source: "Documentation/admin-guide/kernel-parameters.txt memory_hotplug.memmap_on_memory",
    evidence: "read-6.12",
    weight: 68,
  },
];
