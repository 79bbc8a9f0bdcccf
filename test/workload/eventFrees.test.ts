import { describe, expect, it } from "vitest";
import * as L from "../../assembly/layout/allocatorEvents.ts";
import { readHotEvents } from "../../src/count/follow/engineEvents.ts";
import {
  FILL_KERNEL,
  FILL_PARTS,
  FILL_PLAIN,
  FILL_SINGLE,
  FILL_SLAB,
  FILL_TABLE,
  FILL_ZERO,
  type HotEvents,
} from "../../src/recording/allocatorEventColumns.ts";
import { parseGfpFlags } from "../../src/recording/import/gfpFlags.ts";

const BASE = 1_048_576;

interface Row {
  readonly op: number;
  readonly page: number;
  readonly order?: number;
  readonly gfp?: string;
}

async function read(rows: readonly Row[]): Promise<HotEvents> {
  const batch = new Uint8Array(rows.length * L.EVENT_BYTES);
  const view = new DataView(batch.buffer);
  rows.forEach(({ op, page, order = 0, gfp = "" }, i) => {
    const at = i * L.EVENT_BYTES;
    view.setUint8(at + L.EVENT_OP, op);
    view.setUint8(at + L.EVENT_ORDER, order);
    view.setUint32(at + L.EVENT_PFN, BASE + page, true);
    view.setUint32(at + L.EVENT_ARG, parseGfpFlags(gfp), true);
  });
  async function* batches(): AsyncGenerator<Uint8Array> {
    yield batch;
  }
  return readHotEvents({ batches: batches(), report: undefined }, BASE, BASE + 1024);
}

const alloc = (page: number, gfp: string, order = 0): Row => ({ op: L.EVENT_ALLOC, page, order, gfp });
const free = (page: number, order = 0): Row => ({ op: L.EVENT_FREE, page, order });
const batched = (page: number): Row => ({ op: L.EVENT_FREE_BATCHED, page });
const fills = ({ fill, length }: HotEvents): number[] => [...fill.subarray(0, length)];

describe("what an allocation is for", () => {
  it.each([
    ["GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO", 0, FILL_ZERO],
    ["GFP_HIGHUSER_MOVABLE|__GFP_COMP", 0, FILL_PLAIN],
    ["", 0, FILL_PLAIN],
    ["GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY", 0, FILL_SLAB],
    ["__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC", 1, FILL_SLAB],
    ["GFP_NOWAIT|__GFP_NORETRY|__GFP_COMP", 0, FILL_SLAB],
    ["GFP_KERNEL_ACCOUNT|__GFP_COMP|__GFP_ZERO", 0, FILL_TABLE],
    ["GFP_KERNEL_ACCOUNT|__GFP_ZERO", 1, FILL_TABLE],
    ["GFP_KERNEL_ACCOUNT|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_ZERO", 0, FILL_KERNEL],
    ["GFP_KERNEL|__GFP_COMP", 2, FILL_KERNEL],
    ["GFP_KERNEL", 2, FILL_PARTS],
  ])("%s, order %i", async (gfp, order, want) => {
    expect(fills(await read([alloc(8, gfp, order)]))).toEqual([want]);
  });
});

describe("whose page a free is about", () => {
  const slab = "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY";
  const user = "GFP_HIGHUSER_MOVABLE|__GFP_ZERO";

  it("is told from its allocation and from the batch that follows", async () => {
    const events = await read([alloc(1, slab), alloc(2, user), free(1), free(2), free(3), batched(3), batched(2)]);
    expect(fills(events)).toEqual([FILL_SLAB, FILL_ZERO, FILL_SLAB, FILL_PLAIN, FILL_PLAIN, 0, 0]);
  });

  it("is not known of a page that nothing allocated, and that is freed on its own", async () => {
    const events = await read([free(1), free(4, 1), free(512, 9), free(2), batched(2), free(1)]);
    expect(fills(events)).toEqual([FILL_SINGLE, FILL_SINGLE, FILL_PLAIN, FILL_PLAIN, 0, FILL_PLAIN]);
  });

  it("is not told where batches are not recorded", async () => {
    expect(fills(await read([alloc(1, slab), free(1), free(2)]))).toEqual([FILL_SLAB, FILL_PLAIN, FILL_PLAIN]);
  });

  it("is told anew when the page is used for something else", async () => {
    const events = await read([alloc(1, slab), free(1), alloc(1, user), free(1), free(2), batched(2)]);
    expect(fills(events).slice(0, 4)).toEqual([FILL_SLAB, FILL_SLAB, FILL_ZERO, FILL_PLAIN]);
  });

  it("takes an empty trace", async () => {
    expect((await read([])).length).toBe(0);
  });
});
