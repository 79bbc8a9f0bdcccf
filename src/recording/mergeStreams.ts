import { TOUCH_BYTES, TOUCH_INSTRUCTIONS, TOUCH_OTHER_L2_FILLS, TOUCH_PFN } from "../../assembly/layout/touch.ts";
import { InputError } from "../errors.ts";

/** What of a recorded trace surrounds the hot-added touches that a prediction replaces. */
export interface MergeCounts {
  /** Touches of hot-added pages in the trace (consecutive ones to one page count once) and in the prediction. */
  readonly recorded: number;
  readonly predicted: number;
}

const OUT_RECORDS = 65_536;
const MAX_FILLS = 0xffff;

/**
 * Puts predicted touches in the place of the recorded hot-added ones: the i-th of P predicted comes where the trace has
 * come as far among its own R, so that the other traffic and the touches of boot memory's pages stay where they were.
 *
 * @param name of the trace, for errors
 * @error InputError when the trace has another number of hot-added touches
 */
export async function* mergeStreams(
  recorded: AsyncIterable<Uint8Array>,
  predicted: readonly Uint8Array[],
  pfnFrom: number,
  counts: MergeCounts,
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
        const until = Math.floor((hot / counts.recorded) * counts.predicted);
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

function countsDiffer(name: string, hot: number, recorded: number): InputError {
  const found = hot > recorded ? `more than ${recorded}` : `${hot}`;
  return new InputError({
    where: name,
    what: `has ${found} touches of hot-added pages, and its summary says ${recorded} (hot_added.touches)`,
    expected: "the summary and the touches of one recording",
  });
}
