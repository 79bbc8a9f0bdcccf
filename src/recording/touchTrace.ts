import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { hex } from "../units.ts";
import { FileInputError, readInput } from "./inputFile.ts";

/** 768 KiB: fits in L2, and a crossing to a kernel per batch is cheap. */
const TOUCH_BATCH_RECORDS = 65_536;

export interface ReadTouchTraceOptions {
  /** First pfn that the machine does not have. @default 2^32, all that a record can hold */
  readonly pfnEnd?: number;
  /** @default 65,536 */
  readonly batchRecords?: number;
}

/**
 * Streams a `*.touch.gz` in constant memory, as batches of whole 12-byte records (layout: TOUCH_* in
 * assembly/layout/touch.ts). A batch starts at a multiple of 4 bytes and is valid until the next is asked for.
 *
 * @error FileInputError: missing, unreadable, not gzip, truncated or corrupt, empty, or (fault "content") a length
 *   that is not whole records or a pfn outside the machine; offset in decoded bytes
 */
export async function* readTouchTrace(path: string, options: ReadTouchTraceOptions = {}): AsyncGenerator<Uint8Array> {
  const batchBytes = (options.batchRecords ?? TOUCH_BATCH_RECORDS) * TOUCH_BYTES;
  const pfnEnd = options.pfnEnd ?? 2 ** 32;
  const batch = new Uint8Array(batchBytes);
  let filled = 0;
  let yielded = 0;
  for await (const chunk of readInput(path, { gzip: "required", takes: ["touches"] })) {
    for (let at = 0; at < chunk.length; ) {
      const take = Math.min(chunk.length - at, batchBytes - filled);
      batch.set(chunk.subarray(at, at + take), filled);
      filled += take;
      at += take;
      if (filled === batchBytes) {
        checkTouchPfns(batch, pfnEnd, path, yielded);
        yield batch;
        yielded += filled;
        filled = 0;
      }
    }
  }
  const whole = filled - (filled % TOUCH_BYTES);
  if (whole > 0) {
    const rest = batch.subarray(0, whole);
    checkTouchPfns(rest, pfnEnd, path, yielded);
    yield rest;
  }
  if (filled > whole) {
    throw new FileInputError("content", path, yielded + whole, {
      what: `the trace is not whole records: ${filled - whole} bytes follow the last`,
      expected: `records of ${TOUCH_BYTES} bytes (u32 pfn, u8 loads, u8 stores, u16 other L2 fills, u32 instructions)`,
    });
  }
  if (yielded + whole === 0) throw new FileInputError("empty", path, 0, { what: "the trace holds no records" });
}

/** @error FileInputError naming the first record of `batch` whose pfn is `pfnEnd` or more */
function checkTouchPfns(batch: Uint8Array, pfnEnd: number, path: string, batchOffset: number): void {
  if (pfnEnd >= 2 ** 32) return;
  const words = new Uint32Array(batch.buffer, batch.byteOffset, batch.length >> 2);
  for (let i = 0; i < words.length; i += TOUCH_BYTES >> 2) {
    const pfn = words[i]!;
    if (pfn >= pfnEnd) {
      throw new FileInputError("content", path, batchOffset + i * 4, {
        what: `pfn ${hex(pfn)} of record ${(batchOffset + i * 4) / TOUCH_BYTES} is outside the machine`,
        expected: `a pfn below ${hex(pfnEnd)}`,
      });
    }
  }
}
