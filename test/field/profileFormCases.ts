import type { FieldCase } from "./fieldCase.ts";
import { answered, imported, LOAD, MLC, refused } from "./profileCase.ts";

export const layouts: readonly FieldCase[] = [
  imported("F", "08 numactl --cpu-compress", [MLC, "08-numactl-cpu-compress.txt"], ["16 GiB, SLIT distance 14"]),
  imported(
    "F",
    "numactl with ranges, a node not available, a prompt below",
    [MLC, "f-numactl-ranges.txt"],
    ["16 GiB, SLIT distance 14"],
  ),
  imported(
    "F",
    "10 MLC loaded table without its rule",
    ["10-mlc-loaded-without-rule.txt", MLC],
    ["the rule of = above line 6 is lost", "19 loaded points, 280 ns at 48000 MB/s to 100 ns at 357.3 MB/s"],
  ),
  imported(
    "F",
    "10 of node 0, whose table it is",
    ["10-mlc-loaded-without-rule.txt", MLC, "--node", "0"],
    ["latency: 280 ns", "bandwidth: 48 GB/s", "latency: 100 ns"],
  ),
  imported(
    "F",
    "MLC 3.1a: Socket and Memory node",
    ["f-mlc-socket-header.txt"],
    ["value: 243.6 ns", "value: 16.2005 GB/s"],
  ),
  imported(
    "F",
    "MLC loaded table without its title, of the far node",
    ["f-mlc-loaded-no-title.txt", MLC],
    ["3 loaded points", "taken as the loaded curve of node 1"],
  ),
  imported("F", "MLC quoted in a mail", ["f-mlc-quoted-mail.txt"], ["value: 251.3 ns", "value: 17.8047 GB/s"]),
  imported(
    "F",
    "lmbench results file: random before strided",
    ["f-lmbench-results.txt"],
    ["value: 108.2 ns", "random, stride 16", "value: 14.1003 GB/s", "one process"],
    ["value: 24.6 ns"],
  ),
  imported(
    "F",
    "lmbench summary (make see)",
    ["f-lmbench-summary.txt"],
    ["value: 118.1 ns", "random main memory", "value: 9.304 GB/s", "one process"],
    ["value: 24.1 ns"],
  ),
  imported("F", "multichase -v -y -a", ["f-multichase-flags.txt", LOAD], ["value: 105.7 ns"]),
  refused("F", "two columns without a name", ["f-two-columns.txt"], ["two columns of numbers", "loadedCurve"]),
];

export const repeated: readonly FieldCase[] = [
  refused(
    "G",
    "09 multiload alone: no idle latency, the loaded points named",
    ["09-multiload-two-runs.txt"],
    ["171.857 ns at 10486 MiB/s", "191.857 ns at 20486 MiB/s", "no file gives the read latency"],
  ),
  imported(
    "G",
    "09 header repeated",
    [MLC, "09-multiload-two-runs.txt"],
    ["171.857 ns at 10486 MiB/s", "191.857 ns at 20486 MiB/s", "2 loaded points"],
  ),
  imported("G", "multiload, one header and two runs", [MLC, "g-multiload-header-once.txt"], ["2 loaded points"]),
  imported(
    "G",
    "MLC twice: medians and peaks",
    ["g-mlc-twice.txt"],
    ["value: 251.3 ns", "the median of 2 runs of 251.3 to 254.9 ns", "value: 17.9112 GB/s"],
  ),
  imported(
    "G",
    "numactl before and after the hotplug",
    [MLC, "g-numactl-before-after.txt"],
    ["16 GiB, SLIT distance 14", "printed more than once"],
  ),
  imported(
    "G",
    "cxl list and daxctl list in one file",
    [MLC, "g-json-two-tools.txt"],
    ["2 JSON documents", "cxl list and daxctl list print", "value: 64 GiB", "value: 2 GiB"],
  ),
  imported(
    "G",
    "three multichase runs",
    ["g-multichase-three.txt", LOAD],
    ["value: 105.8 ns", "the median of 3 runs of 105.4 to 106.1 ns"],
  ),
  imported("G", "lat_mem_rd twice", ["g-lat-mem-rd-twice.txt", LOAD], ["value: 101.7 ns", "the median of 2 runs"]),
];

export const facts: readonly FieldCase[] = [
  {
    ...answered(
      "11 capacity and block of the file",
      [MLC, "11-daxctl-64GiB.json"],
      [
        "Plugged    64 GiB each; memmap 1 GiB",
        "memory blocks of 128 MiB",
        "Taken from 64 GiB of node1-from-node0: profile node1-from-node0 (11-daxctl-64GiB.json:3",
      ],
    ),
    json: {
      "input.devices.0.capacity_bytes": 2 ** 36,
      "input.devices.0.memmap_bytes": 2 ** 30,
      "input.machine.memory_block_bytes": 2 ** 27,
    },
  },
  answered(
    "743 blocks of 2 GiB and a rest that is lost",
    [MLC, "h-daxctl-trimmed.json"],
    ["memory blocks of 2 GiB", /Plugged\s+(1486 GiB|1\.45 TiB) each/],
  ),
  imported(
    "H",
    "the same with -u",
    [MLC, "h-daxctl-trimmed-u.json"],
    ["value: 1486 GiB", "value: 2 GiB", "movable true: read, not used"],
  ),
  imported("H", "lsmem with nodes", [MLC, "h-lsmem-nodes.txt"], ["value: 16 GiB", "value: 128 MiB"]),
  {
    id: "the command line wins over the profile",
    kind: "H",
    before: [["profiles", "import", MLC, "11-daxctl-64GiB.json", "--medium", "cxl", "-o", "{tmp}/mine.yaml"]],
    run: [
      ...["answer", "--profiles", "{tmp}/mine.yaml", "--device", "node1-from-node0", "--capacity", "32GiB"],
      ...["--workload", "wl_churn_3g_20k"],
    ],
    exitCode: 0,
    prints: ["Plugged    32 GiB each; memmap 512 MiB", "memory blocks of 128 MiB"],
    never: ["64 GiB of node1"],
  },
];

export const names: readonly FieldCase[] = [
  imported(
    "L",
    "15 a dax region without devices",
    [MLC, "15-daxctl-region-without-devices.json"],
    ["daxctl list: a region of 256 GiB", "devices are not created yet", "daxctl create-device"],
    ["cxl list"],
  ),
  imported(
    "L",
    "an nd region without namespaces",
    [MLC, "a-ndctl-region-without-namespace.json"],
    ["ndctl list: region0 of 126 GiB has no namespace yet", "ndctl create-namespace"],
    ["cxl list", "daxctl list:"],
  ),
  refused("L", "the kernel's log", [MLC, "l-dmesg.txt"], ["the kernel's log (dmesg)"], ["JSON"]),
  refused("L", "JSON of another tool", [MLC, "l-lsblk.json"], ['its first key is "blockdevices"']),
  {
    id: "a prefix of several ids",
    kind: "L",
    run: ["answer", "--device", "cxl-melody"],
    exitCode: 2,
    prints: ["4 begin with it", "cxl-melody-a, cxl-melody-b, cxl-melody-c, cxl-melody-d"],
    never: ["optane", "dram-"],
  },
  {
    id: "nothing like any id",
    kind: "L",
    run: ["answer", "--device", "zzzzzzzz"],
    exitCode: 2,
    prints: ["altmap profiles list"],
    never: ["optane"],
  },
];
