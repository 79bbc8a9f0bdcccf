// The release build has no names. One built the same way with them says what the profiler's "wasm-function[N]" is.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Of the custom section "name": https://webassembly.github.io/spec/core/appendix/custom.html#name-section */
const FUNCTION_NAMES = 1;

/** @returns source names of the release build's functions by the profiler's word for them */
export function wasmNames(folder: string): Map<string, string> {
  const file = join(folder, "named.wasm");
  const args = ["asc", "assembly/index.ts", "--target", "release", "--debug", "--outFile", file];
  execFileSync("npx", args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(file)), "name");
  return section === undefined ? new Map() : readFunctionNames(new Uint8Array(section));
}

function readFunctionNames(bytes: Uint8Array): Map<string, string> {
  const names = new Map<string, string>();
  let at = 0;
  const number = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const kind = bytes[at++];
    const end = number() + at;
    if (kind === FUNCTION_NAMES) {
      for (let left = number(); left > 0; left--) {
        const index = number();
        const length = number();
        names.set(`wasm-function[${index}]`, Buffer.from(bytes.subarray(at, at + length)).toString());
        at += length;
      }
    }
    at = end;
  }
  return names;
}
