import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { altmap, type Run } from "../cli/run.ts";

/** Inputs as real tools and hands write them, with values of our own. */
export const FIELD_DATA = fileURLToPath(new URL("data/", import.meta.url));

/** One real-world input with what altmap has to say of it. Relative file names are of `test/field/data`. */
export interface FieldCase {
  /** Unique, shown as the test's name. */
  readonly id: string;
  /** What went wrong with such inputs once. */
  readonly kind: string;
  /** Arguments of `altmap`; `{tmp}` is an empty folder of this case. */
  readonly run: readonly string[];
  /** Commands before, in order; each must exit 0. `{tmp}` as in `run`. */
  readonly before?: readonly (readonly string[])[];
  /** A file of "path, tab, content" lines that becomes the tree `{tmp}/ROOT`; a line that starts with # is a remark. */
  readonly tree?: string;
  readonly exitCode: number;
  /** Each stands in stdout or stderr. */
  readonly prints: readonly (string | RegExp)[];
  /** None stands in stdout or stderr. */
  readonly never?: readonly (string | RegExp)[];
  /** What `run` with --json gives: a path of keys and indices, as `results.0.online_ns`, and its value. */
  readonly json?: Readonly<Record<string, unknown>>;
}

/** What no user may ever read, whatever the input. */
export const NEVER: readonly (string | RegExp)[] = [
  /\bNaN\b/,
  /\bundefined\b/,
  "[object Object]",
  "internal error",
  /^\s+at .*:\d+:\d+/m,
];

/** Runs one case on the built command line, in the folder of the inputs. */
export function runCase(field: FieldCase, tmp: string, more: readonly string[] = []): Run {
  if (field.tree !== undefined) writeTree(readFileSync(join(FIELD_DATA, field.tree), "utf8"), join(tmp, "ROOT"));
  const inTmp = (args: readonly string[]) => args.map((arg) => arg.replaceAll("{tmp}", tmp));
  for (const args of field.before ?? []) {
    const { status, stderr } = altmap(inTmp(args), { cwd: FIELD_DATA });
    if (status !== 0) throw new Error(`altmap ${args.join(" ")} exits ${status}: ${stderr}`);
  }
  return altmap(inTmp([...field.run, ...more]), { cwd: FIELD_DATA });
}

function writeTree(lines: string, root: string): void {
  for (const line of lines.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [path = "", content = ""] = line.split("\t");
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
}

/** The value at a path of keys and indices; undefined where there is none. */
export function valueAt(document: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], document);
}

/** Whether `text` holds `pattern`. */
export function holds(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === "string" ? text.includes(pattern) : pattern.test(text);
}
