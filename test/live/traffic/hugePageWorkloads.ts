/** Huge pages: pools, transparent ones, their splits and collapses. */
import { blocks, onNode0, onNode1, type Part, SIX_BLOCKS, type Workload } from "./workload.ts";

/** Pool pages allocated, faulted and unmapped, freed. `hvo`: with optimized vmemmap. */
function hugetlbParts(suffix: string, hvo: boolean): Part[] {
  const pool = "$node1/hugepages/hugepages-2048kB/nr_hugepages";
  const inPool = { op: "already_in_pool", huge_pages: 32, hvo };
  return [
    {
      name: `wl_hugetlb_grow_32${suffix}`,
      command: `echo 32 > ${pool}`,
      operations: [{ op: "hugetlb_grow", huge_pages: 32, hvo }],
    },
    {
      name: `wl_hugetlb_use_32${suffix}`,
      command: onNode1("hugetlb 32"),
      operations: [inPool, { op: "hugetlb_fault", huge_pages: 32 }, { op: "hugetlb_unmap", huge_pages: 32 }],
    },
    {
      name: `wl_hugetlb_shrink_32${suffix}`,
      command: `echo 0 > ${pool}`,
      operations: [inPool, { op: "hugetlb_shrink", huge_pages: 32 }],
    },
  ];
}

const heldThp = (unmapped: number) => ({ op: "already_mapped_thp", huge_pages: 32, unmapped_pages: unmapped });
const HALF_UNMAPPED = [heldThp(0), { op: "thp_unmap_part", huge_pages: 32, pages: 256 }];

const thpPart = (name: string, what: string, before: readonly string[], operations: readonly unknown[]): Part => ({
  name,
  prepare: before,
  held: onNode1(`thpPart 32 ${what}`),
  operations,
});

const ONE_DIMM = { dimmsMib: [256], selfHosted: false, online: "online_movable" } as const;

export const HUGE_PAGE_WORKLOADS: readonly Workload[] = [
  {
    name: "hugetlb",
    about: "a pool of 32 huge pages grown, used, shrunk",
    ...ONE_DIMM,
    parts: hugetlbParts("", false),
  },
  {
    name: "hugetlb-hvo",
    about: "the same with hugetlb_free_vmemmap=on",
    ...ONE_DIMM,
    cmdline: "hugetlb_free_vmemmap=on",
    parts: hugetlbParts("_hvo", true),
  },
  {
    name: "hugetlb-hvo-kernel",
    about: "the same where node 1 has kernel memory, without which it can get no vmemmap pages back",
    dimmsMib: [256],
    selfHosted: false,
    online: ["online_movable", "online_kernel"],
    cmdline: "hugetlb_free_vmemmap=on",
    parts: hugetlbParts("_hvo_kernel", true),
  },
  {
    name: "hugetlb-hvo-mom",
    about: "the same on self-hosted memory, where HVO is refused",
    dimmsMib: blocks(2),
    selfHosted: true,
    online: "online_movable",
    cmdline: "hugetlb_free_vmemmap=on",
    parts: hugetlbParts("_hvo_mom", true),
  },
  {
    name: "thp",
    about: "transparent huge pages: fault, partial zap and unmap, splits",
    ...SIX_BLOCKS,
    parts: [
      {
        name: "wl_thp_fault_32",
        prepare: [onNode0("thp 4")],
        command: onNode1("thp 32"),
        operations: [
          { op: "thp_fault", huge_pages: 32 },
          { op: "munmap_thp", huge_pages: 32 },
        ],
      },
      thpPart("wl_thp_zap_half_32", "zap", [], HALF_UNMAPPED),
      {
        name: "wl_thp_deferred_split_32",
        command: "echo 2 > /proc/sys/vm/drop_caches",
        operations: [heldThp(256), { op: "thp_split_deferred", huge_pages: 32, zero_pages: 255 }],
      },
      thpPart("wl_thp_unmap_half_32", "unmap", ["release"], HALF_UNMAPPED),
      thpPart("wl_thp_mprotect_half_32", "protect", ["release"], [heldThp(0), { op: "thp_split_pmd", huge_pages: 32 }]),
      // Only the first page of each was written to.
      thpPart(
        "wl_thp_split_32",
        "split",
        ["release"],
        [heldThp(0), { op: "thp_split", huge_pages: 32, zero_pages: 511 }],
      ),
      { name: "wl_thp_split_exit_32", command: "release" },
    ],
  },
  {
    name: "collapse",
    about: "16 ranges of small pages collapsed into huge ones by MADV_COLLAPSE and by khugepaged",
    ...SIX_BLOCKS,
    parts: [
      { name: "wl_collapse_16", held: onNode1("collapse 16 now") },
      {
        name: "wl_khugepaged_16",
        prepare: [
          "release",
          "cd /sys/kernel/mm/transparent_hugepage/khugepaged",
          "echo 65536 > pages_to_scan; echo 10 > scan_sleep_millisecs",
          "read -r collapsed < pages_collapsed",
        ],
        held: onNode1("collapse 16 later"),
        command: "> /go; until read -r n < pages_collapsed; [ $n -ge $((collapsed + 16)) ]; do sleep 0.05; done",
      },
    ],
  },
];
