import { drawDevice, drawHost } from "../../cost/drawMachine.ts";
import type { DeviceDraw } from "../../cost/draws.ts";
import { type TransferKind, transferNsPerByte } from "../transfer.ts";
import type { CasePredictor } from "./predictor.ts";

// A device's own figures: bandwidth of one kind of transfer by threads, latency of one access.

const bandwidth = (kind: TransferKind): CasePredictor => ({
  quantities: ["GBps"],
  ofStructPages: false,
  refuses: ({ row }) => (row.threads == null ? "no thread count published" : undefined),
  predict: ({ row }, machine, random) => {
    const host = drawHost(machine.host, random);
    return 1 / transferNsPerByte(kind, row.threads ?? 1, host, drawDevice(machine.memmap, random));
  },
});

const latency = (key: keyof DeviceDraw & `${string}Ns`): CasePredictor => ({
  quantities: ["whole-ns"],
  ofStructPages: false,
  predict: (_, machine, random) => {
    drawHost(machine.host, random);
    return drawDevice(machine.memmap, random)[key];
  },
});

export const TRANSFER_OPERATIONS: Readonly<Record<TransferKind, string>> = {
  read: "stream-read",
  "non-temporal store": "stream-non-temporal",
  "store and flush": "stream-flush",
};

export const transferPredictors: Readonly<Record<string, CasePredictor>> = {
  "stream-read": bandwidth("read"),
  "stream-non-temporal": bandwidth("non-temporal store"),
  "stream-flush": bandwidth("store and flush"),
  "load-random": latency("idleReadNs"),
  "load-sequential": latency("sequentialReadNs"),
  "store-non-temporal": latency("writeAcceptedNs"),
  "store-flush": latency("flushNs"),
};
