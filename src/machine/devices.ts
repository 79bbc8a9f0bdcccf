import type { DeviceProfile } from "./profiles.ts";
import { exact, q, recalled } from "./quantity.ts";

// Values are published measurements; `npm exec altmap profiles show ID` prints each with its source.
// Bandwidths are of one socket (or the node named); two-socket figures of MLC are halved and marked C.

const LINE_64 = exact(64, "nvsl");

const dram: readonly DeviceProfile[] = [
  {
    id: "dram-ddr4-2133-hsw",
    description: "local DDR4-2133, 4 channels, Haswell-EP",
    medium: "local-dram",
    idleReadNs: q(97.5, "V", "fdio-hsw", { range: [96.7, 102] }),
    readGBps: q(57.9, "V", "fdio-hsw"),
    mixedGBps: q(44.1, "C", "fdio-hsw", { note: "1:1 reads:writes, half of 88.1 over two sockets" }),
    mediaLineBytes: LINE_64,
    loadedCurve: {
      scope: "two sockets, reads, each to its own memory",
      level: "V",
      source: "fdio-hsw",
      points: [
        { GBps: 1.66, ns: 98.2 },
        { GBps: 8.6, ns: 98.99 },
        { GBps: 19.95, ns: 100.9 },
        { GBps: 37.5, ns: 104.8 },
        { GBps: 58.6, ns: 111.4 },
        { GBps: 81.0, ns: 122.3 },
        { GBps: 109.2, ns: 205.8 },
        { GBps: 114.5, ns: 246.5 },
        { GBps: 115.5, ns: 293.4 },
      ],
    },
  },
  {
    id: "dram-ddr4-2400-bdx",
    description: "local DDR4-2400, 4 channels, Broadwell-EP; scaled from Haswell-EP by channel rate",
    medium: "local-dram",
    idleReadNs: q(92, "R", "recall", { range: [75, 102], note: "no measurement found for this part" }),
    readGBps: q(65.2, "C", "fdio-hsw", { note: "57.9 x 2400/2133" }),
    mixedGBps: q(49.6, "C", "fdio-hsw", { note: "44.1 x 2400/2133" }),
    mediaLineBytes: LINE_64,
  },
  {
    id: "dram-ddr4-2666-zen1",
    description: "local DDR4-2666 of EPYC 7551: two of four dies, 2 channels each",
    medium: "local-dram",
    idleReadNs: recalled(110, [85, 150], "90 on the same die, about 145 on another die of the socket"),
    readGBps: recalled(76, [38, 140], "38 a die; a guest larger than one die's 64 GB spans two or more"),
    mixedGBps: recalled(60, [30, 115], "as for reads"),
    mediaLineBytes: LINE_64,
  },
  {
    id: "dram-ddr4-2666-skx",
    description: "local DDR4-2666, 6 channels, Skylake-SP",
    medium: "local-dram",
    idleReadNs: q(81.4, "V", "fdio-skx", {
      range: [79, 92],
      note: "MLC with prefetch off; random mode reads 7 to 10 more",
    }),
    readGBps: q(107.9, "V", "fdio-skx"),
    mixedGBps: q(75, "C", "fdio-skx", { note: "1:1 reads:writes, half of 149.9 over two sockets" }),
    mediaLineBytes: LINE_64,
    loadedCurve: {
      scope: "two sockets, reads, each to its own memory",
      level: "V",
      source: "fdio-skx",
      points: [
        { GBps: 2.54, ns: 81.4 },
        { GBps: 10.72, ns: 89.0 },
        { GBps: 27.4, ns: 90.11 },
        { GBps: 49.74, ns: 92.27 },
        { GBps: 85.02, ns: 95.48 },
        { GBps: 111.59, ns: 101.21 },
        { GBps: 160.24, ns: 121.92 },
        { GBps: 215.08, ns: 227.05 },
        { GBps: 216.64, ns: 275.25 },
      ],
    },
  },
  {
    id: "dram-ddr4-2933-clx",
    description: "local DDR4-2933, 6 channels, Cascade Lake",
    medium: "local-dram",
    idleReadNs: q(81.2, "V", "fdio-clx", { range: [79, 92] }),
    readGBps: q(122.1, "V", "fdio-clx"),
    mixedGBps: q(101.9, "C", "fdio-clx", { note: "1:1 reads:writes, half of 203.7 over two sockets" }),
    mediaLineBytes: LINE_64,
    loadedCurve: {
      scope: "two sockets, reads, each to its own memory",
      level: "V",
      source: "fdio-clx",
      points: [
        { GBps: 2.18, ns: 80.19 },
        { GBps: 16.97, ns: 82.27 },
        { GBps: 39.8, ns: 88.77 },
        { GBps: 68.5, ns: 95.71 },
        { GBps: 133.84, ns: 100.63 },
        { GBps: 236.74, ns: 161.65 },
        { GBps: 244.29, ns: 225.82 },
      ],
    },
  },
  {
    id: "dram-ddr4-2666-clx-nvsl",
    description: "local DDR4-2666, 6 channels, Cascade Lake 8260: the DRAM beside the Optane study",
    medium: "local-dram",
    idleReadNs: q(101.5, "V", "nvsl", { range: [81.4, 115], note: "random; 81.4 sequential; sd 27.6 of single loads" }),
    sequentialReadNs: q(81.4, "V", "nvsl"),
    readGBps: q(105.5, "V", "nvsl"),
    writeGBps: q(76.8, "V", "nvsl", { note: "non-temporal, 24 threads" }),
    writeAcceptedNs: q(86.9, "V", "nvsl", { range: [75.7, 98.1], note: "non-temporal store and fence, sd 6.8" }),
    flushNs: q(57.3, "V", "nvsl", { range: [51.2, 63.4], note: "store, clwb and fence, sd 3.7" }),
    mixedGBps: q(100.2, "V", "nvsl", { note: "24 threads of plain stores: 50.1 GB/s stored, as much read" }),
    mediaLineBytes: LINE_64,
  },
  {
    id: "dram-ddr4-3200-icx",
    description: "local DDR4-3200, 8 channels, Ice Lake-SP",
    medium: "local-dram",
    idleReadNs: q(88.9, "V", "gjbex"),
    readGBps: q(176.2, "V", "gjbex"),
    mixedGBps: q(146.7, "C", "gjbex", { note: "1:1 reads:writes, half of 293.3 over two sockets" }),
    mediaLineBytes: LINE_64,
    loadedCurve: {
      scope: "two sockets, reads, each to its own memory",
      level: "V",
      source: "gjbex",
      points: [
        { GBps: 2.87, ns: 90.94 },
        { GBps: 32.41, ns: 94.98 },
        { GBps: 77.79, ns: 98.29 },
        { GBps: 123.44, ns: 101.83 },
        { GBps: 173.46, ns: 109.76 },
        { GBps: 298.28, ns: 150.99 },
        { GBps: 328.49, ns: 183.1 },
        { GBps: 352.76, ns: 260.83 },
      ],
    },
  },
  {
    id: "dram-ddr4-3200-zen3",
    description: "local DDR4-3200, 8 channels, EPYC 7003",
    medium: "local-dram",
    idleReadNs: recalled(105, [95, 125]),
    readGBps: recalled(160, [130, 180]),
    mediaLineBytes: LINE_64,
  },
  {
    id: "dram-haswell-ex-8s",
    description: "DRAM of eight Haswell-EX sockets, as one of them sees all of it: an eighth of it local",
    medium: "local-dram",
    idleReadNs: q(221, "C", "intel-e7", {
      range: [170, 280],
      note: "one socket at 136, three at one hop 198, four at two hops about 260",
    }),
    readGBps: recalled(30, [20, 60], "links of one socket"),
    mediaLineBytes: LINE_64,
  },
  {
    id: "dram-ddr5-4800-spr",
    description: "local DDR5-4800, 8 channels, Sapphire Rapids (SNC4: own quarter of the socket)",
    medium: "local-dram",
    idleReadNs: q(95.4, "V", "gjbex", { range: [95.4, 123.2], note: "own SNC node to farthest of the socket" }),
    readGBps: q(246, "C", "gjbex", { note: "half of 491.9 over two sockets" }),
    mixedGBps: q(200.7, "C", "gjbex", { note: "1:1 reads:writes, half of 401.3 over two sockets" }),
    mediaLineBytes: LINE_64,
  },
  {
    id: "dram-ddr5-genoa-9224",
    description: "local DDR5-4800, EPYC 9224, one NPS2 node",
    medium: "local-dram",
    idleReadNs: q(107.5, "V", "mxp-genoa", { range: [105, 117.1] }),
    readGBps: q(101.3, "V", "mxp-genoa"),
    mediaLineBytes: LINE_64,
  },
];

