import * as L from "../../../assembly/layout/allocatorEvents.ts";
import type { EventFields } from "./eventFields.ts";

/** 1 MiB of events. */
const EVENT_BATCH_EVENTS = 32_768;

/** Fills one buffer of event records again and again. */
export class EventBatch {
  readonly #bytes: Uint8Array;
  readonly #halves: Uint16Array;
  readonly #words: Uint32Array;
  length = 0;

  constructor(events = EVENT_BATCH_EVENTS) {
    const buffer = new ArrayBuffer(events * L.EVENT_BYTES);
    this.#bytes = new Uint8Array(buffer);
    this.#halves = new Uint16Array(buffer);
    this.#words = new Uint32Array(buffer);
  }

  get isFull(): boolean {
    return this.length * L.EVENT_BYTES === this.#bytes.length;
  }

  /** Fields wider than the record are stored as its maximum; `cpu` and `pid` below 0 are unknown. */
  add(op: number, timeNs: number, cpu: number, pid: number, flags: number, fields: EventFields): void {
    const at = this.length++ * L.EVENT_BYTES;
    const words = this.#words;
    const word = at >> 2;
    words[word + (L.EVENT_TIME_NS >> 2)] = timeNs;
    words[word + (L.EVENT_TIME_NS >> 2) + 1] = timeNs / 2 ** 32;
    words[word + (L.EVENT_PFN >> 2)] = fields.pfn;
    this.#halves[(at + L.EVENT_PFN_HIGH) >> 1] = fields.pfn / 2 ** 32;
    this.#halves[(at + L.EVENT_CPU) >> 1] = cpu < 0 ? L.EVENT_CPU_UNKNOWN : Math.min(cpu, L.EVENT_CPU_UNKNOWN);
    words[word + (L.EVENT_PID >> 2)] = pid < 0 ? L.EVENT_PID_UNKNOWN : Math.min(pid, L.EVENT_PID_UNKNOWN);
    words[word + (L.EVENT_ARG >> 2)] = Math.min(fields.arg, 0xffffffff);
    words[word + (L.EVENT_COUNT >> 2)] = Math.min(fields.count, 0xffffffff);
    this.#bytes[at + L.EVENT_OP] = op;
    this.#bytes[at + L.EVENT_ORDER] = Math.min(fields.order, 0xff);
    this.#bytes[at + L.EVENT_MIGRATETYPE] = Math.min(fields.migratetype, 0xff);
    this.#bytes[at + L.EVENT_FLAGS] = flags;
  }

  /** The records so far, valid until the next `add`; the batch starts again. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.length * L.EVENT_BYTES);
    this.length = 0;
    return taken;
  }
}
