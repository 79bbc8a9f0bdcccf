/** The guest's whole user space: busybox, the persistent memory modules, ndctl and daxctl. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { commandPath, MissingPackages } from "./apt.ts";
import { type ArchiveEntry, newcArchive, S_IFCHR, S_IFLNK, S_IFREG } from "./cpio.ts";
import { DAX_MODULES, type KernelPackage } from "./kernels.ts";
import { libraryPath } from "./qemu.ts";
import { END_MARK } from "./shell.ts";

/** What a guest has beyond what every guest has. */
export interface GuestExtras {
  /** Loaded in this order; those the kernel does not have as modules are built in. */
  readonly modules?: readonly string[];
  readonly applets?: readonly string[];
  readonly files?: readonly ArchiveEntry[];
}

const APPLETS = ["sh", "cat", "grep", "sed", "mount", "insmod", "readlink", "dmesg", "stty", "sleep", "printf", "echo"];

/** Maps namespace0.0 as device-dax with its struct pages in DRAM, as in the recordings. */
const MAKE_DAX = `
ndctl create-namespace -f -e namespace0.0 -m devdax -M mem >/dev/null
`;

function loadModules(names: readonly string[]): string {
  return `for m in ${names.join(" ")}; do [ ! -e /modules/$m.ko ] || insmod /modules/$m.ko; done`;
}

/** Console and shell are on two serial lines, so that kernel messages cannot break an answer. One line is one command. */
function initScript(hasDax: boolean, modules: readonly string[]): string {
  return `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
stty -F /dev/ttyS1 raw -echo
exec </dev/ttyS1 >/dev/ttyS1 2>&1
${loadModules(modules)}
${hasDax ? MAKE_DAX : ""}
dmesg -c >/dev/null
echo; echo ${END_MARK}
exec sh -c '. /guest.sh; while read -r command; do eval "$command"; done'
`;
}

/**
 * A program with its libraries.
 *
 * @param root of an unpacked package that brings its own libraries, which come before those of this machine
 */
export function executable(path: string, root = ""): ArchiveEntry[] {
  const entries = new Map<string, ArchiveEntry>();
  let needed = "";
  const env = root === "" ? process.env : { ...process.env, LD_LIBRARY_PATH: libraryPath(root) };
  try {
    needed = execFileSync("ldd", [path], { encoding: "utf8", stdio: "pipe", env });
  } catch {
    // A static program has no libraries; ldd says so with an exit code.
  }
  for (const [, library] of needed.matchAll(/(?:=> |^\s+)(\/\S+)/gm)) {
    if (library === undefined) continue;
    const place = library.startsWith(root) ? library.slice(root.length) : library;
    entries.set(library, file(place.slice(1), readFileSync(library)));
  }
  entries.set(path, file(`bin/${path.split("/").at(-1)}`, readFileSync(realpathSync(path))));
  return [...entries.values()];
}

function file(path: string, data: Uint8Array): ArchiveEntry {
  return { path, mode: S_IFREG | 0o755, data };
}

function findModule(kernel: KernelPackage, name: string): string | undefined {
  if (kernel.modules === undefined) return undefined;
  const found = readdirSync(kernel.modules, { recursive: true, encoding: "utf8" }).find((path) =>
    new RegExp(`(^|/)${name}\\.ko(\\.xz)?$`).test(path),
  );
  return found === undefined ? undefined : join(kernel.modules, found);
}

function moduleEntry(name: string, path: string): ArchiveEntry {
  const compressed = readFileSync(path);
  const data = path.endsWith(".xz")
    ? execFileSync("busybox", ["unxz", "-c"], { input: compressed, maxBuffer: 64 << 20 })
    : compressed;
  return file(`modules/${name}.ko`, data);
}

function toolPath(name: string): string {
  const path = commandPath(name);
  if (path === undefined) throw new MissingPackages(`no ${name} on PATH`);
  return path;
}

/** An uncompressed newc archive: the guest emulates its own decompression, so that is the slow way. */
export function buildInitramfs(kernel: KernelPackage, hasDax: boolean, extras: GuestExtras): Buffer {
  const guest = readFileSync(new URL("../../test/live/guest.sh", import.meta.url));
  const entries = new Map<string, ArchiveEntry>();
  const add = (entry: ArchiveEntry): void => {
    entries.set(entry.path, entry);
  };
  for (const directory of ["proc", "sys", "dev"]) add({ path: `${directory}/.keep`, mode: S_IFREG | 0o644 });
  add({ path: "dev/console", mode: S_IFCHR | 0o600, device: [5, 1] });
  executable(toolPath("busybox")).forEach(add);
  for (const applet of [...APPLETS, ...(extras.applets ?? [])])
    add({ path: `bin/${applet}`, mode: S_IFLNK | 0o777, data: Buffer.from("busybox") });
  if (hasDax) {
    for (const tool of ["ndctl", "daxctl"]) executable(toolPath(tool)).forEach(add);
  }
  const modules = [...(hasDax ? DAX_MODULES : []), ...(extras.modules ?? [])];
  for (const name of modules) {
    const path = findModule(kernel, name);
    if (path !== undefined) add(moduleEntry(name, path));
    else if (DAX_MODULES.includes(name))
      throw new MissingPackages(`${kernel.release} is packaged without module ${name}`);
  }
  for (const extra of extras.files ?? []) add(extra);
  add(file("guest.sh", guest));
  add(file("init", Buffer.from(initScript(hasDax, modules))));
  return newcArchive([...entries.values()]);
}
