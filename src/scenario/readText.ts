import { closeSync, openSync, readSync } from "node:fs";
import { InputError } from "../errors.ts";

/** Files above this size are no scenario, profile or list of cases; it bounds what a mistaken path can allocate. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/**
 * Reads a text file of bounded size; "-" is standard input.
 *
 * @param expected what the file should have been, for errors
 * @error InputError when it is missing, a folder, unreadable, or larger than 4 MiB (devices and pipes included)
 */
export function readText(path: string, expected: string, example: string): string {
  try {
    const file = path === "-" ? 0 : openSync(path, "r");
    try {
      const bytes = readBounded(file);
      if (bytes !== undefined) return bytes.toString("utf8");
    } finally {
      if (file !== 0) closeSync(file);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
    throw new InputError({ what: why, where: path, expected, example });
  }
  throw new InputError({ what: `is larger than ${MAX_TEXT_BYTES} bytes`, where: path, expected, example });
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
