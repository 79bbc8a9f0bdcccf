import { existsSync } from "node:fs";

/** Fails the run at once, and plainly, when the kernels or the command line are not built. */
export function setup(): void {
  for (const file of ["altmap.wasm", "altmap.debug.wasm", "cli/altmap.js"]) {
    if (!existsSync(new URL(`../dist/${file}`, import.meta.url))) {
      throw new Error(`dist/${file} is missing: run "npm run build" first`);
    }
  }
}
