import { describe, expect, it } from "vitest";
import * as L from "../../assembly/layout/allocatorEvents.ts";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { MAX_HOT_EVENTS, readHotEvents } from "../../src/count/follow/engineEvents.ts";
import { type PredictedTraffic, predictTraffic } from "../../src/count/follow/predictTraffic.ts";
import { FILL_ZERO } from "../../src/recording/allocatorEventColumns.ts";
import { TraceText } from "../../src/recording/import/traceText.ts";
import { openRecording } from "../../src/recording/recording.ts";

const BASE = 1_048_576;
/** __GFP_MOVABLE and __GFP_ZERO: an anonymous fault. */
const GFP_FAULT = (1 << 3) | (1 << 8);

/** The same batch of allocations again and again, as a long trace would hand them out. */
async function* batchesOf(events: number, perBatch: number): AsyncGenerator<Uint8Array> {
  const batch = new Uint8Array(perBatch * L.EVENT_BYTES);
  const view = new DataView(batch.buffer);
  for (let i = 0; i < perBatch; i++) {
    const at = i * L.EVENT_BYTES;
    view.setUint8(at + L.EVENT_OP, L.EVENT_ALLOC);
    view.setUint32(at + L.EVENT_PFN, BASE + i, true);
    view.setUint32(at + L.EVENT_ARG, GFP_FAULT, true);
  }
  for (let left = events; left > 0; left -= perBatch) yield batch.subarray(0, Math.min(left, perBatch) * L.EVENT_BYTES);
}

const read = (events: number, maxEvents?: number) =>
  readHotEvents({ batches: batchesOf(events, 1000), report: undefined }, BASE + 1, BASE + 1000, maxEvents);

describe("events of hot-added pages", () => {
  it("are kept in columns, whatever their number", async () => {
    const events = await read(200_000);
    expect(events.length).toBe(200 * 999);
    for (const at of [0, 65_535, 65_536, 131_072, events.length - 1]) {
      expect([events.kind[at], events.pfn[at], events.order[at], events.fill[at]]).toEqual([
        0,
        BASE + 1 + (at % 999),
        0,
        FILL_ZERO,
      ]);
    }
  });

  it("take some ten bytes each, and none of the heap", async () => {
    const before = process.memoryUsage();
    const events = await read(4_000_000);
    const after = process.memoryUsage();
    expect(events.length).toBe(4000 * 999);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(90e6);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(30e6);
  });

  it("are refused beyond the bound, and read at it", async () => {
    await expect(read(10_000, 9990)).resolves.toMatchObject({ length: 9990 });
    await expect(read(10_000, 9989)).rejects.toThrow(/more than 9989 allocator events.*\n {2}expected: a part/);
    expect(MAX_HOT_EVENTS).toBe(134_217_728);
  });
});

describe("the engine follows", () => {
  const follow = async (text: string): Promise<PredictedTraffic> => {
    const recording = await openRecording("wl_churn_3g_20k");
    async function* batches(): AsyncGenerator<Uint8Array> {
      const trace = new TraceText("text", { batchEvents: 2 ** 17 });
      trace.read(Buffer.from(text, "latin1"), 0);
      yield trace.take();
    }
    return predictTraffic(
      { ...recording, operations: undefined, events: () => ({ batches: batches(), report: undefined }) },
      false,
    );
  };

  it("a free of more than one page before one of a single page", async () => {
    const predicted = await follow(`1 F ${BASE + 2} 1\n2 F ${BASE + 4} 0\n`);
    expect(predicted.nrEvents).toBe(2);
    expect(predicted.touches).toBeGreaterThan(0);
  });

  it("many frees in a row, each once", async () => {
    const pairs = Array.from({ length: 50_000 }, (_, i) => `${i} F ${BASE + 2 * i} 1\n`);
    const pages = Array.from(
      { length: 50_000 },
      (_, i) =>
        `x-1 [0] 1.0: mm_page_free: pfn=${BASE + 2 * i} order=0\nx-1 [0] 1.0: mm_page_pcpu_drain: pfn=${BASE + 2 * i} order=0\n`,
    );
    await expect(follow(pairs.join(""))).resolves.toMatchObject({ nrEvents: 50_000 });
    await expect(follow(pages.join(""))).resolves.toMatchObject({ nrEvents: 100_000 });
  }, 5000);

  it("the same whether or not the touches are kept", async () => {
    const recording = await openRecording("wl_fork_cow_20x16m");
    const [kept, counted] = [await predictTraffic(recording), await predictTraffic(recording, false)];
    expect(kept.stream.reduce((sum, piece) => sum + piece.length, 0)).toBe(kept.touches * TOUCH_BYTES);
    expect(counted).toEqual({ ...kept, stream: [] });
  });
});
