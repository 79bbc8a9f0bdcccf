import { closeSync, openSync, readSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { InputError } from "../errors.ts";
import { type FileKindName, HEAD_BYTES } from "../recording/fileKind.ts";
import { refuseOther } from "../recording/inputFile.ts";

/** Files above this size are no scenario, profile or list of cases; it bounds what a mistaken path can allocate. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/**
 * Reads a text file of bounded size; "-" is standard input.
 *
 * @param expected what the file should have been, for errors
 * @param takes kinds of files that may be given: one that is plainly of another kind is refused
 * @error InputError when it is missing, a folder, unreadable, or larger than 4 MiB (devices and pipes included)
 */
export function readText(path: string, expected: string, example: string, takes: readonly FileKindName[]): string {
  try {
    const file = path === "-" ? 0 : openSync(path, "r");
    try {
      const bytes = readBounded(file);
      if (bytes !== undefined) {
        refuseOther(path, headOf(bytes), takes);
        return bytes.toString("utf8");
      }
    } finally {
      if (file !== 0) closeSync(file);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
    throw new InputError({ what: why, where: path, expected, example });
  }
  throw new InputError({ what: `is larger than ${MAX_TEXT_BYTES} bytes`, where: path, expected, example });
}

/** What tells of which kind a file is: of gzip, what it holds. */
function headOf(bytes: Buffer): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.subarray(0, HEAD_BYTES);
  try {
    // Its end may be missing here.
    return gunzipSync(bytes.subarray(0, HEAD_BYTES), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, HEAD_BYTES);
  } catch {
    return bytes.subarray(0, HEAD_BYTES);
  }
}

/** undefined when there is more than MAX_TEXT_BYTES. */
function readBounded(file: number): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let total = 0; total <= MAX_TEXT_BYTES; ) {
    const piece = Buffer.alloc(64 * 1024);
    const read = readSync(file, piece);
    if (read === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, read));
    total += read;
  }
  return undefined;
}
