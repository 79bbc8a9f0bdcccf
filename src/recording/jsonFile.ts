import { FileInputError, readWholeText } from "./inputFile.ts";
import type { FileKindName } from "./kinds.ts";

/** A summary of a recording is some 15 KiB; a list of operations may be longer. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Reads one JSON file. @error FileInputError, with line and column where the text stops being JSON */
export async function readJsonFile(path: string, takes: readonly FileKindName[]): Promise<unknown> {
  const text = await readWholeText(path, MAX_JSON_BYTES, "JSON of a recording", takes);
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FileInputError("content", path, 0, {
      where: `${path}${placeOf(text)}`,
      what: `is not JSON: ${message}`,
    });
  }
}

/** `:line:column` of the first character that no JSON text could have there. V8 11 does not always say. */
function placeOf(text: string): string {
  let good = couldContinue(text) ? text.length : 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (couldContinue(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const before = text.slice(0, good).split("\n");
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Whether `prefix` is wrong only in that it ends. */
function couldContinue(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const message = (error as Error).message;
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined
      ? message.includes("end of JSON")
      : message.startsWith("Unterminated") || Number(position) >= prefix.length;
  }
}
