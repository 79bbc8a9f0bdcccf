import { MEMORY_PARAMETERS } from "./kernelFacts.ts";
import type { SystemTree } from "./systemTree.ts";

/** What of a machine goes into a capture: what was read of it, cleaned. */
export interface Capture {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly links: ReadonlyMap<string, string>;
  /** Names that were looked up in folders and have no file of their own here. */
  readonly folders: ReadonlySet<string>;
}

/** Folders whose names say what runs on a machine. */
const NOT_LISTED = ["proc", "sys", ""];

/** A tree that remembers what is read of it. */
export function recordedTree(tree: SystemTree): { readonly tree: SystemTree; readonly capture: () => Capture } {
  const files = new Map<string, Uint8Array>();
  const links = new Map<string, string>();
  const folders = new Set<string>();
  return {
    tree: {
      name: tree.name,
      read: (path, maxBytes) => {
        const bytes = tree.read(path, maxBytes);
        if (bytes !== undefined) files.set(path, cleaned(path, bytes));
        return bytes;
      },
      list: (path) => {
        const names = tree.list(path);
        if (!NOT_LISTED.includes(path)) for (const name of names) folders.add(`${path}/${name}`);
        return names;
      },
      link: (path) => {
        const target = tree.link(path);
        if (target !== undefined) links.set(path, target);
        return target;
      },
    },
    capture: () => ({ files, links, folders }),
  };
}

/** What is left out, as the user is told. */
export const LEFT_OUT = [
  "of the command line, every word but those of memory and hotplug",
  "who built the kernel, and where",
  "of CPUs, all but their number, vendor and flags: no serial numbers",
  "host name, addresses of networks, processes, users: never read",
] as const;

/** Lines of /proc/cpuinfo that are read. */
const CPU_LINES = /^(processor|vendor_id|flags|CPU implementer|cpu|isa)\s*:/;

function cleaned(path: string, bytes: Uint8Array): Uint8Array {
  const clean = CLEANERS[path];
  return clean === undefined ? bytes : new TextEncoder().encode(clean(new TextDecoder().decode(bytes)));
}

const CLEANERS: Readonly<Record<string, (text: string) => string>> = {
  "proc/cmdline": (text) =>
    `${text
      .trim()
      .split(/\s+/)
      .filter((word) => MEMORY_PARAMETERS.test(word))
      .join(" ")}\n`,
  // Linux version RELEASE (user@host) (compiler...) #1 SMP date
  "proc/version": (text) => text.replace(/\([^()\s]*@[^()\s]*\)/g, "(builder)"),
  "proc/cpuinfo": (text) =>
    text
      .split("\n")
      .filter((line) => line === "" || CPU_LINES.test(line))
      .join("\n"),
};
