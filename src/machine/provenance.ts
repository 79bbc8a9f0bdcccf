import { HOST_SOURCES, type Source } from "./sourcesHosts.ts";

/**
 * How a value is known. V: read in the named source or its raw data. M: measured here. C: computed or
 * fitted from such values. S: second-hand. R: recalled, not verified.
 */
export type EvidenceLevel = "V" | "M" | "C" | "S" | "R";

export const EVIDENCE_MEANING: Readonly<Record<EvidenceLevel, string>> = {
  V: "read in the named source or its raw data",
  M: "measured",
  C: "computed or fitted from such values",
  S: "second-hand",
  R: "recalled, not verified",
};

/**
 * Half width of the 90 % interval of a value whose source states no spread, as a share of the value.
 * Assumed: published repeats of one machine (MLC of three Cascade Lake servers: 80.8, 81.2, 81.5 ns;
 * 199.9 to 203.7 GB/s) differ by 2 %, modes of one tool on one part by 7 to 20 ns of 81.
 */
export const SPREAD_BY_LEVEL: Readonly<Record<EvidenceLevel, number>> = { V: 0.05, M: 0.1, C: 0.1, S: 0.2, R: 0.3 };

/** One number of a profile; its unit is the suffix of its key. */
export interface Quantity {
  readonly value: number;
  /** 90 % interval. Absent: `SPREAD_BY_LEVEL` around the value. */
  readonly range?: readonly [number, number];
  readonly level: EvidenceLevel;
  /** A key of `SOURCES`, or the words of whoever wrote the profile. */
  readonly source: string;
  readonly note?: string;
  /** True when it was fitted to the calibration rows that `note` names; `altmap validate` counts these. */
  readonly fitted?: boolean;
}

/** The 90 % interval of `q`: as stated, or from its evidence level. */
export function rangeOf(q: Quantity): readonly [number, number] {
  if (q.range !== undefined) return q.range;
  const spread = SPREAD_BY_LEVEL[q.level];
  return [q.value * (1 - spread), q.value * (1 + spread)];
}

