// Two files that follow from others and are kept in git, so that types and tests need no build before them.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const LAYOUT = "assembly/layout";
const VERSION_FILE = `${LAYOUT}/version.ts`;
const EXPORTS_FILE = "src/wasm/exports.ts";

/** What assembly/layout/version.ts must be: a hash of all other layout files. */
export function layoutVersionText(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(LAYOUT).sort())
    if (name.endsWith(".ts") && `${LAYOUT}/${name}` !== VERSION_FILE) hash.update(readFileSync(`${LAYOUT}/${name}`));
  return [
    "// Made by the build from the other files of this folder: a binary of another layout is refused.",
    `export const LAYOUT_VERSION = 0x${hash.digest("hex").slice(0, 7)};`,
    "",
  ].join("\n");
}

/** What src/wasm/exports.ts must be: the exports of the compiled module, with their types. */
export function exportsText(declarations: string): string {
  const functions = [
    ...declarations.matchAll(/\/\*\*\n((?: {3}\*.*\n)*?) {3}\*\/\n {2}export function (\w+)\(([^)]*)\): (\w+);/g),
  ].map(([, doc = "", name = "", args = "", result = ""]) => {
    const types = new Map([...doc.matchAll(/@param (\w+) `(\w+)`/g)].map(([, arg, type]) => [arg, type]));
    const returned = /@returns `(\w+)`/.exec(doc)?.[1];
    const parameters = args.split(", ").filter(Boolean).map((arg) => arg.split(": ")[0]);
    return `  ${name}(${parameters.map((arg) => `${arg}: ${types.get(arg)}`).join(", ")}): ${returned ?? result};`;
  });
  return [
    "// Made by the build from what assembly/index.ts exports: names and arguments of calls are checked against it.",
    "",
    "type i32 = number;",
    "type u32 = number;",
    "/** A byte offset into linear memory. */",
    "type usize = number;",
    "",
    "/** The functions of altmap.wasm. A u32 result arrives as i32: `callU32`. */",
    "// biome-ignore format: one export a line",
    "export interface WasmExports {",
    ...functions,
    "}",
    "",
  ].join("\n");
}

const writeIfOther = (file: string, text: string): void => {
  let now = "";
  try {
    now = readFileSync(file, "utf8");
  } catch {}
  if (now !== text) writeFileSync(file, text);
};

export const writeLayoutVersion = (): void => writeIfOther(VERSION_FILE, layoutVersionText());
export const writeExports = (declarations: string): void => writeIfOther(EXPORTS_FILE, exportsText(readFileSync(declarations, "utf8")));
