/** Compiles the plugin and the guest's program. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const sources = new URL("../../test/live/traffic/", import.meta.url).pathname;

/** One file from every C source of a folder. */
function compile(folder: string, output: string, options: readonly string[]): string {
  const files = readdirSync(join(sources, folder)).filter((name) => name.endsWith(".c"));
  const warnings = ["-Wall", "-Wextra", "-Wno-unused-parameter"];
  const inputs = files.sort().map((name) => join(sources, folder, name));
  execFileSync("gcc", ["-O2", ...warnings, ...options, "-o", output, ...inputs], { stdio: "inherit" });
  return output;
}

/** @returns the path of the plugin */
export function buildPlugin(directory: string): string {
  return compile("plugin", join(directory, "plugin.so"), ["-shared", "-fPIC", "-fvisibility=hidden"]);
}

/** @returns the static program */
export function buildWork(directory: string): Buffer {
  return readFileSync(compile("guest", join(directory, "work"), ["-static"]));
}
