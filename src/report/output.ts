import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../errors.ts";

/**
 * Refuses a path that cannot be written before any work is done for it.
 *
 * @error InputError when its folder does not exist or cannot be written, or it is a folder itself
 */
export function checkOutput(path: string | undefined): void {
  if (path === undefined || path === "-") return;
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error("it is a folder");
    accessSync(there === undefined || there.isFile() ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw unwritable(path, (error as Error).message);
  }
}

function unwritable(path: string, why: string): InputError {
  return new InputError({
    what: `cannot write: ${why}`,
    where: path,
    expected: "a file in a folder that exists and can be written",
    example: "-o result.json",
  });
}

/**
 * Writes a whole result: to stdout for undefined or "-", into a device or pipe as it is, else to a temporary file
 * beside `path` that is renamed when complete, so that a reader never sees half a file.
 *
 * @error InputError when the path cannot be written
 */
export function writeOutput(path: string | undefined, text: string | Uint8Array): void {
  if (path === undefined || path === "-") {
    process.stdout.write(text);
    return;
  }
  checkOutput(path);
  const there = statSync(path, { throwIfNoEntry: false });
  try {
    // A rename would put a plain file in the place of /dev/null, or of a link.
    if (there?.isFile() === false) writeWhole(path, text);
    else replaceFile(there === undefined ? path : realpathSync(path), text);
  } catch (error) {
    throw unwritable(path, error instanceof Error ? error.message : String(error));
  }
}

function replaceFile(path: string, text: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${process.pid}.altmap.tmp`);
  try {
    writeWhole(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeWhole(path: string, text: string | Uint8Array): void {
  const file = openSync(path, "w");
  try {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    if (statSync(path).isFile()) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
