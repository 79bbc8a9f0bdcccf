// Predicted touches take the place of recorded ones where the two are at the same pages, not where they are as far.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TOUCH_BYTES, TOUCH_OTHER_L2_FILLS, TOUCH_PFN } from "../../assembly/layout/touch.ts";
import { alignTouches } from "../../src/recording/alignTouches.ts";
import { mergeStreams } from "../../src/recording/mergeStreams.ts";

const PFN_FROM = 0x100000;

function records(pfns: readonly number[], fills: (index: number) => number = () => 0): Uint8Array {
  const bytes = new Uint8Array(pfns.length * TOUCH_BYTES);
  const view = new DataView(bytes.buffer);
  pfns.forEach((pfn, index) => {
    view.setUint32(index * TOUCH_BYTES + TOUCH_PFN, pfn, true);
    view.setUint16(index * TOUCH_BYTES + TOUCH_OTHER_L2_FILLS, fills(index), true);
  });
  return bytes;
}

/** A stream whose pages come back in rounds, as those of forks do: no two neighbours alike. */
const rounds = (length: number): number[] =>
  Array.from({ length }, (_, i) => PFN_FROM + (((i % 997) * 7919 + Math.floor(i / 2991)) % 60_013));

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function merged(recorded: Uint8Array, nrRecorded: number, predicted: readonly number[]) {
  const stream = [records(predicted)];
  const anchors = await alignTouches(once(recorded), stream, PFN_FROM);
  const counts = { recorded: nrRecorded, predicted: predicted.length };
  const out: { pfn: number; fills: number }[] = [];
  for await (const batch of mergeStreams(once(recorded), stream, PFN_FROM, counts, anchors, "a trace")) {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    for (let at = 0; at < batch.length; at += TOUCH_BYTES)
      out.push({ pfn: view.getUint32(at + TOUCH_PFN, true), fills: view.getUint16(at + TOUCH_OTHER_L2_FILLS, true) });
  }
  return out;
}

describe("aligned streams", () => {
  it("keep other traffic beside the page it came before, where the prediction has touches of its own", async () => {
    const pages = rounds(30_000);
    // Other traffic before one page only, far behind 600 touches that nobody recorded.
    const fillsAt = 20_000;
    const predicted = [...pages.slice(0, 9_000), ...rounds(600).map((pfn) => pfn + 100_000), ...pages.slice(9_000)];
    const out = await merged(
      records(pages, (i) => (i === fillsAt ? 500 : 0)),
      pages.length,
      predicted,
    );
    expect(out.map(({ pfn }) => pfn)).toEqual(predicted);
    const found = out.findIndex(({ fills }) => fills === 500);
    // As far in the whole as in the recording would be 20,400; the run that is sampled next ends within a few hundred.
    expect(Math.abs(found - (fillsAt + 600))).toBeLessThan(2);
  });

  it("ascend in both streams, lose no touch and invent no fill, whatever differs", async () => {
    const edits = fc.array(fc.tuple(fc.nat(2_999), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const pages = rounds(3_000);
        const predicted = [...pages];
        for (const [at, gone, come] of changes)
          predicted.splice(at, gone, ...Array.from({ length: come }, (_, i) => PFN_FROM + 90_000 + 2 * i));
        const recorded = records(pages, () => 3);
        const { recorded: there, predicted: here } = await alignTouches(once(recorded), [records(predicted)], PFN_FROM);
        for (const list of [there, here]) expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
        const out = await merged(recorded, pages.length, predicted);
        expect(out.map(({ pfn }) => pfn)).toEqual(predicted);
        expect(out.reduce((sum, { fills }) => sum + fills, 0)).toBeLessThanOrEqual(3 * pages.length);
      }),
      { numRuns: 30 },
    );
  });

  it("are as far as each other where they have no page in common", async () => {
    const pages = rounds(1_000);
    const out = await merged(
      records(pages, (i) => (i === 500 ? 9 : 0)),
      1_000,
      rounds(2_000).map((pfn) => pfn + 200_000),
    );
    expect(out.findIndex(({ fills }) => fills === 9)).toBe(1_000);
  });
});
