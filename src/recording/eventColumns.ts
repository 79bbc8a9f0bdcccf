import { EVENT_BYTES, EVENT_PFN, EVENT_TIME_NS } from "../../assembly/layout/allocatorEvents.ts";
import { InputError } from "../errors.ts";

// Event records rearranged so that gzip finds the repetition in them. u32 magic, u32 events, then one plane for each
// byte of a record: all first bytes, all second bytes, ... The words that grow or wander are differences, mod 2^32,
// from those of the record before.

const MAGIC = 0x31455441; // "ATE1"
const HEADER_BYTES = 8;
const WORDS = EVENT_BYTES / 4;
const DIFFERENCE_WORDS: ReadonlySet<number> = new Set([EVENT_TIME_NS / 4, EVENT_TIME_NS / 4 + 1, EVENT_PFN / 4]);

/** Rearranges whole event records into columns, to be gzipped. */
export function encodeEventColumns(events: Uint8Array): Uint8Array {
  if (events.length % EVENT_BYTES !== 0) throw new RangeError(`${events.length} bytes are not whole records`);
  const count = events.length / EVENT_BYTES;
  const view = new DataView(events.buffer, events.byteOffset, events.length);
  const out = new Uint8Array(HEADER_BYTES + events.length);
  new Uint32Array(out.buffer, 0, 2).set([MAGIC, count]);
  for (let word = 0; word < WORDS; word++) {
    let before = 0;
    for (let i = 0; i < count; i++) {
      const value = view.getUint32(i * EVENT_BYTES + word * 4, true);
      const stored = DIFFERENCE_WORDS.has(word) ? (value - before) >>> 0 : value;
      before = value;
      for (let byte = 0; byte < 4; byte++) out[HEADER_BYTES + (word * 4 + byte) * count + i] = stored >>> (byte * 8);
    }
  }
  return out;
}

/**
 * Puts the records together again, in batches of at most `batchEvents`; a batch is valid until the next is asked for.
 *
 * @error InputError when the columns are damaged
 */
export function* decodeEventColumns(columns: Uint8Array, name: string, batchEvents = 32_768): Generator<Uint8Array> {
  const header = new DataView(columns.buffer, columns.byteOffset, columns.length);
  const count = columns.length < HEADER_BYTES ? 0 : header.getUint32(4, true);
  if (columns.length !== HEADER_BYTES + count * EVENT_BYTES || header.getUint32(0, true) !== MAGIC) {
    throw new InputError({ what: "the packaged recording is damaged", where: name, example: "npm ci" });
  }
  const batch = new Uint32Array(Math.min(batchEvents, count) * WORDS);
  const before = new Uint32Array(WORDS);
  for (let start = 0; start < count; start += batchEvents) {
    const events = Math.min(batchEvents, count - start);
    for (let word = 0; word < WORDS; word++) {
      const plane = HEADER_BYTES + word * 4 * count + start;
      const isDifference = DIFFERENCE_WORDS.has(word);
      let last = before[word]!;
      for (let i = 0; i < events; i++) {
        const at = plane + i;
        const low = columns[at]! | (columns[at + count]! << 8);
        const stored = low | (columns[at + 2 * count]! << 16) | (columns[at + 3 * count]! << 24);
        last = isDifference ? (last + stored) | 0 : stored;
        batch[i * WORDS + word] = last;
      }
      before[word] = last;
    }
    yield new Uint8Array(batch.buffer, 0, events * EVENT_BYTES);
  }
}
