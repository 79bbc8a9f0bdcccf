import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
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
 * @error InputError when its folder does not exist or cannot be written
 */
export function checkOutput(path: string | undefined): void {
  if (path === undefined || path === "-") return;
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(path, (error as Error).message);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw unwritable(path, "it is a folder");
}

function unwritable(path: string, why: string): InputError {
  return new InputError({
    what: `cannot write: ${why}`,
    where: path,
    expected: "a file in a folder that exists and can be written",
    example: "-o answer.json",
  });
}

/**
 * Writes a whole result: to stdout for undefined or "-", else to a temporary file beside `path` that is
 * renamed when complete, so that a reader never sees half a file.
 *
 * @error InputError when the path cannot be written
 */
export function writeOutput(path: string | undefined, text: string): void {
  if (path === undefined || path === "-") {
    process.stdout.write(text);
    return;
  }
  const temporary = join(dirname(path), `.${process.pid}.altmap.tmp`);
  try {
    const file = openSync(temporary, "w");
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, error instanceof Error ? error.message.replace(temporary, path) : String(error));
  }
}
