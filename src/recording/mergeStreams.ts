import { TOUCH_BYTES, TOUCH_INSTRUCTIONS, TOUCH_OTHER_L2_FILLS, TOUCH_PFN } from "../../assembly/layout/touch.ts";
import { InputError } from "../errors.ts";
import type { Anchors } from "./alignTouches.ts";

/** What of a recorded trace surrounds the hot-added touches that a prediction replaces. */
export interface MergeCounts {
  /** Touches of hot-added pages in the trace (consecutive ones to one page count once) and in the prediction. */
  readonly recorded: number;
  readonly predicted: number;
}

const OUT_RECORDS = 65_536;
const MAX_FILLS = 0xffff;

/**
 * Puts predicted touches in the place of the recorded hot-added ones, so that the other traffic and the touches of boot
 * memory's pages stay where they were: those between two anchors come where the trace has come as far between them.
 *
 * @param name of the trace, for errors
 * @error InputError when the trace has another number of hot-added touches
 */
export async function* mergeStreams(
  recorded: AsyncIterable<Uint8Array>,
  predicted: readonly Uint8Array[],
  pfnFrom: number,
  counts: MergeCounts,
  anchors: Anchors,
  name: string,
): AsyncGenerator<Uint8Array> {
  const out = new Uint8Array(OUT_RECORDS * TOUCH_BYTES);
  const view = new DataView(out.buffer);
  let filled = 0;
  let piece = 0;
  let at = 0;
  let done = 0;
  let hot = 0;
  let lastHot = -1;
  let fills = 0;
  const placeOf = placing(anchors, counts);
  const put = (source: Uint8Array, offset: number): void => {
    out.set(source.subarray(offset, offset + TOUCH_BYTES), filled);
    const now = Math.min(fills, MAX_FILLS);
    fills -= now;
    view.setUint16(filled + TOUCH_OTHER_L2_FILLS, now, true);
    view.setUint32(filled + TOUCH_INSTRUCTIONS, 0, true);
    filled += TOUCH_BYTES;
  };
  for await (const batch of recorded) {
    const records = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    for (let from = 0; from < batch.length; from += TOUCH_BYTES) {
      fills += records.getUint16(from + TOUCH_OTHER_L2_FILLS, true);
      const pfn = records.getUint32(from + TOUCH_PFN, true);
      if (pfn < pfnFrom) put(batch, from);
      else {
        if (pfn !== lastHot) hot++;
        lastHot = pfn;
        if (hot > counts.recorded) throw countsDiffer(name, hot, counts.recorded);
        const until = placeOf(hot);
        for (; done < until; done++) {
          put(predicted[piece] as Uint8Array, at);
          at += TOUCH_BYTES;
          if (at === predicted[piece]?.length) {
            piece++;
            at = 0;
          }
          if (filled === out.length) {
            yield out;
            filled = 0;
          }
        }
      }
      if (filled === out.length) {
        yield out;
        filled = 0;
      }
    }
  }
  if (hot < counts.recorded) throw countsDiffer(name, hot, counts.recorded);
  yield out.subarray(0, filled);
}

/** How many predicted touches there are after so many recorded ones; asked in ascending order. */
function placing(anchors: Anchors, { recorded, predicted }: MergeCounts): (hot: number) => number {
  let next = 0;
  let [fromR, fromP] = [0, 0];
  return (hot) => {
    while (next < anchors.recorded.length && anchors.recorded[next]! <= hot) {
      fromR = anchors.recorded[next]!;
      fromP = anchors.predicted[next++]!;
    }
    const [toR, toP] = [anchors.recorded[next] ?? recorded, anchors.predicted[next] ?? predicted];
    return toR === fromR ? toP : fromP + Math.floor(((hot - fromR) / (toR - fromR)) * (toP - fromP));
  };
}

function countsDiffer(name: string, hot: number, recorded: number): InputError {
  const found = hot > recorded ? `more than ${recorded}` : `${hot}`;
  return new InputError({
    where: name,
    what: `has ${found} touches of hot-added pages, and its summary says ${recorded} (hot_added.touches)`,
    expected: "the summary and the touches of one recording",
  });
}
