import type { FieldCase } from "./fieldCase.ts";
import { imported, LOAD, MLC, refused, SYSFS } from "./profileCase.ts";
import { facts, layouts, names, repeated } from "./profileFormCases.ts";

const idle: readonly FieldCase[] = [
  imported(
    "A",
    "the good companions import",
    [MLC, "00-good-numactl.txt"],
    ["value: 251.3 ns", "16 GiB, SLIT distance 14"],
  ),
  imported("A", "01 ram_size 0", [MLC, "01-memdev-ram-size-0.json"], ["mem0 256 MiB (persistent)"]),
  {
    ...imported("A", "02 a region of size 0x0", SYSFS, [
      "value: 256 ns",
      "value: 30 GB/s",
      "region1 (CXL region without size: not set up)",
    ]),
    tree: "02-sysfs-region-size-0.txt",
  },
  imported(
    "A",
    "disabled memdev, region and decoder of size 0",
    [MLC, "a-cxl-idle-decoders.json"],
    [
      "mem1 (no size given, or 0, disabled)",
      "region1 (interleaved over 0, no size: not set up, disabled)",
      "value: 32 GiB",
    ],
  ),
  imported(
    "A",
    "a dax seed of size 0",
    [MLC, "a-daxctl-empty-seed.json"],
    ["dax0.1 (devdax, size 0: no memory given to it, disabled)", "value: 16 GiB", "value: 2 GiB"],
  ),
  imported(
    "A",
    "an idle raw namespace",
    [MLC, "a-ndctl-idle-namespace.json"],
    ["namespace1.0 (mode raw, size 0: idle, disabled)", "ndctl list prints no latency", "dax1.0"],
  ),
  imported(
    "A",
    "cxl list finds nothing",
    [MLC, "a-cxl-nothing.json"],
    ["no memory device, region or dax device in it", "value: 251.3 ns"],
  ),
  imported(
    "A",
    "a node without memory and no distances",
    [MLC, "a-numactl-node-without-memory.txt"],
    ["node 1 from node 0, 0 B"],
    ["capacity:"],
  ),
  {
    ...imported(
      "A",
      "a node whose table is 0 does not stop the others",
      SYSFS,
      [
        "id: node1",
        "value: 240 ns",
        "read_latency is 0: the firmware does not say, unknown",
        "node 2: no read latency in any file: left out",
        "value: 64 GiB",
        "value: 2 GiB",
        "memmap_on_memory 1",
      ],
      ["id: node2"],
    ),
    tree: "a-sysfs-silent-node.txt",
  },
  imported(
    "A",
    "MLC prints - or 0.0 for a node without memory",
    ["a-mlc-node-without-memory.txt"],
    ["id: node1", "0.0: no memory there"],
  ),
];

const impossible: readonly FieldCase[] = [
  imported(
    "B",
    "03 L1, then DRAM",
    ["03-mlc-idle-latency-l1-then-dram.txt", LOAD],
    ["value: 95.5 ns", "the largest buffer, 1.91 GiB", "not 2.7 ns with 31.7 KiB (line 6)"],
    ["value: 2.7 ns"],
  ),
  {
    ...refused("B", "04 an emulator's HMAT", SYSFS, [
      "10 ns is below the host's caches",
      "values that an emulator made up?",
    ]),
    tree: "04-sysfs-hmat-of-qemu.txt",
  },
  refused(
    "B",
    "MLC, one run in the LLC",
    ["b-mlc-idle-l3-only.txt", LOAD],
    ["24.8 ns is below the host's caches", "a run that stayed in the caches?"],
  ),
  refused(
    "B",
    "MLC, runs of two nodes",
    ["b-mlc-idle-two-nodes.txt", LOAD],
    ["98.1 ns with 1.91 GiB (line 5) to 255.3 ns", "which is this memory's?"],
  ),
  refused("B", "MLC matrix of cache latencies", ["b-mlc-matrix-in-cache.txt"], ["12.4 ns is below the host's caches"]),
  refused(
    "B",
    "MLC bandwidth below one load at a time",
    ["b-mlc-bandwidth-of-emulator.txt"],
    ["0.1 GB/s is less than one load at a time moves", "no file gives the read bandwidth"],
  ),
  imported(
    "B",
    "multichase at three sizes",
    ["b-multichase-sizes.txt", LOAD],
    ["value: 118.4 ns", "the largest buffer, 1 GiB"],
  ),
  refused("B", "multichase in L1", ["b-multichase-l1.txt", LOAD], ["1.412 ns is below the host's caches"]),
  refused(
    "B",
    "lat_mem_rd that ends in the LLC",
    ["b-lat-mem-rd-llc.txt", LOAD],
    ["16.4 ns is below the host's caches"],
  ),
  imported(
    "B",
    "lat_mem_rd whose last size fits caches",
    ["b-lat-mem-rd-small.txt", LOAD],
    ["value: 61.7 ns", "may be a cache's latency"],
  ),
  imported(
    "B",
    "lat_mem_rd at two strides: the wider one",
    ["b-lat-mem-rd-several.txt", LOAD],
    ["value: 101.7 ns"],
    ["value: 34.5 ns"],
  ),
  imported(
    "B",
    "multiload chase in L2 and in memory",
    ["b-multiload-chase-in-l2.txt"],
    ["value: 121.5 ns", "not 4.112 ns with 256 KiB"],
  ),
];

/** What `altmap profiles import` makes of other people's files. */
export const profileCases: readonly FieldCase[] = [...idle, ...impossible, ...layouts, ...repeated, ...facts, ...names];