/** Where profile values come from; `Quantity.source` names one of these keys. */
export const SOURCES: Readonly<Record<string, Source>> = {
  ...HOST_SOURCES,
  "fdio-hsw": {
    title: "FD.io CSIT, Calibration Data - Haswell (MLC v3.5, 2 sockets, 18 cores/socket)",
    year: 2018,
    url: "https://github.com/FDio/csit docs/report/introduction/test_environment_sut_calib_hsw.rst @0fc7d0b8",
  },
  "fdio-skx": {
    title: "FD.io CSIT, Calibration Data - Skylake (MLC v3.5, 2 sockets, 28 cores/socket)",
    year: 2018,
    url: "https://github.com/FDio/csit docs/report/introduction/test_environment_sut_calib_skx.rst",
  },
  "fdio-clx": {
    title: "FD.io CSIT, Calibration Data - Cascade Lake (MLC v3.7, 2 sockets, 24 cores/socket)",
    year: 2020,
    url: "https://github.com/FDio/csit docs/report/introduction/test_environment_sut_calib_clx.rst @0d0c903a",
  },
  "fdio-spr-hw": {
    title: "FD.io CSIT Sapphire Rapids hardware page (Xeon 8462Y+, lscpu and dmidecode)",
    year: 2023,
    url: "https://github.com/FDio/csit docs/lab/testbeds_sm_spr_hw_bios_cfg.md",
  },
  gjbex: {
    title: "gjbex/Code-optimization info/{skylake,cascadelake,icelake,sapphirerapids}_mlc.txt (MLC v3.10/3.11a output)",
    year: 2023,
    url: "https://github.com/gjbex/Code-optimization",
  },
  nvsl: {
    title:
      "Yang et al., An Empirical Guide to the Behavior and Use of Scalable Persistent Memory, FAST'20, raw data (Xeon 8260 ES 2.2 GHz, 6 x DDR4-2666 + 6 x 256 GB Optane per socket)",
    year: 2020,
    url: "https://github.com/NVSL/OptaneStudy",
  },
  intel350: {
    title: "Intel architecture day via PC Perspective: Optane DIMM idle read latency",
    year: 2018,
    url: "https://www.pcper.com/news/Storage/Intels-Optane-DC-Persistent-Memory-DIMMs-Push-Latency-Closer-DRAM",
  },
  "mxp-genoa": { title: "Public measurement note: EPYC 9224 2S NPS2 with a Samsung MXP CXL expander, MLC (undated)" },
  "cachelib-ocp": {
    title: "intel/CacheLib wiki, OCP demo configuration (Xeon 8470, E3.S x8 CXL 2.0 96 GB, vendor not named)",
    year: 2023,
    url: "https://github.com/intel/CacheLib/wiki/OCP-demo-configuration",
  },
  "cxlmemsim-mlc": {
    title: "SlugLab/CXLMemSim artifact/mlc-sapphirerapids.txt (MLC v3.10, partly edited by hand)",
    year: 2023,
    url: "https://github.com/SlugLab/CXLMemSim",
  },
  "anand-cmmb": {
    title: "AnandTech 21333, Samsung CMM-B (vendor figures)",
    year: 2024,
    url: "https://www.anandtech.com/show/21333",
  },
  deeprec: { title: "DeepRec PMEM documentation quoting Intel's figures for a 128 GB module", year: 2022 },
  lisa: {
    title: "Microsoft LISA CXL performance test, sample MLC v3.11 output (platform not named)",
    year: 2024,
    url: "https://github.com/microsoft/lisa",
  },
  mess: {
    title: "Esmaili-Dokht et al., A Mess of Memory System Benchmarking, MICRO'24, curve files",
    year: 2024,
    url: "https://github.com/bsc-mem/Mess-simulator",
  },
  "intel-e7": {
    title:
      "Intel blog, Memory Latencies on Xeon E5-4600 and E7-4800 (MLC matrix of an E7-4800 of one generation earlier)",
    year: 2014,
    url: "https://software.intel.com/en-us/blogs/2014/01/28/memory-latencies-on-intel-xeon-processor-e5-4600-and-e7-4800-product-families",
  },
  "anand-rome": {
    title: "AnandTech 14694, Rome review, latency table (EPYC 7742, Xeon 8280)",
    year: 2019,
    url: "https://www.anandtech.com/show/14694/7",
  },
  "cnc-genoax": {
    title: "Chips and Cheese, Genoa-X",
    year: 2023,
    url: "https://chipsandcheese.com/2023/07/17/genoa-x-server-v-cache-round-2/",
  },
  "cnc-xeon6": {
    title: "Chips and Cheese, A Look into Intel Xeon 6's Memory Subsystem (opening and summary)",
    year: 2025,
    url: "https://chipsandcheese.com/p/a-look-into-intel-xeon-6s-memory",
  },
  "gnr-press": { title: "Press copies of the Xeon 6900P launch article: up to 504 MB of L3", year: 2024 },
  "spr-press": { title: "Press on Sapphire Rapids L2, naming 1.25 MB for Ice Lake-SP", year: 2021 },
  "oci-shapes": {
    title: "Oracle Cloud compute shapes: base and maximum turbo clocks of Xeon 8167M, 8358, EPYC 7551",
    url: "https://docs.oracle.com/en-us/iaas/Content/Compute/References/computeshapes.htm",
  },
  "zen3-vm": {
    title: "Measured on a 2-vCPU VM of an EPYC of family 25, model 1 (Zen 3; KVM, Linux 6.18): a C loop",
    year: 2026,
  },
  "zen4-vm": { title: "Measured on a 2-vCPU Zen 4 VM (KVM, Linux 6.18): multichase, multiload, a C loop", year: 2026 },
  "memmap-rows": { title: "Fitted to the calibration rows of `altmap validate`" },
  lkp: {
    title:
      "Kernel test robot reports on LKML: /proc/vmstat of builds, unixbench and Redis over elapsed time, 16 to 128 CPUs",
    year: 2023,
  },
  "mmtests-mails": {
    title:
      "mmtests tables in patch mails of K Raghavendra and B Rao: kernbench, NAS and autonumabench on 256 and 512 CPUs",
    year: 2023,
  },
  "sar-notes": { title: "sar -B and /proc/vmstat of servers, in public issues and notes of their operators" },
  stated: { title: "Stated by the scenario" },
  recall: { title: "General knowledge, not read" },
  assumed: { title: "Assumed by altmap; the range says how far it may be off" },
};
