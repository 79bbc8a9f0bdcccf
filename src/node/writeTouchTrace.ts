import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { TOUCH_BYTES } from "../../assembly/layout/touch.ts";
import { InputError } from "../errors.ts";

/**
 * Writes batches of whole records as a `*.touch.gz`, under a temporary name until complete.
 *
 * @returns records written
 * @error InputError when the path cannot be written; RangeError when a batch is not whole records
 */
export async function writeTouchTrace(
  path: string,
  batches: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  let bytes = 0;
  async function* checked(): AsyncGenerator<Uint8Array> {
    for await (const batch of batches) {
      if (batch.length % TOUCH_BYTES !== 0)
        throw new RangeError(`a batch of ${batch.length} bytes is not whole records`);
      bytes += batch.length;
      // The compressor reads later, and the batch is only ours until the next one.
      yield batch.slice();
    }
  }
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await pipeline(Readable.from(checked()), createGzip(), createWriteStream(temporary));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof InputError || error instanceof RangeError) throw error;
    const message = error instanceof Error ? error.message.replace(temporary, path) : String(error);
    throw new InputError({
      what: `cannot write: ${message}`,
      where: path,
      expected: "a file in a folder that exists and can be written",
    });
  }
  return bytes / TOUCH_BYTES;
}
