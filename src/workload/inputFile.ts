import { type FileHandle, open } from "node:fs/promises";
import { createGunzip, type Gunzip } from "node:zlib";
import { InputError, type InputProblem } from "../errors.ts";

export type FileFault = "missing" | "unreadable" | "not-gzip" | "truncated" | "corrupt" | "empty" | "content";

/** A file that cannot be used: which, why, and how many decoded bytes were good before. */
export class FileInputError extends InputError {
  readonly fault: FileFault;
  readonly path: string;
  readonly offset: number;
  constructor(fault: FileFault, path: string, offset: number, problem: InputProblem) {
    super({ where: offset > 0 ? `${path}, byte ${offset}` : path, ...problem });
    this.fault = fault;
    this.path = path;
    this.offset = offset;
  }
}

export interface ReadInputOptions {
  /** `required`: anything but gzip is an error. `detect`: gzip is recognised by its first two bytes. */
  readonly gzip: "required" | "detect";
}

const READ_BYTES = 128 * 1024;
/** Output piece of the decompressor: large pieces mean few trips to its thread. */
const GUNZIP_BYTES = 256 * 1024;

/**
 * The decoded bytes of a file ("-" is standard input), in constant memory. A piece is valid until the next is asked
 * for. What precedes a truncation or corruption is handed out before the error is thrown.
 *
 * @error FileInputError, its offset counted in decoded bytes
 */
export async function* readInput(path: string, options: ReadInputOptions): AsyncGenerator<Uint8Array> {
  const source = rawChunks(path);
  const first = await source.next();
  if (first.done) throw new FileInputError("empty", path, 0, { what: "the file is empty" });
  const isGzip = first.value.length >= 2 && first.value[0] === 0x1f && first.value[1] === 0x8b;
  try {
    if (isGzip) {
      yield* gunzip(path, first.value, source);
    } else if (options.gzip === "detect") {
      yield first.value;
      yield* source;
    } else {
      throw new FileInputError("not-gzip", path, 0, {
        what: "is not gzip: it does not start with the bytes 1f 8b",
        example: `gzip ${path}`,
      });
    }
  } finally {
    await source.return();
  }
}

/**
 * The whole text of a small file, plain or gzip ("-" is standard input).
 *
 * @error FileInputError as for `readInput`; InputError when there is more than `maxBytes`
 */
export async function readWholeText(path: string, maxBytes: number, expected: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of readInput(path, { gzip: "detect" })) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new InputError({ where: path, what: `is larger than ${maxBytes} bytes`, expected });
    pieces.push(piece.slice());
  }
  return Buffer.concat(pieces).toString("utf8");
}

async function* rawChunks(path: string): AsyncGenerator<Uint8Array, void> {
  if (path === "-") {
    for await (const chunk of process.stdin) yield chunk as Uint8Array;
    return;
  }
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    if ((await file.stat()).isDirectory()) {
      throw new FileInputError("unreadable", path, 0, { what: "is a folder", expected: "a file" });
    }
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw asFileError(error, path, 0);
  } finally {
    await file?.close();
  }
}

async function* gunzip(
  path: string,
  first: Uint8Array,
  source: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array> {
  const decoder = createGunzip({ chunkSize: GUNZIP_BYTES });
  // Each piece is awaited and `end` comes on its own, so that all that a truncated file holds is decoded before the
  // end is found missing.
  const feeding = (async () => {
    try {
      await writePiece(decoder, first);
      for await (const chunk of source) {
        if (decoder.destroyed) return;
        await writePiece(decoder, chunk);
      }
      decoder.end();
    } catch (error) {
      decoder.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  let offset = 0;
  try {
    for await (const chunk of decoder) {
      yield chunk as Uint8Array;
      offset += (chunk as Uint8Array).length;
    }
  } catch (error) {
    throw asFileError(error, path, offset);
  } finally {
    decoder.destroy();
    await feeding;
  }
}

/** Resolves when the piece is decoded, or when the decoder has been closed. */
function writePiece(decoder: Gunzip, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    decoder.once("close", resolve);
    decoder.write(piece, () => {
      decoder.off("close", resolve);
      resolve();
    });
  });
}

function asFileError(error: unknown, path: string, offset: number): unknown {
  if (error instanceof FileInputError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new FileInputError("missing", path, 0, { what: "no such file" });
  }
  if (code === "Z_BUF_ERROR") {
    return new FileInputError("truncated", path, offset, { what: "the gzip stream is truncated: it has no end" });
  }
  if (code?.startsWith("Z_")) {
    return new FileInputError("corrupt", path, offset, { what: `the gzip stream is corrupt: ${error.message}` });
  }
  if (error.name === "InputError") return error;
  return new FileInputError("unreadable", path, offset, { what: `cannot be read: ${error.message}` });
}
