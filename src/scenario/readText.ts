import { InputError } from "../errors.ts";
import { faultCode, platform } from "../platform.ts";
import { HEAD_BYTES } from "../recording/fileKind.ts";
import { refuseOther } from "../recording/inputFile.ts";
import type { FileKindName } from "../recording/kinds.ts";

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
    const bytes = platform().readWhole(path, MAX_TEXT_BYTES);
    if (bytes !== undefined) {
      refuseOther(path, headOf(bytes), takes);
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = faultCode(error);
    const why = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder" : `cannot be read (${code})`;
    throw new InputError({ what: why, where: path, expected, example });
  }
  throw new InputError({ what: `is larger than ${MAX_TEXT_BYTES} bytes`, where: path, expected, example });
}

/** What tells of which kind a file is: of gzip, what it holds. */
function headOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.subarray(0, HEAD_BYTES);
  try {
    // Its end may be missing here.
    return platform().gunzip(bytes.subarray(0, HEAD_BYTES)).subarray(0, HEAD_BYTES);
  } catch {
    return bytes.subarray(0, HEAD_BYTES);
  }
}
