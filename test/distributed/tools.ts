// What the checks share: a folder, commands, packages of Debian and of npm that no user needs.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ALTMAP = fileURLToPath(new URL("../cli/altmap.js", import.meta.url));

/** Everything of one run of the suite. */
export const FOLDER = mkdtempSync(join(tmpdir(), "altmap-distributed-"));
export const CACHE = join(FOLDER, "cache");
export const ENV: NodeJS.ProcessEnv = { ...process.env, XDG_CACHE_HOME: CACHE, NO_COLOR: "1" };

/** As the nodes and hosts call altmap. */
export const COMMAND = join(FOLDER, "altmap");

export function writeCommand(): void {
  writeFileSync(COMMAND, `#!/bin/sh\nexport XDG_CACHE_HOME=${CACHE}\nexec ${process.execPath} ${ALTMAP} "$@"\n`);
  chmodSync(COMMAND, 0o755);
}

/** Standard output of a command. @error Error with what it wrote, where it fails */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const result = spawnSync(command, args, { encoding: "utf8", env: ENV, maxBuffer: 1 << 26, cwd: FOLDER, ...options });
  if (result.status === 0) return result.stdout;
  throw new Error(
    `${command} ${args.slice(0, 4).join(" ")} failed (${result.status ?? result.error}):\n${result.stdout}${result.stderr}`,
  );
}

export const altmap = (...args: readonly string[]): string => run(process.execPath, [ALTMAP, ...args]);

/** Installs what is not there yet. */
export function needPackages(...names: readonly string[]): void {
  const missing = names.filter((name) => spawnSync("dpkg", ["-s", name], { stdio: "ignore" }).status !== 0);
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-q", "-y", "--no-install-recommends", ...missing];
  if (spawnSync("apt-get", install, { env, stdio: "ignore" }).status === 0) return;
  execFileSync("apt-get", ["update", "-q"], { env, stdio: "ignore" });
  run("apt-get", install, { env });
}

/** A folder with packages of npm that only these checks need. */
export function needModules(...names: readonly string[]): string {
  const folder = join(FOLDER, "modules");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"private": true, "type": "module"}');
  run("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", ...names], { cwd: folder });
  return folder;
}

/** Runs JavaScript with these packages at hand. */
export function runModule(folder: string, code: string): string {
  const file = join(folder, "check.mjs");
  writeFileSync(file, code);
  return run(process.execPath, [file], { cwd: folder });
}

/** Waits until it holds. @error Error after the time */
export async function until(what: string, seconds: number, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; ) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

const RESULTS = ["results.ndjson", "results.csv", "results.parquet", "columns.md"];

/** Compares all results of two folders as `cmp` does. */
export function same(folder: string, expected: string): void {
  for (const name of RESULTS)
    if (!readFileSync(join(folder, name)).equals(readFileSync(join(expected, name))))
      throw new Error(`${folder}/${name} differs from ${expected}/${name}`);
}

export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
