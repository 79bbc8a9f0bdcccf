/** Debian's kernels, unpacked into a cache (never installed). */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Apt, commandPath, lastLine, MissingPackages, machineApt, privateApt } from "./apt.ts";
import { cacheDirectory } from "./packages.ts";

/** A kernel's first two numbers, `6.12`. */
export type KernelLine = `${number}.${number}`;

/** One unpacked kernel. */
export interface KernelPackage {
  readonly line: KernelLine;
  /** `uname -r`. */
  readonly release: string;
  readonly vmlinuz: string;
  /** Of its modules; undefined where Debian packages none any more (6.19, 7.0, 7.1): no dax, and no disk to record to. */
  readonly modules: string | undefined;
  /** Debian's configuration of it. */
  readonly config: string;
}

/** In the order they have to be loaded. dax_pmem makes dax0.0 of a device-dax namespace. */
export const DAX_MODULES = ["libnvdimm", "nfit", "nd_btt", "nd_pmem", "dax_pmem", "device_dax", "kmem"];

/** Likewise; newer kernels have some of these built in. */
export const DISK_MODULES = [
  ...["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk"],
  ...["crc16", "crc32c_generic", "mbcache", "jbd2", "ext4"],
  ...["lz4_compress", "lz4hc_compress", "zsmalloc", "zram"],
];

/** What is unpacked of packages: kernel, configuration, and the modules in any of their places. */
const WANTED = ["./boot/vmlinuz-*", "*/vmlinuz", "*/vmlinuz.unsigned", "./boot/config-*", "./usr/lib/modules/*/config"]
  .concat(
    [...DAX_MODULES, "virtio*", "crc16", "crc32c_generic", "mbcache", "jbd2", "ext4"].map((name) => `*/${name}.ko*`),
  )
  .concat(["*/lz4*_compress.ko*", "*/z[rs][am]*.ko*"]);

/** @error Error that says what is expected */
export function parseKernelLine(text: string): KernelLine {
  if (!/^[1-9]\d?\.\d{1,3}$/.test(text))
    throw new Error(`--kernel ${text}: expected a kernel's first two numbers, 6.12`);
  return text as KernelLine;
}

/** Lines parted by commas. @error Error that says what is expected */
export const parseKernelLines = (text: string): KernelLine[] => [...new Set(text.split(",").map(parseKernelLine))];

/** The release that a package's name tells, where it is one of this line: not those of cloud or real-time kernels. */
export function releaseIn(name: string, line: KernelLine): string | undefined {
  const [major, minor] = line.split(".");
  const release = new RegExp(
    `^linux-(?:image|binary|binary-unsigned)-(${major}\\.${minor}\\.\\d+(?:-\\d+)?(?:\\+[a-z0-9.]+)?-amd64)(?:-unsigned)?$`,
  );
  return release.exec(name)?.[1];
}

/**
 * The packages that make up the newest release of a line. Unsigned ones hold the same kernel without Secure Boot's
 * signature; newer kernels are split into kernel, modules and base, which holds the configuration.
 */
export function packagesOf(
  line: KernelLine,
  names: readonly string[],
): { readonly release: string; readonly packages: string[] } | undefined {
  // Releases of one line differ in numbers only, so numeric order is version order.
  const releases = [...new Set(names.flatMap((name) => releaseIn(name, line) ?? []))];
  const release = releases.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (release === undefined) return undefined;
  const offered = new Set(names);
  const kernel = [
    ...[`linux-binary-unsigned-${release}`, `linux-binary-${release}`],
    ...[`linux-image-${release}-unsigned`, `linux-image-${release}`],
  ].find((name) => offered.has(name));
  const parts = [`linux-modules-${release}`, `linux-base-${release}`].filter((name) => offered.has(name));
  return { release, packages: [...(kernel === undefined ? [] : [kernel]), ...parts] };
}

function filesBelow(root: string): string[] {
  return existsSync(root) ? readdirSync(root, { recursive: true, encoding: "utf8" }) : [];
}