const remote: readonly DeviceProfile[] = [
  {
    id: "numa1-ddr4-2666-skx",
    description: "DRAM one UPI hop away, Skylake-SP",
    medium: "remote-numa",
    idleReadNs: q(131.1, "V", "fdio-skx"),
    readGBps: q(51, "V", "fdio-skx"),
    mediaLineBytes: LINE_64,
  },
  {
    id: "numa1-ddr4-3200-icx",
    description: "DRAM one UPI hop away, Ice Lake-SP",
    medium: "remote-numa",
    idleReadNs: q(143.2, "V", "gjbex"),
    readGBps: q(55.7, "V", "gjbex"),
    mediaLineBytes: LINE_64,
  },
  {
    id: "numa1-ddr5-4800-spr",
    description: "DDR5 one UPI hop away, Sapphire Rapids",
    medium: "remote-numa",
    idleReadNs: q(188.2, "V", "gjbex"),
    readGBps: q(56.4, "V", "gjbex", { note: "from one SNC node" }),
    mediaLineBytes: LINE_64,
  },
  {
    id: "numa1-ddr5-genoa-9224",
    description: "DDR5 one xGMI hop away, EPYC 9224",
    medium: "remote-numa",
    idleReadNs: q(200.7, "V", "mxp-genoa"),
    readGBps: q(76.9, "V", "mxp-genoa"),
    mediaLineBytes: LINE_64,
  },
];

