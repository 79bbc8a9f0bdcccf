/** Writes a `newc` cpio archive: the initramfs format (Documentation/driver-api/early-userspace/buffer-format.rst). */

export interface ArchiveEntry {
  /** Path inside the archive, without a leading slash. */
  readonly path: string;
  /** `S_IFMT` and permission bits, e.g. 0o100755. */
  readonly mode: number;
  readonly data?: Uint8Array;
  /** Major and minor number of a device node. */
  readonly device?: readonly [number, number];
}

export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;

const NEWC_MAGIC = "070701";

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function record(entry: ArchiveEntry, inode: number): Buffer {
  const name = Buffer.from(`${entry.path}\0`);
  const data = entry.data ?? new Uint8Array(0);
  const [major, minor] = entry.device ?? [0, 0];
  const fields = [inode, entry.mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, name.length, 0];
  const header = Buffer.from(NEWC_MAGIC + fields.map((field) => field.toString(16).padStart(8, "0")).join(""));
  return Buffer.concat([header, name, padding(header.length + name.length), data, padding(data.length)]);
}

/** Adds the directories the entries need, parents first, and ends with the trailer record. */
export function newcArchive(entries: readonly ArchiveEntry[]): Buffer {
  const directories = new Set<string>();
  for (const { path } of entries) {
    const parts = path.split("/").slice(0, -1);
    parts.forEach((_, index) => {
      directories.add(parts.slice(0, index + 1).join("/"));
    });
  }
  const all: ArchiveEntry[] = [...[...directories].map((path) => ({ path, mode: S_IFDIR | 0o755 })), ...entries];
  const records = all.map((entry, index) => record(entry, index + 1));
  return Buffer.concat([...records, record({ path: "TRAILER!!!", mode: 0 }, 0)]);
}
