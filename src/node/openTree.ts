import { statSync } from "node:fs";
import { InputError } from "../errors.ts";
import type { SystemTree } from "../inspect/systemTree.ts";
import { readRegular } from "./files.ts";
import { folderTree } from "./systemTrees.ts";
import { tarTree } from "./tarTree.ts";

const MAX_ARCHIVE_BYTES = 64 * 1024 ** 2;
/** Where POSIX puts the word that marks a tar archive. */
const USTAR_AT = 257;

/**
 * The machine at a path: a folder with proc/ and sys/, or an archive of one.
 *
 * @error InputError when it is neither, or packed as nothing that is read here
 */
export async function openTree(root: string): Promise<SystemTree> {
  if (statSync(root, { throwIfNoEntry: false })?.isFile() !== true) return folderTree(root);
  const bytes = readRegular(root, MAX_ARCHIVE_BYTES);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const isTar = new TextDecoder("latin1").decode(bytes.subarray(USTAR_AT, USTAR_AT + 5)) === "ustar";
  if (isGzip || isTar) return tarTree(root, isGzip);
  const isXz = bytes[0] === 0xfd && bytes[1] === 0x37 && bytes[2] === 0x7a;
  throw new InputError({
    what: isXz ? "is packed with xz" : "is neither a folder nor a tar archive",
    where: root,
    expected: isXz
      ? "a folder, or a tar archive, plain or gzip"
      : "a folder that holds proc/ and sys/, or a tar archive of one",
    example: isXz ? `mkdir machine && tar xJf ${root} -C machine, then --root machine` : "--root machine.tar",
  });
}
