import type { FieldCase } from "./fieldCase.ts";

export const QUIET = ["--memory-block", "2GiB"];

/** Architectures, and hosts of another one. */
export const ARCHES: readonly FieldCase[] = [
  {
    id: "riscv64",
    kind: "K",
    run: ["explain", "--arch", "riscv64", "--kernel", "6.12", "--capacity", "16GiB"],
    exitCode: 0,
    prints: ["memory block 128 MiB", "128 blocks", "memmap 512 pages", "x86_64, arm64, ppc64, s390, riscv64"],
    json: { "devices.0.outcome": "on-memory", "devices.0.blocks": 128, "devices.0.memmap_pages_per_block": 512 },
  },
  {
    id: "riscv64 before it could hot-add",
    kind: "K",
    run: ["explain", "--arch", "riscv64", "--kernel", "6.10"],
    exitCode: 2,
    prints: ["Linux 6.10 cannot hot-add memory on riscv64", "kernel 6.11 or later"],
  },
  {
    id: "loongarch64 hot-adds, and never on the memory",
    kind: "K",
    run: ["explain", "--arch", "loongarch64-16k", "--capacity", "16GiB"],
    exitCode: 0,
    prints: ["memory block 512 MiB", "loongarch64 has no memmap_on_memory in"],
    json: { "devices.0.outcome": "dram", "devices.0.blocks": 32 },
  },
  {
    id: "ppc64 with pages of 4 KiB",
    kind: "K",
    run: ["explain", "--arch", "ppc64-radix-4k", "--driver", "ppc64-dlpar", "--capacity", "1GiB"],
    exitCode: 0,
    prints: ["memory block 256 MiB", "memmap 1024 pages"],
    json: { "devices.0.outcome": "on-memory" },
  },
  {
    id: "a stated host of another architecture is refused",
    kind: "host",
    run: ["answer", "s390-on-sapphire-rapids.yaml"],
    exitCode: 2,
    prints: ["the host sapphire-rapids is x86_64, and machine.arch is s390"],
  },
  {
    id: "times of another architecture say what they rest on",
    kind: "host",
    run: ["answer", "s390-without-host.yaml"],
    exitCode: 0,
    prints: [/^Note: times of s390 are rough: the host z15 prices recordings .* made on x86_64/m],
    json: { "input.machine.arch": "s390", "input.machine.recordings_arch": "x86_64" },
  },
];

/** Decimal sizes and forgotten units. */
export const SIZES: readonly FieldCase[] = [
  {
    id: "128GB",
    kind: "M",
    run: ["answer", "--device", "cxl-samsung-mxp-genoa", "--capacity", "128GB"],
    exitCode: 2,
    prints: ["128GB is decimal", "119.21 GiB", "118GiB or 120GiB; a module sold as 128 GB has 128GiB"],
  },
  {
    id: "1TB",
    kind: "M",
    run: ["explain", "--capacity", "1TB"],
    exitCode: 2,
    prints: ["930GiB or 932GiB", "a module sold as 1 TB has 1TiB"],
  },
  {
    id: "a forgotten unit",
    kind: "M",
    run: ["answer", "--device", "cxl-samsung-mxp-genoa", "--capacity", "512"],
    exitCode: 2,
    prints: ["was the unit forgotten: 512GiB?"],
    never: ["2GiB or"],
  },
  {
    id: "a forgotten unit, as of MiB",
    kind: "M",
    run: ["explain", "--capacity", "131072"],
    exitCode: 2,
    prints: ["was the unit forgotten: 131072MiB?"],
  },
  {
    id: "decimal DRAM is noted",
    kind: "M",
    run: ["explain", "dram-decimal.yaml"],
    exitCode: 0,
    prints: ["machine.dram of 256GB is decimal; modules sold so have 256GiB together"],
  },
];

/** Boot parameters and build options of the placement rule. */
export const PARAMETERS: readonly FieldCase[] = [
  {
    id: "hugetlb_free_vmemmap=on excludes memmap_on_memory before 6.0",
    kind: "P",
    run: ["explain", "19-hugetlb-free-vmemmap.yaml"],
    exitCode: 0,
    prints: ["dram: the memmap is taken from the buddy", "hugetlb_free_vmemmap on"],
    json: { "devices.0.outcome": "dram" },
  },
  {
    id: "the same, in 5.19",
    kind: "P",
    run: ["explain", "19-hugetlb-free-vmemmap.yaml", "--kernel", "5.19"],
    exitCode: 0,
    prints: ["memmap_on_memory_set"],
    json: { "devices.0.outcome": "dram" },
  },
  {
    id: "from 6.0 on both may be on",
    kind: "P",
    run: ["explain", "19-hugetlb-free-vmemmap.yaml", "--kernel", "6.0"],
    exitCode: 0,
    prints: ["on-memory", "huge pages on self-hosted memory keep all of their vmemmap"],
    json: { "devices.0.outcome": "on-memory" },
  },
  {
    id: "answer says it too",
    kind: "P",
    run: ["answer", "19-hugetlb-free-vmemmap.yaml"],
    exitCode: 0,
    prints: ["the memmap cannot lie on the memory: hugetlb vmemmap freeing is on (hugetlb_free_vmemmap)"],
    json: { "input.kernel.hugetlb_free_vmemmap": true },
  },
  {
    id: "pageblocks of order 10 need force",
    kind: "P",
    run: ["explain", "pageblock-order.yaml"],
    exitCode: 0,
    prints: ["what is reserved is no whole number of pageblocks: 512 pages, pageblock 1024"],
    json: { "devices.0.outcome": "dram" },
  },
  {
    id: "the default of the attribute follows the dax kind",
    kind: "P",
    run: ["explain", "dax-kind-default.yaml"],
    exitCode: 0,
    prints: ["attribute memmap_on_memory is 0 (the default of pmem)"],
    json: { "devices.0.outcome": "dram" },
  },
];
