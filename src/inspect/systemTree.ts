import { InputError } from "../errors.ts";

/**
 * The files of a Linux machine: its own, those of a captured folder, or those of an archive. Paths are relative to the
 * root, as in `sys/devices/system/node`.
 */
export interface SystemTree {
  /** What the user called it. */
  readonly name: string;
  /** Bytes of a file, at most `maxBytes` and one; undefined when it is missing or unreadable. */
  read(path: string, maxBytes: number): Uint8Array | undefined;
  /** Names in a folder; none when there is no such folder. */
  list(path: string): readonly string[];
  /** Where a symbolic link points, as it stands; undefined when it is none. */
  link(path: string): string | undefined;
}

/** The files of /proc and /sys that are read have a few KiB; zoneinfo of a large machine some hundred. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Memory blocks of 128 MiB in 16 TiB are 131,072. */
const MAX_NAMES = 262_144;

/**
 * The text of a file, its last newline left out; undefined when it is missing, unreadable or empty.
 *
 * @error InputError when it is larger than 4 MiB, or binary: no such file of a machine is
 */
export function textAt(tree: SystemTree, path: string): string | undefined {
  const bytes = tree.read(path, MAX_FILE_BYTES);
  if (bytes === undefined || bytes.length === 0) return undefined;
  const where = `${tree.name}/${path}`;
  if (bytes.length > MAX_FILE_BYTES)
    throw new InputError({ what: `is larger than ${MAX_FILE_BYTES} bytes`, where, expected: "the file of a machine" });
  if (bytes.includes(0)) throw new InputError({ what: "is binary: it holds a NUL", where, expected: "text" });
  const text = new TextDecoder().decode(bytes).replace(/\n$/, "");
  return text === "" ? undefined : text;
}

/** A whole number, decimal or with 0x; undefined when the file is missing. @error InputError when it holds none */
export function numberAt(tree: SystemTree, path: string, base: 10 | 16 = 10): number | undefined {
  const text = textAt(tree, path)?.trim();
  if (text === undefined) return undefined;
  const isNumber = /^0x[0-9a-f]{1,13}$/i.test(text) || (base === 16 ? /^[0-9a-f]{1,13}$/i : /^-?\d{1,16}$/).test(text);
  if (isNumber) return Number(base === 16 && !/^0x/i.test(text) ? `0x${text}` : text);
  throw new InputError({
    what: `"${text.slice(0, 40)}" is no number`,
    where: `${tree.name}/${path}`,
    expected: base === 16 ? "a hexadecimal number" : "a whole number",
    example: base === 16 ? "8000000" : "1073741824",
  });
}

/** The numbers N of entries `<prefix>N`, ascending. @error InputError for more than any machine has */
export function numbersIn(tree: SystemTree, path: string, prefix: string): number[] {
  const names = tree.list(path);
  if (names.length > MAX_NAMES)
    throw new InputError({
      what: `has ${names.length} entries`,
      where: `${tree.name}/${path}`,
      expected: `at most ${MAX_NAMES}`,
    });
  return names
    .filter((name) => name.startsWith(prefix) && /^\d{1,9}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/** `0`, `0-3,8`: how many numbers a kernel's list names, and which. */
export function listedNumbers(text: string | undefined): number[] {
  const numbers: number[] = [];
  for (const part of (text ?? "").trim().split(",")) {
    const [, from, to] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part.trim()) ?? [];
    if (from === undefined) continue;
    const last = Math.min(Number(to ?? from), Number(from) + MAX_NAMES);
    for (let n = Number(from); n <= last; n++) numbers.push(n);
  }
  return numbers;
}
