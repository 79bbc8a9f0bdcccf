import { crc32, createInflateRaw, type InflateRaw } from "node:zlib";
import { GzipFault } from "../recording/gzipFault.ts";

/** Output piece of the decompressor: large pieces mean few trips to its thread. */
const OUTPUT_BYTES = 256 * 1024;

// Flags of a member's header, RFC 1952.
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;
const FLAGS_RESERVED = 0xe0;

const noEnd = (): GzipFault => new GzipFault("truncated", "the gzip stream is truncated: it has no end");
const corrupt = (detail: string): GzipFault => new GzipFault("corrupt", `the gzip stream is corrupt: ${detail}`);

/**
 * Decodes all members of a gzip stream, one after the other (RFC 1952). zlib's own gunzip gives up the output of its
 * last piece of input when bytes follow that are no member; here the end of each member is seen.
 *
 * @error GzipFault, after all that was good
 */
export async function* gunzipMembers(source: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array> {
  const input = new InputBytes(source);
  while (await isAtMember(input)) {
    await skipHeader(input);
    let crc = 0;
    let bytes = 0;
    for await (const piece of inflate(input)) {
      crc = crc32(piece, crc);
      bytes = (bytes + piece.length) >>> 0;
      yield piece;
    }
    const trailer = Buffer.from(await input.take(8));
    if (trailer.readUInt32LE(0) !== crc) throw corrupt("incorrect data check");
    if (trailer.readUInt32LE(4) !== bytes) throw corrupt("incorrect length check");
  }
}

/** Zeros after the last member pad it, as gzip itself has it. */
async function isAtMember(input: InputBytes): Promise<boolean> {
  if (await input.isAtEnd()) return false;
  const [first] = await input.take(1);
  if (first === 0) return false;
  if (first !== 0x1f) throw corrupt("what follows the end of its data is not gzip");
  return true;
}

async function skipHeader(input: InputBytes): Promise<void> {
  const [second, method, flags] = await input.take(9);
  if (second !== 0x8b) throw corrupt("what follows the end of its data is not gzip");
  if (method !== 8) throw corrupt("unknown compression method");
  if (flags! & FLAGS_RESERVED) throw corrupt("unknown header flags set");
  if (flags! & FLAG_EXTRA) {
    const [low, high] = await input.take(2);
    await input.take(low! + high! * 256);
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if ((flags! & flag) === 0) continue;
    while ((await input.take(1))[0] !== 0);
  }
  if (flags! & FLAG_HEADER_CRC) await input.take(2);
}

/** Decodes up to the end of the deflate stream; what follows it stays in `input`. */
async function* inflate(input: InputBytes): AsyncGenerator<Uint8Array> {
  const decoder = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  // Each piece is awaited and `end` comes on its own, so that all that a truncated file holds is decoded before the
  // end is found missing.
  const feeding = (async () => {
    try {
      while (!decoder.destroyed) {
        const piece = await input.next();
        if (piece === undefined) break;
        const before = decoder.bytesWritten;
        await writePiece(decoder, piece);
        const used = decoder.bytesWritten - before;
        if (used === piece.length) continue;
        input.giveBack(piece.subarray(used));
        break;
      }
      decoder.end();
    } catch (error) {
      decoder.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  try {
    for await (const piece of decoder) yield piece as Uint8Array;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR") throw noEnd();
    throw code?.startsWith("Z_") ? corrupt((error as Error).message) : error;
  } finally {
    decoder.destroy();
    await feeding;
  }
}

/** Resolves when the piece is decoded, or when the decoder has been closed. */
function writePiece(decoder: InflateRaw, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    decoder.once("close", resolve);
    decoder.write(piece, () => {
      decoder.off("close", resolve);
      resolve();
    });
  });
}

/** The bytes of a stream, taken by number where a header is read and by piece where there are many. */
class InputBytes {
  readonly #source: AsyncGenerator<Uint8Array, void>;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncGenerator<Uint8Array, void>) {
    this.#source = source;
  }

  /** What is left of the piece, or the next one; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const piece = (await this.isAtEnd()) ? undefined : this.#piece;
    this.#piece = new Uint8Array(0);
    return piece;
  }

  giveBack(rest: Uint8Array): void {
    this.#piece = rest;
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#source.next();
      if (next.done) return true;
      this.#piece = next.value;
    }
    return false;
  }

  /** @error GzipFault when the stream ends before */
  async take(count: number): Promise<Uint8Array> {
    const taken = new Uint8Array(count);
    for (let filled = 0; filled < count; ) {
      if (await this.isAtEnd()) throw noEnd();
      const part = this.#piece.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    return taken;
  }
}
