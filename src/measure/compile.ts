import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { arch, homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "../errors.ts";

/** The same from src/measure and from the bundle in dist/cli. */
const SOURCES = new URL("../../src/measure/probe/", import.meta.url);
const OPTIONS = ["-O2", "-std=gnu11"];

/** A program that runs, and what has to be removed when it has. */
export interface CompiledProbe {
  readonly path: string;
  readonly remove: () => void;
}

/**
 * The probe, compiled by `cc` of this machine and kept in the user's cache folder under a name of its contents; where that
 * folder cannot be written, in a temporary one.
 *
 * @param warn told of what is not as usual
 * @error InputError without a compiler, or when it refuses the source
 */
export function compileProbe(warn: (line: string) => void): CompiledProbe {
  const files = readdirSync(SOURCES)
    .filter((name) => /\.[ch]$/.test(name))
    .sort();
  const hash = createHash("sha256").update(`${arch()} ${OPTIONS.join(" ")}`);
  for (const name of files) hash.update(name).update(readFileSync(new URL(name, SOURCES)));
  const name = `probe-${hash.digest("hex").slice(0, 16)}`;
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "altmap");
  const kept = join(cache, name);
  if (isExecutable(kept)) return { path: kept, remove: () => {} };
  const folder = writable(cache) ?? temporary(cache, warn);
  const path = join(folder, name);
  const remove = (): void => {
    if (folder !== cache) rmSync(folder, { recursive: true, force: true });
  };
  try {
    compile(files, path);
  } catch (error) {
    remove();
    throw error;
  }
  return { path, remove };
}

function compile(files: readonly string[], path: string): void {
  const unfinished = `${path}.${process.pid}`;
  const sources = files.filter((file) => file.endsWith(".c")).map((file) => new URL(file, SOURCES).pathname);
  const { error, status, stderr, signal } = spawnSync("cc", [...OPTIONS, "-o", unfinished, ...sources], {
    encoding: "utf8",
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
    throw new InputError({
      what: "no C compiler: the probe is compiled on the machine that it measures, by cc, and there is none in PATH",
      expected: "the package that has it: gcc and libc6-dev (Debian, Ubuntu), gcc (Fedora, SUSE), build-base (Alpine)",
      example: "apt-get install gcc libc6-dev",
    });
  }
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    const said = (stderr ?? "").split("\n").find((line) => /error|fatal/i.test(line)) ?? error?.message ?? signal ?? "";
    throw new InputError({
      what: `cc does not compile the probe: ${said}`,
      expected: "a C compiler with the headers of its C library (Debian: gcc, libc6-dev)",
      example: "cc --version",
    });
  }
  renameSync(unfinished, path);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function writable(folder: string): string | undefined {
  try {
    // Level by level: on a file system that has no mkdir, as /proc, Node's recursive one never ends.
    for (const level of [dirname(folder), folder]) if (!existsSync(level)) mkdirSync(level);
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}

function temporary(cache: string, warn: (line: string) => void): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), "altmap-"));
    warn(`${cache} cannot be written: the probe is compiled into ${folder}, and removed afterwards`);
    return folder;
  } catch (error) {
    throw new InputError({
      what: `neither ${cache} nor ${tmpdir()} can be written: ${(error as Error).message}`,
      expected: "a folder for the compiled probe",
      example: "XDG_CACHE_HOME=/var/tmp altmap measure",
    });
  }
}
