/** Sources of windows, queues, caches, clears and the newer memories; a part of `SOURCES`. */
export const HOST_SOURCES: Readonly<Record<string, Source>> = {
  il: {
    title: "InstLatx64, instruction and memory latency and CPUID dumps per part (@087af2c7)",
    year: 2026,
    url: "https://github.com/InstLatx64/InstLatx64",
  },
  downs: {
    title: "Travis Downs, Performance Speed Limits (out-of-order buffer sizes)",
    year: 2021,
    url: "https://travisdowns.github.io/blog/2019/06/11/speed-limits.html",
  },
  "downs-conc": {
    title: "Travis Downs, A Concurrency Cost Hierarchy (one thread)",
    year: 2020,
    url: "https://travisdowns.github.io/blog/2020/07/06/concurrency-costs.html",
  },
  llvm: {
    title: "LLVM scheduling models, whose comments quote the makers' guides",
    year: 2026,
    url: "https://github.com/llvm/llvm-project",
  },
  "cc-spr": {
    title: "Chips and Cheese, Sapphire Rapids: Golden Cove Hits Servers",
    year: 2023,
    url: "https://chipsandcheese.com/p/a-peek-at-sapphire-rapids",
  },
  "cc-x6": {
    title: "Chips and Cheese, A Look into Intel Xeon 6's Memory Subsystem",
    year: 2025,
    url: "https://chipsandcheese.com/p/a-look-into-intel-xeon-6s-memory",
  },
  "cc-9355p": {
    title: "Chips and Cheese, AMD's EPYC 9355P",
    year: 2025,
    url: "https://chipsandcheese.com/p/amds-epyc-9355p-inside-a-32-core",
  },
  "cc-uma": {
    title: "Chips and Cheese, Evaluating Uniform Memory Access Mode on AMD's Turin",
    year: 2025,
    url: "https://chipsandcheese.com/p/evaluating-uniform-memory-access",
  },
  "cc-zen5hc": {
    title: "Chips and Cheese, AMD's Zen 5 at Hot Chips 2024 (outstanding L1 misses)",
    year: 2024,
    url: "https://chipsandcheese.com/p/discussing-amds-zen-5-at-hot-chips-2024",
  },
  "cc-zen4": {
    title: "Chips and Cheese, AMD's Zen 4, Part 2: Memory Subsystem",
    year: 2022,
    url: "https://chipsandcheese.com/p/amds-zen-4-part-2-memory-subsystem-and-conclusion",
  },
  "cc-genoax": {
    title: "Chips and Cheese, Genoa-X: Server V-Cache Round 2",
    year: 2023,
    url: "https://chipsandcheese.com/p/genoa-x-server-v-cache-round-2",
  },
  "cc-v2": {
    title: "Chips and Cheese, Arm's Neoverse V2, in AWS's Graviton 4",
    year: 2024,
    url: "https://chipsandcheese.com/p/arms-neoverse-v2-in-awss-graviton-4",
  },
  "cc-grace": {
    title: "Chips and Cheese, Grace Hopper, Nvidia's Halfway APU",
    year: 2024,
    url: "https://chipsandcheese.com/p/grace-hopper-nvidias-halfway-apu",
  },
  "cc-g3": {
    title: "Chips and Cheese, Graviton 3: First Impressions",
    year: 2022,
    url: "https://chipsandcheese.com/p/graviton-3-first-impressions",
  },
  "cc-n1": {
    title: "Chips and Cheese, Deep Diving Neoverse N1",
    year: 2021,
    url: "https://chipsandcheese.com/p/deep-diving-neoverse-n1",
  },
  "cc-a1": {
    title: "Chips and Cheese, AmpereOne at Hot Chips 2024",
    year: 2024,
    url: "https://chipsandcheese.com/p/ampereone-at-hot-chips-2024-maximizing-density",
  },
  "cc-mi300a": {
    title: "Chips and Cheese, Inside the AMD Instinct MI300A's Giant Memory Subsystem",
    year: 2025,
    url: "https://chipsandcheese.com/p/inside-the-amd-radeon-instinct-mi300as",
  },
  "cc-telum": {
    title: "Chips and Cheese, Telum II at Hot Chips 2024 (read in translation)",
    year: 2024,
    url: "https://chipsandcheese.com/p/telum-ii-at-hot-chips-2024-mainframe-with-a-unique-caching-strategy",
  },
  jiegec: { title: "Jiajie Chen, microarchitecture reviews with measurements", year: 2026, url: "https://jia.je/" },
  perfbook: {
    title: "Bakhvalov, Performance Analysis and Tuning on Modern CPUs, Golden Cove",
    year: 2023,
    url: "https://github.com/dendibakh/perf-book",
  },
  cpunews: { title: "CPUNews.net, Alder Lake architecture (slides of Intel)", year: 2021, url: "https://cpunews.net/" },
  "spr-anchors": { title: "Counter calibration note, Sapphire Rapids at a fixed 2.095 GHz, 8 x DDR5-4800", year: 2026 },
  dramhit: {
    title: "mars-research/DRAMHiT: MLC and miss-buffer counters of EPYC 9354P and Xeon 6548Y+ (@b8e31e4)",
    year: 2026,
    url: "https://github.com/mars-research/DRAMHiT",
  },
  "mess-results": {
    title: "bsc-mem/Mess-Results: bandwidth-latency curves, TLB cost subtracted (@16ab1d60)",
    year: 2026,
    url: "https://github.com/bsc-mem/Mess-Results",
  },
  arora: {
    title: "Ankur Arora, multi-page clearing, 2023 to 2025 (Ice Lake 8358 and Milan 7J13)",
    year: 2025,
    url: "https://lore.kernel.org/all/20230830184958.2333078-1-ankur.a.arora@oracle.com/",
  },
  raghu25: { title: "Raghavendra K T, reply to v4 of multi-page clearing (EPYC 9B24)", year: 2025 },
  "vfio-clear": {
    title: "Daniel Jordan, vfio/type1: Batch page pinning (4d83de6da265), Broadwell",
    year: 2021,
  },
  "intel-opt": { title: "Intel optimisation manual, data prefetching, as quoted in public repositories", year: 2022 },
  schweizer: {
    title: "Schweizer, Besta, Hoefler, Evaluating the Cost of Atomic Operations, PACT'15",
    year: 2015,
    url: "https://arxiv.org/abs/2010.09852",
  },
  "anand-zen3": {
    title: "AnandTech 16214, Zen 3 load and store",
    year: 2020,
    url: "https://www.anandtech.com/show/16214/4",
  },
  "aws-gs": {
    title: "AWS Graviton getting started: cache sizes",
    year: 2026,
    url: "https://github.com/aws/aws-graviton-getting-started",
  },
  "wikichip-z15": {
    title: "WikiChip, z15 microarchitecture",
    year: 2019,
    url: "https://en.wikichip.org/wiki/ibm/microarchitectures/z15",
  },
  "wp-z15": { title: "Wikipedia, IBM z15", year: 2023, url: "https://en.wikipedia.org/wiki/IBM_z15" },
  "p10-redpaper": {
    title: "Copies of the IBM Power10 (E1080) technical overview, L3 section",
    year: 2023,
    url: "https://martinhold.com/on-chip-l3-cache-and-intelligent-caching-architecture-and-technical-overview/",
  },
  zhl: { title: "Table of EPYC 9654 and 9965 clocks in a public repository", year: 2024 },
  vistara: { title: "Meta, Vistara CXL memory ASIC, ISCA'26, Table VI", year: 2026 },
  "vistara-notes": { title: "Notes on the Vistara paper quoting its measured curves", year: 2026 },
  memchannel: {
    title: "MemChannel, arXiv:2608.21731v1 (Xeon Gold 6530 through an XConn Apollo switch)",
    year: 2026,
    url: "https://arxiv.org/abs/2608.21731",
  },
  "beluga-notes": {
    title: "Notes on Beluga, arXiv:2511.20172 (Xeon 8575C, two XC50256 switches)",
    year: 2026,
    url: "https://arxiv.org/abs/2511.20172",
  },
  "amd-cxl-401": { title: "Public note: CXL expander on an AMD server, both unnamed", year: 2026 },
  "mlc-unnamed": { title: "MLC v3.11b output in a public repository, machine and device not named" },
};

export interface Source {
  readonly title: string;
  readonly year?: number;
  readonly url?: string;
}
