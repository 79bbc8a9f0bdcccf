/** QEMU 10 or later: that of this machine, or Debian's, unpacked into the cache (never installed). */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lastLine, MissingPackages, machineApt, privateApt } from "./apt.ts";
import { cacheDirectory } from "./packages.ts";

/** How to start it. */
export interface Qemu {
  readonly command: string;
  /** Where its firmware lies, as arguments. */
  readonly firmware: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Its plugins read registers, and see a `rep`-prefixed instruction once and not once for each byte. */
const FIRST_VERSION = 10;
const COMMAND = "qemu-system-x86_64";

function versionOf({ command, environment }: Qemu): number {
  try {
    const said = execFileSync(command, ["--version"], { encoding: "utf8", env: environment, stdio: "pipe" });
    return Number(/version (\d+)\./.exec(said)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Where the libraries of packages lie that have been unpacked into a folder. */
export const libraryPath = (root: string): string =>
  ["usr/lib", "lib"].map((folder) => join(root, folder, "x86_64-linux-gnu")).join(":");

function below(root: string): Qemu {
  const firmware = ["qemu", "seabios"].flatMap((folder) => ["-L", join(root, "usr/share", folder)]);
  return {
    command: join(root, "usr/bin", COMMAND),
    firmware,
    environment: { ...process.env, LD_LIBRARY_PATH: libraryPath(root) },
  };
}

/** What this machine lacks of a package and its dependencies, unpacked. @returns the folder */
function unpackPackage(name: string, scratch: string, fromBackports: boolean): string {
  const { apt, backports, archives } = privateApt(scratch, false);
  const target = fromBackports ? ["-t", backports] : [];
  apt.get(["install", "--download-only", "--no-install-recommends", ...target, name]);
  const root = join(scratch, "root");
  mkdirSync(root);
  for (const file of readdirSync(archives).filter((entry) => entry.endsWith(".deb")))
    execFileSync("dpkg-deb", ["-x", join(archives, file), root], { stdio: "pipe" });
  return root;
}

function fetchPackage(name: string, target: string, fromBackports: boolean): void {
  machineApt();
  process.stderr.write(`live kernel suite: downloading ${name}\n`);
  mkdirSync(cacheDirectory(), { recursive: true });
  const scratch = mkdtempSync(join(cacheDirectory(), ".download-"));
  try {
    const root = unpackPackage(name, scratch, fromBackports);
    rmSync(target, { recursive: true, force: true });
    renameSync(root, target);
  } catch (error) {
    throw new MissingPackages(`fetching ${name} failed: ${lastLine(error)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * A package that only a recording needs, in the cache.
 *
 * @returns the folder in which its `usr` lies
 * @error MissingPackages when apt does not offer it
 */
export function ensureUnpacked(name: string): string {
  const target = join(cacheDirectory(), name);
  if (!existsSync(target)) fetchPackage(name, target, false);
  return target;
}

let found: Qemu | undefined;

/** @error MissingPackages when there is none on this machine or in the cache, and apt offers none */
export function ensureQemu(): Qemu {
  if (found !== undefined) return found;
  const installed = { command: COMMAND, firmware: [], environment: process.env };
  const cached = join(cacheDirectory(), "qemu-system-x86");
  const usable = (): Qemu | undefined => [installed, below(cached)].find((qemu) => versionOf(qemu) >= FIRST_VERSION);
  found = usable();
  if (found === undefined) {
    fetchPackage("qemu-system-x86", cached, true);
    found = usable();
  }
  if (found === undefined) throw new MissingPackages(`apt offers no QEMU ${FIRST_VERSION} or later`);
  return found;
}
