import { closeSync, openSync, readdirSync, readlinkSync, readSync, realpathSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { InputError } from "../errors.ts";
import type { SystemTree } from "../inspect/systemTree.ts";
import { faultCode } from "../platform.ts";

/**
 * The tree below a folder; "/" is this machine. Files are regular ones within it: a link out of a captured tree, a
 * device or a pipe is as good as missing, and a loop of links is an error.
 *
 * @error InputError when it is no folder
 */
export function folderTree(root: string): SystemTree {
  const base = folderAt(root);
  const inside = base.endsWith(sep) ? base : base + sep;
  const real = (path: string): string | undefined => {
    try {
      const found = realpathSync(join(base, path));
      return found === base || found.startsWith(inside) ? found : undefined;
    } catch (error) {
      if (faultCode(error) !== "ELOOP") return undefined;
      throw new InputError({ what: "is a loop of symbolic links", where: join(root, path), expected: "a file" });
    }
  };
  return {
    name: root === "/" ? "" : root.replace(/\/+$/, ""),
    read: (path, maxBytes) => readHead(real(path), maxBytes),
    list: (path) => {
      const found = real(path);
      try {
        return found === undefined ? [] : readdirSync(found);
      } catch {
        return [];
      }
    },
    link: (path) => {
      try {
        return readlinkSync(join(base, path));
      } catch {
        return undefined;
      }
    },
  };
}

function folderAt(root: string): string {
  try {
    const base = realpathSync(resolve(root));
    if (statSync(base).isDirectory()) return base;
  } catch {
    throw new InputError({
      what: "no such folder",
      where: root,
      expected: "a folder that holds proc/ and sys/",
      example: "--root captured",
    });
  }
  throw new InputError({
    what: "is neither a folder nor a tar archive",
    where: root,
    expected: "a folder that holds proc/ and sys/, or what altmap inspect --capture writes",
    example: "--root machine.tar",
  });
}

/** Up to `maxBytes` and one of a regular file: those of /proc and /sys do not know their size. */
function readHead(path: string | undefined, maxBytes: number): Uint8Array | undefined {
  if (path === undefined) return undefined;
  let file: number | undefined;
  try {
    if (!statSync(path).isFile()) return undefined;
    file = openSync(path, "r");
    let bytes = new Uint8Array(16384);
    for (let filled = 0; ; ) {
      const got = readSync(file, bytes, filled, bytes.length - filled, null);
      filled += got;
      if (got === 0 || filled > maxBytes) return bytes.subarray(0, filled);
      if (filled === bytes.length) {
        const more = new Uint8Array(Math.min(4 * bytes.length, maxBytes + 1));
        more.set(bytes);
        bytes = more;
      }
    }
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
