import { readdirSync, statSync } from "node:fs";
import { InputError } from "../../errors.ts";
import type { Measured, Measurements } from "./measured.ts";
import { decode, MAX_LATENCY_NS, MAX_NODE, quote, readBounded } from "./text.ts";

/** One sysfs attribute: an unsigned decimal, missing or 0 for unknown. */
export function attribute(
  file: string,
  limit: number,
  unit: number,
  how: string,
  into: Measurements,
): Measured | undefined {
  if (!exists(file)) {
    into.notes.push(`${file} is missing: unknown`);
    return undefined;
  }
  const text = content(file);
  if (text === "0") {
    into.notes.push(`${file} is 0: the firmware does not say, unknown`);
    return undefined;
  }
  const value = /^\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) {
    throw new InputError({ what: `${quote(text)} is not an unsigned decimal`, where: file, example: "110" });
  }
  if (value > limit) {
    const picoseconds = limit === MAX_LATENCY_NS ? ": picoseconds? The kernel's files are ns" : "";
    throw new InputError({ what: `${value} cannot be right${picoseconds}`, where: file, expected: `at most ${limit}` });
  }
  return { value: value * unit, at: { file, line: 1 }, how };
}

/** A size in bytes, hexadecimal with 0x or decimal; undefined for 0, which an object has that is not set up. */
export function sizeFile(file: string, how: string): Measured | undefined {
  const text = content(file);
  const value = /^(0x[0-9a-f]{1,13}|\d{1,16})$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value))
    throw new InputError({ what: `${quote(text)} is not a size`, where: file, example: "0x2000000000" });
  return value === 0 ? undefined : { value, at: { file, line: 1 }, how };
}

/** @error InputError when the file is missing or empty */
export function content(file: string): string {
  const text = decode(readBounded(file)).trim();
  if (text === "") throw new InputError({ what: "is empty", where: file, expected: "one value and a newline" });
  return text;
}

/** `0`, `2-3,5`: node lists and CPU lists. */
export function rangeList(text: string, file: string, limit: number): number[] {
  const nodes: number[] = [];
  for (const part of text.split(",")) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    const first = Number(range?.[1] ?? Number.NaN);
    const last = Number(range?.[2] ?? range?.[1] ?? Number.NaN);
    if (!(first <= last && last <= limit)) {
      throw new InputError({
        what: `${quote(text)} is not a list of numbers and ranges`,
        where: file,
        example: "0 or 2-3,5",
      });
    }
    for (let node = first; node <= last; node++) nodes.push(node);
  }
  return nodes;
}

/** The numbers N of entries `<prefix>N` of a directory, ascending; none when there is no such directory. */
export function numbered(dir: string, prefix: string, limit = MAX_NODE): number[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  return names
    .map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : ""))
    .filter((text) => /^\d{1,9}$/.test(text) && Number(text) <= limit)
    .map(Number)
    .sort((a, b) => a - b);
}

/** True for a file, a folder and a link to one. */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
