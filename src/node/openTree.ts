import type { SystemTree } from "../inspect/systemTree.ts";
import { folderTree } from "./systemTrees.ts";

/** The machine at a path: a folder with proc/ and sys/. @error InputError when it is none */
export async function openTree(root: string): Promise<SystemTree> {
  return folderTree(root);
}
