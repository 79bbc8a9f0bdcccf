/** Debian's packages: the tools on this machine, and kernels unpacked into a cache (never installed). */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export type KernelLine = "6.1" | "6.12";

/** One unpacked linux-image package. */
export interface KernelPackage {
  readonly line: KernelLine;
  /** `uname -r`. */
  readonly release: string;
  readonly vmlinuz: string;
  readonly modules: string;
}

/** Something the suite needs is not here and could not be fetched. */
export class MissingPackages extends Error {}

const TOOL_PACKAGES: Readonly<Record<string, string>> = {
  busybox: "busybox-static",
  ndctl: "ndctl",
  daxctl: "daxctl",
  gcc: "gcc libc6-dev",
};

/** The unsigned variants hold the same kernel and modules without Secure Boot's signature. */
const KERNEL_PACKAGE: Readonly<Record<KernelLine, RegExp>> = {
  "6.1": /^linux-image-6\.1\.0-\d+-amd64-unsigned$/,
  "6.12": /^linux-image-6\.12\.\d+\+deb\d+-amd64-unsigned$/,
};

/** In the order they have to be loaded. dax_pmem makes dax0.0 of a device-dax namespace. */
export const DAX_MODULES = ["libnvdimm", "nfit", "nd_btt", "nd_pmem", "dax_pmem", "device_dax", "kmem"];

/** Likewise; 6.12 has some of these built in. */
export const DISK_MODULES = [
  ...["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk"],
  ...["crc16", "crc32c_generic", "mbcache", "jbd2", "ext4"],
  ...["lz4_compress", "lz4hc_compress", "zsmalloc", "zram"],
];

/** Globs that match in the packages of both lines. */
const MODULE_GLOBS = [...DAX_MODULES, "virtio*", "crc16", "crc32c_generic", "mbcache", "jbd2", "ext4", "lz4*_compress"]
  .concat("z[rs][am]*")
  .map((name) => `'*/${name}.ko*'`);

/** A cache without it was filled for fewer modules than there are now. */
const LAST_ADDED_MODULE = "fs/ext4";

export function commandPath(command: string): string | undefined {
  const found = spawnSync("sh", ["-c", `PATH="$PATH:/usr/sbin:/sbin" command -v ${command}`], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

function apt(args: readonly string[], cwd?: string): string {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  return execFileSync("apt-get", ["-q", "-y", ...args], { encoding: "utf8", stdio: "pipe", env, cwd });
}

let listsAreFresh = false;

/** Package lists, once per run. Without permission the lists that are there have to do. */
export function updateLists(): void {
  if (listsAreFresh) return;
  listsAreFresh = true;
  try {
    apt(["update"]);
  } catch {
    process.stderr.write("live kernel suite: apt-get update failed; using the package lists that are here\n");
  }
}

/** @error MissingPackages naming every tool that is missing and could not be installed */
export function ensureTools(): void {
  const missing = (): string[] => Object.keys(TOOL_PACKAGES).filter((tool) => commandPath(tool) === undefined);
  const before = missing();
  if (before.length === 0) return;
  const packages = before.flatMap((tool) => TOOL_PACKAGES[tool]?.split(" ") ?? tool);
  process.stderr.write(`live kernel suite: installing ${packages.join(" ")}\n`);
  try {
    updateLists();
    apt(["install", "--no-install-recommends", ...packages]);
  } catch (error) {
    throw new MissingPackages(`apt-get install ${packages.join(" ")} failed: ${lastLine(error)}`);
  }
  const after = missing();
  if (after.length > 0) throw new MissingPackages(`no ${after.join(", ")} on PATH`);
}

export function lastLine(error: unknown): string {
  const stderr = String((error as { stderr?: unknown }).stderr ?? "").trim();
  return (stderr === "" ? String(error) : stderr).split("\n").at(-1) ?? "";
}

export function cacheDirectory(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "altmap-kernels");
}

/** Versions inside one line differ in numbers only, so numeric order of the names is version order. */
function newest(names: readonly string[]): string | undefined {
  return [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
}

function unpacked(line: KernelLine): KernelPackage | undefined {
  const cache = cacheDirectory();
  if (!existsSync(cache)) return undefined;
  const name = newest(readdirSync(cache).filter((entry) => KERNEL_PACKAGE[line].test(entry)));
  if (name === undefined) return undefined;
  const kernel = describe(line, join(cache, name), name);
  return existsSync(join(kernel.modules, LAST_ADDED_MODULE)) ? kernel : undefined;
}

function describe(line: KernelLine, root: string, name: string): KernelPackage {
  const release = name.replace(/^linux-image-/, "").replace(/-unsigned$/, "");
  return {
    line,
    release,
    vmlinuz: join(root, "boot", `vmlinuz-${release}`),
    modules: join(root, "lib/modules", release, "kernel"),
  };
}

function download(line: KernelLine): void {
  updateLists();
  const listed = execFileSync("apt-cache", ["pkgnames", "linux-image-6."], { encoding: "utf8" }).split("\n");
  const candidates = listed.filter((name) => KERNEL_PACKAGE[line].test(name) && hasCandidate(name));
  const name = newest(candidates);
  if (name === undefined) {
    throw new MissingPackages(`apt offers no Linux ${line} (${KERNEL_PACKAGE[line].source})`);
  }
  process.stderr.write(`live kernel suite: downloading ${name}\n`);
  mkdirSync(cacheDirectory(), { recursive: true });
  const scratch = mkdtempSync(join(cacheDirectory(), ".download-"));
  try {
    apt(["download", name], scratch);
    const deb = readdirSync(scratch).find((file) => file.endsWith(".deb"));
    if (deb === undefined) throw new Error(`apt-get download ${name} left no .deb`);
    const root = join(scratch, "root");
    mkdirSync(root);
    const unpack = `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards './boot/vmlinuz-*' ${MODULE_GLOBS.join(" ")}`;
    execFileSync("sh", ["-c", unpack, "sh", join(scratch, deb), root], { stdio: "pipe" });
    const target = join(cacheDirectory(), name);
    // Another run may have been faster.
    if (unpacked(line) === undefined) {
      rmSync(target, { recursive: true, force: true });
      renameSync(root, target);
    }
  } catch (error) {
    throw new MissingPackages(`fetching ${name} failed: ${lastLine(error)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A name can outlive its package in apt's index. */
function hasCandidate(name: string): boolean {
  return /Candidate: (?!\(none\))/.test(execFileSync("apt-cache", ["policy", name], { encoding: "utf8" }));
}

/** @error MissingPackages when the kernel is neither in the cache nor offered by apt */
export function ensureKernel(line: KernelLine): KernelPackage {
  const cached = unpacked(line);
  if (cached) return cached;
  if (commandPath("apt-get") === undefined) throw new MissingPackages("no apt-get on this machine");
  download(line);
  const fetched = unpacked(line);
  if (!fetched) throw new MissingPackages(`Linux ${line} was downloaded and is not in ${cacheDirectory()}`);
  return fetched;
}
