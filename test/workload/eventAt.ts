import * as L from "../../assembly/layout/allocatorEvents.ts";

/** One record; the meaning of arg and count by op is told in assembly/layout/allocatorEvents.ts. */
export interface TraceEvent {
  readonly op: number;
  readonly timeNs: number;
  readonly pfn: number;
  readonly cpu: number;
  readonly pid: number;
  readonly arg: number;
  readonly order: number;
  readonly migratetype: number;
  readonly flags: number;
  readonly count: number;
}

/** Reads record `index` of a batch: for tests and reports; kernels read the bytes themselves. */
export function eventAt(batch: Uint8Array, index: number): TraceEvent {
  const view = new DataView(batch.buffer, batch.byteOffset + index * L.EVENT_BYTES, L.EVENT_BYTES);
  return {
    op: view.getUint8(L.EVENT_OP),
    timeNs: Number(view.getBigUint64(L.EVENT_TIME_NS, true)),
    pfn: view.getUint16(L.EVENT_PFN_HIGH, true) * 2 ** 32 + view.getUint32(L.EVENT_PFN, true),
    cpu: view.getUint16(L.EVENT_CPU, true),
    pid: view.getUint32(L.EVENT_PID, true),
    arg: view.getUint32(L.EVENT_ARG, true),
    order: view.getUint8(L.EVENT_ORDER),
    migratetype: view.getUint8(L.EVENT_MIGRATETYPE),
    flags: view.getUint8(L.EVENT_FLAGS),
    count: view.getUint32(L.EVENT_COUNT, true),
  };
}
