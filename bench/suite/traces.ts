// Made-up traces of 12-byte touch records.
import { TOUCH_BYTES, TOUCH_LOADS, TOUCH_PFN } from "../../assembly/layout/touch.ts";

const RECORD_WORDS = TOUCH_BYTES / 4;

/** Loads of one line after the other. */
export function sequentialTrace(nrLines: number): Uint8Array {
  const bytes = new Uint8Array(nrLines * TOUCH_BYTES);
  const words = new Uint32Array(bytes.buffer);
  for (let line = 0; line < nrLines; line++) {
    words[line * RECORD_WORDS + TOUCH_PFN / 4] = line;
    bytes[line * TOUCH_BYTES + TOUCH_LOADS] = 1;
  }
  return bytes;
}

/** Touches of lines drawn uniformly, half of them stores, by a fixed linear congruential generator. */
export function randomTrace(nrRecords: number, nrLines: number): Uint8Array {
  const bytes = new Uint8Array(nrRecords * TOUCH_BYTES);
  const words = new Uint32Array(bytes.buffer);
  let state = 20_261_121;
  for (let i = 0; i < nrRecords; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[i * RECORD_WORDS] = Math.floor((state / 2 ** 32) * nrLines);
    words[i * RECORD_WORDS + 1] = state & 0x100 ? 1 << 8 : 1;
  }
  return bytes;
}
