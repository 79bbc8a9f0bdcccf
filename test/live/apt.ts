/** Debian's package manager: that of this machine, and one of our own that knows more suites and leaves the machine's as it is. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Something the suite needs is not here and could not be fetched. */
export class MissingPackages extends Error {}

/** Where newer kernels are packaged than the running Debian has. */
const NEWER_SUITES = ["trixie-backports", "forky", "sid"];

export function commandPath(command: string): string | undefined {
  const found = spawnSync("sh", ["-c", `PATH="$PATH:/usr/sbin:/sbin" command -v ${command}`], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

export function lastLine(error: unknown): string {
  const stderr = String((error as { stderr?: unknown }).stderr ?? "").trim();
  return (stderr === "" ? String(error) : stderr).split("\n").at(-1) ?? "";
}

/** Which packages an apt offers, and how to get them. */
export interface Apt {
  /** Runs apt-get. @error Error of the child process, with its stderr */
  get(args: readonly string[], cwd?: string): void;
  /** Names that fit and can be fetched. @param prefix with which they begin */
  names(prefix: string, fits: (name: string) => boolean): string[];
}

function aptWith(options: readonly string[]): Apt {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const ask = (...args: string[]): string =>
    execFileSync("apt-cache", [...options, ...args], { encoding: "utf8", env, maxBuffer: 1 << 28 });
  return {
    get: (args, cwd) =>
      void execFileSync("apt-get", [...options, "-q", "-y", ...args], { stdio: "pipe", env, cwd, maxBuffer: 1 << 28 }),
    names(prefix, fits) {
      const known = ask("pkgnames", prefix)
        .split("\n")
        .filter((name) => name !== "" && fits(name));
      if (known.length === 0) return [];
      // A name can outlive its package in apt's index.
      const policy = ask("policy", ...known).split(/^(?=\S)/m);
      return policy.flatMap((text) =>
        /Candidate: (?!\(none\))/.test(text) ? [text.slice(0, text.indexOf(":\n"))] : [],
      );
    },
  };
}

let machines: Apt | undefined;

/** That of this machine, its lists fetched once a run. Without permission the lists that are there have to do. */
export function machineApt(): Apt {
  if (machines !== undefined) return machines;
  if (commandPath("apt-get") === undefined) throw new MissingPackages("no apt-get on this machine");
  machines = aptWith([]);
  try {
    machines.get(["update"]);
  } catch {
    process.stderr.write("live kernel suite: apt-get update failed; using the package lists that are here\n");
  }
  return machines;
}

interface PrivateApt {
  readonly apt: Apt;
  /** Of the running release. */
  readonly backports: string;
  /** Where it puts what it downloads. */
  readonly archives: string;
}

function copyMachineSources(folder: string): void {
  if (existsSync("/etc/apt/sources.list.d")) cpSync("/etc/apt/sources.list.d", folder, { recursive: true });
  if (existsSync("/etc/apt/sources.list")) cpSync("/etc/apt/sources.list", join(folder, "machine.list"));
}

/**
 * One that writes nothing outside `folder`, and knows Debian's backports for the running release. Beside them, either what
 * this machine's knows, or `newer`: the suites that have newer kernels, of which nothing is ever installed.
 *
 * @error Error when its lists cannot be fetched
 */
export function privateApt(folder: string, newer: boolean): PrivateApt {
  const sources = join(folder, "sources");
  const archives = join(folder, "cache/archives");
  for (const made of [sources, join(folder, "lists/partial"), join(archives, "partial")])
    mkdirSync(made, { recursive: true });
  if (!newer) copyMachineSources(sources);
  const targets = ["--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages", "Origin: Debian"];
  const [repository, release] = execFileSync("apt-get", ["indextargets", ...targets], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.split(" "))
    .find(([, codename]) => codename !== undefined && !codename.includes("-")) ?? [undefined];
  if (repository === undefined) throw new Error("apt has no list of Debian's packages");
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  const backports = `${release}-backports`;
  const suites = [...new Set([backports, ...(newer ? NEWER_SUITES : [])])];
  writeFileSync(
    join(sources, "altmap.list"),
    suites.map((suite) => `deb ${signed}${repository} ${suite} main\n`).join(""),
  );
  const settings = {
    "Dir::Etc::sourcelist": "/dev/null",
    "Dir::Etc::sourceparts": sources,
    "Dir::State::lists": join(folder, "lists"),
    "Dir::Cache": join(folder, "cache"),
    // Images for containers switch these off, and each question then reads all lists again.
    "Dir::Cache::pkgcache": "pkgcache.bin",
    "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
    "Acquire::Languages": "none",
    "Debug::NoLocking": "1",
  };
  const apt = aptWith(Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]));
  apt.get(["update"]);
  return { apt, backports, archives };
}