const cxl: readonly DeviceProfile[] = [
  {
    id: "cxl-e3s-96g-spr",
    description: "CXL 2.0 x8 expander, E3.S 96 GB (vendor not named), beside a Xeon 8470",
    medium: "cxl",
    idleReadNs: q(250, "V", "cachelib-ocp"),
    readGBps: q(17.8, "V", "cachelib-ocp"),
    mixedGBps: q(27.2, "V", "cachelib-ocp", { note: "1:1; links are full duplex" }),
    mediaLineBytes: LINE_64,
    measuredFrom: "sapphire-rapids",
  },
  {
    id: "cxl-samsung-mxp-genoa",
    description: "Samsung MXP 128 GB CXL x8 expander beside an EPYC 9224",
    medium: "cxl",
    idleReadNs: q(279.4, "V", "mxp-genoa"),
    readGBps: q(17.6, "V", "mxp-genoa"),
    mixedGBps: q(21, "V", "mxp-genoa", { note: "random 1:1" }),
    mediaLineBytes: LINE_64,
    measuredFrom: "zen4",
  },
  {
    id: "cxl-samsung-mxp-genoa-remote",
    description: "Samsung MXP 128 GB CXL x8 expander, from the other socket of an EPYC 9224 server",
    medium: "cxl",
    idleReadNs: q(363.8, "V", "mxp-genoa"),
    readGBps: q(17.6, "S", "mxp-genoa", { note: "measured from the near socket; a far one cannot be faster" }),
    mixedGBps: q(21, "S", "mxp-genoa", { note: "as for reads" }),
    mediaLineBytes: LINE_64,
    measuredFrom: "zen4",
  },
  {
    id: "cxl-lisa-sample",
    description: "CXL node of an unnamed two-socket server",
    medium: "cxl",
    idleReadNs: q(265.7, "V", "lisa"),
    readGBps: q(31.3, "V", "lisa"),
    mediaLineBytes: LINE_64,
  },
];

