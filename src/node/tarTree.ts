import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { extract, type Headers } from "tar-stream";
import { InputError } from "../errors.ts";
import type { SystemTree } from "../inspect/systemTree.ts";

/** A capture has some 100 KiB; whole /sys trees of a large machine some ten MiB. */
const MAX_TOTAL_BYTES = 64 * 1024 ** 2;
const MAX_ENTRIES = 400_000;
const MAX_PATH = 1024;
/** As the kernel's MAXSYMLINKS. */
const MAX_LINKS = 40;

interface Entries {
  readonly files: Map<string, Uint8Array>;
  readonly links: Map<string, string>;
  /** Names in each folder. */
  readonly folders: Map<string, Set<string>>;
}

/**
 * The tree in a tar archive, plain or gzip: read whole into memory within bounds, nothing is unpacked.
 *
 * @error InputError for another file, absolute paths and `..`, devices, pipes and hard links, and for more than 64 MiB
 */
export async function tarTree(path: string, isGzip: boolean): Promise<SystemTree> {
  const entries = await readEntries(path, isGzip);
  if (entries.files.size === 0 && entries.links.size === 0) throw badTar(path, "holds no files");
  const rootPrefix = prefixOf(entries);
  const at = (file: string): string | undefined => resolved(entries, `${rootPrefix}${file}`, path);
  return {
    name: path,
    read: (file, maxBytes) => {
      const found = at(file);
      return found === undefined ? undefined : entries.files.get(found)?.subarray(0, maxBytes + 1);
    },
    list: (folder) => {
      const found = at(folder);
      return found === undefined ? [] : [...(entries.folders.get(found) ?? [])];
    },
    link: (file) => {
      const slash = file.lastIndexOf("/");
      const folder = at(file.slice(0, Math.max(0, slash)));
      return folder === undefined ? undefined : entries.links.get(joined(folder, file.slice(slash + 1)));
    },
  };
}

const joined = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

/** Packed as `machine/proc/...`: the one folder at the top is the root. */
function prefixOf({ folders }: Entries): string {
  const top = [...(folders.get("") ?? [])];
  return top.length === 1 && top[0] !== "proc" && top[0] !== "sys" ? `${top[0]}/` : "";
}

async function readEntries(path: string, isGzip: boolean): Promise<Entries> {
  const entries: Entries = { files: new Map(), links: new Map(), folders: new Map() };
  const source = createReadStream(path);
  const unpack = extract();
  let [total, count] = [0, 0];
  const input = isGzip ? source.pipe(createGunzip()) : source;
  // A stream that fails ends the loop below, whichever it is.
  source.on("error", (error: Error) => unpack.destroy(error));
  input.on("error", (error: Error) => unpack.destroy(error));
  input.pipe(unpack);
  try {
    for await (const entry of unpack) {
      if (++count > MAX_ENTRIES) throw badTar(path, `has more than ${MAX_ENTRIES} entries`);
      const name = checkedName(entry.header, path);
      const pieces: Uint8Array[] = [];
      for await (const piece of entry as AsyncIterable<Uint8Array>) {
        total += piece.length;
        if (total > MAX_TOTAL_BYTES) throw badTar(path, `unpacks to more than ${MAX_TOTAL_BYTES / 1024 ** 2} MiB`);
        pieces.push(piece);
      }
      addEntry(entries, name, entry.header, Buffer.concat(pieces));
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw badTar(path, `is damaged: ${error instanceof Error ? error.message.slice(0, 100) : String(error)}`);
  } finally {
    source.destroy();
    unpack.destroy();
  }
  return entries;
}

/** @error InputError for what no capture has, and no reader should follow */
function checkedName({ name, type }: Headers, path: string): string {
  const shown = JSON.stringify(name.slice(0, 80));
  if (name.length > MAX_PATH) throw badTar(path, `has a path of ${name.length} characters`);
  if (name.startsWith("/")) throw badTar(path, `has the absolute path ${shown}`);
  if (name.split("/").includes("..")) throw badTar(path, `has a path that leaves it: ${shown}`);
  const isPlain = ["file", "contiguous-file", "directory", "symlink", "pax-header", "pax-global-header"];
  if (!isPlain.includes(type ?? "file")) throw badTar(path, `holds ${shown}, a ${type}`);
  return name.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
}

function addEntry({ files, links, folders }: Entries, name: string, header: Headers, bytes: Uint8Array): void {
  if (name === "" || name === ".") return;
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  parts.forEach((part, i) => {
    const folder = parts.slice(0, i).join("/");
    const names = folders.get(folder) ?? new Set();
    names.add(part);
    folders.set(folder, names);
  });
  const whole = parts.join("/");
  if (header.type === "symlink") links.set(whole, header.linkname ?? "");
  else if (header.type === "directory") folders.set(whole, folders.get(whole) ?? new Set());
  else files.set(whole, bytes);
}

/** Follows links within the archive; undefined for one that leads out of it. @error InputError for a loop */
function resolved({ links, folders, files }: Entries, path: string, archive: string): string | undefined {
  let parts = path.split("/").filter((part) => part !== "" && part !== ".");
  let done: string[] = [];
  for (let hops = 0; parts.length > 0; ) {
    const [part, ...rest] = parts as [string, ...string[]];
    parts = rest;
    if (part === "..") {
      if (done.length === 0) return undefined;
      done = done.slice(0, -1);
      continue;
    }
    const here = [...done, part].join("/");
    const target = links.get(here);
    if (target === undefined) {
      done = [...done, part];
      continue;
    }
    if (++hops > MAX_LINKS)
      throw badTar(archive, `has a loop of symbolic links at ${JSON.stringify(here.slice(0, 80))}`);
    if (target.startsWith("/")) return undefined;
    parts = [...target.split("/").filter((one) => one !== "" && one !== "."), ...parts];
  }
  const whole = done.join("/");
  return files.has(whole) || folders.has(whole) ? whole : undefined;
}

function badTar(path: string, what: string): InputError {
  return new InputError({
    what,
    where: path,
    expected: "a tar archive, plain or gzip, with proc/ and sys/ of a machine",
    example: "altmap inspect --capture machine.tar",
  });
}
