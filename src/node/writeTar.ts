import { posix } from "node:path";
import { pack } from "tar-stream";
import type { Capture } from "../inspect/capture.ts";
import { concatBytes } from "../platform.ts";

/** The archive of a capture: entries in the order of their paths, without times and owners. */
export async function tarOf({ files, links, folders }: Capture): Promise<Uint8Array> {
  const archive = pack();
  const there = new Map([...files].map(([path, bytes]) => [behindLinks(path, links), bytes]));
  const isBelow = new Set([...there.keys(), ...links.keys()].flatMap(parents));
  const empty = [...folders].filter((path) => !there.has(path) && !links.has(path) && !isBelow.has(path));
  const common = { mtime: new Date(0), uid: 0, gid: 0 };
  for (const path of [...there.keys(), ...links.keys(), ...empty].sort()) {
    const [bytes, linkname] = [there.get(path), links.get(path)];
    if (bytes !== undefined) archive.entry({ ...common, name: path, mode: 0o644 }, Buffer.from(bytes));
    else if (linkname !== undefined) archive.entry({ ...common, name: path, type: "symlink", linkname });
    else archive.entry({ ...common, name: path, type: "directory", mode: 0o755 });
  }
  archive.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of archive as AsyncIterable<Uint8Array>) pieces.push(piece);
  return concatBytes(pieces);
}

/** Where a file lies that was read through links: in their targets, so that the links can be kept. */
function behindLinks(path: string, links: Capture["links"]): string {
  const through = parents(path).findLast((folder) => links.has(folder));
  if (through === undefined) return path;
  const folder = parents(through).at(-1) ?? "";
  return posix.join(folder, links.get(through)!, path.slice(through.length + 1));
}

function parents(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}
