import { InputError } from "../../errors.ts";
import type { JsonObject } from "./json.ts";
import type { DeviceFacts, SourceLine } from "./measured.ts";
import { MAX_NODE, quote, type TextSource, whereOf } from "./text.ts";

/** A plain integer, or with -u `256.00 MiB (268.44 MB)` (rounded to two decimals by the tool); 0 is nothing. */
export function sizeOf(object: JsonObject, key: string, at: SourceLine, how: string): Pick<DeviceFacts, "sizeBytes"> {
  const given = object[key];
  if (given === undefined || given === 0 || given === null) return {};
  const human = typeof given === "string" ? HUMAN.exec(given) : null;
  const power = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"].indexOf(human?.[2] ?? "");
  const hex = typeof given === "string" && /^0x[0-9a-f]{1,13}$/i.test(given) ? Number(given) : undefined;
  const value = human
    ? Math.round(Number(human[1]) * 1024 ** Math.max(power, 0))
    : (hex ?? (given === "0" ? 0 : given));
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new InputError({
      what: `${key} ${quote(JSON.stringify(given) ?? "?")} is not a size`,
      where: whereOf(at),
      expected: `bytes, or the form of -u (${how})`,
      example: '"size":"128.00 GiB (137.44 GB)"',
    });
  }
  return value === 0 ? {} : { sizeBytes: { value, at, how: human ? `${how}, rounded by -u` : how } };
}

const HUMAN = /^(\d{1,7}(?:\.\d{1,3})?)(?: (bytes|KiB|MiB|GiB|TiB|PiB)\b|$)/;

/** The NUMA node that a key names; undefined where it is absent or -1. @error InputError for another value */
export function nodeOf(object: JsonObject, key: string, at: SourceLine): number | undefined {
  const node = object[key];
  if (node === undefined || node === -1) return undefined;
  if (typeof node !== "number" || !Number.isInteger(node) || node < 0 || node > MAX_NODE) {
    throw new InputError({
      what: `${key} ${quote(JSON.stringify(node) ?? "?")} is not a NUMA node`,
      where: whereOf(at),
    });
  }
  return node;
}

/** The line that names the object; JSON.parse keeps none. */
export function lineOf(source: TextSource, key: string, id: string | number): SourceLine {
  const line = source.lines.find(({ text }) => text.includes(`"${key}"`) && text.includes(JSON.stringify(id)));
  return line === undefined ? { file: source.file } : { file: source.file, line: line.number };
}