const pmem: readonly DeviceProfile[] = [
  {
    id: "optane100-6x-interleaved",
    description: "6 x 256 GB Optane 100, App Direct, interleaved",
    medium: "pmem",
    idleReadNs: q(305, "V", "nvsl", { range: [277, 350], note: "random, sd 27.9; Intel says 350" }),
    sequentialReadNs: q(169.4, "V", "nvsl", { range: [140, 200] }),
    readGBps: q(38.8, "V", "nvsl"),
    writeGBps: q(13.5, "V", "nvsl", { note: "non-temporal, 4 threads" }),
    writeAcceptedNs: q(90.4, "V", "nvsl", { range: [76.9, 103.9], note: "non-temporal store and fence, sd 8.2" }),
    flushNs: q(62.3, "V", "nvsl", { range: [53.3, 71.3], note: "store, clwb and fence, sd 5.5" }),
    mediaLineBytes: exact(256, "nvsl"),
    writeBufferBytes: q(6 * 16384, "V", "nvsl", { note: "16 KiB a module" }),
    uncombinedWriteShare: q(1, "C", "nvsl", {
      range: [0.6, 1],
      note: "evictions leave in no order: 24 threads of plain stores reach 4.3 of 13.5 GB/s",
    }),
    nrWriteStreams: q(17.6, "C", "memmap-rows", {
      fitted: true,
      range: [12, 24],
      note: "bandwidth rows of 8 to 24 writers",
    }),
    measuredFrom: "cascade-lake",
  },
  {
    id: "optane100-1x",
    description: "one 256 GB Optane 100 module, not interleaved",
    medium: "pmem",
    idleReadNs: q(305, "V", "nvsl", { range: [277, 350] }),
    sequentialReadNs: q(169.4, "V", "nvsl", { range: [140, 200] }),
    readGBps: q(6.6, "V", "nvsl"),
    writeGBps: q(2.24, "V", "nvsl", { note: "non-temporal" }),
    writeAcceptedNs: q(90.4, "V", "nvsl", { range: [76.9, 103.9], note: "non-temporal store and fence, sd 8.2" }),
    flushNs: q(62.3, "V", "nvsl", { range: [53.3, 71.3], note: "store, clwb and fence, sd 5.5" }),
    mediaLineBytes: exact(256, "nvsl"),
    writeBufferBytes: q(16384, "V", "nvsl", { note: "write amplification 1.04 to 18 KiB, 1.82 at 32 KiB" }),
    uncombinedWriteShare: q(1, "C", "nvsl", {
      range: [0.85, 1],
      note: "scattered 64-byte writes: 0.55 to 0.67 of 2.24 GB/s; plain stores in order: 0.59 to 0.93",
    }),
    nrWriteStreams: q(6.83, "C", "memmap-rows", {
      fitted: true,
      range: [5, 10],
      note: "bandwidth rows of 8 and 24 writers",
    }),
    measuredFrom: "cascade-lake",
  },
  {
    id: "nvdimm-n",
    description: "NVDIMM-N: DRAM with flash backup; its run-time path is taken to be that of DDR4-2666",
    medium: "nvdimm-n",
    idleReadNs: recalled(81.4, undefined, "no separate measurement found; copied from dram-ddr4-2666-skx"),
    readGBps: recalled(17, undefined, "one DDR4-2666 channel"),
    mixedGBps: recalled(14, undefined, "as for reads"),
    mediaLineBytes: LINE_64,
  },
];

/** Every built-in device. */
export const devices: readonly DeviceProfile[] = [...dram, ...remote, ...cxl, ...pmem];

/** Devices that `altmap answer` prices when none is named: all have measured idle latencies. */
export const defaultDevices: readonly DeviceProfile[] = [
  "dram-ddr5-4800-spr",
  "numa1-ddr5-4800-spr",
  "cxl-e3s-96g-spr",
  "cxl-samsung-mxp-genoa",
  "cxl-samsung-mxp-genoa-remote",
  "optane100-6x-interleaved",
  "optane100-1x",
].map((id) => deviceById(id));

/** @error RangeError when no built-in device has this id (user input goes through `findDevice`) */
export function deviceById(id: string): DeviceProfile {
  const device = devices.find((candidate) => candidate.id === id);
  if (device === undefined) throw new RangeError(`no built-in device ${id}`);
  return device;
}