function describe(line: KernelLine, root: string, release: string): KernelPackage | undefined {
  const files = filesBelow(root);
  const vmlinuz = files.find((path) => /(^|\/)vmlinuz(-[^/]*|\.unsigned)?$/.test(path));
  const config = files.find((path) => /(^|\/)config(-[^/]*)?$/.test(path));
  if (vmlinuz === undefined || config === undefined) return undefined;
  const modules = ["lib/modules", "usr/lib/modules"].map((folder) => join(root, folder, release, "kernel"));
  return {
    line,
    release,
    vmlinuz: join(root, vmlinuz),
    modules: modules.find((folder) => existsSync(folder)),
    config: join(root, config),
  };
}

/** Where a release lies in the cache. */
const folderOf = (release: string): string => join(cacheDirectory(), `linux-${release}`);

function unpacked(line: KernelLine): KernelPackage | undefined {
  if (!existsSync(cacheDirectory())) return undefined;
  const releases = readdirSync(cacheDirectory())
    .filter((entry) => releaseIn(entry.replace(/^linux-/, "linux-image-"), line) !== undefined)
    .map((entry) => entry.replace(/^linux-/, ""));
  const release = releases.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  return release === undefined ? undefined : describe(line, folderOf(release), release);
}

/** Names of everything that belongs to kernels of a line. */
const namesOf = (apt: Apt, line: KernelLine): string[] =>
  apt.names("linux-", (name) => /^linux-(image|binary|modules|base)-/.test(name) && name.includes(`-${line}.`));

let newer: Apt | undefined;

/** Once a run: its lists are 45 MB. */
function newerApt(): Apt {
  if (newer !== undefined) return newer;
  const folder = mkdtempSync(join(cacheDirectory(), ".apt-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  newer = privateApt(folder, true).apt;
  return newer;
}

/** That of this machine where it has the line, else one that knows newer suites. */
function offering(line: KernelLine): { readonly apt: Apt; readonly names: string[] } {
  const own = machineApt();
  const names = namesOf(own, line);
  if (packagesOf(line, names) !== undefined) return { apt: own, names };
  process.stderr.write(`live kernel suite: this machine's apt has no Linux ${line}; asking Debian's newer suites\n`);
  const apt = newerApt();
  return { apt, names: namesOf(apt, line) };
}

function download(line: KernelLine): void {
  mkdirSync(cacheDirectory(), { recursive: true });
  const scratch = mkdtempSync(join(cacheDirectory(), ".download-"));
  try {
    const { apt, names } = offering(line);
    const found = packagesOf(line, names);
    if (found === undefined)
      throw new MissingPackages(`Debian packages no Linux ${line} (linux-image-${line}.*-amd64)`);
    const root = join(scratch, "root");
    mkdirSync(root);
    for (const name of found.packages) {
      process.stderr.write(`live kernel suite: downloading ${name}\n`);
      apt.get(["download", name], scratch);
      const deb = readdirSync(scratch).find((file) => file.endsWith(".deb"));
      if (deb === undefined) throw new Error(`apt-get download ${name} left no .deb`);
      unpack(join(scratch, deb), root);
      rmSync(join(scratch, deb));
    }
    const target = folderOf(found.release);
    rmSync(target, { recursive: true, force: true });
    renameSync(root, target);
  } catch (error) {
    if (error instanceof MissingPackages) throw error;
    throw new MissingPackages(`fetching Linux ${line} failed: ${lastLine(error)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** tar ends with an error where a pattern matches nothing, which one of several always does. */
function unpack(deb: string, root: string): void {
  const script = `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards ${WANTED.map((glob) => `'${glob}'`).join(" ")} 2>/dev/null || :`;
  execFileSync("sh", ["-c", script, "sh", deb, root], { stdio: "pipe" });
}

/** @error MissingPackages when the kernel is neither in the cache nor offered by Debian */
export function ensureKernel(line: KernelLine): KernelPackage {
  const cached = unpacked(line);
  if (cached) return cached;
  if (commandPath("apt-get") === undefined) throw new MissingPackages("no apt-get on this machine");
  download(line);
  const fetched = unpacked(line);
  if (!fetched) throw new MissingPackages(`Linux ${line} was downloaded and is not in ${cacheDirectory()}`);
  return fetched;
}
