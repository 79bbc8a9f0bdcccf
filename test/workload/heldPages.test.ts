// The pages in use before a recording: known to the page where the free lists allow one history only.
import { describe, expect, it } from "vitest";
import { chunksOf, type HotLayout } from "../../src/count/coremm/hotLayout.ts";
import { placeInUse } from "../../src/count/follow/heldPages.ts";
import { FREE, PCP, USED } from "../../src/count/follow/stateFromFirstEvents.ts";

/** Two self-hosted blocks: a chunk of order 9 and 31 of order 10 each. */
const BLOCK = 32_768;
const LAYOUT: HotLayout = {
  basePfn: 0x100000,
  nrPages: 2 * BLOCK,
  online: [0, 1].map((i) => ({ startPfn: 0x100000 + i * BLOCK, selfHosted: true })),
  ranges: [0, 1].map((i) => ({ startPfn: 0x100000 + i * BLOCK + 512, nrPages: BLOCK - 512 })),
};

/** Free chunks by order when the first `nrUsed` pages are used up in the order of fresh memory. */
function buddyAfter(nrUsed: number): number[] {
  const counts = Array.from({ length: 11 }, () => 0);
  let left = nrUsed;
  for (const order of [9, 10])
    for (const { startPfn, nrPages } of LAYOUT.ranges)
      for (const chunk of chunksOf(startPfn - LAYOUT.basePfn, nrPages).filter((each) => each.order === order)) {
        const used = Math.min(left, 2 ** order);
        left -= used;
        for (const rest of chunksOf(chunk.page + used, 2 ** order - used))
          counts[rest.order] = (counts[rest.order] ?? 0) + 1;
      }
  return counts;
}

const newState = (): Uint8Array => new Uint8Array(LAYOUT.nrPages);

describe("pages in use", () => {
  it("are those that faulting on fresh memory uses up: smallest chunks first, the last on the pcp list", () => {
    const state = newState();
    const placed = placeInUse(LAYOUT, state, { heldPages: 3000, residents: 24, buddy: buddyAfter(3024) });
    expect(placed.isChosen).toBe(false);
    expect(placed.held.length).toBe(3000);
    // The chunks of order 9 of both blocks, then those of order 10 from the first on.
    expect(placed.held.slice(0, 2)).toEqual([512, 513]);
    expect(placed.held[512]).toBe(BLOCK + 512);
    expect(placed.held[1024]).toBe(1024);
    expect(placed.resident).toEqual(Array.from({ length: 24 }, (_, i) => 1024 + 3000 - 1024 + i));
    expect(placed.resident.every((page) => state[page] === PCP)).toBe(true);
  });

  it("end in the chunk that events leave for it", () => {
    const state = newState();
    // Every chunk but that at 2048 is named behind its first 100 pages.
    for (const page of [512 + 400, BLOCK + 512 + 400, 1024 + 900, 3072 + 900]) state[page] = USED;
    state[2048 + 60] = USED;
    const placed = placeInUse(LAYOUT, state, {
      heldPages: 3172,
      residents: 0,
      buddy: buddyAfter(1024 + 2 * 1024 + 100),
    });
    expect(placed.isChosen).toBe(false);
    expect(placed.held.at(-1)).toBe(2048 + 99);
    expect(state[3072 + 1023]).toBe(USED);
    expect(state[2048 + 100]).toBe(FREE);
  });

  it("alternate with free ones when every second page was given up, the newest of these on the pcp list", () => {
    const state = newState();
    // Events name two held pages: the second ones of their pairs.
    state[1024 + 1] = USED;
    state[1024 + 3] = USED;
    const buddy = buddyAfter(4000);
    buddy[0] = 1900;
    const placed = placeInUse(LAYOUT, state, { heldPages: 2000, residents: 100, buddy });
    expect(placed.isChosen).toBe(false);
    expect(placed.held.length).toBe(2000);
    expect(placed.held.every((page) => page % 2 === 1)).toBe(true);
    expect(placed.singles.length).toBe(1900);
    expect(placed.resident.length).toBe(100);
    expect(placed.resident[0]).toBe(Math.max(...placed.resident));
    expect(Math.min(...placed.resident)).toBeGreaterThan(placed.singles.at(-1) as number);
  });

  it("are the model's choice where the free lists fit no history", () => {
    const buddy = buddyAfter(3000);
    buddy[3] = (buddy[3] as number) + 7;
    buddy[10] = (buddy[10] as number) - 1;
    const placed = placeInUse(LAYOUT, newState(), { heldPages: 3000, residents: 10, buddy });
    expect(placed.isChosen).toBe(true);
    expect(placed.held.length).toBe(3000);
    expect(placed.resident.length).toBe(10);
  });

  it("are none when nothing is held", () => {
    const placed = placeInUse(LAYOUT, newState(), { heldPages: 0, residents: 0, buddy: buddyAfter(0) });
    expect(placed).toEqual({ held: [], resident: [], singles: [], isChosen: false });
  });
});
