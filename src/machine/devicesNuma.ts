import type { DeviceProfile } from "./profiles.ts";
import { exact, q, recalled } from "./quantity.ts";

// DRAM one hop away.

const LINE_64 = exact(64, "nvsl");

export const remoteDram: readonly DeviceProfile[] = [
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
  {
    id: "numa1-ddr4-skl-mess",
    description: "DRAM of the other socket, Skylake; Mess curve of 98 % reads",
    medium: "remote-numa",
    idleReadNs: q(134.2, "V", "mess"),
    readGBps: q(35.2, "V", "mess"),
    mediaLineBytes: LINE_64,
    loadedCurve: {
      scope: "system, 98 % reads",
      level: "V",
      source: "mess",
      points: [
        { GBps: 0.2, ns: 134.2 },
        { GBps: 11.92, ns: 141 },
        { GBps: 21.44, ns: 151.8 },
        { GBps: 27.57, ns: 167.4 },
        { GBps: 29.63, ns: 175.9 },
        { GBps: 34.01, ns: 228.3 },
        { GBps: 34.85, ns: 283.7 },
        { GBps: 35.15, ns: 385 },
        { GBps: 35.19, ns: 447 },
      ],
    },
  },
  {
    id: "numa1-ddr4-2933-clx",
    description: "DRAM one UPI hop away, Cascade Lake",
    medium: "remote-numa",
    idleReadNs: q(130.2, "V", "fdio-clx"),
    readGBps: q(51.3, "V", "fdio-clx"),
    mediaLineBytes: LINE_64,
  },
  {
    id: "numa1-ddr4-2666-clx-nvsl",
    description: "DRAM one UPI hop away, Cascade Lake 8260 of the Optane study",
    medium: "remote-numa",
    idleReadNs: q(140, "R", "recall", { range: [130, 165], note: "not measured there; 130 to 140 on like servers" }),
    readGBps: q(36.5, "V", "nvsl", { note: "16 threads" }),
    writeGBps: q(30.3, "V", "nvsl", { note: "non-temporal, 16 threads" }),
    mediaLineBytes: LINE_64,
  },
  {
    id: "numa1-ddr5-emr",
    description: "DDR5 one UPI hop away, Emerald Rapids, as in a recalled table",
    medium: "remote-numa",
    idleReadNs: recalled(193),
    readGBps: recalled(120),
    mediaLineBytes: LINE_64,
  },
  {
    id: "numa1-lisa-sample",
    description: "DRAM of the other socket of an unnamed two-socket server",
    medium: "remote-numa",
    idleReadNs: q(231.2, "V", "lisa"),
    readGBps: q(60.1, "V", "lisa"),
    mediaLineBytes: LINE_64,
  },
];
